/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's table without the daemon, as fast as it goes. Prints µs, or a count.
 *
 *   bench-kernel write SERVICES DESTS          all objects, in batches of 128 with one
 * acknowledgement bench-kernel read SERVICES DESTS           the list of services, and one GET_DEST
 * dump for each bench-kernel snapshot SERVICES DESTS       the same by getsockopt(): the kernel's
 * own share of a full pass bench-kernel weights SERVICES DESTS TIMES  single weight changes, each
 * acknowledged; the median bench-kernel await SERVICES DESTS SECONDS  until the table has as many;
 * first from nothing to something, then from there to the end bench-kernel count services and real
 * servers bench-kernel clear                         removes them
 */
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "bench_util.h"
#include "ipvs_wire.h"

static unsigned services, dests;

static int64_t write_all(void)
{
	int64_t began = now_us();

	for (unsigned i = 0; i < services; i++) {
		wire_add_service(i);
		for (unsigned j = 0; j < dests; j++)
			wire_add_dest(i, j);
	}
	wire_flush();
	return now_us() - began;
}

static int64_t read_all(void)
{
	int64_t began = now_us();
	unsigned found = wire_dump_services(), servers = 0;

	for (unsigned i = 0; i < services; i++)
		servers += wire_dump_dests(i);
	if (found != services || servers != services * dests)
		errx(1, "there are %u services with %u real servers", found, servers);
	return now_us() - began;
}

static int64_t weights(unsigned times)
{
	int64_t *took = times_new(times), began;

	for (unsigned k = 0; k < times; k++) {
		began = now_us();
		wire_set_weight(k % services, k / services % dests, 1000 + k);
		wire_flush();
		took[k] = now_us() - began;
	}
	return median(took, times);
}

/* The services of the namespace with their numbers of real servers, by getsockopt(). */
static struct ip_vs_get_services *list(int fd)
{
	struct ip_vs_getinfo info;
	struct ip_vs_get_services *all;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_IP, IP_VS_SO_GET_INFO, &info, &len) < 0)
		err(1, "IP_VS_SO_GET_INFO");
	len = (socklen_t)(sizeof(*all) + info.num_services * sizeof(*all->entrytable));
	all = calloc(1, len);
	if (!all)
		err(1, "memory");
	all->num_services = info.num_services;
	if (getsockopt(fd, IPPROTO_IP, IP_VS_SO_GET_SERVICES, all, &len) < 0)
		err(1, "IP_VS_SO_GET_SERVICES");
	return all;
}

static int sockopt_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static unsigned count_dests(int fd, unsigned *ret_services)
{
	struct ip_vs_get_services *all = list(fd);
	unsigned n = 0;

	for (unsigned i = 0; i < all->num_services; i++)
		n += all->entrytable[i].num_dests;
	*ret_services = all->num_services;
	free(all);
	return n;
}

static int64_t snapshot(void)
{
	size_t room = sizeof(struct ip_vs_get_dests) + dests * sizeof(struct ip_vs_dest_entry);
	struct ip_vs_get_dests *some = calloc(1, room);
	struct ip_vs_get_services *all;
	int64_t began = now_us();
	int fd = sockopt_socket();

	if (!some)
		err(1, "memory");
	(void)wire_dump_services();
	all = list(fd);
	for (unsigned i = 0; i < all->num_services; i++) {
		const struct ip_vs_service_entry *s = &all->entrytable[i];
		socklen_t len = (socklen_t)room;

		some->protocol = s->protocol;
		some->addr = s->addr;
		some->port = s->port;
		some->fwmark = s->fwmark;
		some->num_dests = dests;
		if (getsockopt(fd, IPPROTO_IP, IP_VS_SO_GET_DESTS, some, &len) < 0)
			err(1, "IP_VS_SO_GET_DESTS");
	}
	free(all);
	free(some);
	return now_us() - began;
}

/* Looks every 50 ms: a look holds the mutex of those who write. */
static void await(unsigned seconds)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int64_t began = now_us(), first = 0;
	unsigned n, found;
	int fd = sockopt_socket();

	do {
		n = count_dests(fd, &found);
		if (found && !first)
			first = now_us();
		if (n == services * dests) {
			printf("%" PRId64 " %" PRId64 "\n", first - began, now_us() - first);
			return;
		}
		(void)nanosleep(&pause, NULL);
	} while (now_us() - began < (int64_t)seconds * 1000000);
	errx(1, "after %u s there are %u services with %u real servers", seconds, found, n);
}

static void run(int argc, char **argv)
{
	const char *what = argv[1];
	unsigned found, n;

	if (argc >= 4) {
		services = number(argv[2]);
		dests = number(argv[3]);
	}
	if (argc == 2 && strcmp(what, "count") == 0) {
		n = count_dests(sockopt_socket(), &found);
		printf("%u %u\n", found, n);
	} else if (argc == 2 && strcmp(what, "clear") == 0) {
		wire_clear();
	} else if (argc == 4 && strcmp(what, "write") == 0) {
		printf("%" PRId64 "\n", write_all());
	} else if (argc == 4 && strcmp(what, "read") == 0) {
		printf("%" PRId64 "\n", read_all());
	} else if (argc == 4 && strcmp(what, "snapshot") == 0) {
		printf("%" PRId64 "\n", snapshot());
	} else if (argc == 5 && strcmp(what, "weights") == 0) {
		printf("%" PRId64 "\n", weights(number(argv[4])));
	} else if (argc == 5 && strcmp(what, "await") == 0) {
		await(number(argv[4]));
	} else {
		errx(2, "write|read|snapshot SERVICES DESTS, weights|await SERVICES DESTS N, "
			"count, clear");
	}
}

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "what?");
	wire_open();
	run(argc, argv);
	return 0;
}
