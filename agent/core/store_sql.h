/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the store share: the open database and its prepared
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
	STORE_DECLARED_PUT,
	STORE_DECLARED_DELETE,
	STORE_MEMORY_PUT,
	STORE_MEMORY_DELETE,
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

/* Bind a parameter of a statement; a text has to stay until that is run. A failure shows then. */
void store_bind_text(struct store *s, enum store_statement which, int at, const char *text);
void store_bind_int(struct store *s, enum store_statement which, int at, int64_t v);

/* Runs a statement whose parameters are bound; 0 or -EIO. */
int store_run(struct store *s, enum store_statement which);

/* Ends a transaction that failed: sets e (storage_failed), rolls back, returns -EIO. */
int store_abandon(struct store *s, struct err *e);
