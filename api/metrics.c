/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text formats of metrics.h. */
#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_SUMMARY] = "summary",
};

char *metrics_label_name(const char *key, char buf[METRICS_LABEL_MAX])
{
	(void)snprintf(buf, METRICS_LABEL_MAX, "label_%s", key);
	for (char *c = buf; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9')))
			*c = '_';
	return buf;
}

void metrics_begin(struct metrics *m, const struct metric *metric)
{
	const char *total = metric->type == METRIC_COUNTER && !m->open ? "_total" : "";

	m->metric = metric;
	buf_printf(m->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, total, metric->help,
		   metric->name, total, type_names[metric->type]);
	if (m->open && metric->unit)
		buf_printf(m->out, "# UNIT %s %s\n", metric->name, metric->unit);
}

void metrics_add_label(struct buf *labels, const char *name, const char *value)
{
	buf_add(labels, ",", 1);
	buf_add_str(labels, name);
	buf_add(labels, "=\"", 2);
	while (*value) {
		size_t plain = strcspn(value, "\\\"\n");

		buf_add(labels, value, plain);
		value += plain;
		if (!*value)
			break;
		buf_add_str(labels, *value == '\n' ? "\\n" : *value == '"' ? "\\\"" : "\\\\");
		value++;
	}
	buf_add(labels, "\"", 1);
}

static void add_uint(struct buf *out, uint64_t value)
{
	char text[20], *at = text + sizeof(text);

	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	buf_add(out, at, (size_t)(text + sizeof(text) - at));
}

/* Everything of a sample but its value. */
static void begin_sample(struct metrics *m, const char *suffix, const struct buf *labels)
{
	buf_add_str(m->out, m->metric->name);
	buf_add_str(m->out, suffix);
	if (labels && labels->len) {
		buf_add(m->out, "{", 1);
		buf_add(m->out, labels->data + 1, labels->len - 1); /* without the first comma */
		buf_add(m->out, "}", 1);
		m->out->failed |= labels->failed;
	}
	buf_add(m->out, " ", 1);
}

static const char *suffix_of(const struct metrics *m)
{
	return m->metric->type == METRIC_COUNTER ? "_total" : "";
}

void metrics_uint(struct metrics *m, const struct buf *labels, uint64_t value)
{
	begin_sample(m, suffix_of(m), labels);
	add_uint(m->out, value);
	buf_add(m->out, "\n", 1);
}

void metrics_thousandths(struct metrics *m, const struct buf *labels, int64_t value)
{
	metrics_millionths(m, labels, value * 1000);
}

static void add_millionths(struct buf *out, int64_t value)
{
	int64_t positive = value < 0 ? -value : value;

	buf_printf(out, "%s%" PRIi64 ".%06" PRIi64 "\n", value < 0 ? "-" : "", positive / 1000000,
		   positive % 1000000);
}

void metrics_millionths(struct metrics *m, const struct buf *labels, int64_t value)
{
	begin_sample(m, suffix_of(m), labels);
	add_millionths(m->out, value);
}

void metrics_summary(struct metrics *m, int64_t millionths, uint64_t count)
{
	begin_sample(m, "_sum", NULL);
	add_millionths(m->out, millionths);
	begin_sample(m, "_count", NULL);
	add_uint(m->out, count);
	buf_add(m->out, "\n", 1);
}
