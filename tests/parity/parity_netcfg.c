/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a scenario of operations on the host against one provider and says where it answers
 * otherwise than the scenario has it: `parity_netcfg fake|rtnl FILE`. With `rtnl` it needs
 * CAP_NET_ADMIN and a network namespace of its own with the interfaces lo, eth0 and eth1, all up.
 * The language is described at the head of netcfg.txt.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "netcfg_text.h"
#include "num.h"
#include "util.h"

#define QUEUE_MAX 6000
#define EXIT_SKIP 77
#define NEWS_WAIT 1000 /* milliseconds */

struct queued {
	struct netcfg_text_op text;
	char *line, *expected;
};

struct parity {
	struct netcfg_kernel *kernel;
	VEC(struct queued *) queue;
	struct netcfg_changes news;
	uint64_t writes;
	unsigned number, passed, failed, skipped;
};

static void report(struct parity *p, bool ok, const char *line, const char *expected,
		   const char *actual)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++p->number, line);
	if (ok) {
		p->passed++;
		return;
	}
	p->failed++;
	printf("# expected: %s\n# actual:   %s\n", expected, actual);
}

static const char *result_name(int r)
{
	const char *name = r == 0 ? "0" : strerrorname_np(-r);

	return name ? name : "unknown errno";
}

/* A look that fails would make every answer after it meaningless. False: to be taken again, since
 * the kernel is still at work on what it has answered already (IPv6). */
static bool looked(int r, const char *what)
{
	if (r == -EAGAIN) {
		(void)usleep(20000);
		return false;
	}
	if (r < 0) {
		printf("Bail out! %s: %s\n", what, result_name(r));
		exit(EXIT_FAILURE);
	}
	return true;
}

static void look_at_addresses(struct parity *p, netcfg_address_vec *ret)
{
	while (!looked(p->kernel->ops->addresses(p->kernel, ret), "addresses"))
		;
}

/* "ENODEV|ENXIO" fits both; a `*` fits all. */
static bool fits(const char *expected, const char *actual)
{
	size_t len = strlen(actual);

	for (const char *p = expected; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strncmp(p, actual, len) == 0 && (p[len] == '\0' || p[len] == '|'))
			return true;
	return streq(expected, "*");
}

/* The link of this name; false when there is none. */
static bool find_link(struct parity *p, const char *name, struct netcfg_link *ret)
{
	netcfg_link_vec links = { 0 };
	bool found = false;

	while (!looked(p->kernel->ops->links(p->kernel, &links), "links"))
		;
	vec_foreach(link, &links)
		if (streq(link->name, name)) {
			*ret = *link;
			found = true;
		}
	vec_done(&links);
	return found;
}

/* "#N" stands for index N, whether there is such an interface or not. */
static int32_t index_of(struct parity *p, const char *name)
{
	struct netcfg_link link;
	uint64_t v;

	if (name[0] == '#' && num_parse_u64(name + 1, strlen(name + 1), INT32_MAX, &v) == 0)
		return (int32_t)v;
	return find_link(p, name, &link) ? link.index : 999999;
}

static void show_addresses(struct parity *p, const char *interface, struct buf *b)
{
	netcfg_address_vec all = { 0 };
	char text[INADDR_TEXT_MAX];
	int32_t index = index_of(p, interface);

	look_at_addresses(p, &all);
	vec_foreach(a, &all) {
		(void)inaddr_format(&a->address, text);
		if (a->index != index ||
		    (strncmp(text, "192.0.2.", 8) != 0 && strncmp(text, "2001:db8::", 10) != 0))
			continue;
		buf_add_str(b, b->len ? ", " : "");
		netcfg_text_address(b, a, interface);
	}
	vec_done(&all);
}

static void count_addresses(struct parity *p, const char *interface, struct buf *b)
{
	netcfg_address_vec all = { 0 };
	int32_t index = index_of(p, interface);
	size_t n = 0;

	look_at_addresses(p, &all);
	vec_foreach(a, &all)
		n += a->index == index && a->protocol == NETCFG_ADDRESS_PROTOCOL;
	buf_printf(b, "%zu", n);
	vec_done(&all);
}

static void show_link(struct parity *p, const char *name, struct buf *b)
{
	struct netcfg_link link;

	if (!find_link(p, name, &link)) {
		buf_add_str(b, "absent");
		return;
	}
	buf_printf(b, "%s type=%u", link.flags & IFF_UP ? "up" : "down", link.type);
	if (link.kind[0] && !streq(link.kind, "veth"))
		buf_printf(b, " kind=%s", link.kind);
}

static void show_fous(struct parity *p, struct buf *b)
{
	netcfg_fou_vec fous = { 0 };
	int r = p->kernel->ops->fous(p->kernel, &fous);

	if (r < 0)
		buf_add_str(b, result_name(r));
	vec_foreach(f, &fous)
		buf_printf(b, "%s%u/%u%s", b->len ? " " : "", f->port,
			   f->family == AF_INET6 ? 6 : 4, f->gue ? "" : " direct");
	vec_done(&fous);
}

static void show_value(struct parity *p, const char *name, bool by_link, struct buf *b)
{
	char value[NETCFG_SYSCTL_VALUE_MAX];
	struct netcfg_sysctl_key key;
	struct netcfg_value v;
	struct netcfg_link link;
	const char *why;
	int r;

	if (netcfg_sysctl_parse(name, strlen(name), &key, &why) < 0) {
		buf_add_str(b, why);
		return;
	}
	r = p->kernel->ops->read(p->kernel, &key, value);
	if (r < 0)
		buf_add_str(b, result_name(r));
	else if (!by_link)
		buf_add_str(b, value);
	else if (find_link(p, key.component, &link) && netcfg_link_value(&link, &key, &v) &&
		 streq(v.text, value))
		buf_add_str(b, value);
	else
		buf_add_str(b, "otherwise");
}

/* Watches the variable from now on, and no other. */
static void watch(struct parity *p, const char *name, struct buf *b)
{
	struct netcfg_sysctl_key key;
	const char *why;
	int r = netcfg_sysctl_parse(name, strlen(name), &key, &why);

	if (r == 0)
		r = p->kernel->ops->watch(p->kernel, &key, 1);
	buf_add_str(b, result_name(r));
}

/* Takes what news there is, and waits for some up to that long. */
static bool drain(struct parity *p, int milliseconds)
{
	struct pollfd fd = { .fd = p->kernel->ops->events_fd(p->kernel), .events = POLLIN };
	bool some = false;

	while (poll(&fd, 1, some ? 0 : milliseconds) > 0) {
		some = true;
		(void)looked(p->kernel->ops->events(p->kernel, &p->news), "events");
	}
	return some;
}

static void describe(const struct netcfg_change *c, char *text, size_t size)
{
	char address[INADDR_TEXT_MAX], name[NETCFG_SYSCTL_NAME_MAX];

	switch ((enum netcfg_change_kind)c->kind) {
	case NETCFG_CHANGE_LINK:
		(void)snprintf(text, size, "%s%s %s", c->gone ? "-" : "", c->link.name,
			       c->link.flags & IFF_UP ? "up" : "down");
		return;
	case NETCFG_CHANGE_ADDRESS:
		(void)snprintf(text, size, "%s%s", c->gone ? "-" : "",
			       inaddr_format(&c->address.address, address));
		return;
	case NETCFG_CHANGE_SYSCTL:
		(void)snprintf(text, size, "%s", netcfg_sysctl_format(&c->key, name));
		return;
	}
}

static bool told(const struct parity *p, const char *word)
{
	char text[128];

	vec_foreach(c, &p->news.items) {
		describe(c, text, sizeof(text));
		if (strncmp(text, word, strlen(word)) == 0)
			return true;
	}
	return false;
}

/* Whether all that the words name is among the news since the last question; they are old then. */
static void show_news(struct parity *p, const struct netcfg_words *w, struct buf *b)
{
	(void)drain(p, 0);
	for (size_t i = 1; i < w->n; i++) {
		while (!told(p, w->word[i]) && drain(p, NEWS_WAIT))
			;
		if (!told(p, w->word[i]))
			buf_printf(b, "%sno %s", b->len ? ", " : "", w->word[i]);
	}
	if (w->n == 1 && p->news.items.n)
		buf_add_str(b, "some");
	if (p->news.everything)
		buf_add_str(b, "everything");
	p->news.items.n = 0;
	p->news.everything = false;
}

/* fill PLACE COUNT: that many addresses that follow each other, in one call. empty: deletes them.
 */
static void fill(struct parity *p, const struct netcfg_words *w, struct buf *b)
{
	struct netcfg_op op = { .verb = streq(w->word[0], "fill") ? NETCFG_ADDRESS_ADD
								  : NETCFG_ADDRESS_DELETE };
	VEC(struct netcfg_op) ops = { 0 };
	uint64_t count;
	int *results, r = 0, failures = 0;

	if (w->n < 3 || netcfg_text_place(w->word[1], &op.address, op.name) < 0 ||
	    num_parse_u64(w->word[2], strlen(w->word[2]), QUEUE_MAX, &count) < 0)
		abort();
	op.address.index = index_of(p, op.name);
	for (uint64_t i = 0; i < count && r == 0; i++) {
		uint8_t *low = &op.address.address.bytes[inaddr_length(&op.address.address) - 1];

		r = vec_push(&ops, op);
		if (++*low == 0)
			low[-1]++;
	}
	results = calloc(count, sizeof(*results));
	if (r == 0 && results)
		r = p->kernel->ops->apply(p->kernel, ops.items, ops.n, results);
	for (size_t i = 0; results && i < count; i++)
		failures += results[i] != 0;
	buf_printf(b, "%s, %d failed", result_name(r), failures);
	free(results);
	vec_done(&ops);
}

static void question(struct parity *p, const struct netcfg_words *w, struct buf *b)
{
	const char *verb = w->word[0];
	uint64_t writes = p->kernel->ops->writes(p->kernel);

	if (streq(verb, "news"))
		show_news(p, w, b);
	else if (streq(verb, "fous"))
		show_fous(p, b);
	else if (streq(verb, "writes")) {
		buf_printf(b, "%llu", (unsigned long long)(writes - p->writes));
		p->writes = writes;
	} else if (streq(verb, "fill") || streq(verb, "empty"))
		fill(p, w, b);
	else if (w->n == 2 && streq(verb, "addresses"))
		show_addresses(p, w->word[1], b);
	else if (w->n == 2 && streq(verb, "count"))
		count_addresses(p, w->word[1], b);
	else if (w->n == 2 && streq(verb, "link"))
		show_link(p, w->word[1], b);
	else if (w->n == 2 && (streq(verb, "read") || streq(verb, "both")))
		show_value(p, w->word[1], streq(verb, "both"), b);
	else if (w->n == 2 && streq(verb, "watch"))
		watch(p, w->word[1], b);
	else
		buf_add_str(b, "bad line");
}

static void flush(struct parity *p)
{
	struct netcfg_op ops[64];
	int results[64], r;

	for (size_t i = 0; i < p->queue.n; i++) {
		ops[i] = p->queue.items[i]->text.op;
		results[i] = 0x55;
	}
	r = p->kernel->ops->apply(p->kernel, ops, p->queue.n, results);
	for (size_t i = 0; i < p->queue.n; i++) {
		struct queued *q = p->queue.items[i];
		const char *actual = result_name(r < 0 ? r : results[i]);

		report(p, r == 0 && fits(q->expected, actual), q->line, q->expected, actual);
		free(q->line);
		free(q->expected);
		free(q);
	}
	p->queue.n = 0;
}

/* True when the line ends in "=> EXPECTED"; cuts it off and the blanks before it. */
static bool cut_expected(char *line, char **ret_expected)
{
	char *arrow = strstr(line, "=>");

	if (!arrow)
		return false;
	*ret_expected = arrow + 2 + strspn(arrow + 2, " ");
	while (arrow > line && arrow[-1] == ' ')
		arrow--;
	*arrow = '\0';
	return true;
}

static void run_line(struct parity *p, char *line)
{
	_cleanup_(buf_done) struct buf answer = { 0 };
	struct queued *q = calloc(1, sizeof(*q));
	bool more = line[0] == '+';
	struct netcfg_words w;
	char *expected;
	int r;

	if (!q || !cut_expected(line, &expected))
		abort();
	q->line = strdup(line);
	q->expected = strdup(expected);
	if (!netcfg_text_split(line + more, &w) || w.n == 0)
		abort();
	r = netcfg_text_parse(&w, &q->text);
	if (r > 0) {
		q->text.op.index = q->text.op.address.index = index_of(p, q->text.op.name);
		if (p->queue.n == 64 || vec_push(&p->queue, q) < 0)
			abort();
		if (!more)
			flush(p);
		return;
	}
	buf_add_str(&answer, r < 0 ? "bad line" : "");
	if (r == 0)
		question(p, &w, &answer);
	report(p, fits(q->expected, answer.data), q->line, q->expected, answer.data);
	free(q->line);
	free(q->expected);
	free(q);
}

/* Lines behind "[fou]" are for kernels that have that module; "[]" ends it. */
static void run(struct parity *p, FILE *file)
{
	_cleanup_(freep) char *line = NULL;
	netcfg_fou_vec fous = { 0 };
	bool has_fou = p->kernel->ops->fous(p->kernel, &fous) == 0, skip = false;
	size_t cap = 0;
	ssize_t n;

	vec_done(&fous);
	while ((n = getline(&line, &cap, file)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		if (line[0] == '[')
			skip = streq(line, "[fou]") && !has_fou;
		else if (line[0] != '#' && line[0] != '\0' && !skip)
			run_line(p, line);
		else
			p->skipped += skip && line[0] && line[0] != '#';
	}
	printf("1..%u\n%u passed, %u failed, %u skipped\n", p->number, p->passed, p->failed,
	       p->skipped);
}

int main(int argc, char **argv)
{
	struct parity p = { 0 };
	FILE *file;
	int r;

	if (argc != 3 || (!streq(argv[1], "fake") && !streq(argv[1], "rtnl"))) {
		(void)fprintf(stderr, "usage: parity_netcfg fake|rtnl FILE\n");
		return EXIT_FAILURE;
	}
	file = fopen(argv[2], "re");
	r = streq(argv[1], "fake") ? netcfg_fake_new(&p.kernel) : netcfg_rtnl_new(&p.kernel);
	if (!file || r < 0) {
		printf("Bail out! %s\n", file ? result_name(r) : argv[2]);
		return EXIT_SKIP;
	}
	(void)drain(&p, 0);
	p.news.items.n = 0;
	run(&p, file);
	netcfg_kernel_free(p.kernel);
	netcfg_changes_done(&p.news);
	vec_done(&p.queue);
	(void)fclose(file);
	return p.failed || p.passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
