/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler of announcements: addresses in a tree and in a list for each interface, those that
 * have a turn to come in one of two heaps by time. Called by the owner of the VIPs.
 */
#include "netcfg_announce.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <search.h>
#include <sys/queue.h>

#include "vec.h"

/*
 * A director that takes over 5,000 VIPs has 10,000 frames for the first round alone. Routers and
 * switches hand ARP and ND to a slow processor and drop silently what is above a limit, often
 * hundreds or a few thousand frames a second; the queue of an interface and the backlog of a Linux
 * receiver hold 1,000. So this is the pace, whatever the number of addresses: about 0.7 Mbit/s.
 */
#define FRAMES_PER_SECOND 1000
/* What one call may send: 64 system calls stay far below a slice of the loop (10 ms), and up to 32
 * IPv4 VIPs, which is more than most hosts have, are still announced at once. */
#define SLICE_FRAMES 64

/* RetransTimer, by which unsolicited advertisements must be apart (RFC 4861 §7.2.6, §10). */
#define NA_INTERVAL_MIN 1000

/* A failure must not make the loop spin where the interval is 0, and one that lasts need not be
 * met thousands of times: what ends it is reported by netcfg_announce_interface_changed(). */
#define RETRY_MIN 100
#define RETRY_MAX 10000

struct vip;

struct queue {
	VEC(struct vip *) heap; /* has room for all addresses, so that queueing cannot fail */
};

struct interface {
	int ifindex; /* first: key of the tree */
	bool running;
	bool router;
	uint8_t mac[ETH_ALEN];
	LIST_HEAD(, vip) vips;
};

struct vip {
	struct netcfg_announcement what; /* first: its address is the key of the tree */
	struct interface *interface;
	LIST_ENTRY(vip) link;
	struct queue *queue; /* NULL: has no turn to come */
	size_t at;	     /* where in it */
	int64_t due;
	uint64_t order;	 /* among those of the same time */
	int64_t sent_at; /* if announced before on this interface */
	bool sent;
	unsigned retries; /* failures in a row */
	struct netcfg_announce_status status;
};

_Static_assert(offsetof(struct vip, what) == 0, "key of the tree");
_Static_assert(offsetof(struct netcfg_announcement, address) == 0, "key of the tree");
_Static_assert(offsetof(struct interface, ifindex) == 0, "key of the tree");

struct netcfg_announce {
	int (*send)(void *arg, int ifindex, const struct netcfg_announce_frame *frame);
	void *arg;
	void *vips;	  /* tree by address */
	void *interfaces; /* tree by index: those that run or have addresses */
	/* Two queues: a VIP that has moved must not wait behind thousands of repetitions. */
	struct queue bursts, repeats;
	uint64_t order;
	int64_t resume_at; /* the rate allows nothing before */
	struct netcfg_announce_stats stats;
};

bool netcfg_announce_possible(const char *name, unsigned flags, unsigned type)
{
	/* dummy devices can be given ARP, but nobody hears them. */
	return type == ARPHRD_ETHER && !(flags & (IFF_NOARP | IFF_LOOPBACK | IFF_POINTOPOINT)) &&
	       !streq(name, "lo") && !streq(name, "tunl0") && strncmp(name, "dummy", 5) != 0;
}

static int by_address(const void *a, const void *b)
{
	return inaddr_compare(a, b);
}

static int by_ifindex(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* What a node of a search.h tree points to first; NULL when there is none. */
static void *item_of(void *node)
{
	return node ? *(void **)node : NULL;
}

static struct vip *find_vip(const struct netcfg_announce *a, const struct inaddr *address)
{
	return item_of(tfind(address, &a->vips, by_address));
}

static struct interface *find_interface(const struct netcfg_announce *a, int ifindex)
{
	return item_of(tfind(&ifindex, &a->interfaces, by_ifindex));
}

static struct interface *get_interface(struct netcfg_announce *a, int ifindex)
{
	struct interface *i = find_interface(a, ifindex);

	if (i)
		return i;
	i = calloc(1, sizeof(*i));
	if (!i)
		return NULL;
	i->ifindex = ifindex;
	LIST_INIT(&i->vips);
	if (!tsearch(i, &a->interfaces, by_ifindex)) {
		free(i);
		return NULL;
	}
	a->stats.interfaces++;
	return i;
}

/* Interfaces come and go by the thousand on some hosts: none is kept without need. */
static void drop_unused(struct netcfg_announce *a, struct interface *i)
{
	if (i->running || !LIST_EMPTY(&i->vips))
		return;
	tdelete(i, &a->interfaces, by_ifindex);
	a->stats.interfaces--;
	free(i);
}

static bool before(const struct vip *a, const struct vip *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void place(struct queue *q, size_t at, struct vip *v)
{
	q->heap.items[at] = v;
	v->at = at;
}

/* Moves the VIP at this place up or down to where it belongs. */
static void sift(struct queue *q, size_t at)
{
	struct vip **items = q->heap.items, *v = items[at];

	for (; at > 0 && before(v, items[(at - 1) / 2]); at = (at - 1) / 2)
		place(q, at, items[(at - 1) / 2]);
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < q->heap.n && before(items[child + 1], items[child]))
			child++;
		if (child >= q->heap.n || !before(items[child], v))
			break;
		place(q, at, items[child]);
		at = child;
	}
	place(q, at, v);
}

static void dequeue(struct vip *v)
{
	struct queue *q = v->queue;
	struct vip *last;

	if (!q)
		return;
	v->queue = NULL;
	last = q->heap.items[--q->heap.n];
	if (last == v)
		return;
	place(q, v->at, last);
	sift(q, v->at);
}

static void enqueue(struct netcfg_announce *a, struct queue *q, struct vip *v, int64_t due)
{
	dequeue(v);
	v->queue = q;
	v->due = due;
	v->order = a->order++;
	q->heap.items[q->heap.n] = v;
	sift(q, q->heap.n++);
}

static int64_t interval_of(const struct vip *v)
{
	int64_t ms = v->what.interval_ms;

	return v->what.address.family == AF_INET6 && ms < NA_INTERVAL_MIN ? NA_INTERVAL_MIN : ms;
}

static void start_burst(struct netcfg_announce *a, struct vip *v, int64_t due)
{
	v->status.left = v->what.count;
	v->retries = 0;
	if (v->interface->running)
		enqueue(a, &a->bursts, v, due);
	else
		dequeue(v);
}

int netcfg_announce_new(int (*send)(void *arg, int ifindex,
				    const struct netcfg_announce_frame *frame),
			void *arg, struct netcfg_announce **ret)
{
	struct netcfg_announce *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->send = send;
	a->arg = arg;
	a->resume_at = INT64_MIN;
	*ret = a;
	return 0;
}

void netcfg_announce_free(struct netcfg_announce *a)
{
	if (!a)
		return;
	tdestroy(a->vips, free);
	tdestroy(a->interfaces, free);
	vec_done(&a->bursts.heap);
	vec_done(&a->repeats.heap);
	free(a);
}

/* A VIP for the address that has no interface yet. NULL: out of memory. */
static struct vip *new_vip(struct netcfg_announce *a, const struct netcfg_announcement *what)
{
	size_t want = a->stats.addresses + 1;
	struct vip *v;

	if (vec_reserve(&a->bursts.heap, want - a->bursts.heap.n) < 0 ||
	    vec_reserve(&a->repeats.heap, want - a->repeats.heap.n) < 0)
		return NULL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->what = *what;
	if (!tsearch(v, &a->vips, by_address)) {
		free(v);
		return NULL;
	}
	a->stats.addresses++;
	return v;
}

static void leave_interface(struct netcfg_announce *a, struct vip *v)
{
	dequeue(v);
	LIST_REMOVE(v, link);
	drop_unused(a, v->interface);
	v->interface = NULL;
}

static void join_interface(struct vip *v, struct interface *i)
{
	v->interface = i;
	v->sent = false;
	LIST_INSERT_HEAD(&i->vips, v, link);
}

int netcfg_announce_add(struct netcfg_announce *a, const struct netcfg_announcement *what,
			int64_t now)
{
	struct vip *v = find_vip(a, &what->address);
	struct interface *i;
	int64_t due = now;

	if (what->count == 0) {
		netcfg_announce_remove(a, &what->address);
		return 0;
	}
	i = get_interface(a, what->ifindex);
	if (!i)
		return -ENOMEM;
	if (!v) {
		v = new_vip(a, what);
		if (!v) {
			drop_unused(a, i);
			return -ENOMEM;
		}
		join_interface(v, i);
	} else if (v->interface != i) {
		leave_interface(a, v);
		join_interface(v, i);
	}
	v->what = *what;
	if (v->sent && v->sent_at + interval_of(v) > now)
		due = v->sent_at + interval_of(v);
	start_burst(a, v, due);
	return 0;
}

void netcfg_announce_remove(struct netcfg_announce *a, const struct inaddr *address)
{
	struct vip *v = find_vip(a, address);

	if (!v)
		return;
	leave_interface(a, v);
	tdelete(v, &a->vips, by_address);
	free(v);
	a->stats.addresses--;
}

int netcfg_announce_interface_changed(struct netcfg_announce *a,
				      const struct netcfg_announce_interface *interface,
				      int64_t now)
{
	struct interface *i = find_interface(a, interface->ifindex);
	bool news;

	if (!i && !interface->running)
		return 0;
	if (!i)
		i = get_interface(a, interface->ifindex);
	if (!i)
		return -ENOMEM;
	news = !i->running || memcmp(i->mac, interface->mac, ETH_ALEN) != 0;
	i->running = interface->running;
	i->router = interface->router;
	memcpy(i->mac, interface->mac, ETH_ALEN);
	for (struct vip *v = LIST_FIRST(&i->vips); v; v = LIST_NEXT(v, link)) {
		if (!i->running)
			dequeue(v);
		else if (news)
			start_burst(a, v, now);
	}
	drop_unused(a, i);
	return 0;
}

static int64_t retry_delay(const struct vip *v)
{
	int64_t interval = interval_of(v), ms = interval < RETRY_MIN ? RETRY_MIN : interval;

	for (unsigned i = 1; i < v->retries && ms < RETRY_MAX; i++)
		ms *= 2;
	if (ms > RETRY_MAX)
		ms = RETRY_MAX;
	return ms < interval ? interval : ms;
}

/* Where the VIP goes after an announcement that went well. */
static void announced(struct netcfg_announce *a, struct vip *v, int64_t now)
{
	a->stats.announcements++;
	v->status.announcements++;
	v->status.error = 0;
	v->retries = 0;
	v->sent = true;
	v->sent_at = now;
	if (v->status.left > 0)
		v->status.left--;
	if (v->status.left > 0)
		enqueue(a, &a->bursts, v, now + interval_of(v));
	else if (v->what.once)
		netcfg_announce_remove(a, &v->what.address);
	else if (v->what.repeat_s > 0)
		enqueue(a, &a->repeats, v, now + (int64_t)v->what.repeat_s * 1000);
	else
		dequeue(v);
}

static void failed(struct netcfg_announce *a, struct vip *v, int error, int64_t now)
{
	a->stats.failures++;
	a->stats.last_error = error;
	v->status.failures++;
	v->status.error = error;
	v->retries++;
	enqueue(a, v->queue, v, now + retry_delay(v));
}

/* One announcement. Returns how many frames it took, sent or not. */
static unsigned take_turn(struct netcfg_announce *a, struct vip *v, int64_t now)
{
	struct netcfg_announce_frame frames[NETCFG_ANNOUNCE_FRAMES];
	const struct interface *i = v->interface;
	unsigned n = netcfg_announce_frames(&v->what.address, i->mac, i->router, frames);

	for (unsigned k = 0; k < n; k++) {
		int r = a->send(a->arg, i->ifindex, &frames[k]);

		if (r < 0) {
			failed(a, v, r, now);
			return k + 1;
		}
		a->stats.frames++;
	}
	announced(a, v, now);
	return n;
}

static struct vip *first_of(const struct queue *q)
{
	return q->heap.n ? q->heap.items[0] : NULL;
}

static struct vip *first_due(const struct netcfg_announce *a, int64_t now)
{
	struct vip *burst = first_of(&a->bursts), *repeat = first_of(&a->repeats);

	if (burst && burst->due <= now)
		return burst;
	return repeat && repeat->due <= now ? repeat : NULL;
}

int64_t netcfg_announce_run(struct netcfg_announce *a, int64_t now)
{
	const struct vip *burst, *repeat;
	unsigned frames = 0;
	struct vip *v;
	int64_t next = INT64_MAX;

	while (now >= a->resume_at && frames + NETCFG_ANNOUNCE_FRAMES <= SLICE_FRAMES &&
	       (v = first_due(a, now)))
		frames += take_turn(a, v, now);
	if (frames > 0)
		a->resume_at = now + frames * 1000 / FRAMES_PER_SECOND;

	burst = first_of(&a->bursts);
	repeat = first_of(&a->repeats);
	if (burst)
		next = burst->due;
	if (repeat && repeat->due < next)
		next = repeat->due;
	return next < a->resume_at ? a->resume_at : next;
}

void netcfg_announce_stats(const struct netcfg_announce *a, struct netcfg_announce_stats *ret)
{
	*ret = a->stats;
	ret->bursts = a->bursts.heap.n;
}

bool netcfg_announce_status(const struct netcfg_announce *a, const struct inaddr *address,
			    struct netcfg_announce_status *ret)
{
	const struct vip *v = find_vip(a, address);

	if (!v)
		return false;
	*ret = v->status;
	return true;
}
