/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The durable state in one SQLite file: a row per service, per real server, per declared object of
 * the host's side, per tombstone and per claim, the history, and what is remembered of the host.
 * What store_commit() has returned 0 for survives a crash.
 */
#pragma once

#include "desired.h"
#include "err.h"
#include "netcfg_memory.h"

struct store;

/* One write, for the history. */
struct history_entry {
	uint64_t revision;
	int64_t time;			   /* timestamp_now() */
	char *actor, *request_id, *action; /* "uid=0 pid=12", …, "PUT /v1/services/…" */
	char *peer;			   /* where it came from, for the log only; NULL: unknown */
};

/*
 * Opens (and makes, if needed) lvsd.db in the directory, or a store in memory for ":memory:".
 * One of an older format is brought to the present one, after which older programs refuse it.
 * 0; -EBUSY: another process has it open (code state_in_use); -EBADMSG: not a database of ours,
 * damaged, or of a newer format (state_unreadable); other errnos. e tells the reason.
 */
int store_open(const char *directory, struct store **ret, struct err *e);
/* Whether the directory holds a store; opens nothing. */
bool store_exists(const char *directory);
void store_close(struct store *s); /* NULL is fine */
DEFINE_FREEP(struct store, store_close)

/* Reads the whole state. 0; -EBADMSG (state_unreadable: a row that cannot be decoded); -ENOMEM. */
int store_load(struct store *s, struct desired **ret, struct err *e);

/*
 * Makes `to` durable, given that `from` is what the store holds: writes only what differs, and the
 * history, in one transaction. Services without a row get one. 0; -EIO with e set
 * (storage_failed): nothing was stored, `from` is still what the store holds.
 */
int store_commit(struct store *s, const struct desired *from, const struct desired *to,
		 const struct history_entry *entries, size_t n, struct err *e);

/* What is remembered of the host (netcfg_memory.h), into an empty vector. 0; -EBADMSG
 * (state_unreadable); -ENOMEM (ret stays empty). */
int store_memory_load(struct store *s, netcfg_memo_vec *ret, struct err *e);

/*
 * Writes the rows of put and takes out those of drop (in that order), in one transaction. It is
 * not part of a state: no revision. 0; -EIO with e set (storage_failed): nothing was stored.
 */
int store_memory_write(struct store *s, const netcfg_memo_vec *put, const netcfg_memo_vec *drop,
		       struct err *e);
