/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages, see ctl_list.h. */
#include "ctl_list.h"

#include <stdio.h>

#include "ctl_json.h"
#include "util.h"

/* Objects of the first page, which has to come fast, and of later ones: a service with ten real
 * servers has about 5 KB, and some ten times that as a tree. */
#define FIRST_PAGE "20"
#define PAGE	   "100"

int ctl_list(struct ctl *ctl, const char *path, const char *query,
	     void (*item)(void *arg, const json_t *object), void *arg)
{
	_cleanup_(freep) char *more = NULL;
	int r;

	do {
		_cleanup_(buf_done) struct buf full = { 0 };
		_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
		struct ctl_request request = { .method = "GET", .path = path };
		const json_t *object;
		size_t i;

		if (query)
			buf_add_str(&full, query);
		ctl_query_add(&full, "limit", more ? PAGE : FIRST_PAGE);
		if (more)
			ctl_query_add(&full, "continue", more);
		free(TAKE_PTR(more));
		request.query = full.data;
		r = ctl_http_send(ctl->http, &request, &a);
		json_array_foreach(json_object_get(a.json, "items"), i, object)
			item(arg, object);
		(void)fflush(stdout);
		if (r == 0 && *ctl_text(a.json, "continue"))
			more = strdup(ctl_text(a.json, "continue"));
	} while (r == 0 && more);
	return r;
}
