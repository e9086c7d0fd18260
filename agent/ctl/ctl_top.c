/* SPDX-License-Identifier: GPL-2.0-or-later */
/* top: the busiest services, again and again. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "ctl_json.h"
#include "ctl_list.h"
#include "ctl_top_screen.h"
#include "ctl_verbs.h"
#include "util.h"
#include "vec.h"

#define PAUSE_MS    200	 /* at least, between two pictures */
#define INTERVAL_MS 2000 /* the kernel's counters are up to 2 s old */
#define ID_MAX	    128	 /* a service and a real server, both IPv6 */

enum { ACTIVE, INACTIVE, CPS, IN_PPS, OUT_PPS, IN_BPS, OUT_BPS, N_VALUES };

struct row {
	char id[ID_MAX];
	long long values[N_VALUES];
};

struct top {
	VEC(struct row) rows;
	bool real_servers; /* shows them, in place of services */
	int sort;	   /* one of the values, or -1: by id */
};

static const struct {
	const char *title;
	char key;
	const char *member; /* of stats */
} columns[N_VALUES] = {
	[ACTIVE] = { "Active", 'a', NULL },
	[INACTIVE] = { "Inactive", 0, NULL },
	[CPS] = { "CPS", 'c', "connectionsPerSecond" },
	[IN_PPS] = { "InPPS", 'i', "inPacketsPerSecond" },
	[OUT_PPS] = { "OutPPS", 'o', "outPacketsPerSecond" },
	[IN_BPS] = { "InBPS", 'b', "inBytesPerSecond" },
	[OUT_BPS] = { "OutBPS", 0, "outBytesPerSecond" },
};

static void add_values(struct row *row, const json_t *real)
{
	const json_t *status = json_object_get(real, "status");

	row->values[ACTIVE] += ctl_number(status, "activeConnections");
	row->values[INACTIVE] += ctl_number(status, "inactiveConnections");
}

static void add_rates(struct row *row, const json_t *object)
{
	const json_t *stats = json_object_get(object, "stats");

	for (size_t i = CPS; i < N_VALUES; i++)
		row->values[i] = ctl_number(stats, columns[i].member);
}

static void push(struct top *t, const struct row *row)
{
	if (vec_push(&t->rows, *row) < 0)
		exit(ctl_fail("out of memory"));
}

static void take(void *arg, const json_t *service)
{
	struct top *t = arg;
	struct row sum = { 0 };
	const char *id;
	const json_t *real;

	(void)snprintf(sum.id, sizeof(sum.id), "%s", ctl_text(service, "id"));
	add_rates(&sum, service);
	json_object_foreach(json_object_get(service, "realServers"), id, real) {
		struct row row = { 0 };

		add_values(&sum, real);
		if (!t->real_servers)
			continue;
		(void)snprintf(row.id, sizeof(row.id), "%.63s/%.63s", sum.id, id);
		add_values(&row, real);
		add_rates(&row, real);
		push(t, &row);
	}
	if (!t->real_servers)
		push(t, &sum);
}

/* The greatest first; equal ones by their id. */
static int compare(const void *a, const void *b, void *arg)
{
	const struct row *x = a, *y = b;
	int sort = *(const int *)arg;

	if (sort >= 0 && x->values[sort] != y->values[sort])
		return x->values[sort] < y->values[sort] ? 1 : -1;
	return strcmp(x->id, y->id);
}

/* In eight columns: 12345678 as "12346k". */
static void print_value(long long value)
{
	static const char units[] = " kMGTPE";
	double rest = (double)value;
	size_t unit = 0;

	while (rest >= 99999 && unit < sizeof(units) - 2) {
		rest /= 1000;
		unit++;
	}
	if (unit)
		printf(" %7.0f%c", rest, units[unit]);
	else
		printf(" %8lld", value);
}

static void print_head(const struct top *t, int width, const char *end)
{
	printf("%-*.*s", width, width, t->real_servers ? "SERVICE/REAL-SERVER" : "SERVICE");
	for (int i = 0; i < N_VALUES; i++)
		printf(" %*s%s", i == t->sort ? 7 : 8, columns[i].title, i == t->sort ? "*" : "");
	(void)fputs(end, stdout);
}

static void print_rows(struct top *t, size_t most, int width, const char *end)
{
	if (t->rows.n > 1)
		qsort_r(t->rows.items, t->rows.n, sizeof(*t->rows.items), compare, &t->sort);
	print_head(t, width, end);
	for (size_t i = 0; i < t->rows.n && i < most; i++) {
		const struct row *row = &t->rows.items[i];

		printf("%-*.*s", width, width, row->id);
		for (int k = 0; k < N_VALUES; k++)
			print_value(row->values[k]);
		(void)fputs(end, stdout);
	}
}

/* Draws over what is there, and clears what is left: nothing flickers. */
static void draw(struct top *t)
{
	int lines, width, values = 9 * N_VALUES;
	struct tm tm = { 0 };
	time_t now = time(NULL);
	char clock[16] = "";

	ctl_screen_size(&lines, &width);
	if (localtime_r(&now, &tm))
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	/* No wrapping: a window may be too narrow. */
	printf("\033[H\033[?7l%s  %zu %s; sort: c a i o b s, real servers: r, quit: q\033[K\r\n",
	       clock, t->rows.n, t->real_servers ? "real servers" : "services");
	width = width > values + 16 ? width - values : 16;
	print_rows(t, lines > 3 ? (size_t)lines - 3 : 0, width, "\033[K\r\n");
	(void)fputs("\033[J\033[?7h", stdout);
	(void)fflush(stdout);
}

static int read_rows(struct ctl *ctl, struct top *t)
{
	t->rows.n = 0;
	return ctl_list(ctl, "/v1/services", "include=stats", take, t);
}

/* What a key changes. Returns whether other rows are needed. */
static bool press(struct top *t, int key)
{
	if (key == 's')
		t->sort = -1;
	for (int i = 0; i < N_VALUES; i++)
		if (columns[i].key && columns[i].key == key)
			t->sort = i;
	if (key == 'r')
		t->real_servers = !t->real_servers;
	return key == 'r';
}

static long long now_ms(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Until somebody quits or the daemon does not answer. */
static int watch(struct ctl *ctl, struct top *t)
{
	int key = 0, r = 0;

	while (key != 'q') {
		long long until = now_ms() + INTERVAL_MS, left;
		bool again = false;

		r = read_rows(ctl, t);
		if (r < 0)
			return r;
		/* Also when there was so much to read: keys are heard, and lvsd has a rest. */
		until = until < now_ms() + PAUSE_MS ? now_ms() + PAUSE_MS : until;
		do {
			draw(t);
			left = until - now_ms();
			key = ctl_screen_key(left > 0 ? (int)left : 0);
			again = press(t, key);
		} while (key != 'q' && !again && until > now_ms());
	}
	return r;
}

int ctl_top(struct ctl *ctl, int argc, char **argv)
{
	struct top t = { .sort = CPS };
	int r;

	if (argc != 1)
		return ctl_usage(argv[0]);
	if (ctl->options.show_curl || !isatty(STDOUT_FILENO) || ctl_screen_open() < 0) {
		r = read_rows(ctl, &t);
		if (r == 0)
			print_rows(&t, SIZE_MAX, 40, "\n");
	} else {
		r = watch(ctl, &t);
		ctl_screen_close();
		if (r < 0)
			(void)ctl_fail(
				"the daemon does not answer any more; lvsctl doctor says more");
	}
	vec_done(&t.rows);
	return ctl_http_exit(r);
}
