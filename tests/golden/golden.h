/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden files: cases are files in a directory, and what a case yields is compared with a file. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "buf.h"
#include "desired.h"

/* Calls fn with the name of each entry of GOLDEN_DIR/dir that ends with suffix, without it, in the
 * order of names. Returns how many there were; -1 when the directory cannot be read. */
int golden_each(const char *dir, const char *suffix, void (*fn)(const char *name));

/* Reads GOLDEN_DIR/path; NULL (after a line on stdout) when it is no JSON document. */
json_t *golden_json(const char *path);

/* Compares text with GOLDEN_DIR/path; differences go to stdout. With UPDATE_GOLDEN=1 in the
 * environment the file is written instead. */
bool golden_same(const char *path, const char *text);

/* Decodes the member services of a document in the shape of /v1/config into a new state; NULL (and
 * the faults on stdout) when it is not valid. */
struct desired *golden_state(const json_t *document);
