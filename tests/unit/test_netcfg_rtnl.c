/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider on this machine's kernel, in a network namespace of its own, as far as the parity
 * scenario does not go: /proc/sys, watches that outlive interfaces, lost news. Where such a
 * namespace cannot be had the tests are left out, and say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "netcfg_rtnl_private.h"
#include "test.h"
#include "util.h"

/* A new namespace whose lo is up; false: not allowed here. */
static bool enter_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, r;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		printf("# left out: no network namespace here (%s)\n", strerror(errno));
		return false;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	r = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return r == 0;
}

static struct netcfg_kernel *kernel(void)
{
	struct netcfg_kernel *k = NULL;

	CHECK_INT(netcfg_rtnl_new(&k), 0);
	return k;
}

static struct netcfg_sysctl_key key_of(const char *name)
{
	struct netcfg_sysctl_key key;
	const char *why;

	CHECK_INT(netcfg_sysctl_parse(name, strlen(name), &key, &why), 0);
	return key;
}

static int write_value(struct netcfg_kernel *k, const char *name, const char *value)
{
	struct netcfg_sysctl_key key = key_of(name);
	const struct netcfg_op op = { .verb = NETCFG_SYSCTL_WRITE, .key = &key, .value = value };
	int result = 1;

	CHECK_INT(k->ops->apply(k, &op, 1, &result), 0);
	return result;
}

/* Whether news of this variable came; all is taken. */
static bool told(struct netcfg_kernel *k, const char *name, bool *ret_everything)
{
	struct netcfg_sysctl_key key = key_of(name);
	struct pollfd fd = { .fd = k->ops->events_fd(k), .events = POLLIN };
	struct netcfg_changes c = { 0 };
	bool found = false;

	while (poll(&fd, 1, 100) > 0)
		CHECK_INT(k->ops->events(k, &c), 0);
	vec_foreach(change, &c.items)
		found = found || (change->kind == NETCFG_CHANGE_SYSCTL &&
				  netcfg_sysctl_compare(&change->key, &key) == 0);
	if (ret_everything)
		*ret_everything = c.everything;
	netcfg_changes_done(&c);
	return found;
}

TEST(nothing_leads_out_of_proc_sys)
{
	static const char *const paths[] = {
		"../self/environ",
		"/etc/passwd",
		"net/../../self/environ",
		"..",
		"net/ipv4//ip_forward",
		"net/ipv4/conf/../../../../version",
		"",
	};
	struct netcfg_root root;
	_cleanup_(closep) int fd = -1;

	CHECK_INT(netcfg_rtnl_root_open(&root), 0);
	/* With openat2() and without. */
	for (int plain = 0; plain < 2; plain++) {
		root.plain = plain;
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			CHECK(netcfg_rtnl_open(&root, paths[i], O_RDONLY) < 0);
		CHECK_INT(netcfg_rtnl_open(&root, "net/ipv4/conf/none/forwarding", O_RDONLY),
			  -ENOENT);
		CHECK_INT(netcfg_rtnl_open(&root, "net/ipv4/ip_forward/x", O_RDONLY), -ENOENT);
		fd = netcfg_rtnl_open(&root, "net/ipv4/ip_forward", O_RDONLY);
		CHECK(fd >= 0);
		CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		fd = -1;
	}
	CHECK(fcntl(root.fd, F_GETFL) & O_PATH);
	close(root.fd);
}

TEST(values_are_read_and_written)
{
	char value[NETCFG_SYSCTL_VALUE_MAX];
	struct netcfg_sysctl_key key = key_of("net.ipv4.conf.lo.rp_filter");
	struct netcfg_kernel *k;

	if (!enter_namespace())
		return;
	k = kernel();
	CHECK_INT(write_value(k, "net.ipv4.conf.lo.rp_filter", "2"), 0);
	CHECK_INT(k->ops->read(k, &key, value), 0);
	CHECK_STR(value, "2");
	CHECK_INT(write_value(k, "net.ipv4.conf.none.rp_filter", "2"), -ENOENT);
	CHECK_INT(write_value(k, "net.ipv4.conf.lo.rp_filter", "x"), -EINVAL);
	CHECK_INT(k->ops->writes(k), 3);
	netcfg_kernel_free(k);
}

static bool rename_link(const char *from, const char *to)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

	memcpy(r.ifr_name, from, strlen(from) + 1);
	memcpy(r.ifr_newname, to, strlen(to) + 1);
	result = ioctl(fd, SIOCSIFNAME, &r);
	close(fd);
	return result == 0;
}

/* lo may be renamed, and its directories with it. */
TEST(a_watch_outlives_the_directory)
{
	static const char name[] = "net.ipv4.conf.lo.arp_ignore";
	static const char other[] = "net.ipv4.conf.other.arp_ignore";
	struct netcfg_sysctl_key key = key_of(name);
	struct netcfg_kernel *k;

	if (!enter_namespace())
		return;
	k = kernel();
	(void)told(k, name, NULL);
	CHECK_INT(write_value(k, name, "1"), 0);
	CHECK(!told(k, name, NULL)); /* nobody asked */
	CHECK_INT(k->ops->watch(k, &key, 1), 0);
	CHECK_INT(write_value(k, name, "2"), 0);
	CHECK(told(k, name, NULL));
	/* The same again keeps what there is. */
	CHECK_INT(k->ops->watch(k, &key, 1), 0);
	CHECK_INT(write_value(k, name, "2"), 0);
	CHECK(told(k, name, NULL));
	if (rename_link("lo", "other")) {
		(void)told(k, name, NULL);
		CHECK_INT(write_value(k, other, "0"), 0);
		CHECK(!told(k, other, NULL)); /* not of interest under this name */
		CHECK(rename_link("other", "lo"));
		(void)told(k, name, NULL);
		CHECK_INT(write_value(k, name, "1"), 0);
		CHECK(told(k, name, NULL));
		/* There and back before anybody looks: another directory of the same name. */
		CHECK(rename_link("lo", "other") && rename_link("other", "lo"));
		(void)told(k, name, NULL);
		CHECK_INT(write_value(k, name, "0"), 0);
		CHECK(told(k, name, NULL));
	} else {
		printf("# lo cannot be renamed here\n");
	}
	/* Of no interest any more. */
	CHECK_INT(k->ops->watch(k, NULL, 0), 0);
	CHECK_INT(write_value(k, name, "0"), 0);
	CHECK(!told(k, name, NULL));
	netcfg_kernel_free(k);
}

TEST(more_directories_than_there_may_be)
{
	struct netcfg_sysctl_key keys[300];
	struct netcfg_kernel *k;

	if (!enter_namespace())
		return;
	k = kernel();
	keys[0] = key_of("net.ipv4.conf.lo.arp_ignore");
	for (size_t i = 1; i < ARRAY_SIZE(keys); i++) {
		char name[64];

		snprintf(name, sizeof(name), "net.ipv4.conf.eth%zu.arp_ignore", i);
		keys[i] = key_of(name);
	}
	CHECK_INT(k->ops->watch(k, keys, ARRAY_SIZE(keys)), 0);
	(void)told(k, "net.ipv4.conf.lo.arp_ignore", NULL);
	CHECK_INT(write_value(k, "net.ipv4.conf.lo.arp_ignore", "1"), 0);
	CHECK(told(k, "net.ipv4.conf.lo.arp_ignore", NULL));
	netcfg_kernel_free(k);
}

/* More than the socket holds: the reader must look at everything. */
TEST(lost_news_are_noticed)
{
	enum { COUNT = 8000 };
	struct netcfg_op *ops = calloc(COUNT, sizeof(*ops));
	int *results = calloc(COUNT, sizeof(*results));
	struct netcfg_changes c = { 0 };
	struct netcfg_kernel *k;
	bool everything = false;

	CHECK(ops && results);
	if (enter_namespace()) {
		k = kernel();
		for (uint32_t i = 0; i < COUNT; i++) {
			ops[i].verb = NETCFG_ADDRESS_ADD;
			ops[i].address.index = 1;
			ops[i].address.address.family = AF_INET;
			ops[i].address.address.bytes[0] = 10;
			ops[i].address.address.bytes[2] = (uint8_t)(i >> 8);
			ops[i].address.address.bytes[3] = (uint8_t)i;
			ops[i].address.prefix_length = 32;
		}
		CHECK_INT(k->ops->apply(k, ops, COUNT, results), 0);
		for (uint32_t i = 0; i < COUNT; i++)
			CHECK_INT(results[i], 0);
		/* The first thing that is read. */
		CHECK_INT(k->ops->events(k, &c), 0);
		CHECK(c.everything && c.items.n < COUNT / 4);
		netcfg_changes_done(&c);
		(void)told(k, "net.ipv4.ip_forward", &everything);
		/* And news come again. */
		CHECK_INT(write_value(k, "net.ipv4.conf.lo.rp_filter", "1"), 0);
		CHECK(told(k, "net.ipv4.conf.lo.rp_filter", &everything));
		CHECK(!everything);
		netcfg_kernel_free(k);
	}
	free(ops);
	free(results);
}
