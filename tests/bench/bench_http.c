/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the daemon, timed.
 *
 *   bench-http SOCKET request METHOD PATH [BODY-FILE|- [ANSWER-FILE]]
 *       prints "STATUS US"
 *   bench-http SOCKET weights CLIENTS CHANGES SERVICES DESTS
 *       single weight changes by so many keep-alive clients, all different ones; prints "MEDIAN-US
 *       PER-SECOND"
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench_util.h"
#include "http_client.h"
#include "objects.h"

#define CLIENTS_MAX 64

struct weigher {
	struct http *http[CLIENTS_MAX];
	int64_t sent[CLIENTS_MAX];
	unsigned services, dests;
	unsigned base; /* so that no weight is one of an earlier run's */
	unsigned next, answered, wanted;
	int64_t *took;
};

/* The whole file, every page of it touched. */
static char *read_file(const char *name, size_t *ret_len)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t at = 0;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", name);
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		err(1, "memory");
	while (at < (size_t)st.st_size) {
		ssize_t n = read(fd, text + at, (size_t)st.st_size - at);

		if (n <= 0)
			err(1, "%s", name);
		at += (size_t)n;
	}
	(void)close(fd);
	*ret_len = at;
	return text;
}

static void request(const char *socket, int argc, char **argv)
{
	struct http *h = http_open(socket);
	const char *body_file = argc > 2 && strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	FILE *out = argc > 3 ? fopen(argv[3], "we") : NULL;
	char *body = NULL;
	size_t len = 0;
	int64_t began;
	int status;

	if (!h)
		exit(1);
	if (argc > 3 && !out)
		err(1, "%s", argv[3]);
	if (body_file)
		body = read_file(body_file, &len);
	began = now_us();
	http_send(h, argv[0], argv[1], body, len);
	status = http_receive(h, out);
	printf("%d %" PRId64 "\n", status, now_us() - began);
	free(body);
	if (out && fclose(out) != 0)
		err(1, "%s", argv[3]);
	http_close(h);
}

static void send_weight(struct weigher *w, unsigned client)
{
	unsigned i = w->next % w->services, j = w->next / w->services % w->dests;
	uint32_t v = object_vip(i), r = object_rip(i, j);
	char path[160], body[16];
	int n;

	(void)snprintf(path, sizeof(path),
		       "/v1/services/tcp:%u.%u.%u.%u:%d/real-servers/%u.%u.%u.%u:%d/weight?wait=60",
		       v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255, OBJECT_PORT, r >> 24,
		       r >> 16 & 255, r >> 8 & 255, r & 255, OBJECT_PORT);
	n = snprintf(body, sizeof(body), "%u", w->base + w->next);
	w->next++;
	w->sent[client] = now_us();
	http_send(w->http[client], "PUT", path, body, (size_t)n);
}

static void take_answer(struct weigher *w, unsigned client)
{
	int status = http_receive(w->http[client], NULL);

	if (status != 200)
		errx(1, "a weight is answered with %d", status);
	w->took[w->answered++] = now_us() - w->sent[client];
	if (w->next < w->wanted)
		send_weight(w, client);
}

static void weights(const char *socket, unsigned clients, struct weigher *w)
{
	struct pollfd fds[CLIENTS_MAX];
	int64_t began;

	if (clients > CLIENTS_MAX || clients > w->wanted)
		errx(2, "at most %d clients", CLIENTS_MAX);
	w->took = times_new(w->wanted);
	w->base = (unsigned)(now_us() % 1000000000) + 1000;
	for (unsigned c = 0; c < clients; c++) {
		w->http[c] = http_open(socket);
		if (!w->http[c])
			exit(1);
		fds[c] = (struct pollfd){ .fd = w->http[c]->fd, .events = POLLIN };
	}
	began = now_us();
	for (unsigned c = 0; c < clients; c++)
		send_weight(w, c);
	while (w->answered < w->wanted) {
		if (poll(fds, clients, 60000) <= 0)
			errx(1, "no answer within a minute");
		for (unsigned c = 0; c < clients; c++)
			if (fds[c].revents)
				take_answer(w, c);
	}
	began = now_us() - began;
	printf("%" PRId64 " %" PRId64 "\n", median(w->took, w->wanted),
	       (int64_t)w->wanted * 1000000 / (began ? began : 1));
	for (unsigned c = 0; c < clients; c++)
		http_close(w->http[c]);
	free(w->took);
}

int main(int argc, char **argv)
{
	static struct weigher w;

	if (argc >= 5 && argc <= 7 && strcmp(argv[2], "request") == 0) {
		request(argv[1], argc - 3, argv + 3);
	} else if (argc == 7 && strcmp(argv[2], "weights") == 0) {
		w.wanted = number(argv[4]);
		w.services = number(argv[5]);
		w.dests = number(argv[6]);
		weights(argv[1], number(argv[3]), &w);
	} else {
		errx(2, "SOCKET request METHOD PATH [BODY-FILE|- [ANSWER-FILE]], or "
			"SOCKET weights CLIENTS CHANGES SERVICES DESTS");
	}
	return 0;
}
