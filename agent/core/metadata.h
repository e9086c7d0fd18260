/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every declared object carries beside its specification: owner, labels, revision, generation,
 * times; and its JSON. Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "json_path.h"
#include "json_write.h"

#define LABELS_MAX	 64
#define LABELS_MAX_BYTES 4096
#define LABEL_KEY_MAX	 128
#define LABEL_VALUE_MAX	 256
#define OWNER_MAX	 128

struct metadata {
	char *owner;  /* NULL: nobody's */
	char *labels; /* "key\0value\0…" sorted by key, labels_len bytes; NULL: none */
	size_t labels_len;
	uint64_t revision;   /* of the write that last changed the object or a real server of it */
	uint64_t generation; /* how many writes changed it */
	int64_t created, updated; /* timestamp_now() */
};

enum decode_mode {
	DECODE_PUT,   /* what is absent takes its default */
	DECODE_PATCH, /* RFC 7396: what is absent stays, null takes the default or removes */
};

/* Frees owner and labels, and sets them to none. */
void metadata_done(struct metadata *m);

/* A copy with owner and labels of its own. 0, or -ENOMEM with *to fit for metadata_done(). */
int metadata_copy(const struct metadata *from, struct metadata *to);

/* True when owner and labels are equal: what a client would see. */
bool metadata_same(const struct metadata *a, const struct metadata *b);

/* Decodes the member `metadata` (object or null) onto m; the server's members are ignored. Faults
 * go to e. */
void metadata_decode(const json_t *json, struct metadata *m, enum decode_mode mode,
		     const struct json_path *path, struct err *e);

/* Writes the members of metadata that are the client's, and with `server` also the server's, as one
 * object. */
void metadata_encode(const struct metadata *m, bool server, struct json_writer *w);
