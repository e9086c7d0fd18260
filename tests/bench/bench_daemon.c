/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the daemon as systemd would, and says when it was ready and in sync, by what it tells
 * systemd. Real-time priority, so that it looks at once; the daemon does not inherit that.
 *
 *   bench-daemon REPORT PROGRAM [ARGUMENTS…]
 *
 * REPORT (a file or FIFO) gets the lines "ready PID US CPU-US" and, once, "synced PID US CPU-US":
 * µs since the start, and of CPU that the daemon had used. Ends with the daemon, with its status.
 * The daemon gets DAEMON_PRELOAD of the environment as LD_PRELOAD.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_util.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int64_t began;
static pid_t daemon_pid;
static int report;

static int notify_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* In the abstract namespace: nothing to clean up. */
	(void)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "lvsd-bench-%d",
		       (int)getpid());
	if (fd < 0 || bind(fd, (struct sockaddr *)&address,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				       strlen(address.sun_path + 1))) < 0)
		err(1, "notify socket");
	return fd;
}

static void start(char **argv)
{
	const char *preload = getenv("DAEMON_PRELOAD");
	char name[sizeof(address.sun_path)];

	(void)snprintf(name, sizeof(name), "@%s", address.sun_path + 1);
	if (setenv("NOTIFY_SOCKET", name, 1) < 0)
		err(1, "environment");
	began = now_us();
	daemon_pid = fork();
	if (daemon_pid < 0)
		err(1, "fork");
	if (daemon_pid == 0) {
		if (preload && setenv("LD_PRELOAD", preload, 1) < 0)
			err(127, "environment");
		(void)execv(argv[0], argv);
		err(127, "%s", argv[0]);
	}
}

static int64_t cpu_us(void)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(daemon_pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return -1; /* it has ended */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void tell(const char *what)
{
	int64_t cpu = cpu_us();

	if (dprintf(report, "%s %d %" PRId64 " %" PRId64 "\n", what, (int)daemon_pid,
		    now_us() - began, cpu) < 0)
		err(1, "report");
}

static void look(int fd, bool *ready, bool *synced)
{
	char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n < 0)
		return;
	text[n] = '\0';
	if (!*ready && strncmp(text, "STATUS=starting", 15) == 0) {
		*ready = true;
		tell("ready");
	}
	if (!*synced && strncmp(text, "STATUS=in sync", 14) == 0) {
		*synced = true;
		tell("synced");
	}
}

static int follow(int fd)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, daemon_pid, 0), .events = POLLIN },
	};
	bool ready = false, synced = false;
	int status;

	if (fds[1].fd < 0)
		err(1, "pidfd_open");
	do {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			err(1, "poll");
		look(fd, &ready, &synced);
	} while (!(fds[1].revents & POLLIN));
	if (waitpid(daemon_pid, &status, 0) < 0)
		err(1, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const struct sched_param priority = { .sched_priority = 1 };
	int fd;

	if (argc < 3)
		errx(2, "REPORT PROGRAM [ARGUMENTS...]");
	report = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (report < 0)
		err(1, "%s", argv[1]);
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) < 0)
		warn("without real-time priority");
	fd = notify_socket();
	start(argv + 2);
	return follow(fd);
}
