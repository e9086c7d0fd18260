/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks the outer objects of a JSON document and makes a tree of one inner value at a time, so that
 * a document of tens of megabytes never stands in memory as one. Short values are parsed by jansson
 * and remembered: the same text again costs a comparison.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct json_memo;

struct json_stream {
	const char *text;
	size_t len, at;
	size_t entered;		/* objects that have been entered and not ended */
	bool first;		/* no member of the present object has been read yet */
	struct json_memo *memo; /* of short values; NULL: none yet */
};

void json_stream_init(struct json_stream *s, const char *text, size_t len);
void json_stream_done(struct json_stream *s);

/* Brackets deeper than this are refused before anything is parsed: our own documents nest 7 deep,
 * and a parser's stack is not for clients to fill. */
#define JSON_STREAM_MAX_DEPTH 32

/* 0, or -EINVAL (invalid_json) when the text nests too deep. Says nothing else of it. */
int json_stream_check_depth(const char *text, size_t len, struct err *e);

/* Enters an object: expects '{'. 0; -EINVAL when the value is something else, e set: invalid_json.
 */
int json_stream_enter(struct json_stream *s, struct err *e);

/* The next member's key (caller frees) of the entered object: 1; 0 at its end, which is consumed;
 * -EINVAL on bad JSON; -ENOMEM. The caller must then read or enter the member's value. */
int json_stream_next(struct json_stream *s, char **ret_key, struct err *e);

/* Parses the value here as a tree; duplicate members are refused, and what nests too deep. The tree
 * shares its parts with others: not to be changed. 0; -EINVAL or -ENOMEM, e set. */
int json_stream_value(struct json_stream *s, json_t **ret, struct err *e);

/* True when the value here is an object ('{' is next). */
bool json_stream_at_object(struct json_stream *s);

/* Expects that nothing but white space is left. 0 or -EINVAL. */
int json_stream_end(struct json_stream *s, struct err *e);
