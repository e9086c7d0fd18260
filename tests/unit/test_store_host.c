/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of core/store.c and store_memory.c: files of an older format, declared objects of the
 * host's side, and what is remembered of the host. */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "declared_json.h"
#include "store_sql.h"
#include "test.h"

static char directory[32], path[64];

static void make_directory(void)
{
	(void)snprintf(directory, sizeof(directory), "/tmp/lvsd-test-XXXXXX");
	CHECK(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/lvsd.db", directory);
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

static void execute(sqlite3 *db, const char *text)
{
	CHECK_INT(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t number(struct store *s, const char *query)
{
	int64_t v = -1;

	CHECK_INT(store_query_int(s, query, -1, &v), 0);
	return v;
}

/* Formats -------------------------------------------------------------------------------------- */

/* As the first version wrote it, with a service, a tombstone and a policy. */
static const char format_1[] =
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
	"INSERT INTO service VALUES(1,'tcp:192.0.2.1:80','{\"scheduler\":\"rr\"}',77,3,1,2);"
	"INSERT INTO real_server VALUES(1,'10.0.0.1:80','{\"weight\":7}',77);"
	"INSERT INTO object VALUES('policy','','{\"maxDeletePercent\":60}',76);"
	"INSERT INTO tombstone VALUES('service','udp:192.0.2.1:53');"
	"INSERT INTO setting VALUES('revision',78);"
	"PRAGMA user_version=1;";

static void make_format_1(const char *more)
{
	sqlite3 *db = NULL;

	make_directory();
	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	execute(db, format_1);
	execute(db, more);
	CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

TEST(a_file_of_the_first_format_is_read_and_written_on)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct desired *d = NULL;
	struct store *s;

	make_format_1("");
	s = open_store(directory);
	CHECK_INT(number(s, "PRAGMA user_version"), 2);
	CHECK_INT(store_load(s, &d, &e), 0);
	CHECK_INT(d->revision, 78);
	CHECK_INT(d->services.n, 1);
	CHECK_INT(d->services.items[0]->real_servers.items[0].dest.weight, 7);
	CHECK_INT(d->policy.max_delete_percent, 60);
	CHECK_INT(d->tombstones.n, 1);
	CHECK_INT(store_commit(s, d, d, NULL, 0, &e), 0);
	desired_unref(d);
	store_close(s);
	s = open_store(directory); /* now of the present format */
	CHECK_INT(number(s, "SELECT count(*) FROM service"), 1);
	CHECK_INT(number(s, "SELECT count(*) FROM memory"), 0);
	store_close(s);
	remove_directory();
}

TEST(an_upgrade_that_fails_changes_nothing)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct store *s = NULL;
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;

	/* The second statement of the step fails, when the first has been run. */
	make_format_1("CREATE TABLE memory(x);");
	CHECK_INT(store_open(directory, &s, &e), -EBADMSG);
	CHECK_STR(e.code, "state_unreadable");
	CHECK(!s);
	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db,
				     "SELECT user_version, (SELECT count(*) FROM sqlite_schema"
				     " WHERE name='declared') FROM pragma_user_version",
				     -1, &q, NULL),
		  SQLITE_OK);
	CHECK_INT(sqlite3_step(q), SQLITE_ROW);
	CHECK_INT(sqlite3_column_int(q, 0), 1);
	CHECK_INT(sqlite3_column_int(q, 1), 0);
	sqlite3_finalize(q);
	CHECK_INT(sqlite3_close(db), SQLITE_OK);
	remove_directory();
}

/* Declared objects ----------------------------------------------------------------------------- */

static void declare(struct desired *d, enum declared_kind kind, const char *id, const char *body)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct declared_key key;
	struct declared *o = NULL;
	const char *why;
	json_t *json = json_loads(body, 0, NULL);

	CHECK_INT(declared_key_parse(kind, id, &key, &why), 0);
	CHECK_INT(declared_decode(json, &key, NULL, DECODE_PUT, NULL, &o, &e), 0);
	json_decref(json);
	o->meta.revision = 5;
	o->meta.generation = 2;
	o->meta.created = 10;
	o->meta.updated = 20;
	CHECK_INT(declared_put(&d->declared, o), 0);
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

static void check_same(const struct desired *a, const struct desired *b)
{
	CHECK_INT(a->declared.n, b->declared.n);
	for (size_t i = 0; i < a->declared.n; i++) {
		const struct declared *x = a->declared.items[i], *y = b->declared.items[i];

		CHECK(declared_same(x, y));
		CHECK(x->meta.revision == y->meta.revision &&
		      x->meta.generation == y->meta.generation &&
		      x->meta.created == y->meta.created && x->meta.updated == y->meta.updated);
	}
}

TEST(declared_objects_come_back_and_only_what_differs_is_written)
{
	static const struct declared_key role = { .kind = DECLARED_REAL_SERVER };
	_cleanup_(err_done) struct err e = { 0 };
	struct desired *d, *next, *back;
	struct store *s;
	int before;

	make_directory();
	s = open_store(directory);
	d = load(s);
	next = desired_copy(d);
	declare(next, DECLARED_VIP, "192.0.2.10",
		"{\"interface\":\"eth0\",\"label\":\"eth0:1\",\"metadata\":{\"owner\":\"a\"}}");
	declare(next, DECLARED_VIP, "2001:db8::10", "{\"interface\":\"lo\"}");
	declare(next, DECLARED_REAL_SERVER, "", "{\"mode\":\"tun\",\"vips\":{\"192.0.2.9\":{}}}");
	declare(next, DECLARED_DIRECTOR, "",
		"{\"sendRedirects\":false,\"ipvs\":{\"conntrack\":1}}");
	declare(next, DECLARED_SYSCTL, "net.ipv4.conf.eth0/1.arp_ignore", "{\"value\":1}");
	CHECK_INT(store_commit(s, d, next, NULL, 0, &e), 0);
	store_close(s);
	s = open_store(directory);
	back = load(s);
	check_same(next, back);
	desired_unref(back);
	desired_unref(d);
	d = desired_copy(next);
	CHECK(declared_remove(&d->declared, &role));
	declare(d, DECLARED_VIP, "2001:db8::10", "{\"interface\":\"eth1\"}");
	before = sqlite3_total_changes(s->db);
	CHECK_INT(store_commit(s, next, d, NULL, 0, &e), 0);
	CHECK_INT(sqlite3_total_changes(s->db) - before, 3); /* role, VIP, revision */
	back = load(s);
	check_same(d, back);
	desired_unref(back);
	desired_unref(d);
	desired_unref(next);
	store_close(s);
	remove_directory();
}

TEST(a_declared_object_that_cannot_be_read_is_named)
{
	static const char *const cases[][2] = {
		{ "'vip','192.0.2.1','{}'", "192.0.2.1: /interface" },
		{ "'vip','192.0.2.01','{\"interface\":\"lo\"}'", "192.0.2.01" },
		{ "'vip','2001:DB8::1','{\"interface\":\"lo\"}'", "2001:DB8::1" },
		{ "'role','master','{}'", "role 'master'" },
		{ "'sysctl','kernel.panic','{\"value\":\"1\"}'", "kernel.panic" },
		{ "'vlan','1','{}'", "vlan '1'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct store *s = open_store(":memory:");
		struct desired *d = NULL;
		char text[200];

		(void)snprintf(text, sizeof(text), "INSERT INTO declared VALUES(%s,1,1,1,1)",
			       cases[i][0]);
		execute(s->db, text);
		CHECK_INT(store_load(s, &d, &e), -EBADMSG);
		printf("# %s\n", e.detail);
		CHECK_STR(e.code, "state_unreadable");
		CHECK(strstr(e.detail, cases[i][1]));
		store_close(s);
	}
}

/* Memory --------------------------------------------------------------------------------------- */

static void parse(const char *kind, const char *id, const char *value, netcfg_memo_vec *into)
{
	struct netcfg_memo memo;

	CHECK_INT(netcfg_memo_parse(kind, id, value, &memo), 0);
	CHECK_INT(vec_push(into, memo), 0);
}

static void write_memory(struct store *s, const netcfg_memo_vec *put, const netcfg_memo_vec *drop)
{
	_cleanup_(err_done) struct err e = { 0 };

	CHECK_INT(store_memory_write(s, put, drop, &e), 0);
}

TEST(memory_comes_back_sorted)
{
	static const char *const rows[][3] = {
		{ "address", "192.0.2.10/32@eth0", "ours" },
		{ "address", "2001:db8::10/128@lo", "foreign" },
		{ "fou", "gue:5555", "ours" },
		{ "link", "tunl0", "absent" },
		{ "sysctl", "net.ipv4.conf.all.arp_ignore", "0" },
		{ "sysctl", "net.ipv4.conf.eth0/100.rp_filter", "2" },
	};
	netcfg_memo_vec put = { 0 }, drop = { 0 }, none = { 0 }, back = { 0 };
	_cleanup_(err_done) struct err e = { 0 };
	struct store *s;

	make_directory();
	s = open_store(directory);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		parse(rows[i][0], rows[i][1], rows[i][2], &put);
	write_memory(s, &put, &none);
	put.n = 0;
	parse("link", "tunl0", "up", &put); /* over the one that is there */
	parse("fou", "gue:5555", "ours", &drop);
	parse("fou", "gue:5556", "ours", &drop); /* not there: nothing to do */
	write_memory(s, &put, &drop);
	store_close(s);
	s = open_store(directory);
	CHECK_INT(store_memory_load(s, &back, &e), 0);
	CHECK_INT(back.n, ARRAY_SIZE(rows) - 1);
	for (size_t i = 0; i < back.n; i++)
		CHECK(i == 0 || netcfg_memo_compare(&back.items[i - 1], &back.items[i]) < 0);
	CHECK_INT(netcfg_memory_find(&back, &put.items[0])->class, NETCFG_WAS_UP);
	CHECK(!netcfg_memory_find(&back, &drop.items[0]));
	vec_done(&put);
	vec_done(&drop);
	vec_done(&back);
	store_close(s);
	remove_directory();
}

TEST(memory_that_cannot_be_read_is_named)
{
	_cleanup_(err_done) struct err e = { 0 };
	netcfg_memo_vec back = { 0 };
	struct store *s = open_store(":memory:");

	execute(s->db, "INSERT INTO memory VALUES('sysctl','kernel.panic','1')");
	CHECK_INT(store_memory_load(s, &back, &e), -EBADMSG);
	CHECK_STR(e.code, "state_unreadable");
	CHECK(strstr(e.detail, "kernel.panic"));
	CHECK_INT(back.n, 0);
	store_close(s);
}

TEST(memory_is_written_whole_or_not_at_all)
{
	netcfg_memo_vec put = { 0 }, none = { 0 }, back = { 0 };
	_cleanup_(err_done) struct err e = { 0 }, fine = { 0 };
	struct store *s = open_store(":memory:");

	parse("link", "tunl0", "up", &put);
	parse("link", "tunl1", "up", &put);
	execute(s->db, "CREATE TRIGGER no BEFORE INSERT ON memory WHEN new.id='tunl1'"
		       " BEGIN SELECT raise(ABORT, 'no'); END");
	CHECK_INT(store_memory_write(s, &put, &none, &e), -EIO);
	CHECK_STR(e.code, "storage_failed");
	CHECK_INT(store_memory_load(s, &back, &fine), 0);
	CHECK_INT(back.n, 0);
	execute(s->db, "DROP TRIGGER no");
	write_memory(s, &put, &none); /* it works on */
	CHECK_INT(number(s, "SELECT count(*) FROM memory"), 2);
	vec_done(&put);
	store_close(s);
}
