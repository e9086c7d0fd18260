/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sync daemons of the kernel in memory (ip_vs_sync.c, start_sync_thread()). */
#include <errno.h>

#include "ipvs_fake_private.h"
#include "util.h"

int ipvs_fake_daemons(struct ipvs_kernel *k, ipvs_daemon_vec *ret)
{
	ret->n = 0;
	vec_foreach(d, &fake_of(k)->daemons)
		if (vec_push(ret, *d) < 0)
			return -ENOMEM;
	return 0;
}

static size_t daemon_position(const struct ipvs_fake *f, enum ipvs_daemon_role role,
			      bool *ret_found)
{
	size_t at = 0;

	while (at < f->daemons.n && f->daemons.items[at].role < role)
		at++;
	*ret_found = at < f->daemons.n && f->daemons.items[at].role == role;
	return at;
}

/* What start_sync_thread() makes of the length: within bounds, which differ, or a default. */
static uint16_t daemon_length(const struct ipvs_daemon *d)
{
	const uint32_t header = d->group.family == AF_INET6 ? 48 : 28;
	const uint32_t low = d->role == IPVS_DAEMON_BACKUP ? 1024 : 1, high = 65535 - header;

	if (!d->max_length)
		return (uint16_t)(1500 - header);
	return (uint16_t)(d->max_length < low ? low : d->max_length > high ? high : d->max_length);
}

static bool is_multicast(const struct inaddr *a)
{
	return a->family == AF_INET6 ? a->bytes[0] == 0xff : (a->bytes[0] & 0xf0) == 0xe0;
}

/* The checks of ip_vs_genl_new_daemon() and start_sync_thread(). */
static int check_daemon(const struct ipvs_fake *f, const struct ipvs_daemon *d)
{
	if (!is_multicast(&d->group))
		return -EINVAL;
	if (ipvs_fake_mixed_families(f))
		return -EINVAL;
	return f->without && streq(f->without, d->interface) ? -ENODEV : 0;
}

int ipvs_fake_daemon_start(struct ipvs_kernel *k, const struct ipvs_daemon *daemon)
{
	struct ipvs_fake *f = fake_of(k);
	struct ipvs_daemon d = *daemon;
	bool found;
	size_t at = daemon_position(f, (enum ipvs_daemon_role)d.role, &found);
	int r = check_daemon(f, daemon);

	f->writes++;
	if (r == 0 && found)
		r = -EEXIST;
	if (r == 0)
		r = vec_reserve(&f->daemons, 1);
	if (r < 0)
		return r;
	d.max_length = daemon_length(&d);
	insert_at(&f->daemons, at, d);
	return 0;
}

int ipvs_fake_daemon_stop(struct ipvs_kernel *k, enum ipvs_daemon_role role)
{
	struct ipvs_fake *f = fake_of(k);
	bool found;
	size_t at = daemon_position(f, role, &found);

	f->writes++;
	if (!found)
		return -ESRCH;
	remove_at(&f->daemons, at);
	return 0;
}
