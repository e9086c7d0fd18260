/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock of netns_lock.h, called by main: a listening socket in the abstract namespace, whose
 * names the kernel keeps per network namespace (unix(7)) and frees with the process, however it
 * ends. Any user can take such a name, so one that is held by somebody who could not run lvsd is no
 * lock.
 */
#include "netns_lock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

static const char name[] = "lvsd-manages-ipvs"; /* behind the NUL that makes it abstract */

static socklen_t make_address(struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path + 1, name, sizeof(name) - 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* Who holds the name: 0, or a negative errno (-ECONNREFUSED: nobody any more). */
static int ask_holder(struct ucred *ret)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un sa;
	socklen_t len = make_address(&sa), size = sizeof(*ret);

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &size) < 0)
		return -errno;
	return 0;
}

/* Whether a process could manage IPVS at all: it has CAP_NET_ADMIN (proc(5), capability.h: bit 12).
 * True also when that cannot be told. */
static bool could_be_lvsd(const struct ucred *holder)
{
	_cleanup_(freep) char *path = NULL, *line = NULL;
	bool could = true;
	size_t size = 0;
	FILE *file;

	if (holder->uid == 0 || holder->uid == geteuid())
		return true;
	if (asprintf(&path, "/proc/%d/status", holder->pid) < 0 || !(file = fopen(path, "re")))
		return true;
	while (getline(&line, &size, file) >= 0) {
		size_t len = strlen(line);

		/* Sixteen hexadecimal digits and a line break; bit 12 is the lowest one of the
		 * fourth digit from the right. */
		if (strncmp(line, "CapEff:", 7) == 0 && len > 20)
			could = strchr("13579bdf", line[len - 5]) != NULL;
	}
	(void)fclose(file);
	return could;
}

static int refuse(struct err *e)
{
	struct ucred holder = { 0 };
	int r = ask_holder(&holder);

	/* lvsd listens at once: a name that is only bound is nobody's lock. */
	if (r == -ECONNREFUSED || (r == 0 && !could_be_lvsd(&holder))) {
		log_warning(
			"a process of uid %u that cannot be lvsd holds the name of the namespace "
			"lock; going on without it",
			holder.uid);
		return 0;
	}
	if (r < 0) /* it hangs, and its queue is full: nobody tells who it is */
		return err_set(e, -EBUSY, "namespace_in_use",
			       "another lvsd manages IPVS in this network namespace");
	return err_set(e, -EBUSY, "namespace_in_use",
		       "another lvsd (pid %d) manages IPVS in this network namespace", holder.pid);
}

int netns_lock(int *ret_fd, struct err *e)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un sa;
	socklen_t len = make_address(&sa);

	if (fd < 0)
		return err_set(e, -errno, "failed", "lock: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&sa, len) < 0)
		return errno == EADDRINUSE
			       ? refuse(e)
			       : err_set(e, -errno, "failed", "lock: %s", strerror(errno));
	if (listen(fd, 16) < 0)
		return err_set(e, -errno, "failed", "lock: %s", strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return 0;
}
