/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of agent/listen.c: what is opened, what is replaced, what is refused. */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "test.h"
#include "util.h"

struct fixture {
	struct listen_set set;
	struct err e;
	char dir[32], path[64];
};

static void start(struct fixture *f)
{
	log_set_level(LOG_LEVEL_WARNING);
	*f = (struct fixture){ .dir = "/tmp/lvsd-test-XXXXXX" };
	CHECK(mkdtemp(f->dir) != NULL);
	(void)snprintf(f->path, sizeof(f->path), "%s/admin.sock", f->dir);
}

static void stop(struct fixture *f)
{
	char other[64];

	listen_done(&f->set);
	err_done(&f->e);
	(void)snprintf(other, sizeof(other), "%s/readonly.sock", f->dir);
	(void)unlink(f->path);
	(void)unlink(other);
	CHECK_INT(rmdir(f->dir), 0);
}

TEST(opens_both_unix_sockets)
{
	struct fixture f;
	struct stat st;

	start(&f);
	CHECK_INT(listen_unix(&f.set, f.dir, &f.e), 0);
	CHECK_INT(f.set.n, 2);
	CHECK_INT(f.set.sockets[0].kind, LISTEN_ADMIN);
	CHECK_INT(f.set.sockets[1].kind, LISTEN_READONLY);
	CHECK_INT(lstat(f.path, &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_INT(st.st_mode & 07777, 0660);
	CHECK(fcntl(f.set.sockets[0].fd, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(f.set.sockets[0].fd, F_GETFL) & O_NONBLOCK);
	CHECK_INT(listen_unix(&f.set, f.dir, &f.e), 0); /* has both already */
	CHECK_INT(f.set.n, 2);
	stop(&f);
}

TEST(replaces_a_stale_socket_but_not_a_live_one)
{
	struct listen_set second = { 0 };
	struct fixture f;

	start(&f);
	CHECK_INT(listen_unix(&f.set, f.dir, &f.e), 0);
	CHECK_INT(listen_unix(&second, f.dir, &f.e), -EADDRINUSE);
	CHECK(strstr(f.e.detail, "in use"));
	CHECK_INT(second.n, 0);
	listen_done(&f.set); /* as after a crash: the files stay */
	CHECK_INT(access(f.path, F_OK), 0);
	err_done(&f.e);
	CHECK_INT(listen_unix(&f.set, f.dir, &f.e), 0);
	stop(&f);
}

TEST(leaves_alone_what_is_no_socket)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = open(f.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK_INT(listen_unix(&f.set, f.dir, &f.e), -EEXIST);
	CHECK_INT(access(f.path, F_OK), 0);
	stop(&f);
}

TEST(says_what_is_wrong_with_the_directory)
{
	char dir[200];
	struct fixture f;

	start(&f);
	CHECK_INT(listen_unix(&f.set, "/nonexistent", &f.e), -ENOENT);
	memset(dir, 'd', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	err_done(&f.e);
	CHECK_INT(listen_unix(&f.set, dir, &f.e), -ENAMETOOLONG);
	stop(&f);
}

TEST(opens_tcp_beyond_loopback_only_with_tls_and_authentication)
{
	static const struct {
		const char *url;
		int plain, secured;
	} cases[] = {
		{ "tcp://127.0.0.1:0", 0, 0 },
		{ "tcp://127.5.6.7:0", 0, 0 },
		{ "tcp://0.0.0.0:0", -EPERM, 0 },
		{ "tcp://192.0.2.1:80", -EPERM, -EADDRNOTAVAIL },
		{ "tcp://[::]:0", -EPERM, 0 },
		{ "tcp://[2001:db8::1]:80", -EPERM, -EADDRNOTAVAIL },
		{ "tcp://[::ffff:127.0.0.1]:0", -EPERM, -EINVAL },
		{ "tcp://localhost:80", -EINVAL, -EINVAL },
		{ "tcp://127.0.0.1", -EINVAL, -EINVAL },
		{ "tcp://127.0.0.1:", -EINVAL, -EINVAL },
		{ "tcp://127.0.0.1:65536", -EINVAL, -EINVAL },
		{ "tcp://[127.0.0.1]:80", -EINVAL, -EINVAL },
		{ "tcp://::1:80", -EINVAL, -EINVAL },
		{ "tcp://", -EINVAL, -EINVAL },
		{ "tcp:", -EINVAL, -EINVAL },
		{ "udp://127.0.0.1:80", -EINVAL, -EINVAL },
		{ "", -EINVAL, -EINVAL },
	};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const char *url = cases[i / 2].url;
		int want = i % 2 ? cases[i / 2].secured : cases[i / 2].plain;

		f.set.beyond_loopback = i % 2;
		printf("# %s, %s\n", url, i % 2 ? "secured" : "plain");
		err_done(&f.e);
		CHECK_INT(listen_check_tcp(&f.set, url, &f.e),
			  want == -EPERM || cases[i / 2].plain == -EINVAL ? want : 0);
		err_done(&f.e);
		CHECK_INT(listen_tcp(&f.set, url, &f.e), want);
		CHECK(want == 0 || f.e.code);
		CHECK(want != -EPERM || strstr(f.e.detail, "TLS and authentication"));
	}
	CHECK_INT(f.set.n, 6);
	CHECK_INT(f.set.sockets[0].kind, LISTEN_TCP);
	stop(&f);
}

/* What systemd passes in one case. */
struct passed {
	const char *name;
	const char *address; /* IPv4; NULL: a unix socket */
	bool beyond_loopback;
	enum listen_kind kind; /* when it is taken */
};

static int passed_socket(const struct fixture *f, const struct passed *p)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(p->address ? AF_INET : AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", f->path);
	if (p->address && inet_pton(AF_INET, p->address, &in.sin_addr) != 1)
		return -1;
	if (p->address ? bind(fd, (struct sockaddr *)&in, sizeof(in))
		       : bind(fd, (struct sockaddr *)&un, sizeof(un)))
		return -1;
	return listen(fd, 1) < 0 || (fd != 3 && dup2(fd, 3) < 0) ? -1 : 0;
}

/* Runs in a child: systemd's descriptors begin at 3 and its variables are the process's own. */
static int take_from_systemd(const struct fixture *f, const struct passed *p)
{
	struct listen_set set = { .beyond_loopback = p->beyond_loopback };
	struct err e = { 0 };
	char pid[16];
	int r;

	if (passed_socket(f, p) < 0)
		return 100;
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	(void)setenv("LISTEN_FDNAMES", p->name, 1);
	r = listen_from_systemd(&set, &e);
	if (r < 0)
		return e.code ? -r : 102;
	if (set.n != 1 || set.sockets[0].fd != 3 || set.sockets[0].kind != p->kind ||
	    !(fcntl(3, F_GETFL) & O_NONBLOCK) || !(fcntl(3, F_GETFD) & FD_CLOEXEC))
		return 101;
	return 0;
}

static int in_child(const struct fixture *f, const struct passed *p)
{
	int status;
	pid_t pid;

	(void)fflush(stdout);
	(void)unlink(f->path);
	pid = fork();
	if (pid == 0)
		_exit(take_from_systemd(f, p));
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(takes_over_the_sockets_of_systemd)
{
	static const struct {
		struct passed passed;
		int r;
	} cases[] = {
		{ { "readonly", NULL, false, LISTEN_READONLY }, 0 },
		{ { "admin", NULL, false, LISTEN_ADMIN }, 0 },
		{ { "tcp", NULL, true, LISTEN_TCP }, EINVAL },
		{ { "other", NULL, false, LISTEN_ADMIN }, EINVAL },
		{ { "admin", "127.0.0.1", true, LISTEN_ADMIN }, EINVAL },
		{ { "tcp", "127.0.0.1", false, LISTEN_TCP }, 0 },
		{ { "tcp", "0.0.0.0", false, LISTEN_TCP }, EPERM },
		{ { "tcp", "0.0.0.0", true, LISTEN_TCP }, 0 },
	};
	struct fixture f;

	start(&f);
	CHECK_INT(listen_from_systemd(&f.set, &f.e), 0);
	CHECK_INT(f.set.n, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		printf("# case %zu\n", i);
		CHECK_INT(in_child(&f, &cases[i].passed), cases[i].r);
	}
	stop(&f);
}
