/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads files that decide who may do what: tokens, keys, certificates. Called by access.c. */
#pragma once

#include <stddef.h>

#include "err.h"

#define SECRET_FILE_MAX (256 * 1024) /* a bundle of some hundred certificates */

enum secret_kind {
	SECRET_FILE, /* nobody else may read or write it */
	PUBLIC_FILE, /* nobody else may write it */
};

/*
 * Reads a whole regular file; *ret is NUL-terminated beyond *ret_len bytes, and the caller's to
 * wipe and free. "Else" are all but root, the daemon's own user, and for reading the file's group:
 * so that root:lvsd 0640 is fine, and what systemd makes of LoadCredential=. 0; -EPERM, -EFBIG or
 * another negative errno with e set (code invalid_option).
 */
int secret_file_read(const char *path, enum secret_kind kind, char **ret, size_t *ret_len,
		     struct err *e);

/* Wipes and frees what secret_file_read() gave; NULL is fine. */
void secret_file_free(char *text, size_t len);
