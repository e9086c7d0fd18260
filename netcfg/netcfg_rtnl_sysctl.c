/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variables by /proc/sys for the rtnetlink provider. The only place that opens files there: below
 * one descriptor, by names of the table (netcfg_sysctl.c), without following links.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netcfg_rtnl_private.h"
#include "util.h"

int netcfg_rtnl_root_open(struct netcfg_root *ret)
{
	ret->plain = false;
	ret->fd = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return ret->fd < 0 ? -errno : 0;
}

/* Neither absolute nor with "..". Names made of checked pieces never are; this stands behind them
 * where openat2() does not. */
static bool stays_below(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		if (*p == '/' || *p == '\0' || (strncmp(p, "..", 2) == 0 && (!p[2] || p[2] == '/')))
			return false;
	return true;
}

int netcfg_rtnl_open(struct netcfg_root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	if (!stays_below(path))
		return -EINVAL;
	if (!root->plain) {
		fd = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
		/* Since 5.6, and some sandboxes forbid it. */
		root->plain = fd < 0 && errno == ENOSYS;
	}
	if (fd < 0 && (root->plain || errno == EPERM))
		fd = openat(root->fd, path, flags | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	return fd;
}

int netcfg_rtnl_sysctl_read(struct netcfg_root *root, const struct netcfg_sysctl_key *key,
			    char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	char path[NETCFG_SYSCTL_NAME_MAX];
	char text[4 * NETCFG_SYSCTL_VALUE_MAX]; /* with the blanks that are taken out */
	_cleanup_(closep) int fd = netcfg_rtnl_open(root, netcfg_sysctl_path(key, path), O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return netcfg_sysctl_normalise(text, ret) ? 0 : -EBADMSG;
}

int netcfg_rtnl_sysctl_write(struct netcfg_root *root, const struct netcfg_sysctl_key *key,
			     const char *value)
{
	char path[NETCFG_SYSCTL_NAME_MAX];
	_cleanup_(closep) int fd = netcfg_rtnl_open(root, netcfg_sysctl_path(key, path), O_WRONLY);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pwrite(fd, value, len, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}
