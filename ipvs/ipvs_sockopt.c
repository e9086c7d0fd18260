/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The snapshots of ipvs_sockopt.h, by any IPv4 socket (ip_vs_ctl.c, do_ip_vs_get_ctl). */
#include "ipvs_sockopt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <sys/socket.h>

#include "ipvs_nlattr.h"
#include "util.h"

/* 100 MB; the length is an int. */
#define MAX_DESTS (1 << 20)
/* More services are not counted in one call, which would keep the kernel's lock and our loop for
 * more than some milliseconds: each is asked for by itself. 3.4 MB, kept for the next time. */
#define MAX_SERVICES 32768
/* 5,000 real servers are 480 KB; more is given back when it has been used. */
#define KEEP_BYTES (1024 * 1024)
/* How far the snapshot of counts is searched: others may have added and removed some since. */
#define COUNT_WINDOW 64

struct ipvs_sockopt {
	int fd; /* -1: none */
	struct ip_vs_get_dests *dests;
	size_t dests_room; /* bytes */
	struct ip_vs_get_services *services;
	size_t services_room; /* bytes */
	size_t n_services;    /* of the snapshot */
	size_t at;	      /* where the next service is looked for */
};

struct ipvs_sockopt *ipvs_sockopt_new(void)
{
	struct ipvs_sockopt *s = calloc(1, sizeof(*s));

	if (s)
		s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return s;
}

void ipvs_sockopt_free(struct ipvs_sockopt *s)
{
	if (!s)
		return;
	closep(&s->fd);
	free(s->dests);
	free(s->services);
	free(s);
}

/* Makes room for bytes, whose content is lost. 0 or -ENOMEM. */
static int make_room(void *buffer_p, size_t *room, size_t bytes)
{
	void **buffer = buffer_p;

	if (bytes <= *room)
		return 0;
	free(*buffer);
	*buffer = malloc(bytes);
	*room = *buffer ? bytes : 0;
	return *buffer ? 0 : -ENOMEM;
}

/* The kernel demands the exact length. 0 or a negative errno. */
static int ask(struct ipvs_sockopt *s, int option, void *answer, size_t bytes)
{
	socklen_t len = (socklen_t)bytes;

	if (s->fd < 0)
		return -ENOPROTOOPT;
	if (getsockopt(s->fd, IPPROTO_IP, option, answer, &len) == 0)
		return 0;
	/* Its structs are not ours (a program of 32 bits on a kernel of 64): each try would leave a
	 * line in the kernel's log. */
	if (errno == EINVAL) {
		close(s->fd);
		s->fd = -1;
		return -EINVAL;
	}
	return -errno;
}

static void read_entry(const struct ip_vs_dest_entry *e, struct ipvs_observed_dest *ret)
{
	*ret = (struct ipvs_observed_dest){
		.dest.key = { .port = ntohs(e->port), .address.family = AF_INET },
		.dest.weight = (uint32_t)e->weight,
		.dest.upper_threshold = e->u_threshold,
		.dest.lower_threshold = e->l_threshold,
		.dest.forward = ipvs_nlattr_method(e->conn_flags),
		.counts = { e->activeconns, e->inactconns, e->persistconns },
	};
	memcpy(ret->dest.key.address.bytes, &e->addr, sizeof(e->addr));
	ipvs_dest_normalise(&ret->dest);
}

int ipvs_sockopt_decode(const void *entries, size_t n, ipvs_observed_dest_vec *ret)
{
	const char *at = entries;
	size_t before = ret->n, filled;

	if (vec_reserve(ret, n) < 0)
		return -ENOMEM;
	for (filled = 0; filled < n; filled++) {
		struct ipvs_observed_dest *d = &ret->items[ret->n];
		struct ip_vs_dest_entry e;

		memcpy(&e, at + filled * sizeof(e), sizeof(e));
		if (e.addr == 0)
			break; /* no real server can have 0.0.0.0 (ip_vs_new_dest) */
		read_entry(&e, d);
		if (d->dest.forward == IPVS_FORWARD_TUN) {
			ret->n = before;
			return -EOPNOTSUPP;
		}
		ret->n++;
	}
	ipvs_kernel_sort_dests(ret, before);
	return (int)filled;
}

/* How many real servers the service has; negative errno. */
static int count_of(struct ipvs_sockopt *s, const struct ipvs_service_key *key)
{
	struct ip_vs_service_entry e = {
		.protocol = key->protocol,
		.port = htons(key->port),
		.fwmark = key->fwmark,
	};
	int r;

	memcpy(&e.addr, key->address.bytes, sizeof(e.addr));
	r = ask(s, IP_VS_SO_GET_SERVICE, &e, sizeof(e));
	return r < 0 ? r : e.num_dests > MAX_DESTS ? -E2BIG : (int)e.num_dests;
}

/* Asks for up to `room` real servers into s->dests. 0 or a negative errno. */
static int fetch(struct ipvs_sockopt *s, const struct ipvs_service_key *key, size_t room)
{
	size_t bytes = sizeof(*s->dests) + room * sizeof(*s->dests->entrytable);

	if (make_room(&s->dests, &s->dests_room, bytes) < 0)
		return -ENOMEM;
	memset(s->dests, 0, bytes); /* how many it fills the kernel does not say */
	s->dests->protocol = key->protocol;
	memcpy(&s->dests->addr, key->address.bytes, sizeof(s->dests->addr));
	s->dests->port = htons(key->port);
	s->dests->fwmark = key->fwmark;
	s->dests->num_dests = (unsigned)room;
	return ask(s, IP_VS_SO_GET_DESTS, s->dests, bytes);
}

int ipvs_sockopt_dests(struct ipvs_sockopt *s, const struct ipvs_service_key *key, int expected,
		       ipvs_observed_dest_vec *ret)
{
	size_t before = ret->n;
	int r;

	if (key->address.family != AF_INET || expected == IPVS_DESTS_DUMP || expected > MAX_DESTS)
		return 0;
	if (expected < 0)
		expected = count_of(s, key);
	if (expected == -ESRCH)
		return 1;
	if (expected < 0)
		return 0;
	/* Room for one more: when that is filled too, there are others than were counted. */
	r = fetch(s, key, (size_t)expected + 1);
	if (r == -ESRCH)
		return 1;
	if (r == 0)
		r = ipvs_sockopt_decode(s->dests->entrytable, (size_t)expected + 1, ret);
	if (s->dests_room > KEEP_BYTES) {
		free(TAKE_PTR(s->dests));
		s->dests_room = 0;
	}
	if (r == expected)
		return 1;
	ret->n = before; /* some are of the other family, or there was a change in between */
	return r == -ENOMEM ? r : 0;
}

void ipvs_sockopt_count(struct ipvs_sockopt *s)
{
	struct ip_vs_getinfo info;
	size_t n, bytes;

	s->n_services = s->at = 0;
	if (ask(s, IP_VS_SO_GET_INFO, &info, sizeof(info)) < 0 || info.num_services > MAX_SERVICES)
		return;
	n = info.num_services;
	bytes = sizeof(*s->services) + n * sizeof(*s->services->entrytable);
	if (make_room(&s->services, &s->services_room, bytes) < 0)
		return;
	memset(s->services, 0, bytes); /* there may be fewer by now */
	s->services->num_services = (unsigned)n;
	if (ask(s, IP_VS_SO_GET_SERVICES, s->services, bytes) == 0)
		s->n_services = n;
}

static bool is_entry_of(const struct ip_vs_service_entry *e, const struct ipvs_service_key *key)
{
	if (key->fwmark || e->fwmark)
		return e->fwmark == key->fwmark;
	return e->protocol == key->protocol && e->port == htons(key->port) &&
	       memcmp(&e->addr, key->address.bytes, sizeof(e->addr)) == 0;
}

int ipvs_sockopt_counted(struct ipvs_sockopt *s, const struct ipvs_service_key *key)
{
	size_t end = s->n_services - s->at < COUNT_WINDOW ? s->n_services : s->at + COUNT_WINDOW;

	if (key->address.family != AF_INET)
		return IPVS_DESTS_UNKNOWN;
	for (size_t i = s->at; i < end; i++) {
		const struct ip_vs_service_entry *e = &s->services->entrytable[i];

		if (!is_entry_of(e, key))
			continue;
		s->at = i + 1;
		return e->num_dests > MAX_DESTS ? IPVS_DESTS_DUMP : (int)e->num_dests;
	}
	return IPVS_DESTS_UNKNOWN;
}
