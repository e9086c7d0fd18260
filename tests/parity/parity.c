/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a scenario of IPVS operations against one provider and says where it answers otherwise than
 * the scenario has it: `parity fake|netlink FILE`. With `netlink` it needs CAP_NET_ADMIN and
 * changes the services that the file names (and no others) in its network namespace. The
 * language is described at the head of scenario.txt.
 */
#include <errno.h>
#include <stdio.h>

#include "buf.h"
#include "ipvs_kernel.h"
#include "ipvs_nlattr.h"
#include "num.h"
#include "parity_text.h"
#include "util.h"

#define QUEUE_MAX 512
#define EXIT_SKIP 77

struct parity {
	struct ipvs_kernel *kernel;
	VEC(struct ipvs_service_key) keys; /* of the services that the scenario names */
	VEC(struct parity_op) queue;
	uint64_t writes; /* of the provider, when last asked */
	unsigned number, passed, failed;
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

static const struct ipvs_observed_dest *find_dest(const ipvs_observed_dest_vec *found,
						  const struct ipvs_dest_key *key)
{
	for (size_t i = 0; i < found->n; i++)
		if (ipvs_dest_key_compare(&found->items[i].dest.key, key) == 0)
			return &found->items[i];
	return NULL;
}

static void show_dest(struct parity *p, const struct ipvs_service_key *service,
		      const struct ipvs_dest_key *key, struct buf *b)
{
	ipvs_observed_dest_vec found = { 0 };
	const struct ipvs_observed_dest *o;
	int r = p->kernel->ops->dests(p->kernel, service, &found);

	o = find_dest(&found, key);
	if (r < 0)
		buf_add_str(b, result_name(r));
	else if (!o)
		buf_add_str(b, "absent");
	else
		parity_print_dest(b, &o->dest);
	vec_done(&found);
}

static void show_service(struct parity *p, const struct ipvs_service_key *key, struct buf *b)
{
	struct ipvs_service s;
	int r = p->kernel->ops->get(p->kernel, key, &s);

	if (r < 0)
		buf_add_str(b, result_name(r));
	else
		parity_print_service(b, &s);
}

/* What a successful operation must leave in the kernel, as text, and what is there. */
static void read_back(struct parity *p, struct parity_op *q, struct buf *expected,
		      struct buf *actual)
{
	if (q->has_dest) {
		ipvs_dest_normalise(&q->dest);
		if (q->verb == IPVS_DELETE)
			buf_add_str(expected, "absent");
		else
			parity_print_dest(expected, &q->dest);
		show_dest(p, &q->service.key, &q->dest.key, actual);
		return;
	}
	ipvs_service_normalise(&q->service);
	if (q->staged) { /* without its scheduler the flags lose their names */
		ipvs_service_stage(&q->service, true);
		ipvs_nlattr_set_flags(&q->service, ipvs_nlattr_flags(&q->service));
	}
	if (q->verb == IPVS_DELETE)
		buf_add_str(expected, "ESRCH");
	else
		parity_print_service(expected, &q->service);
	show_service(p, &q->service.key, actual);
}

static void check_op(struct parity *p, struct parity_op *q, int result, bool alone)
{
	struct buf expected = { 0 }, actual = { 0 };

	buf_add_str(&expected, q->expected);
	buf_add_str(&actual, result_name(result));
	/* Within a batch a later operation may have changed the object again. */
	if (result == 0 && alone) {
		buf_add_str(&expected, ", then ");
		buf_add_str(&actual, ", then ");
		read_back(p, q, &expected, &actual);
	}
	report(p, streq(expected.data, actual.data), q->line, expected.data, actual.data);
	buf_done(&expected);
	buf_done(&actual);
}

static int apply_queue(struct parity *p, int *results)
{
	struct ipvs_op ops[QUEUE_MAX];

	for (size_t i = 0; i < p->queue.n; i++) {
		const struct parity_op *q = &p->queue.items[i];

		ops[i] = (struct ipvs_op){
			.verb = q->verb,
			.staged = q->staged,
			.service = &q->service,
			.dest = q->has_dest ? &q->dest : NULL,
		};
	}
	return p->kernel->ops->apply(p->kernel, ops, p->queue.n, results);
}

static void flush_queue(struct parity *p)
{
	int results[QUEUE_MAX] = { 0 };
	bool alone = p->queue.n == 1;
	int r = p->queue.n ? apply_queue(p, results) : 0;

	for (size_t i = 0; i < p->queue.n; i++) {
		struct parity_op *q = &p->queue.items[i];

		if (r == 0)
			check_op(p, q, results[i], alone);
		else
			report(p, false, q->line, "apply", result_name(r));
		free(q->line);
		free(q->expected);
	}
	p->queue.n = 0;
}

/* fill SERVICE DEST COUNT OPTIONS…: COUNT real servers with addresses that follow each other. */
static void run_fill(struct parity *p, struct parity_words *w, struct buf *b)
{
	struct parity_op q = { .verb = IPVS_ADD };
	int results[QUEUE_MAX] = { 0 }, r;
	uint64_t count = 0;

	if (w->n >= 4 && num_parse_u64(w->word[3], strlen(w->word[3]), QUEUE_MAX, &count) == 0)
		memmove(&w->word[3], &w->word[4], (--w->n - 3) * sizeof(w->word[0]));
	w->word[0] = (char[]){ "add-dest" };
	if (count == 0 || parity_parse_op(w, &q) <= 0) {
		buf_add_str(b, "bad line");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t *low = &q.dest.key.address.bytes[inaddr_length(&q.dest.key.address) - 1];

		if (vec_push(&p->queue, q) < 0)
			abort();
		if (++*low == 0)
			low[-1]++;
	}
	r = apply_queue(p, results);
	for (size_t i = 0; i < count && r == 0; i++)
		r = results[i];
	p->queue.n = 0;
	buf_add_str(b, result_name(r));
}

static bool named_in_scenario(const struct parity *p, const struct ipvs_service_key *key)
{
	for (size_t i = 0; i < p->keys.n; i++)
		if (ipvs_service_key_compare(&p->keys.items[i], key) == 0)
			return true;
	return false;
}

static void run_list(struct parity *p, struct buf *b)
{
	ipvs_service_vec found = { 0 };
	char id[IPVS_SERVICE_ID_MAX];
	int r = ipvs_kernel_list(p->kernel, &found);

	if (r < 0)
		buf_add_str(b, result_name(r));
	vec_foreach(s, &found)
		if (named_in_scenario(p, &s->key))
			buf_printf(b, "%s%s", b->len ? " " : "",
				   ipvs_service_key_format(&s->key, id));
	vec_done(&found);
}

/* expected: as of dests_expected(); NULL: dests(). */
static void run_dests(struct parity *p, const struct ipvs_service_key *key, const char *expected,
		      bool count, struct buf *b)
{
	const struct ipvs_kernel_ops *ops = p->kernel->ops;
	ipvs_observed_dest_vec found = { 0 };
	char id[IPVS_DEST_ID_MAX];
	uint64_t n = 0;
	int r;

	if (!expected)
		r = ops->dests(p->kernel, key, &found);
	else if (num_parse_u64(expected, strlen(expected), INT32_MAX, &n) == 0)
		r = ops->dests_expected(p->kernel, key, (int)n, &found);
	else
		r = ops->dests_expected(p->kernel, key, IPVS_DESTS_DUMP, &found);

	if (r < 0)
		buf_add_str(b, result_name(r));
	else if (count)
		buf_printf(b, "%zu", found.n);
	else
		vec_foreach(o, &found)
			buf_printf(b, "%s%s", b->len ? " " : "",
				   ipvs_dest_key_format(&o->dest.key, id));
	vec_done(&found);
}

/* What a counted list says of the service. */
static void run_counted(struct parity *p, const struct ipvs_service_key *key, struct buf *b)
{
	const struct ipvs_kernel_ops *ops = p->kernel->ops;
	ipvs_listed_vec piece = { 0 };
	struct ipvs_list *list = NULL;
	int r = ops->list_open(p->kernel, true, &list), more = r == 0;

	while (more > 0) {
		piece.n = 0;
		r = more = ops->list_next(p->kernel, list, &piece);
		vec_foreach(l, &piece)
			if (ipvs_service_key_compare(&l->service.key, key) == 0)
				buf_printf(b, "%s%d", b->len ? " " : "", l->n_dests);
	}
	ops->list_close(p->kernel, list);
	vec_done(&piece);
	if (r < 0)
		buf_add_str(b, result_name(r));
}

static void run_info(struct parity *p, struct buf *b)
{
	struct ipvs_info info = { 0 };
	int r = p->kernel->ops->info(p->kernel, &info);

	if (r < 0)
		buf_add_str(b, result_name(r));
	else
		buf_printf(b, "%u.%u.%u", info.version >> 16 & 255, info.version >> 8 & 255,
			   info.version & 255);
}

static void run_writes(struct parity *p, struct buf *b)
{
	uint64_t writes = p->kernel->ops->writes(p->kernel);

	buf_printf(b, "%llu", (unsigned long long)(writes - p->writes));
	p->writes = writes;
}

static void run_timeouts(struct parity *p, struct buf *b)
{
	struct ipvs_timeouts t;
	int r = p->kernel->ops->get_timeouts(p->kernel, &t);

	if (r < 0)
		buf_add_str(b, result_name(r));
	else
		buf_printf(b, "%u %u %u", t.tcp, t.tcp_fin, t.udp);
}

static void run_set_timeouts(struct parity *p, struct parity_words *w, struct buf *b)
{
	uint64_t v[3];
	struct ipvs_timeouts t;

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (w->n != 4 ||
		    num_parse_u64(w->word[i + 1], strlen(w->word[i + 1]), UINT32_MAX, &v[i]) < 0) {
			buf_add_str(b, "bad line");
			return;
		}
	t = (struct ipvs_timeouts){ (uint32_t)v[0], (uint32_t)v[1], (uint32_t)v[2] };
	buf_add_str(b, result_name(p->kernel->ops->set_timeouts(p->kernel, &t)));
}

/* A line that is not an operation: appends what the provider answers. */
static void run_question(struct parity *p, struct parity_words *w, struct buf *b)
{
	struct ipvs_service_key key;
	struct ipvs_dest_key dest;
	const char *verb = w->word[0];
	bool has_key = w->n > 1 && parity_service_key(w->word[1], &key) == 0;

	if (streq(verb, "info"))
		run_info(p, b);
	else if (streq(verb, "writes"))
		run_writes(p, b);
	else if (streq(verb, "timeouts"))
		run_timeouts(p, b);
	else if (streq(verb, "set-timeouts"))
		run_set_timeouts(p, w, b);
	else if (streq(verb, "list"))
		run_list(p, b);
	else if (streq(verb, "fill"))
		run_fill(p, w, b);
	else if (has_key && streq(verb, "service"))
		show_service(p, &key, b);
	else if (has_key && (streq(verb, "dests") || streq(verb, "count")))
		run_dests(p, &key, w->n > 2 ? w->word[2] : NULL, streq(verb, "count"), b);
	else if (has_key && streq(verb, "counted"))
		run_counted(p, &key, b);
	else if (has_key && streq(verb, "dest") && w->n > 2 &&
		 parity_dest_key(w->word[2], &dest) == 0)
		show_dest(p, &key, &dest, b);
	else
		buf_add_str(b, "bad line");
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

static void ask(struct parity *p, struct parity_words *w, const char *line, const char *expected)
{
	struct buf answer = { 0 };

	buf_add_str(&answer, "");
	run_question(p, w, &answer);
	report(p, streq(expected, "*") || streq(answer.data, expected), line, expected,
	       answer.data);
	buf_done(&answer);
}

/* One line of the scenario: an operation is queued and, unless its line begins with "+", applied
 * with all that are queued. */
static void run_line(struct parity *p, char *line)
{
	_cleanup_(freep) char *copy = NULL;
	struct parity_op op = { 0 };
	struct parity_words w;
	char *expected;
	bool more = line[0] == '+';
	int r;

	if (!cut_expected(line, &expected)) {
		report(p, false, line, "COMMAND => ANSWER", "bad line");
		return;
	}
	copy = strdup(line);
	if (!copy || !parity_split(line + more, &w) || w.n == 0)
		abort();
	r = parity_parse_op(&w, &op);
	if (r == 0 && !more)
		ask(p, &w, copy, expected);
	else if (r <= 0 || p->queue.n == QUEUE_MAX)
		report(p, false, copy, expected, "bad line");
	if (r <= 0)
		return;
	op.line = TAKE_PTR(copy);
	op.expected = strdup(expected);
	if (!op.expected || vec_push(&p->queue, op) < 0)
		abort();
	if (!more)
		flush_queue(p);
}

/* Deletes what the scenario names, silently: the rest of a run that was broken off, or of this. */
static void clean(struct parity *p)
{
	vec_foreach(key, &p->keys) {
		struct ipvs_service s;
		struct ipvs_op op = { .verb = IPVS_DELETE, .service = &s };
		int result;

		ipvs_service_init(key, &s);
		(void)p->kernel->ops->apply(p->kernel, &op, 1, &result);
	}
	p->writes = p->kernel->ops->writes(p->kernel);
}

/* Reads the lines of the file, without the comments and empty ones. */
static void each_line(struct parity *p, FILE *file, void (*fn)(struct parity *p, char *line))
{
	_cleanup_(freep) char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	rewind(file);
	while ((n = getline(&line, &cap, file)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			fn(p, line);
	}
}

static void note_key(struct parity *p, char *line)
{
	struct ipvs_service_key key;
	struct parity_words w;

	if (parity_split(line, &w) && w.n > 1)
		for (size_t i = 1; i < 3 && i < w.n; i++) /* a lone "+" may be the first word */
			if (parity_service_key(w.word[i], &key) == 0 &&
			    !named_in_scenario(p, &key) && vec_push(&p->keys, key) < 0)
				abort();
}

static int run(struct parity *p, FILE *file)
{
	struct ipvs_info info;
	int r = p->kernel->ops->info(p->kernel, &info);

	if (r < 0) {
		printf("Bail out! no IPVS here: %s\n", result_name(r));
		return EXIT_SKIP;
	}
	each_line(p, file, note_key);
	clean(p);
	each_line(p, file, run_line);
	clean(p);
	printf("1..%u\n%u passed, %u failed\n", p->number, p->passed, p->failed);
	return p->failed || p->passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct parity p = { 0 };
	FILE *file;
	int r;

	if (argc != 3 || (!streq(argv[1], "fake") && !streq(argv[1], "netlink"))) {
		(void)fprintf(stderr, "usage: parity fake|netlink FILE\n");
		return EXIT_FAILURE;
	}
	file = fopen(argv[2], "re");
	r = streq(argv[1], "fake") ? ipvs_fake_new(&p.kernel) : ipvs_netlink_new(&p.kernel);
	if (!file || r < 0) {
		(void)fprintf(stderr, "parity: %s\n", file ? result_name(r) : argv[2]);
		return EXIT_FAILURE;
	}
	r = run(&p, file);
	ipvs_kernel_free(p.kernel);
	vec_done(&p.keys);
	vec_done(&p.queue);
	(void)fclose(file);
	return r;
}
