/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/store.c and store_commit.c: what was committed comes back, what is damaged is
 * named. */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "desired_json.h"
#include "random_ipvs.h"
#include "store_sql.h"
#include "test.h"

static char directory[32];

static void make_directory(void)
{
	(void)snprintf(directory, sizeof(directory), "/tmp/lvsd-test-XXXXXX");
	CHECK(mkdtemp(directory));
}

static void remove_directory(void)
{
	DIR *d = opendir(directory);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	(void)closedir(d);
	CHECK_INT(rmdir(directory), 0);
}

static struct store *open_store(const char *where)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct store *s = NULL;
	int r = store_open(where, &s, &e);

	if (r < 0)
		printf("# %s\n", e.detail);
	CHECK_INT(r, 0);
	return s;
}

static struct desired *load(struct store *s)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct desired *d = NULL;
	int r = store_load(s, &d, &e);

	if (r < 0)
		printf("# %s\n", e.detail);
	CHECK_INT(r, 0);
	return d;
}

static void execute(struct store *s, const char *text)
{
	CHECK_INT(sqlite3_exec(s->db, text, NULL, NULL, NULL), SQLITE_OK);
}

static void save(struct store *s, const struct desired *from, const struct desired *to)
{
	_cleanup_(err_done) struct err e = { 0 };

	CHECK_INT(store_commit(s, from, to, NULL, 0, &e), 0);
}

/* A random service in d, new or a changed copy, with all that a store keeps. */
static void random_edit(struct desired *d, uint64_t revision)
{
	struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
	static const char labels[8] = "k\0v\0l\0w";
	struct service *old = desired_find(d, &key), *s;

	if (old && random_one_in(3)) {
		(void)desired_remove(d, &key);
		CHECK_INT(desired_add_tombstone(d, &key), 0);
		return;
	}
	s = old ? service_copy(old) : service_new(&key);
	random_service(&key, &s->spec);
	s->meta.revision = revision;
	s->meta.generation++;
	s->meta.created = 1000;
	s->meta.updated = (int64_t)revision;
	free(s->meta.owner);
	s->meta.owner = random_below(2) ? strdup("o'wner \"x\" é") : NULL;
	free(s->meta.labels);
	s->meta.labels_len = random_below(2) ? sizeof(labels) : 0;
	s->meta.labels = s->meta.labels_len ? malloc(sizeof(labels)) : NULL;
	if (s->meta.labels)
		memcpy(s->meta.labels, labels, sizeof(labels));
	s->real_servers.n = 0;
	for (unsigned i = 0; i < RANDOM_DEST_KEYS; i++) {
		struct real_server rs = { .revision = revision };

		random_dest(&s->spec, i, &rs.dest);
		if (random_below(2))
			CHECK_INT(vec_push(&s->real_servers, rs), 0);
	}
	CHECK_INT(desired_put(d, s), 0);
	(void)desired_drop_tombstone(d, &key);
	if (random_one_in(3))
		CHECK_INT(
			desired_set_claim(d, &key, random_below(2) ? CLAIM_FOREIGN : CLAIM_ADOPTED),
			0);
	else
		(void)desired_drop_claim(d, &key);
}

static void check_same_state(const struct desired *a, const struct desired *b)
{
	CHECK_INT(a->revision, b->revision);
	CHECK_INT(a->services.n, b->services.n);
	CHECK_INT(a->tombstones.n, b->tombstones.n);
	CHECK_INT(a->claims.n, b->claims.n);
	for (size_t i = 0; i < a->services.n; i++) {
		const struct service *x = a->services.items[i], *y = b->services.items[i];

		CHECK_INT(ipvs_service_key_compare(&x->spec.key, &y->spec.key), 0);
		CHECK(service_same(x, y));
		CHECK(x->row == y->row && x->meta.revision == y->meta.revision &&
		      x->meta.generation == y->meta.generation &&
		      x->meta.created == y->meta.created && x->meta.updated == y->meta.updated);
		for (size_t j = 0; j < x->real_servers.n; j++)
			CHECK_INT(x->real_servers.items[j].revision,
				  y->real_servers.items[j].revision);
	}
	vec_foreach(key, &a->tombstones)
		CHECK(desired_has_tombstone(b, key));
	vec_foreach(claim, &a->claims) {
		CHECK(desired_claim(b, &claim->key));
		CHECK_INT(desired_claim(b, &claim->key)->class, claim->class);
	}
}

TEST(random_states_come_back)
{
	struct store *s;
	struct desired *d;

	make_directory();
	s = open_store(directory);
	d = load(s);
	for (int round = 0; round < 60; round++) {
		struct desired *next = desired_copy(d), *loaded;

		next->revision++;
		for (uint32_t n = random_below(6); n > 0; n--)
			random_edit(next, next->revision);
		save(s, d, next);
		desired_unref(d);
		d = next;
		if (round % 10 == 9) { /* by a daemon that starts anew */
			store_close(s);
			s = open_store(directory);
		}
		loaded = load(s);
		check_same_state(d, loaded);
		desired_unref(loaded);
	}
	desired_unref(d);
	store_close(s);
	remove_directory();
}

TEST(a_commit_writes_only_what_differs)
{
	struct store *s = open_store(":memory:");
	struct desired *d = load(s), *next = desired_copy(d), *third;
	struct service *copy;
	int before;

	for (unsigned i = 0; i < RANDOM_SERVICE_KEYS; i++) {
		struct ipvs_service_key key = random_service_key(i);
		struct service *fresh = service_new(&key);

		for (unsigned j = 0; j < RANDOM_DEST_KEYS; j++) {
			struct real_server rs = { .revision = 1 };

			random_dest(&fresh->spec, j, &rs.dest);
			CHECK_INT(vec_push(&fresh->real_servers, rs), 0);
		}
		CHECK_INT(desired_put(next, fresh), 0);
	}
	save(s, d, next);
	before = sqlite3_total_changes(s->db);
	third = desired_copy(next);
	save(s, next, third);
	CHECK_INT(sqlite3_total_changes(s->db) - before, 1); /* the revision alone */
	copy = service_copy(third->services.items[3]);
	copy->real_servers.items[2].dest.weight = 99;
	copy->real_servers.items[2].revision = 2;
	CHECK_INT(desired_put(third, copy), 0);
	before = sqlite3_total_changes(s->db);
	save(s, next, third);
	CHECK_INT(sqlite3_total_changes(s->db) - before, 3); /* service, real server, revision */
	desired_unref(d);
	desired_unref(next);
	desired_unref(third);
	store_close(s);
}

TEST(a_store_in_use_is_not_opened_twice)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct store *s, *second = NULL;

	make_directory();
	s = open_store(directory);
	CHECK_INT(store_open(directory, &second, &e), -EBUSY);
	CHECK_STR(e.code, "state_in_use");
	CHECK(!second);
	store_close(s);
	s = open_store(directory);
	store_close(s);
	remove_directory();
}

/* Damage --------------------------------------------------------------------------------------- */

static void check_unreadable(const char *want)
{
	_cleanup_(err_done) struct err e = { 0 };
	_cleanup_(desired_unrefp) struct desired *d = NULL;
	struct store *s = NULL;
	int r = store_open(directory, &s, &e);

	if (r == 0)
		r = store_load(s, &d, &e);
	store_close(s);
	printf("# %s\n", e.detail);
	CHECK_INT(r, -EBADMSG);
	CHECK_STR(e.code, "state_unreadable");
	CHECK(!d && strstr(e.detail, want));
}

TEST(a_file_that_is_no_database_is_unreadable_and_kept)
{
	static const char text[] = "this is not a database, but long enough to be taken for one: "
				   "at least a hundred bytes of something that is not its header";
	char path[64], back[sizeof(text)] = { 0 };
	int fd;

	make_directory();
	(void)snprintf(path, sizeof(path), "%s/lvsd.db", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, text, sizeof(text)) == sizeof(text) && close(fd) == 0);
	check_unreadable("lvsd.db");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, back, sizeof(back)) == sizeof(back) && close(fd) == 0);
	CHECK_STR(back, text);
	remove_directory();
}

/* Makes a store with one service, then runs text on it. */
static void damage(const char *text)
{
	struct ipvs_service_key key = random_service_key(0);
	struct service *fresh = service_new(&key);
	struct real_server rs = { .revision = 1 };
	struct desired *d, *next;
	struct store *s;

	make_directory();
	s = open_store(directory);
	d = load(s);
	next = desired_copy(d);
	random_dest(&fresh->spec, 0, &rs.dest);
	CHECK_INT(vec_push(&fresh->real_servers, rs), 0);
	CHECK_INT(desired_put(next, fresh), 0);
	save(s, d, next);
	execute(s, text);
	desired_unref(d);
	desired_unref(next);
	store_close(s);
}

TEST(what_is_wrong_is_named)
{
	static const char *const cases[][2] = {
		{ "PRAGMA user_version=3", "format 3" },
		{ "PRAGMA user_version=0", "format 0" },
		{ "DROP TABLE tombstone", "tombstone" },
		{ "UPDATE service SET json='{'", "tcp:192.0.0.1:80" },
		{ "UPDATE service SET json='[]'", "tcp:192.0.0.1:80" },
		{ "UPDATE service SET json='{\"scheduler\":\"x\"}'",
		  "tcp:192.0.0.1:80: /scheduler" },
		{ "UPDATE service SET id='nonsense'", "nonsense" },
		{ "UPDATE real_server SET json='{\"weight\":-1}'", "10.0.0.1:80: /weight" },
		{ "UPDATE real_server SET json=x'00'", "10.0.0.1:80" },
		{ "UPDATE real_server SET id='10.0.0.1'", "'10.0.0.1'" },
		{ "UPDATE real_server SET service=9", "10.0.0.1:80' has no service" },
		{ "INSERT INTO tombstone VALUES('service','x')", "tombstone 'x'" },
		{ "INSERT INTO ownership VALUES('service','fwm:1','mine')",
		  "unknown class 'mine'" },
		{ "INSERT INTO ownership VALUES('service','fwm:0','foreign')", "claim 'fwm:0'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		damage(cases[i][0]);
		check_unreadable(cases[i][1]);
		remove_directory();
	}
}

TEST(one_service_under_two_spellings_is_damage)
{
	damage("INSERT INTO service SELECT row+1, 'TCP:192.0.0.1:80', json, revision, generation,"
	       " created, updated FROM service");
	check_unreadable("tcp:192.0.0.1:80' stands twice");
	remove_directory();
}

/* Equal texts are parsed once, but judged where they stand. */
TEST(a_text_that_is_right_in_one_place_is_wrong_in_another)
{
	damage("UPDATE real_server SET json='{\"weight\":3,\"forward\":\"dr\"}', id='10.0.0.1:80';"
	       "INSERT INTO real_server SELECT service, '10.0.0.2:80', json, 1 FROM real_server;");
	{
		struct store *s = open_store(directory);
		struct desired *d = load(s);
		const struct service *service = d->services.items[0];

		CHECK_INT(service->real_servers.n, 2);
		CHECK_INT(service->real_servers.cap, 2);
		CHECK_INT(service->real_servers.items[1].dest.weight, 3);
		CHECK_INT(d->n_real_servers, 2);
		execute(s, "UPDATE real_server SET id='10.0.0.2:81' WHERE id='10.0.0.2:80'");
		desired_unref(d);
		store_close(s);
	}
	check_unreadable("10.0.0.2:81: ");
	remove_directory();
}

/* Failure -------------------------------------------------------------------------------------- */

TEST(a_full_disk_stores_nothing_and_a_later_commit_works)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct desired *d, *next, *loaded;
	struct store *s;

	make_directory();
	s = open_store(directory);
	d = load(s);
	d->revision = 100;
	save(s, d, d);
	next = desired_copy(d);
	next->revision++;
	for (int i = 0; i < 400; i++) {
		struct ipvs_service_key key = random_service_key(0);
		struct service *fresh;

		key.port = (uint16_t)(1000 + i);
		fresh = service_new(&key);
		fresh->meta.owner = strdup("somebody with a long name, so that pages fill up soon");
		CHECK_INT(desired_put(next, fresh), 0);
	}
	execute(s, "PRAGMA max_page_count=1"); /* no more than there are now */
	CHECK_INT(store_commit(s, d, next, NULL, 0, &e), -EIO);
	CHECK_STR(e.code, "storage_failed");
	printf("# %s\n", e.detail);
	loaded = load(s);
	CHECK(loaded->revision == 100 && loaded->services.n == 0);
	desired_unref(loaded);
	execute(s, "PRAGMA max_page_count=100000");
	save(s, d, next);
	store_close(s);
	s = open_store(directory);
	loaded = load(s);
	check_same_state(next, loaded);
	desired_unref(loaded);
	desired_unref(next);
	desired_unref(d);
	store_close(s);
	remove_directory();
}

/* History -------------------------------------------------------------------------------------- */

static int64_t query(struct store *s, const char *text)
{
	sqlite3_stmt *q = NULL;
	int64_t v = -1;

	CHECK_INT(sqlite3_prepare_v2(s->db, text, -1, &q, NULL), SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

TEST(history_is_kept_and_trimmed)
{
	static char actor[] = "me", request[] = "id", action[] = "PUT";
	struct store *s = open_store(":memory:");
	_cleanup_(desired_unrefp) struct desired *d = load(s), *next = desired_copy(d);

	next->revision = 0;
	for (int i = 0; i < 700; i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct history_entry h[3];

		for (int j = 0; j < 3; j++)
			h[j] = (struct history_entry){ ++next->revision, 5, actor, request,
						       action };
		CHECK_INT(store_commit(s, d, next, h, 3, &e), 0);
		CHECK(query(s, "SELECT count(*) FROM history") <= 1000 + 64 + 3);
	}
	CHECK(query(s, "SELECT count(*) FROM history") >= 1000);
	CHECK_INT(query(s, "SELECT max(revision) FROM history"), 2100);
	CHECK_INT(query(s, "SELECT count(*) FROM history WHERE actor='me' AND request='id'"
			   " AND action='PUT' AND time=5"),
		  query(s, "SELECT count(*) FROM history"));
	store_close(s);
}

TEST(the_file_is_nobody_elses)
{
	mode_t mask = umask(0077); /* as main sets it */
	struct store *s;
	struct stat st;
	char path[64];

	make_directory();
	CHECK_INT(rmdir(directory), 0);
	s = open_store(directory); /* makes it */
	CHECK(stat(directory, &st) == 0 && (st.st_mode & 0777) == 0700);
	(void)snprintf(path, sizeof(path), "%s/lvsd.db", directory);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0077) == 0);
	store_close(s);
	(void)umask(mask);
	remove_directory();
}
