/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: opening and schema. Reading is store_load.c, writing store_commit.c; the memory
 * of the host store_memory.c. Called by main
 * and change; knows nothing of the kernel or of HTTP.
 */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store_sql.h"

const char *const store_claim_names[2] = {
	[CLAIM_ADOPTED] = "adopted",
	[CLAIM_FOREIGN] = "foreign",
};

/*
 * EXCLUSIVE before WAL: no shared memory file, a third fewer system calls a commit, and a second
 * daemon cannot open the file. FULL: a commit is on disk when it returns. Pages of 16 KiB: a bulk
 * write costs a third of that with 4 KiB. journal_size_limit: else the log stays at its peak.
 * temp_store: else each row of a large transaction writes a copy of its page to a temporary file.
 */
static const char pragmas[] = "PRAGMA locking_mode=EXCLUSIVE;"
			      "PRAGMA page_size=16384;"
			      "PRAGMA auto_vacuum=INCREMENTAL;"
			      "PRAGMA journal_mode=WAL;"
			      "PRAGMA synchronous=FULL;"
			      "PRAGMA cache_size=-2048;"
			      "PRAGMA wal_autocheckpoint=256;"
			      "PRAGMA journal_size_limit=4194304;"
			      "PRAGMA temp_store=MEMORY;"
			      "PRAGMA foreign_keys=OFF;";

/* Step i takes a file of format i (PRAGMA user_version; 0: an empty one) to the next, in one
 * transaction. A file of a newer format is not opened. Steps are never changed, only added. */
static const char *const steps[] = {
	"BEGIN IMMEDIATE;"
	"CREATE TABLE service(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL,"
	" revision INTEGER NOT NULL, generation INTEGER NOT NULL, created INTEGER NOT NULL,"
	" updated INTEGER NOT NULL);"
	"CREATE TABLE real_server(service INTEGER NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL,"
	" revision INTEGER NOT NULL, PRIMARY KEY(service, id)) WITHOUT ROWID;"
	"CREATE TABLE object(kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL,"
	" revision INTEGER NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"CREATE TABLE tombstone(kind TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(kind, id))"
	" WITHOUT ROWID;"
	"CREATE TABLE ownership(kind TEXT NOT NULL, id TEXT NOT NULL, class TEXT NOT NULL,"
	" PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"CREATE TABLE history(revision INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" actor TEXT NOT NULL, request TEXT NOT NULL, action TEXT NOT NULL);"
	"CREATE TABLE setting(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"PRAGMA user_version=1;"
	"COMMIT;",
	/* 2: the host's side: declared objects, and what is remembered of the host. */
	"BEGIN IMMEDIATE;"
	"CREATE TABLE declared(kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL,"
	" revision INTEGER NOT NULL, generation INTEGER NOT NULL, created INTEGER NOT NULL,"
	" updated INTEGER NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"CREATE TABLE memory(kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"PRAGMA user_version=2;"
	"COMMIT;",
};

#define FORMAT (int64_t) ARRAY_SIZE(steps)

static const char *const sql[STORE_STATEMENTS] = {
	[STORE_BEGIN] = "BEGIN IMMEDIATE",
	[STORE_COMMIT] = "COMMIT",
	[STORE_ROLLBACK] = "ROLLBACK",
	/* Not REPLACE where there are many rows: it copies the pages that each row changes. */
	[STORE_SERVICE_PUT] = "INSERT INTO service(row, id, json, revision, generation,"
			      " created, updated) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
			      " ON CONFLICT(row) DO UPDATE SET json=?3, revision=?4,"
			      " generation=?5, created=?6, updated=?7",
	[STORE_SERVICE_DELETE] = "DELETE FROM service WHERE row=?1",
	[STORE_DEST_PUT] = "INSERT INTO real_server(service, id, json, revision)"
			   " VALUES(?1, ?2, ?3, ?4)"
			   " ON CONFLICT(service, id) DO UPDATE SET json=?3, revision=?4",
	[STORE_DEST_DELETE] = "DELETE FROM real_server WHERE service=?1 AND id=?2",
	[STORE_DESTS_DELETE] = "DELETE FROM real_server WHERE service=?1",
	[STORE_TOMBSTONE_PUT] = "INSERT OR REPLACE INTO tombstone(kind, id) VALUES('service', ?1)",
	[STORE_TOMBSTONE_DELETE] = "DELETE FROM tombstone WHERE kind='service' AND id=?1",
	[STORE_OWNERSHIP_PUT] = "INSERT OR REPLACE INTO ownership(kind, id, class)"
				" VALUES('service', ?1, ?2)",
	[STORE_OWNERSHIP_DELETE] = "DELETE FROM ownership WHERE kind='service' AND id=?1",
	[STORE_OBJECT_PUT] = "INSERT OR REPLACE INTO object(kind, id, json, revision)"
			     " VALUES(?1, '', ?2, ?3)",
	[STORE_DECLARED_PUT] = "INSERT OR REPLACE INTO declared(kind, id, json, revision,"
			       " generation, created, updated) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STORE_DECLARED_DELETE] = "DELETE FROM declared WHERE kind=?1 AND id=?2",
	[STORE_MEMORY_PUT] = "INSERT OR REPLACE INTO memory(kind, id, value) VALUES(?1, ?2, ?3)",
	[STORE_MEMORY_DELETE] = "DELETE FROM memory WHERE kind=?1 AND id=?2",
	[STORE_SETTING_PUT] = "INSERT OR REPLACE INTO setting(name, value) VALUES(?1, ?2)",
	[STORE_HISTORY_PUT] = "INSERT OR REPLACE INTO history(revision, time, actor, request,"
			      " action) VALUES(?1, ?2, ?3, ?4, ?5)",
	/* A thousand writes back is what an operator looks at after an incident. */
	[STORE_HISTORY_TRIM] =
		"DELETE FROM history WHERE revision <= ("
		"SELECT revision FROM history ORDER BY revision DESC LIMIT 1 OFFSET 1000)",
};

int store_refused(struct store *s, struct err *e, const char *what)
{
	int code = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;
	const char *text = s->db ? sqlite3_errmsg(s->db) : "out of memory";

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(e, -EBUSY, "state_in_use", "%s: another process has it open", what);
	return err_set(e, -EBADMSG, "state_unreadable", "%s: %s", what, text);
}

int store_query_int(struct store *s, const char *text, int64_t fallback, int64_t *ret)
{
	sqlite3_stmt *q = NULL;
	int64_t v = fallback;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(s->db, text, -1, &q, NULL) == SQLITE_OK)
		step = sqlite3_step(q);
	if (step == SQLITE_ROW)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return -EBADMSG;
	*ret = v;
	return 0;
}

int store_run(struct store *s, enum store_statement which)
{
	sqlite3_stmt *q = s->statements[which];
	int step = sqlite3_step(q);
	bool bound = !s->bind_failed;

	s->bind_failed = false;
	(void)sqlite3_reset(q);
	(void)sqlite3_clear_bindings(q);
	return step == SQLITE_DONE && bound ? 0 : -EIO;
}

void store_bind_text(struct store *s, enum store_statement which, int at, const char *text)
{
	if (sqlite3_bind_text(s->statements[which], at, text, -1, SQLITE_STATIC) != SQLITE_OK)
		s->bind_failed = true;
}

void store_bind_int(struct store *s, enum store_statement which, int at, int64_t v)
{
	if (sqlite3_bind_int64(s->statements[which], at, v) != SQLITE_OK)
		s->bind_failed = true;
}

int store_abandon(struct store *s, struct err *e)
{
	int r = err_set(e, -EIO, "storage_failed", "the state could not be made durable: %s",
			sqlite3_errmsg(s->db));

	if (!sqlite3_get_autocommit(s->db))
		(void)store_run(s, STORE_ROLLBACK);
	return r;
}

/* Brings the file to the present format. 0 or negative with e set. */
static int upgrade(struct store *s, const char *path, struct err *e)
{
	int64_t format, tables;

	if (store_query_int(s, "PRAGMA user_version", -1, &format) < 0 ||
	    store_query_int(s, "SELECT count(*) FROM sqlite_schema", 1, &tables) < 0)
		return store_refused(s, e, path);
	if (format < 0 || format > FORMAT || (format == 0 && tables != 0))
		return err_set(e, -EBADMSG, "state_unreadable",
			       "%s: format %lld is none that this program knows (1 to %lld)", path,
			       (long long)format, (long long)FORMAT);
	for (; format < FORMAT; format++)
		if (sqlite3_exec(s->db, steps[format], NULL, NULL, NULL) != SQLITE_OK)
			return store_refused(s, e, path);
	return 0;
}

static int prepare_schema(struct store *s, const char *path, struct err *e)
{
	int r;

	if (sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return store_refused(s, e, path);
	/* Takes the exclusive lock now, so that "in use" is known before anything else. */
	if (sqlite3_exec(s->db, "BEGIN EXCLUSIVE; COMMIT;", NULL, NULL, NULL) != SQLITE_OK)
		return store_refused(s, e, path);
	r = upgrade(s, path, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < STORE_STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->statements[i], NULL) != SQLITE_OK)
			return store_refused(s, e, path);
	if (store_query_int(s, "SELECT coalesce(max(row), 0) + 1 FROM service", 1, &s->next_row) <
	    0)
		return store_refused(s, e, path);
	return 0;
}

int store_open(const char *directory, struct store **ret, struct err *e)
{
	_cleanup_(store_closep) struct store *s = calloc(1, sizeof(*s));
	_cleanup_(freep) char *path = NULL;
	bool memory = streq(directory, ":memory:");
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	/* The program has one thread: no locks around SQLite's allocations, and no counts of them.
	 * Refused, and in force already, for a second store. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (!memory && mkdir(directory, 0700) < 0 && errno != EEXIST)
		return err_set(e, -errno, "state_unreadable", "%s: %s", directory, strerror(errno));
	r = memory ? asprintf(&path, ":memory:") : asprintf(&path, "%s/lvsd.db", directory);
	if (r < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	if (sqlite3_open_v2(path, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return store_refused(s, e, path);
	r = prepare_schema(s, path, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

bool store_exists(const char *directory)
{
	_cleanup_(freep) char *path = NULL;

	return asprintf(&path, "%s/lvsd.db", directory) >= 0 && access(path, F_OK) == 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
}
