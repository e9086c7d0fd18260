/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What store.c, store_load.c and store_commit.c share: the open database and its prepared
 * statements. */
#pragma once

#include <sqlite3.h>

#include "store.h"

enum store_statement {
	STORE_BEGIN,
	STORE_COMMIT,
	STORE_ROLLBACK,
	STORE_SERVICE_PUT,
	STORE_SERVICE_DELETE,
	STORE_DEST_PUT,
	STORE_DEST_DELETE,
	STORE_DESTS_DELETE,
	STORE_TOMBSTONE_PUT,
	STORE_TOMBSTONE_DELETE,
	STORE_OWNERSHIP_PUT,
	STORE_OWNERSHIP_DELETE,
	STORE_OBJECT_PUT,
	STORE_SETTING_PUT,
	STORE_HISTORY_PUT,
	STORE_HISTORY_TRIM,
	STORE_STATEMENTS,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STORE_STATEMENTS];
	bool bind_failed; /* since the last statement was run: out of memory */
	int64_t next_row; /* of table service */
};

/* The stored names of the claim classes. */
extern const char *const store_claim_names[2];

/* What SQLite refused: -EBUSY (state_in_use) or -EBADMSG (state_unreadable). */
int store_refused(struct store *s, struct err *e, const char *what);

/* The first column of a query's first row, or fallback when there is none. 0 or -EBADMSG. */
int store_query_int(struct store *s, const char *text, int64_t fallback, int64_t *ret);
