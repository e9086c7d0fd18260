/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files for apply, diff and plan. A file holds JSON documents, one after the other. Each is one of:
 * a configuration as GET /v1/config has it, or a part of it; an object as GET answers it, with its
 * "id"; a list of those, bare or as {"items": […]}. All together become one configuration.
 */
#pragma once

#include <jansson.h>

#include "buf.h"

/* Reads a file, - is stdin, as one configuration. 0 or a negative errno, which has been said. */
int ctl_document_read(const char *file, json_t **ret);

/* Adds one document to a configuration. 0, or -EINVAL: it is none, or names an object that is
 * there already, which has been said with `where`. */
int ctl_document_add(json_t *config, json_t *document, const char *where);

/* Reads a whole file, - is stdin, as text. 0 or a negative errno, which has been said. */
int ctl_file_read(const char *file, struct buf *ret);
