/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counting of log_limit.h. */
#include "log_limit.h"

#include <stddef.h>
#include <string.h>

/* Ids of one text may be several constants, one for each file. */
static struct log_limit_kind *find(struct log_limit *l, const char *id)
{
	for (int i = 0; i < LOG_LIMIT_KINDS; i++) {
		struct log_limit_kind *k = &l->kinds[i];

		if (!k->id)
			k->id = id;
		if (k->id == id || strcmp(k->id, id) == 0)
			return k;
	}
	return NULL;
}

bool log_limit_take(struct log_limit *l, const char *id, uint32_t most, int64_t now)
{
	struct log_limit_kind *k = find(l, id);

	if (!k)
		return true;
	if (now >= k->until && !k->suppressed) {
		k->until = now + LOG_LIMIT_WINDOW_MS;
		k->written = 0;
	}
	if (k->written < most) {
		k->written++;
		return true;
	}
	k->suppressed++;
	return false;
}

bool log_limit_ended(struct log_limit *l, int64_t now, const char **ret_id,
		     uint32_t *ret_suppressed)
{
	for (int i = 0; i < LOG_LIMIT_KINDS; i++) {
		struct log_limit_kind *k = &l->kinds[i];

		if (!k->suppressed || now < k->until)
			continue;
		*ret_id = k->id;
		*ret_suppressed = k->suppressed;
		k->suppressed = 0;
		k->until = 0;
		return true;
	}
	return false;
}

int64_t log_limit_next(const struct log_limit *l)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < LOG_LIMIT_KINDS; i++)
		if (l->kinds[i].suppressed && l->kinds[i].until < next)
			next = l->kinds[i].until;
	return next;
}
