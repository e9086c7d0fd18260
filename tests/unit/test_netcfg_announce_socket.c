/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet socket as far as it can be tried anywhere; real frames are the lab's. */
#include "netcfg_announce_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <linux/capability.h>
#include <unistd.h>

#include "test.h"
#include "util.h"

static const struct inaddr vip = { .family = AF_INET, .bytes = { 192, 0, 2, 10 } };
static const uint8_t mac[ETH_ALEN] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };

/* Gives up all capabilities of this process; nobody has to be root for it. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

	CHECK_INT(syscall(SYS_capset, &header, data), 0);
}

TEST(the_socket_is_not_inherited_and_does_not_block)
{
	_cleanup_(closep) int fd = netcfg_announce_socket_open();

	if (fd == -EPERM || fd == -EAFNOSUPPORT) {
		printf("# no packet sockets here\n");
		return;
	}
	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST(an_interface_that_is_gone_is_said)
{
	_cleanup_(closep) int fd = netcfg_announce_socket_open();
	struct netcfg_announce_frame frame;

	if (fd < 0) {
		printf("# no packet sockets here\n");
		return;
	}
	netcfg_announce_frame_arp_request(&vip, mac, &frame);
	CHECK_INT(netcfg_announce_socket_send(&fd, INT32_MAX, &frame), -ENXIO);
}

TEST(a_failure_comes_back_as_an_errno)
{
	struct netcfg_announce_frame frame;
	int fd = -1;

	netcfg_announce_frame_arp_request(&vip, mac, &frame);
	CHECK_INT(netcfg_announce_socket_send(&fd, 1, &frame), -EBADF);
}

TEST(no_descriptor_left_is_said)
{
	_cleanup_(closep) int usual = netcfg_announce_socket_open();
	struct rlimit before, none;
	int fd;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	fd = netcfg_announce_socket_open();
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK_INT(fd, usual >= 0 ? -EMFILE : usual);
}

/* The last test: nothing gives capabilities back. */
TEST(without_the_privilege_it_says_so)
{
	_cleanup_(closep) int fd = -1;

	drop_capabilities();
	fd = netcfg_announce_socket_open();
	CHECK(fd == -EPERM || fd == -EAFNOSUPPORT);
}
