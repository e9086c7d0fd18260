/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading with a look at the file's mode, see secret_file.h. It knows nothing of what is in it. */
#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define CODE "invalid_option"

static int check(const char *path, enum secret_kind kind, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, -EPERM, CODE, "%s is not a regular file", path);
	if (st->st_size > SECRET_FILE_MAX)
		return err_set(e, -EFBIG, CODE, "%s is longer than %d bytes", path,
			       SECRET_FILE_MAX);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(e, -EPERM, CODE,
			       "%s belongs to user %u, who could change it: it must belong to root "
			       "or to the user that lvsd runs as",
			       path, (unsigned)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, -EPERM, CODE,
			       "%s may be written by others (mode %03o): chmod go-w it", path,
			       st->st_mode & 0777);
	if (kind == SECRET_FILE && (st->st_mode & S_IROTH))
		return err_set(e, -EPERM, CODE,
			       "%s may be read by everybody (mode %03o): chmod o-r it", path,
			       st->st_mode & 0777);
	return 0;
}

/* As many bytes as there were at fstat(): who lets it grow meanwhile reloads later. */
static int fill(int fd, char *text, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	*ret_len = len;
	return 0;
}

int secret_file_read(const char *path, enum secret_kind kind, char **ret, size_t *ret_len,
		     struct err *e)
{
	/* Not blocking: a FIFO would hang the daemon. */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, -errno, CODE, "%s cannot be read: %s", path, strerror(errno));
	r = check(path, kind, &st, e);
	if (r < 0)
		return r;
	text = malloc((size_t)st.st_size + 1);
	r = text ? fill(fd, text, (size_t)st.st_size, ret_len) : -ENOMEM;
	if (r < 0)
		return err_set(e, r, CODE, "%s cannot be read: %s", path, strerror(-r));
	*ret = TAKE_PTR(text);
	return 0;
}

void secret_file_free(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}
