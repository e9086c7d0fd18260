/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life and descriptors of the host's side (host_side.h). */
#include "host_side.h"

#include <errno.h>

#include "host_timeouts.h"
#include "log.h"
#include "netcfg_announce_socket.h"

/* Between two reads the socket collects: who changes addresses all the time wakes the daemon 100
 * times a second. */
#define READ_PAUSE 10

struct host_side {
	struct store *store;
	struct change *change;
	struct loop *loop; /* NULL: not in one yet */
	struct netcfg_kernel *kernel;
	struct netcfg_announce *announce;
	struct host *host;
	int packets;	    /* the socket of the announcements, or a negative errno */
	bool told;	    /* that nothing can be announced */
	int64_t rest_until; /* the next read; 0: when there is something */
	bool news;
};

static const declared_vec *on_declared(void *arg)
{
	const struct host_side *s = arg;

	return &change_published(s->change)->declared;
}

static int on_remember(void *arg, const netcfg_memo_vec *put, const netcfg_memo_vec *drop)
{
	const struct host_side *s = arg;
	_cleanup_(err_done) struct err e = { 0 };

	return store_memory_write(s->store, put, drop, &e);
}

static const struct host_hooks hooks = {
	.declared = on_declared,
	.remember = on_remember,
	.clock = loop_now_ms,
};

static int send_nowhere(void *arg, int ifindex, const struct netcfg_announce_frame *frame)
{
	(void)arg;
	(void)ifindex;
	(void)frame;
	return 0;
}

/* Without packets there is everything but announcements. */
static int open_announce(struct host_side *s, bool fake)
{
	if (fake)
		return netcfg_announce_new(send_nowhere, NULL, &s->announce);
	s->packets = netcfg_announce_socket_open();
	if (s->packets < 0)
		return 0;
	return netcfg_announce_new(netcfg_announce_socket_send, &s->packets, &s->announce);
}

static int open_kernel(struct host_side *s, bool fake, struct ipvs_kernel *ipvs)
{
	struct netcfg_kernel *host = NULL;
	int r = fake ? netcfg_fake_new(&host) : netcfg_rtnl_new(&host);

	return r < 0 ? r : host_timeouts_new(host, ipvs, &s->kernel);
}

int host_side_new(bool fake, struct ipvs_kernel *ipvs, struct store *store, struct change *change,
		  netcfg_memo_vec *memory, struct host_side **ret, struct err *e)
{
	struct host_side *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "failed", "out of memory");
	s->packets = -1;
	s->store = store;
	s->change = change;
	r = open_kernel(s, fake, ipvs);
	if (r == 0)
		r = open_announce(s, fake);
	if (r == 0)
		r = host_new(s->kernel, s->announce, memory, &hooks, s, 0, &s->host);
	if (r < 0) {
		host_side_free(s);
		return err_set(e, r, "failed", "rtnetlink: %s", strerror(-r));
	}
	*ret = s;
	return 0;
}

void host_side_free(struct host_side *s)
{
	if (!s)
		return;
	if (s->loop)
		loop_remove_fd(s->loop, s->kernel->ops->events_fd(s->kernel));
	host_free(s->host);
	netcfg_announce_free(s->announce);
	closep(&s->packets);
	netcfg_kernel_free(s->kernel);
	free(s);
}

static void on_news(void *arg)
{
	struct host_side *s = arg;

	s->news = true; /* the turn that follows reads */
}

int host_side_watch(struct host_side *s, struct loop *loop)
{
	int r = loop_add_fd(loop, s->kernel->ops->events_fd(s->kernel), on_news, s);

	if (r == 0)
		s->loop = loop;
	return r;
}

struct host *host_side_host(const struct host_side *s)
{
	return s->host;
}

static void tell_silence(struct host_side *s)
{
	const declared_vec *declared = on_declared(s);

	if (s->announce || s->told || declared->n == 0 ||
	    declared->items[0]->kind != DECLARED_VIP) /* VIPs come first */
		return;
	s->told = true;
	log_record(LOG_LEVEL_WARNING, LOG_ID_SILENT, NULL, 0, "VIPs are set but not announced: %s",
		   s->packets == -EPERM		 ? "CAP_NET_RAW is missing"
		   : s->packets == -EAFNOSUPPORT ? "packet sockets (AF_PACKET) are not allowed"
						 : strerror(-s->packets));
}

/* Lets the reconciler read, then the descriptor rest. */
static void take_news(struct host_side *s, int64_t now)
{
	int fd = s->kernel->ops->events_fd(s->kernel);

	if (s->rest_until && now >= s->rest_until) {
		s->rest_until = 0;
		loop_watch_fd(s->loop, fd, true);
	}
	if (!s->news)
		return;
	s->news = false;
	host_notice(s->host);
	s->rest_until = now + READ_PAUSE;
	loop_watch_fd(s->loop, fd, false);
}

int64_t host_side_run(struct host_side *s, enum host_part part, int64_t resync_ms, int64_t now)
{
	int64_t next;

	if (part == HOST_FIRST && s->loop) {
		take_news(s, now);
		tell_silence(s);
		host_set_resync(s->host, resync_ms);
	}
	next = host_run(s->host, part, now);
	return s->rest_until && s->rest_until < next ? s->rest_until : next;
}
