/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of the host, as rows of three texts. Called by the reconciler of the host's
 * side, apart from the commits of states. See store.h. */
#include <errno.h>

#include "store_sql.h"

static const char *text_of(sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	return text ? text : "";
}

static int on_row(sqlite3_stmt *q, netcfg_memo_vec *memory, struct err *e)
{
	const char *kind = text_of(q, 0), *id = text_of(q, 1), *value = text_of(q, 2);
	struct netcfg_memo memo;

	if (netcfg_memo_parse(kind, id, value, &memo) < 0)
		return err_set(e, -EBADMSG, "state_unreadable",
			       "memory of %s '%s': '%s' cannot be read", kind, id, value);
	/* Appended for now; they are sorted when all are there. */
	if (vec_push(memory, memo) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	return 0;
}

int store_memory_load(struct store *s, netcfg_memo_vec *ret, struct err *e)
{
	netcfg_memo_vec memory = { 0 };
	sqlite3_stmt *q = NULL;
	int step, r = 0;

	if (sqlite3_prepare_v2(s->db, "SELECT kind, id, value FROM memory", -1, &q, NULL) !=
	    SQLITE_OK)
		return store_refused(s, e, "memory");
	while ((step = sqlite3_step(q)) == SQLITE_ROW && r == 0)
		r = on_row(q, &memory, e);
	if (r == 0 && step != SQLITE_DONE)
		r = store_refused(s, e, "memory");
	sqlite3_finalize(q);
	if (r < 0) {
		vec_done(&memory);
		return r;
	}
	vec_sort(&memory, netcfg_memo_compare);
	*ret = memory;
	return 0;
}

static int write_row(struct store *s, enum store_statement which, const struct netcfg_memo *memo)
{
	char id[NETCFG_MEMO_ID_MAX], value[NETCFG_MEMO_VALUE_MAX];

	store_bind_text(s, which, 1, netcfg_memo_format(memo, id, value));
	store_bind_text(s, which, 2, id);
	if (which == STORE_MEMORY_PUT)
		store_bind_text(s, which, 3, value);
	return store_run(s, which);
}

int store_memory_write(struct store *s, const netcfg_memo_vec *put, const netcfg_memo_vec *drop,
		       struct err *e)
{
	int r;

	if (put->n == 0 && drop->n == 0)
		return 0;
	r = store_run(s, STORE_BEGIN);
	for (size_t i = 0; i < put->n && r == 0; i++)
		r = write_row(s, STORE_MEMORY_PUT, &put->items[i]);
	for (size_t i = 0; i < drop->n && r == 0; i++)
		r = write_row(s, STORE_MEMORY_DELETE, &drop->items[i]);
	if (r == 0)
		r = store_run(s, STORE_COMMIT);
	return r == 0 ? 0 : store_abandon(s, e);
}
