/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider that is a kernel in memory, for --kernel=fake and the tests. It refuses what the
 * kernel refuses, with the same errno and in the same order of checks (net/netfilter/ipvs/
 * ip_vs_ctl.c), and accepts the nonsense that the kernel accepts; tests/parity holds it to that.
 */
#include <errno.h>
#include <linux/ip_vs.h>

#include "ipvs_connection_walk.h"
#include "ipvs_fake_private.h"
#include "ipvs_nlattr.h"
#include "util.h"

#define CONNECTION_TABLE_SIZE 4096 /* the kernel's default, 1 << conn_tab_bits */
#define LIST_PIECE	      90   /* about what the kernel puts into 32 KiB */

/* The modules of Debian's kernel. */
static const char *const schedulers[] = {
	"dh", "fo",  "lblc", "lblcr", "lc", "mh",  "none",
	"nq", "ovf", "rr",   "sed",   "sh", "wlc", "wrr",
};
static const char *const engines[] = { "sip" };

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (streq(names[i], name))
			return true;
	return false;
}

static int compare_service(const void *key, const void *item)
{
	const struct fake_service *const *s = item;

	return ipvs_service_key_compare(key, &(*s)->service.key);
}

static int compare_dest(const void *key, const void *item)
{
	return ipvs_dest_key_compare(key, &((const struct ipvs_dest *)item)->key);
}

static size_t service_position(const struct ipvs_fake *f, const struct ipvs_service_key *key,
			       int *ret_found)
{
	return vec_lower_bound(f->services.items, f->services.n, sizeof(*f->services.items), key,
			       compare_service, ret_found);
}

static struct fake_service *find_service(const struct ipvs_fake *f,
					 const struct ipvs_service_key *key)
{
	int found;
	size_t at = service_position(f, key, &found);

	return found ? f->services.items[at] : NULL;
}

static void fake_service_free(struct fake_service *s)
{
	vec_done(&s->dests);
	vec_done(&s->counted);
	free(s);
}

static int fake_info(_unused_ struct ipvs_kernel *k, struct ipvs_info *ret)
{
	*ret = (struct ipvs_info){
		.version = IP_VS_VERSION_CODE,
		.connection_table_size = CONNECTION_TABLE_SIZE,
	};
	return 0;
}

/* By position, as the kernel does it: torn by whoever writes between two pieces. */
struct ipvs_list {
	size_t at;
};

static int fake_list_open(struct ipvs_kernel *k, bool counted, struct ipvs_list **ret)
{
	struct ipvs_list *list = calloc(1, sizeof(*list));

	(void)k;
	(void)counted; /* it is cheap: always */
	if (!list)
		return -ENOMEM;
	*ret = list;
	return 0;
}

static int fake_list_next(struct ipvs_kernel *k, struct ipvs_list *list, ipvs_listed_vec *ret)
{
	const struct ipvs_fake *f = fake_of(k);
	size_t end = list->at + LIST_PIECE < f->services.n ? list->at + LIST_PIECE : f->services.n;

	if (vec_reserve(ret, LIST_PIECE) < 0)
		return -ENOMEM;
	for (; list->at < end; list->at++) {
		const struct fake_service *s = f->services.items[list->at];

		bool v4 = s->service.key.address.family == AF_INET;

		ret->items[ret->n++] = (struct ipvs_listed){ s->service, v4 ? (int)s->dests.n
									    : IPVS_DESTS_UNKNOWN };
	}
	return list->at < f->services.n;
}

static void fake_list_close(struct ipvs_kernel *k, struct ipvs_list *list)
{
	(void)k;
	free(list);
}

static int fake_get(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		    struct ipvs_service *ret)
{
	const struct fake_service *s = find_service(fake_of(k), key);

	if (!s)
		return -ESRCH;
	*ret = s->service;
	return 0;
}

static struct ipvs_dest_stats *find_counted(struct fake_service *s, const struct ipvs_dest_key *key)
{
	vec_foreach(d, &s->counted)
		if (ipvs_dest_key_compare(&d->key, key) == 0)
			return d;
	return NULL;
}

static int fake_dests(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		      ipvs_observed_dest_vec *ret)
{
	struct fake_service *s = find_service(fake_of(k), key);
	int r;

	if (!s)
		return 0;
	r = vec_reserve(ret, s->dests.n);
	if (r < 0)
		return r;
	vec_foreach(d, &s->dests) {
		const struct ipvs_dest_stats *counted = find_counted(s, &d->key);

		ret->items[ret->n++] = (struct ipvs_observed_dest){
			.dest = *d,
			.counts = counted ? counted->counts : (struct ipvs_dest_counts){ 0 },
		};
	}
	return 0;
}

static int fake_dests_expected(struct ipvs_kernel *k, const struct ipvs_service_key *key,
			       int expected, ipvs_observed_dest_vec *ret)
{
	(void)expected;
	return fake_dests(k, key, ret);
}

static bool family_valid(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

/* The checks of ip_vs_add_service() and ip_vs_edit_service(). */
static int check_service(const struct ipvs_service *s, bool staged)
{
	if (!staged && !listed(schedulers, ARRAY_SIZE(schedulers), s->scheduler))
		return -ENOENT;
	if (s->persistent && s->persistence_engine[0] &&
	    !listed(engines, ARRAY_SIZE(engines), s->persistence_engine))
		return -ENOENT;
	if (s->key.address.family == AF_INET6 && s->persistent &&
	    (s->persistence_prefix < 1 || s->persistence_prefix > 128))
		return -EINVAL;
	return 0;
}

/* The object as the kernel would give it back. */
static struct ipvs_service stored_form(const struct ipvs_service *service, bool staged, bool silent)
{
	struct ipvs_service s = *service;

	if (staged)
		ipvs_service_stage(&s, silent);
	ipvs_nlattr_set_flags(&s, ipvs_nlattr_flags(&s));
	return s;
}

static int insert_service(struct ipvs_fake *f, size_t at, const struct ipvs_service *service)
{
	struct fake_service *s;

	if (vec_reserve(&f->services, 1) < 0)
		return -ENOMEM;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->service = *service;
	insert_at(&f->services, at, s);
	return 0;
}

static int apply_service(struct ipvs_fake *f, const struct ipvs_op *op)
{
	bool staged = op->verb == IPVS_ADD && op->staged;
	struct ipvs_service s;
	int found, r;
	size_t at;

	if (!family_valid(op->service->key.address.family))
		return -EAFNOSUPPORT;
	at = service_position(f, &op->service->key, &found);
	if (op->verb == IPVS_ADD ? found : !found)
		return found ? -EEXIST : -ESRCH;
	if (op->verb == IPVS_DELETE) {
		fake_service_free(f->services.items[at]);
		remove_at(&f->services, at);
		return 0;
	}
	r = check_service(op->service, staged);
	if (r < 0 && op->staged && op->verb == IPVS_SET)
		f->services.items[at]->service = stored_form(op->service, true, false);
	if (r < 0)
		return r;
	s = stored_form(op->service, staged, true);
	if (op->verb == IPVS_ADD)
		return insert_service(f, at, &s);
	f->services.items[at]->service = s;
	return 0;
}

/*
 * ip_vs_new_dest() takes what the routing tables or the address itself call local or unicast:
 * loopback and the reserved 0/8 and 240/4 too, which validation keeps out. Addresses of the host's
 * own that it would take besides are not known here.
 */
static bool address_possible(const struct inaddr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }, any[16] = { 0 };
	const uint8_t *b = a->bytes;

	if (a->family == AF_INET6)
		return b[0] != 0xff && (b[0] != 0xfe || (b[1] & 0xc0) != 0x80) &&
		       memcmp(b, mapped, sizeof(mapped)) != 0 && memcmp(b, any, sizeof(any)) != 0;
	return (b[0] | b[1] | b[2] | b[3]) != 0 && (b[0] & 0xf0) != 224 &&
	       (b[0] & b[1] & b[2] & b[3]) != 255;
}

static bool is_mixed(const struct ipvs_service *service, const struct ipvs_dest *d)
{
	return d->key.address.family != service->key.address.family;
}

/* Whether there are real servers of the other family than their service's. */
bool ipvs_fake_mixed_families(const struct ipvs_fake *f)
{
	vec_foreach(s, &f->services)
		vec_foreach(d, &(*s)->dests)
			if (is_mixed(&(*s)->service, d))
				return true;
	return false;
}

/* The checks of ip_vs_genl_set_cmd(), then those that ip_vs_add_dest() and _edit_dest() share. */
static int check_dest(const struct ipvs_op *op)
{
	const struct ipvs_dest *d = op->dest;

	if (!family_valid(d->key.address.family))
		return -EAFNOSUPPORT;
	if (op->verb == IPVS_DELETE)
		return 0;
	if (d->key.address.family != op->service->key.address.family &&
	    d->forward != IPVS_FORWARD_TUN)
		return -EINVAL;
	if (d->weight > INT32_MAX || d->lower_threshold > d->upper_threshold)
		return -ERANGE;
	if (d->tunnel_type == IPVS_TUNNEL_GUE && d->tunnel_port == 0)
		return -EINVAL;
	return 0;
}

static int apply_dest(struct ipvs_fake *f, const struct ipvs_op *op)
{
	struct ipvs_dest d = *op->dest;
	struct fake_service *s;
	int found, r;
	size_t at;

	if (!family_valid(op->service->key.address.family))
		return -EAFNOSUPPORT;
	s = find_service(f, &op->service->key);
	if (!s)
		return -ESRCH;
	r = check_dest(op);
	if (r == 0 && op->verb != IPVS_DELETE && is_mixed(op->service, op->dest) && f->daemons.n)
		r = -EINVAL; /* the messages between directors do not tell of such */
	if (r < 0)
		return r;
	at = vec_lower_bound(s->dests.items, s->dests.n, sizeof(d), &d.key, compare_dest, &found);
	if (op->verb == IPVS_ADD ? found : !found)
		return found ? -EEXIST : -ENOENT;
	ipvs_dest_normalise(&d);
	switch (op->verb) {
	case IPVS_ADD:
		if (!address_possible(&d.key.address))
			return -EINVAL;
		if (vec_reserve(&s->dests, 1) < 0)
			return -ENOMEM;
		insert_at(&s->dests, at, d);
		break;
	case IPVS_SET:
		s->dests.items[at] = d;
		break;
	case IPVS_DELETE:
		remove_at(&s->dests, at);
		break;
	}
	return 0;
}

static int apply_one(struct ipvs_fake *f, const struct ipvs_op *op)
{
	if (f->fail_error && f->fail_after-- == 0) {
		int r = f->fail_error;

		f->fail_error = 0;
		return r;
	}
	if (!ipvs_nlattr_can_express(op))
		return -EINVAL;
	return op->dest ? apply_dest(f, op) : apply_service(f, op);
}

static int fake_apply(struct ipvs_kernel *k, const struct ipvs_op *ops, size_t n, int *results)
{
	struct ipvs_fake *f = fake_of(k);

	for (size_t i = 0; i < n; i++) {
		results[i] = apply_one(f, &ops[i]);
		f->writes += ipvs_nlattr_can_express(&ops[i]); /* others never reach a kernel */
	}
	return 0;
}

static uint64_t fake_writes(const struct ipvs_kernel *k)
{
	return ((const struct ipvs_fake *)k)->writes;
}

static void fake_free(struct ipvs_kernel *k)
{
	struct ipvs_fake *f = fake_of(k);

	vec_foreach(s, &f->services)
		fake_service_free(*s);
	vec_done(&f->services);
	vec_done(&f->daemons);
	free(f);
}

static int fake_has_module(struct ipvs_kernel *k, const char *name)
{
	(void)k;
	if (strncmp(name, "ip_vs_pe_", 9) == 0)
		return listed(engines, ARRAY_SIZE(engines), name + 9);
	return strncmp(name, "ip_vs_", 6) == 0 &&
	       listed(schedulers, ARRAY_SIZE(schedulers), name + 6);
}

/* Its modules are there without being loaded. */
static bool fake_module_loaded(struct ipvs_kernel *k, const char *name)
{
	return fake_has_module(k, name) == 1;
}

/* Nothing ever passes through the fake: all counters are zero. */
static int fake_stats(struct ipvs_kernel *k, const struct ipvs_service_key *key,
		      struct ipvs_stats *ret_service, ipvs_dest_stats_vec *ret_dests)
{
	struct fake_service *s = find_service(fake_of(k), key);

	ret_dests->n = 0;
	if (!s)
		return ret_service ? -ESRCH : 0;
	if (vec_reserve(ret_dests, s->dests.n) < 0)
		return -ENOMEM;
	vec_foreach(d, &s->dests) {
		const struct ipvs_dest_stats *counted = find_counted(s, &d->key);

		ret_dests->items[ret_dests->n++] =
			counted ? *counted : (struct ipvs_dest_stats){ .key = d->key };
	}
	if (ret_service)
		*ret_service = s->stats;
	return 0;
}

static int fake_list_next_stats(struct ipvs_kernel *k, struct ipvs_list *list,
				ipvs_service_stats_vec *ret)
{
	const struct ipvs_fake *f = fake_of(k);
	size_t end = list->at + LIST_PIECE < f->services.n ? list->at + LIST_PIECE : f->services.n;

	if (vec_reserve(ret, LIST_PIECE) < 0)
		return -ENOMEM;
	for (; list->at < end; list->at++) {
		const struct fake_service *s = f->services.items[list->at];

		ret->items[ret->n++] = (struct ipvs_service_stats){ s->service.key, s->stats };
	}
	return list->at < f->services.n;
}

/* The rates stay: ip_vs_zero_stats() moves the base of the counters. */
static void zero_stats(struct ipvs_stats *s)
{
	s->connections = s->in_packets = s->out_packets = s->in_bytes = s->out_bytes = 0;
}

static int fake_zero(struct ipvs_kernel *k, const struct ipvs_service_key *keys, size_t n,
		     int *results)
{
	struct ipvs_fake *f = fake_of(k);

	for (size_t i = 0; i < n; i++) {
		struct fake_service *s = find_service(f, &keys[i]);

		f->writes++;
		results[i] = s ? 0 : -ESRCH;
		if (!s)
			continue;
		zero_stats(&s->stats);
		vec_foreach(d, &s->counted)
			zero_stats(&d->stats);
	}
	return 0;
}

int ipvs_fake_count(struct ipvs_kernel *k, const struct ipvs_service_key *service,
		    const struct ipvs_dest_key *dest, const struct ipvs_stats *stats,
		    const struct ipvs_dest_counts *counts)
{
	struct fake_service *s = find_service(fake_of(k), service);
	struct ipvs_dest_stats *d;

	if (!s)
		return -ESRCH;
	if (!dest) {
		s->stats = *stats;
		return 0;
	}
	d = find_counted(s, dest);
	if (!d && vec_push(&s->counted, (struct ipvs_dest_stats){ 0 }) < 0)
		return -ENOMEM;
	d = d ? d : &s->counted.items[s->counted.n - 1];
	*d = (struct ipvs_dest_stats){ .key = *dest, .counts = *counts, .stats = *stats };
	return 0;
}

static int fake_get_timeouts(struct ipvs_kernel *k, struct ipvs_timeouts *ret)
{
	*ret = fake_of(k)->timeouts;
	return 0;
}

static int fake_set_timeouts(struct ipvs_kernel *k, const struct ipvs_timeouts *t)
{
	struct ipvs_fake *f = fake_of(k);

	f->writes++;
	if (t->tcp > IPVS_TIMEOUT_MAX || t->tcp_fin > IPVS_TIMEOUT_MAX || t->udp > IPVS_TIMEOUT_MAX)
		return -EINVAL;
	f->timeouts.tcp = t->tcp ? t->tcp : f->timeouts.tcp;
	f->timeouts.tcp_fin = t->tcp_fin ? t->tcp_fin : f->timeouts.tcp_fin;
	f->timeouts.udp = t->udp ? t->udp : f->timeouts.udp;
	return 0;
}

/* Nothing ever passes through the fake. */
static int fake_connections(struct ipvs_kernel *k, struct ipvs_connection_walk **ret)
{
	(void)k;
	return ipvs_connection_walk_open(NULL, ret);
}

void ipvs_fake_without(struct ipvs_kernel *k, const char *interface)
{
	fake_of(k)->without = interface;
}

static const struct ipvs_kernel_ops fake_ops = {
	.info = fake_info,
	.list_open = fake_list_open,
	.list_next = fake_list_next,
	.list_close = fake_list_close,
	.get = fake_get,
	.dests = fake_dests,
	.dests_expected = fake_dests_expected,
	.apply = fake_apply,
	.stats = fake_stats,
	.list_next_stats = fake_list_next_stats,
	.zero = fake_zero,
	.get_timeouts = fake_get_timeouts,
	.set_timeouts = fake_set_timeouts,
	.daemons = ipvs_fake_daemons,
	.daemon_start = ipvs_fake_daemon_start,
	.daemon_stop = ipvs_fake_daemon_stop,
	.connections = fake_connections,
	.has_module = fake_has_module,
	.module_loaded = fake_module_loaded,
	.writes = fake_writes,
	.free = fake_free,
};

int ipvs_fake_new(struct ipvs_kernel **ret)
{
	struct ipvs_fake *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->base.ops = &fake_ops;
	f->timeouts = (struct ipvs_timeouts){ .tcp = 900, .tcp_fin = 120, .udp = 300 };
	*ret = &f->base;
	return 0;
}

void ipvs_fake_fail(struct ipvs_kernel *k, unsigned after, int error)
{
	struct ipvs_fake *f = fake_of(k);

	f->fail_after = after;
	f->fail_error = error;
}
