/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the lab: announces one address on one interface with the daemon's own scheduler, frames and
 * socket, and ends when the burst has.
 *
 *   announce-send [--router] [--count N] [--interval MS] [--seconds N] INTERFACE ADDRESS
 *
 * Prints "ready", then "ANNOUNCEMENTS announcements, FRAMES frames, FAILURES failures (ERRNO)".
 * Exit status: 0 all sent, 1 not in time (10 s, or --seconds), 2 usage, 3 nothing is announced on
 * this interface, 4 not allowed to. It takes the interface for running whether it does or not, so
 * that failures can be seen.
 */
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "netcfg_announce.h"
#include "netcfg_announce_socket.h"
#include "num.h"
#include "util.h"

struct job {
	struct netcfg_announcement what;
	struct netcfg_announce_interface interface;
	unsigned flags, type;
	int64_t seconds;
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Index, MAC address, flags and type of an interface. */
static int look_up(const char *name, struct job *job)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };

	if (fd < 0 || strlen(name) >= IFNAMSIZ)
		return -EINVAL;
	memcpy(request.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	job->interface.ifindex = job->what.ifindex = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	job->flags = (unsigned short)request.ifr_flags;
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	job->type = request.ifr_hwaddr.sa_family;
	memcpy(job->interface.mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	return 0;
}

static bool parse_number(const char *text, uint32_t *ret)
{
	uint64_t value;

	if (num_parse_u64(text, strlen(text), UINT32_MAX, &value) < 0)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static int parse(int argc, char **argv, struct job *job)
{
	static const struct option options[] = {
		{ "router", no_argument, NULL, 'r' },
		{ "count", required_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ "seconds", required_argument, NULL, 's' },
		{ 0 },
	};
	uint32_t seconds = 10;
	bool good = true;
	int option;

	*job = (struct job){ .what = { .count = 1, .interval_ms = 200 },
			     .interface.running = true };
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'r')
			job->interface.router = true;
		else if (option == 'c')
			good = good && parse_number(optarg, &job->what.count);
		else if (option == 'i')
			good = good && parse_number(optarg, &job->what.interval_ms);
		else if (option == 's')
			good = good && parse_number(optarg, &seconds);
		else
			good = false;
	}
	job->seconds = seconds;
	if (!good || argc - optind != 2)
		return -EINVAL;
	if (inaddr_parse(argv[optind + 1], strlen(argv[optind + 1]), &job->what.address) < 0)
		return -EINVAL;
	return look_up(argv[optind], job);
}

static int announce(const struct job *job, int fd)
{
	_cleanup_(netcfg_announce_freep) struct netcfg_announce *a = NULL;
	struct netcfg_announce_stats stats;
	int64_t now = clock_ms(), end = now + job->seconds * 1000, next = now;

	if (netcfg_announce_new(netcfg_announce_socket_send, &fd, &a) < 0 ||
	    netcfg_announce_interface_changed(a, &job->interface, now) < 0 ||
	    netcfg_announce_add(a, &job->what, now) < 0)
		return 1;
	printf("ready\n");
	fflush(stdout);
	while (now < end && (next = netcfg_announce_run(a, now)) < INT64_MAX) {
		struct timespec pause = { .tv_nsec = 1000000 };

		while (now < next && now < end) {
			nanosleep(&pause, NULL);
			now = clock_ms();
		}
	}
	netcfg_announce_stats(a, &stats);
	printf("%ju announcements, %ju frames, %ju failures (%s)\n", (uintmax_t)stats.announcements,
	       (uintmax_t)stats.frames, (uintmax_t)stats.failures,
	       stats.last_error ? strerrorname_np(-stats.last_error) : "none");
	return next == INT64_MAX ? 0 : 1;
}

int main(int argc, char **argv)
{
	_cleanup_(closep) int fd = -1;
	struct job job;
	int r = parse(argc, argv, &job);

	if (r < 0) {
		fprintf(stderr, "usage, or no such interface: %s\n", strerror(-r));
		return 2;
	}
	if (!netcfg_announce_possible(argv[optind], job.flags, job.type)) {
		printf("not announced on %s\n", argv[optind]);
		return 3;
	}
	fd = netcfg_announce_socket_open();
	if (fd < 0) {
		printf("no socket: %s\n", strerrorname_np(-fd));
		return 4;
	}
	return announce(&job, fd);
}
