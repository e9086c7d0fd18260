/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all providers of ipvs_kernel.h share. */
#include "ipvs_kernel.h"

#include <errno.h>
#include <stdio.h>

#include "ipvs_listing.h"
#include "util.h"

void ipvs_kernel_free(struct ipvs_kernel *k)
{
	if (k)
		k->ops->free(k);
}

int ipvs_kernel_has(struct ipvs_kernel *k, const char *kind, const char *name)
{
	char module[IPVS_NAME_MAX + 10];

	if (!k->ops->has_module)
		return -ENODATA;
	(void)snprintf(module, sizeof(module), "%s%s", kind, name);
	return k->ops->has_module(k, module);
}

bool ipvs_kernel_loaded(struct ipvs_kernel *k, const char *kind, const char *name)
{
	char module[sizeof("ip_vs_pe_") + IPVS_NAME_MAX];

	(void)snprintf(module, sizeof(module), "%s%s", kind, name);
	return k->ops->module_loaded && k->ops->module_loaded(k, module);
}

/* Drops the doubles of n > 0 sorted items; returns how many are left. */
static size_t unique(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	char *p = items;
	size_t kept = 1;

	for (size_t i = 1; i < n; i++) {
		if (cmp(p + (kept - 1) * size, p + i * size) == 0)
			continue;
		if (i != kept)
			memcpy(p + kept * size, p + i * size, size);
		kept++;
	}
	return kept;
}

int ipvs_kernel_list(struct ipvs_kernel *k, ipvs_service_vec *ret)
{
	struct ipvs_listing l = { 0 };
	int r = ipvs_listing_begin(&l, k);

	if (r == 0)
		do
			r = ipvs_listing_step(&l);
		while (r > 0);
	if (r == 0) {
		vec_done(ret);
		*ret = l.services;
		l.services = (ipvs_service_vec){ 0 };
	}
	ipvs_listing_done(&l);
	return r;
}

static int compare_dests(const void *a, const void *b)
{
	return ipvs_dest_key_compare(&((const struct ipvs_observed_dest *)a)->dest.key,
				     &((const struct ipvs_observed_dest *)b)->dest.key);
}

static void reverse(struct ipvs_observed_dest *d, size_t n)
{
	for (size_t i = 0, j = n - 1; i < j; i++, j--) {
		struct ipvs_observed_dest swap = d[i];

		d[i] = d[j];
		d[j] = swap;
	}
}

static bool ascending(const struct ipvs_observed_dest *d, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare_dests(&d[i - 1], &d[i]) >= 0)
			return false;
	return true;
}

void ipvs_kernel_sort_dests(ipvs_observed_dest_vec *v, size_t from)
{
	struct ipvs_observed_dest *d = v->items + from;
	size_t n = v->n - from;

	if (n < 2)
		return;
	if (compare_dests(&d[0], &d[1]) > 0)
		reverse(d, n);
	if (ascending(d, n))
		return;
	qsort(d, n, sizeof(*d), compare_dests);
	v->n = from + unique(d, n, sizeof(*d), compare_dests);
}

static int compare_stats(const void *a, const void *b)
{
	return ipvs_dest_key_compare(&((const struct ipvs_dest_stats *)a)->key,
				     &((const struct ipvs_dest_stats *)b)->key);
}

void ipvs_kernel_sort_stats(ipvs_dest_stats_vec *v)
{
	vec_sort(v, compare_stats);
	if (v->n > 1)
		v->n = unique(v->items, v->n, sizeof(*v->items), compare_stats);
}
