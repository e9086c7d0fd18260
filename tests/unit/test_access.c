/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/access.c, secret_file.c and the settings behind them: which files are taken, and
 * what goes together. Real certificates are in tests/contract/tls.js. */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "secret_file.h"
#include "test.h"
#include "tokens.h"

#define LINE "ci operator 8766b9cb08e6040b704f1e3ee1e186efccf2635b1d2634d6525333007e6aeae1\n"

struct fixture {
	char dir[32], path[64];
	struct options o;
	struct err e;
};

static void put(const struct fixture *f, const char *text, mode_t mode)
{
	int fd;

	(void)unlink(f->path);
	fd = open(f->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK_INT(fchmod(fd, mode), 0);
	close(fd);
}

static void start(struct fixture *f)
{
	*f = (struct fixture){ .dir = "/tmp/lvsd-test-XXXXXX" };
	CHECK(mkdtemp(f->dir) != NULL);
	(void)snprintf(f->path, sizeof(f->path), "%s/file", f->dir);
	put(f, LINE, 0600);
}

static void stop(struct fixture *f)
{
	(void)unlink(f->path);
	CHECK_INT(rmdir(f->dir), 0);
	err_done(&f->e);
}

static int look(struct fixture *f, const char *path, enum secret_kind kind)
{
	char *text = NULL;
	size_t len = 0;
	int r;

	err_done(&f->e);
	r = secret_file_read(path, kind, &text, &len, &f->e);
	if (r == 0)
		CHECK(len == strlen(LINE) && streq(text, LINE));
	else
		CHECK(f->e.code && strstr(f->e.detail, path));
	secret_file_free(text, len);
	return r;
}

TEST(takes_files_that_nobody_else_may_read_or_write)
{
	static const struct {
		mode_t mode;
		int secret, public;
	} cases[] = {
		{ 0600, 0, 0 },		  { 0400, 0, 0 },	    { 0640, 0, 0 },
		{ 0440, 0, 0 },		  { 0644, -EPERM, 0 },	    { 0604, -EPERM, 0 },
		{ 0660, -EPERM, -EPERM }, { 0620, -EPERM, -EPERM }, { 0602, -EPERM, -EPERM },
		{ 0666, -EPERM, -EPERM },
	};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		printf("# mode %03o\n", cases[i].mode);
		put(&f, LINE, cases[i].mode);
		CHECK_INT(look(&f, f.path, SECRET_FILE), cases[i].secret);
		CHECK_INT(look(&f, f.path, PUBLIC_FILE), cases[i].public);
	}
	stop(&f);
}

TEST(takes_files_of_root_and_of_the_daemon_only)
{
	struct fixture f;

	start(&f);
	if (geteuid() == 0) { /* nobody else may give a file away */
		CHECK_INT(chown(f.path, 65534, 0), 0);
		CHECK_INT(look(&f, f.path, SECRET_FILE), -EPERM);
		CHECK_INT(look(&f, f.path, PUBLIC_FILE), -EPERM);
		CHECK(strstr(f.e.detail, "belongs to user 65534"));
		CHECK_INT(chown(f.path, 0, 65534), 0);
	}
	CHECK_INT(look(&f, f.path, SECRET_FILE), 0);
	stop(&f);
}

TEST(takes_no_directory_and_nothing_endless)
{
	struct fixture f;

	start(&f);
	CHECK_INT(look(&f, f.dir, SECRET_FILE), -EPERM);
	CHECK(strstr(f.e.detail, "not a regular file"));
	CHECK_INT(look(&f, "/dev/zero", SECRET_FILE), -EPERM);
	CHECK_INT(look(&f, "/nonexistent/tokens", SECRET_FILE), -ENOENT);
	CHECK_INT(unlink(f.path), 0);
	CHECK_INT(mkfifo(f.path, 0600), 0);
	CHECK_INT(look(&f, f.path, SECRET_FILE), -EPERM);
	put(&f, LINE, 0600);
	CHECK_INT(truncate(f.path, SECRET_FILE_MAX + 1), 0);
	CHECK_INT(look(&f, f.path, SECRET_FILE), -EFBIG);
	stop(&f);
}

static int load(struct fixture *f, struct httpd_access **ret)
{
	err_done(&f->e);
	*ret = NULL;
	return access_load(&f->o, ret, &f->e);
}

TEST(loads_tokens_and_says_what_is_wrong_with_them)
{
	struct httpd_access *a;
	struct fixture f;

	start(&f);
	CHECK_INT(load(&f, &a), 0);
	CHECK(!a->tokens && !a->certificate && !a->client_ca && a->hosts.n == 0);
	httpd_access_free(a);
	(void)snprintf(f.o.tokens, sizeof(f.o.tokens), "%s", f.path);
	(void)snprintf(f.o.tcp_host[f.o.n_tcp_host++], OPTIONS_MAX_PATH, "director.example");
	CHECK_INT(load(&f, &a), 0);
	CHECK_STR(tokens_at(a->tokens, 0)->id, "ci");
	CHECK_STR(a->hosts.items[0], "director.example");
	httpd_access_free(a);
	put(&f, LINE "\nci reader\n", 0600);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(!a && strstr(f.e.detail, f.path) && strstr(f.e.detail, "line 3: "));
	put(&f, "", 0600);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "there is no token"));
	put(&f, LINE, 0644);
	CHECK_INT(load(&f, &a), -EPERM);
	CHECK(strstr(f.e.detail, "chmod o-r"));
	stop(&f);
}

TEST(tls_needs_certificate_and_key_and_pem)
{
	struct httpd_access *a;
	struct fixture f;

	start(&f);
	(void)snprintf(f.o.tls_client_ca, sizeof(f.o.tls_client_ca), "%s", f.path);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "tls-client-ca: needs"));
	(void)snprintf(f.o.tls_certificate, sizeof(f.o.tls_certificate), "%s", f.path);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "one needs the other"));
	(void)snprintf(f.o.tls_key, sizeof(f.o.tls_key), "%s", f.path);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "tls-client-ca: "));
	*f.o.tls_client_ca = '\0';
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "tls-certificate and tls-key: "));
	put(&f, "", 0600);
	CHECK_INT(load(&f, &a), -EINVAL);
	CHECK(strstr(f.e.detail, "no PEM file"));
	stop(&f);
}

TEST(beyond_loopback_needs_tls_and_somebody_to_ask)
{
	static const struct {
		const char *certificate, *key, *ca, *tokens;
		bool beyond;
	} cases[] = {
		{ "", "", "", "", false },    { "c", "k", "", "", false },
		{ "", "", "", "t", false },   { "", "", "a", "t", false },
		{ "c", "", "a", "t", false }, { "", "k", "", "t", false },
		{ "c", "k", "a", "", true },  { "c", "k", "", "t", true },
		{ "c", "k", "a", "t", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options o = { 0 };

		printf("# case %zu\n", i);
		(void)snprintf(o.tls_certificate, 2, "%s", cases[i].certificate);
		(void)snprintf(o.tls_key, 2, "%s", cases[i].key);
		(void)snprintf(o.tls_client_ca, 2, "%s", cases[i].ca);
		(void)snprintf(o.tokens, 2, "%s", cases[i].tokens);
		CHECK_INT(access_reaches_beyond_loopback(&o), cases[i].beyond);
	}
}

static int parse_options(struct fixture *f, const char *const *given)
{
	char *argv[16] = { (char[]){ "lvsd" }, (char[]){ "--config" }, f->path };
	int n = 3;

	for (; *given; given++)
		argv[n++] = strdup(*given);
	err_done(&f->e);
	n = options_parse(n, argv, &f->o, &f->e);
	for (int i = 3; argv[i]; i++)
		free(argv[i]);
	return n;
}

TEST(settings_come_from_the_file_and_the_command_line)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = { "--tcp-host", "192.0.2.7",	   "--tls-client-role",
					    "reader",	  "--tokens=/t/2", NULL };
	static const char *const bad[][3] = {
		{ "--tcp-host", "[::1]" },   { "--tcp-host", "a.example:80" },
		{ "--tcp-host", "a b" },     { "--tls-client-role", "root" },
		{ "--tls-client-role", "" }, { "--tokens", "" },
	};
	struct fixture f;

	start(&f);
	put(&f,
	    "[lvsd]\ntokens = /t/1\ntls-certificate = /t/c\ntls-key = /t/k\ntls-client-ca = /t/ca\n"
	    "tcp-host = director.example\ntcp-host = 2001:db8::7\n",
	    0600);
	CHECK_INT(parse_options(&f, none), 0);
	CHECK_STR(f.o.tokens, "/t/1");
	CHECK_STR(f.o.tls_certificate, "/t/c");
	CHECK_STR(f.o.tls_key, "/t/k");
	CHECK_STR(f.o.tls_client_ca, "/t/ca");
	CHECK_INT(f.o.tls_client_role, ROLE_ADMIN);
	CHECK_INT(f.o.n_tcp_host, 2);
	CHECK_STR(f.o.tcp_host[1], "2001:db8::7");
	CHECK_INT(parse_options(&f, some), 0);
	CHECK_STR(f.o.tokens, "/t/2");
	CHECK_INT(f.o.tls_client_role, ROLE_READER);
	CHECK_INT(f.o.n_tcp_host, 1);
	CHECK_STR(f.o.tcp_host[0], "192.0.2.7");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		printf("# bad %zu\n", i);
		CHECK_INT(parse_options(&f, bad[i]), -EINVAL);
		CHECK(strstr(f.e.detail, bad[i][0] + 2));
	}
	stop(&f);
}

TEST(settings_of_metrics)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = { "--metrics-label=team", "--metrics-label", "app/tier",
					    "--metrics-cpu-share=100", NULL };
	static const char *const bad[][4] = {
		{ "--metrics-cpu-share", "0" },
		{ "--metrics-cpu-share", "101" },
		{ "--metrics-cpu-share", "2%" },
		{ "--metrics-real-servers", "yes" },
		{ "--metrics-label=a.b", "--metrics-label=a-b" }, /* both would be label_a_b */
		{ "--metrics-label=a", "--metrics-label=a" },
		{ "--metrics-label", "" },
	};
	struct fixture f;

	start(&f);
	put(&f, "metrics-real-servers = off\nmetrics-label = x\n", 0600);
	CHECK_INT(parse_options(&f, none), 0);
	CHECK(f.o.metrics.no_real_servers);
	CHECK_INT(f.o.metrics.n_labels, 1);
	CHECK_INT(f.o.metrics_cpu_share, 2);
	CHECK_INT(parse_options(&f, some), 0);
	CHECK_INT(f.o.metrics.n_labels, 2);
	CHECK_STR(f.o.metrics.labels[1], "app/tier");
	CHECK_INT(f.o.metrics_cpu_share, 100);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		printf("# bad %zu\n", i);
		CHECK_INT(parse_options(&f, bad[i]), -EINVAL);
		CHECK(strstr(f.e.detail, "metrics-"));
	}
	stop(&f);
}
