/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For LD_PRELOAD: counts the calls of which a loss of batches, snapshots or shared transactions
 * needs more. At the end of the process the file of COUNT_CALLS gets the lines "kernel N" (sending
 * to and receiving from netlink, getsockopt()) and "sync N" (fsync() and fdatasync()).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static unsigned long kernel_calls, sync_calls;

/* The function that stands behind ours; a call of dlsym() costs nothing that matters here. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void count_kernel(int fd)
{
	socklen_t len = sizeof(int);
	int domain = 0;

	/* HTTP goes over sockets too. */
	if (NEXT(getsockopt)(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_NETLINK)
		kernel_calls++;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	count_kernel(fd);
	return NEXT(sendmsg)(fd, m, flags);
}

EXPORT ssize_t send(int fd, const void *data, size_t len, int flags)
{
	count_kernel(fd);
	return NEXT(send)(fd, data, len, flags);
}

EXPORT ssize_t recv(int fd, void *data, size_t len, int flags)
{
	count_kernel(fd);
	return NEXT(recv)(fd, data, len, flags);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	count_kernel(fd);
	return NEXT(recvmsg)(fd, m, flags);
}

EXPORT int recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout)
{
	count_kernel(fd);
	return NEXT(recvmmsg)(fd, m, n, flags, timeout);
}

EXPORT int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	kernel_calls++;
	return NEXT(getsockopt)(fd, level, name, value, len);
}

EXPORT int fsync(int fd)
{
	sync_calls++;
	return NEXT(fsync)(fd);
}

EXPORT int fdatasync(int fd)
{
	sync_calls++;
	return NEXT(fdatasync)(fd);
}

__attribute__((destructor)) static void tell(void)
{
	const char *name = getenv("COUNT_CALLS");
	int fd = name ? open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;

	if (fd < 0)
		return;
	(void)dprintf(fd, "kernel %lu\nsync %lu\n", kernel_calls, sync_calls);
	(void)close(fd);
}
