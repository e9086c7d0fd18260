/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the indices of interfaces are valid, for the rtnetlink provider: the boot, and the network
 * namespace in it. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "netcfg_rtnl_private.h"
#include "util.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define BOOT_ID_TEXT 36 /* a UUID */

/* A number that no other network namespace of this boot has, or had (Linux 5.14). Before that the
 * inode, which may be used again when a namespace has gone. 0: neither can be had. */
static uint64_t namespace_number(void)
{
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	struct stat st;

	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) == 0)
		return cookie;
	return stat("/proc/self/ns/net", &st) == 0 ? st.st_ino : 0;
}

void netcfg_rtnl_identity(struct netcfg_root *root, char ret[NETCFG_IDENTITY_MAX])
{
	_cleanup_(closep) int fd = netcfg_rtnl_open(root, "kernel/random/boot_id", O_RDONLY);
	uint64_t number = namespace_number();
	char boot[BOOT_ID_TEXT + 1] = "";
	size_t n = 0;

	if (number == 0 || fd < 0 || read(fd, boot, BOOT_ID_TEXT) != BOOT_ID_TEXT) {
		struct timespec now;

		(void)clock_gettime(CLOCK_REALTIME, &now);
		(void)snprintf(ret, NETCFG_IDENTITY_MAX, "once-%jx-%lx", (intmax_t)now.tv_sec,
			       (unsigned long)now.tv_nsec);
		return;
	}
	for (const char *p = boot; *p; p++)
		if (*p != '-')
			boot[n++] = *p;
	boot[n] = '\0';
	(void)snprintf(ret, NETCFG_IDENTITY_MAX, "%s-%" PRIx64, boot, number);
}
