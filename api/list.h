/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which services a list shows, and how it goes on in pages over a state that stays as it is. */
#pragma once

#include "api.h"
#include "view.h"

struct list_filter {
	struct inaddr address;
	const char *protocol, *owner, *label, *condition; /* of the request; NULL: all */
	bool by_address, by_port;
	uint16_t port;
	uint8_t protocol_number; /* 0 with a protocol: marks */
};

/* Reads the filter's parameters. 0, or -EINVAL with e set (invalid_parameter). */
int list_filter_parse(const struct request *req, struct list_filter *ret, struct err *e);

bool list_filter_matches(struct api *api, const struct list_filter *f, const struct service *s);

/* The part of it that every kind of object has: owner and labels. */
bool list_filter_matches_metadata(const struct list_filter *f, const struct metadata *m);

/* Reads ?include=. As above. */
int list_include(const struct request *req, struct view_extra *ret, struct err *e);

/*
 * Keeps a state for the next pages, for five minutes or until 16 newer ones are kept, and finds it
 * again by its revision; NULL: it is gone.
 */
void list_keep(struct api *api, struct desired *d);
struct desired *list_kept(struct api *api, uint64_t revision);
/* Lets go of what was kept long enough; for every turn. */
void list_expire(struct api *api);
void list_done(struct api *api);
