/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * News of the kernel for the rtnetlink provider: multicast groups of rtnetlink, and inotify on
 * directories of /proc/sys. Both are behind one epoll descriptor. They are hints: who gets one
 * looks for himself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcfg_nlattr.h"
#include "netcfg_rtnl_private.h"
#include "util.h"

/* Each needs a descriptor: without one the watch is lost when the kernel forgets the directory. */
#define DIRECTORIES_MAX 256
/* More hints than this are worth a look at everything. */
#define CHANGES_MAX 1024
/* Of one call, so that the loop goes on; what is left makes the descriptor readable again. */
#define DATAGRAMS_MAX  256
#define RECEIVE_BYTES  (32 * 1024)
#define SOCKET_BUFFER  (2 * 1024 * 1024)
#define INOTIFY_BYTES  4096
#define DIRECTORY_PATH NETCFG_SYSCTL_NAME_MAX

/* A directory below /proc/sys; fd < 0: it is not there (yet). */
struct directory {
	char path[DIRECTORY_PATH];
	int fd, wd;
	ino_t inode;
};

struct netcfg_watch {
	int epoll, route, notify;
	struct netcfg_root *root;
	VEC(struct directory) directories; /* sorted by path */
	VEC(struct netcfg_sysctl_key) keys;
	bool links_changed; /* directories of interfaces may be others now */
};

static const char *file_of(const struct netcfg_sysctl_key *key, char path[DIRECTORY_PATH])
{
	char *slash = strrchr(netcfg_sysctl_path(key, path), '/');

	*slash = '\0';
	return slash + 1;
}

static int push_change(struct netcfg_changes *c, const struct netcfg_change *change)
{
	if (c->items.n >= CHANGES_MAX) {
		c->everything = true;
		return 0;
	}
	if (vec_push(&c->items, *change) == 0)
		return 0;
	c->everything = true;
	return -ENOMEM;
}

/* Directories ---------------------------------------------------------------------------------- */

static void close_directory(struct netcfg_watch *w, struct directory *d)
{
	if (d->fd < 0)
		return;
	if (d->wd >= 0)
		(void)inotify_rm_watch(w->notify, d->wd);
	(void)close(d->fd);
	d->fd = d->wd = -1;
}

/* The directory's own path may lead elsewhere when it is looked up again; that of its descriptor
 * does not. */
static void open_directory(struct netcfg_watch *w, struct directory *d)
{
	char self[32];
	struct stat st;
	int fd = netcfg_rtnl_open(w->root, d->path, O_RDONLY | O_DIRECTORY);

	if (fd >= 0 && d->fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == d->inode) {
		(void)close(fd);
		return;
	}
	close_directory(w, d);
	if (fd < 0 || fstat(fd, &st) < 0) {
		closep(&fd);
		return;
	}
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	d->fd = fd;
	d->inode = st.st_ino;
	d->wd = inotify_add_watch(w->notify, self, IN_MODIFY | IN_ONLYDIR);
}

static int order_directories(const void *a, const void *b)
{
	return strcmp(((const struct directory *)a)->path, ((const struct directory *)b)->path);
}

static int compare_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct directory *)item)->path);
}

static struct directory *find_directory(const struct netcfg_watch *w, const char *path)
{
	int found;
	size_t at = vec_lower_bound(w->directories.items, w->directories.n,
				    sizeof(*w->directories.items), path, compare_path, &found);

	return found ? &w->directories.items[at] : NULL;
}

/* Takes over from the directories before those that are still of interest. */
static int replace_directories(struct netcfg_watch *w, const struct netcfg_sysctl_key *keys,
			       size_t n)
{
	VEC(struct directory) next = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0 && next.n < DIRECTORIES_MAX; i++) {
		struct directory d = { .fd = -1, .wd = -1 }, *before;

		(void)file_of(&keys[i], d.path);
		before = find_directory(w, d.path);
		for (size_t j = 0; j < next.n && d.path[0]; j++)
			if (streq(next.items[j].path, d.path))
				d.path[0] = '\0';
		if (!d.path[0])
			continue;
		r = vec_reserve(&next, 1);
		if (r == 0 && before) {
			d = *before;
			before->fd = before->wd = -1;
		}
		if (r == 0)
			next.items[next.n++] = d;
	}
	vec_foreach(d, &w->directories)
		close_directory(w, d);
	vec_done(&w->directories);
	vec_sort(&next, order_directories);
	w->directories.items = next.items;
	w->directories.n = next.n;
	w->directories.cap = next.cap;
	return r;
}

int netcfg_watch_keys(struct netcfg_watch *w, const struct netcfg_sysctl_key *keys, size_t n)
{
	int r = 0;

	w->keys.n = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = vec_push(&w->keys, keys[i]);
	if (r == 0)
		r = replace_directories(w, keys, n);
	vec_foreach(d, &w->directories)
		open_directory(w, d);
	return r;
}

/* inotify -------------------------------------------------------------------------------------- */

static int written(const struct netcfg_watch *w, const struct directory *d, const char *file,
		   struct netcfg_changes *ret)
{
	struct netcfg_change change = { .kind = NETCFG_CHANGE_SYSCTL };
	char path[DIRECTORY_PATH];
	int r = 0;

	vec_foreach(key, &w->keys) {
		const char *name = file_of(key, path);

		if (!streq(path, d->path) || !streq(name, file))
			continue;
		netcfg_sysctl_slot(key, &change.key);
		r = push_change(ret, &change);
	}
	return r;
}

static int notified(struct netcfg_watch *w, const struct inotify_event *e,
		    struct netcfg_changes *ret)
{
	if (e->mask & IN_Q_OVERFLOW) {
		ret->everything = true;
		return 0;
	}
	vec_foreach(d, &w->directories) {
		if (d->wd != e->wd)
			continue;
		if (e->mask & IN_IGNORED)
			d->wd = -1;
		else if (e->len)
			return written(w, d, e->name, ret);
	}
	return 0;
}

static int read_notify(struct netcfg_watch *w, struct netcfg_changes *ret)
{
	_Alignas(struct inotify_event) char buf[INOTIFY_BYTES];
	ssize_t n = 1;
	int r = 0;

	for (int i = 0; i < DATAGRAMS_MAX && n > 0 && r == 0; i++) {
		n = read(w->notify, buf, sizeof(buf));
		for (ssize_t at = 0; at < n && r == 0;) {
			const struct inotify_event *e = (const void *)(buf + at);

			r = notified(w, e, ret);
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	return r;
}

/* rtnetlink ------------------------------------------------------------------------------------ */

/* A variable of an interface that netconf tells of. */
static int configured(const char *pattern, const char *component, struct netcfg_changes *ret)
{
	struct netcfg_change change = { .kind = NETCFG_CHANGE_SYSCTL };
	size_t n;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);

	for (uint16_t i = 0; i < n; i++)
		if (streq(rows[i].pattern, pattern))
			change.key.row = i;
	memcpy(change.key.component, component, strlen(component) + 1);
	return push_change(ret, &change);
}

static int configured_all(const struct netcfg_netconf *conf, const char *component,
			  struct netcfg_changes *ret)
{
	bool v6 = conf->family == AF_INET6;
	int r = 0;

	if (conf->forwarding)
		r = configured(v6 ? "net.ipv6.conf.*.forwarding" : "net.ipv4.conf.*.forwarding",
			       component, ret);
	if (r == 0 && conf->rp_filter && !v6)
		r = configured("net.ipv4.conf.*.rp_filter", component, ret);
	return r;
}

static int link_message(const struct nlmsghdr *h, struct netcfg_changes *ret)
{
	struct netcfg_change change = { .kind = NETCFG_CHANGE_LINK,
					.gone = h->nlmsg_type == RTM_DELLINK };

	/* What cannot be read is no hint; the looks at intervals stay. */
	return netcfg_nlattr_get_link(h, &change.link) == 0 ? push_change(ret, &change) : 0;
}

static int address_message(const struct nlmsghdr *h, struct netcfg_changes *ret)
{
	struct netcfg_change change = { .kind = NETCFG_CHANGE_ADDRESS,
					.gone = h->nlmsg_type == RTM_DELADDR };

	return netcfg_nlattr_get_address(h, &change.address) == 0 ? push_change(ret, &change) : 0;
}

int netcfg_watch_message(const struct nlmsghdr *h,
			 const char *(*index_name)(int32_t index, void *arg), void *arg,
			 struct netcfg_changes *ret)
{
	struct netcfg_netconf conf;
	const char *component;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return link_message(h, ret);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return address_message(h, ret);
	case RTM_NEWNETCONF:
		break;
	default:
		return 0;
	}
	if (netcfg_nlattr_get_netconf(h, &conf) < 0)
		return 0;
	component = conf.index == NETCFG_NETCONF_ALL	   ? "all"
		    : conf.index == NETCFG_NETCONF_DEFAULT ? "default"
							   : index_name(conf.index, arg);
	return component && strlen(component) < NETCFG_INTERFACE_MAX
		       ? configured_all(&conf, component, ret)
		       : 0;
}

struct naming {
	int fd;
	struct ifreq request;
};

static const char *name_of(int32_t index, void *arg)
{
	struct naming *n = arg;

	n->request = (struct ifreq){ .ifr_ifindex = index };
	return ioctl(n->fd, SIOCGIFNAME, &n->request) == 0 ? n->request.ifr_name : NULL;
}

/* One datagram: 1, 0 when there is none, or a negative errno. */
static int receive(struct netcfg_watch *w, void *buf, struct netcfg_changes *ret)
{
	struct naming naming = { .fd = w->route };
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = RECEIVE_BYTES };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t n = recvmsg(w->route, &m, MSG_DONTWAIT);
	int r = 0;

	if (n < 0 && (errno == ENOBUFS || errno == EINTR)) {
		ret->everything = ret->everything || errno == ENOBUFS;
		return 1;
	}
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (m.msg_flags & MSG_TRUNC)
		ret->everything = true;
	if (from.nl_pid != 0 || m.msg_flags & MSG_TRUNC)
		return 1;
	for (struct nlmsghdr *h = buf; NLMSG_OK(h, (size_t)n) && r == 0; h = NLMSG_NEXT(h, n)) {
		w->links_changed |= h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK;
		r = netcfg_watch_message(h, name_of, &naming, ret);
	}
	return r < 0 ? r : 1;
}

int netcfg_watch_read(struct netcfg_watch *w, struct netcfg_changes *ret)
{
	_cleanup_(freep) void *buf = malloc(RECEIVE_BYTES);
	int r = buf ? 1 : -ENOMEM;

	if (!buf)
		ret->everything = true;
	for (int i = 0; i < DATAGRAMS_MAX && r > 0; i++)
		r = receive(w, buf, ret);
	if (r >= 0)
		r = read_notify(w, ret);
	if (w->links_changed || ret->everything)
		vec_foreach(d, &w->directories)
			open_directory(w, d);
	w->links_changed = false;
	return r < 0 ? r : 0;
}

int netcfg_watch_fd(const struct netcfg_watch *w)
{
	return w->epoll;
}

void netcfg_watch_free(struct netcfg_watch *w)
{
	if (!w)
		return;
	vec_foreach(d, &w->directories)
		close_directory(w, d);
	vec_done(&w->directories);
	vec_done(&w->keys);
	closep(&w->notify);
	closep(&w->route);
	closep(&w->epoll);
	free(w);
}

static int open_route(struct netcfg_watch *w)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF };
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	const int size = SOCKET_BUFFER;

	w->route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (w->route < 0 || bind(w->route, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	if (setsockopt(w->route, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(w->route, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (setsockopt(w->route, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

static int add_to_epoll(const struct netcfg_watch *w, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

int netcfg_watch_new(struct netcfg_root *root, struct netcfg_watch **ret)
{
	struct netcfg_watch *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->root = root;
	w->route = w->notify = -1;
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	r = w->epoll < 0 ? -errno : open_route(w);
	if (r == 0) {
		w->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		r = w->notify < 0 ? -errno : add_to_epoll(w, w->route);
	}
	if (r == 0)
		r = add_to_epoll(w, w->notify);
	if (r < 0) {
		netcfg_watch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}
