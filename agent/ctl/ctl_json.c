/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON in and out, see ctl_json.h. */
#include "ctl_json.h"

#include <errno.h>
#include <stdio.h>

#include "ctl_term.h"
#include "util.h"

#define INDENT 2

const char *ctl_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

long long ctl_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

void ctl_json_print(const json_t *value, enum ctl_output output)
{
	size_t flags = JSON_ENCODE_ANY | (output == CTL_NDJSON ? JSON_COMPACT : JSON_INDENT(2));

	if (!value)
		return;
	(void)json_dumpf(value, stdout, flags);
	(void)fputc('\n', stdout);
}

static void print_scalar(const json_t *value)
{
	if (json_is_string(value)) {
		ctl_term_text(json_string_value(value));
		return;
	}
	(void)json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
}

static bool is_branch(const json_t *value)
{
	return json_object_size(value) > 0 || json_array_size(value) > 0;
}

/* What an object wants of the host, in one line. */
static void print_item(const json_t *item, int indent)
{
	bool good = json_is_true(json_object_get(item, "inSync"));
	const char *found = ctl_text(item, "found");

	printf("%*s%-8s ", indent, "", ctl_text(item, "kind"));
	ctl_term_text(ctl_text(item, "id"));
	printf(": wanted %s, found %s, %s%s%s", ctl_text(item, "wanted"),
	       *found ? found : "nothing", ctl_term(good ? CTL_GREEN : CTL_RED),
	       ctl_text(item, "reason"), ctl_term(CTL_PLAIN));
	if (*ctl_text(item, "message")) {
		(void)fputs(": ", stdout);
		ctl_term_text(ctl_text(item, "message"));
	}
	(void)fputc('\n', stdout);
}

/* A condition, a warning or an item of an object of the host, in one line. */
static bool print_condition(const json_t *item, int indent)
{
	const char *type = ctl_text(item, "type"), *code = ctl_text(item, "code");

	if (*type && *ctl_text(item, "status")) {
		ctl_term_condition(item, indent);
		return true;
	}
	if (*code && json_object_size(item) == 2) {
		printf("%*s%s%s%s: ", indent, "", ctl_term(CTL_YELLOW), code, ctl_term(CTL_PLAIN));
		ctl_term_text(ctl_text(item, "detail"));
		(void)fputc('\n', stdout);
		return true;
	}
	if (json_object_get(item, "inSync")) {
		print_item(item, indent);
		return true;
	}
	return false;
}

static void describe(const json_t *value, int indent);

static void describe_items(const json_t *list, int indent)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_is_object(item) && print_condition(item, indent))
			continue;
		printf("%*s-", indent, "");
		if (is_branch(item)) {
			(void)fputc('\n', stdout);
			describe(item, indent + INDENT);
		} else {
			(void)fputc(' ', stdout);
			print_scalar(item);
			(void)fputc('\n', stdout);
		}
	}
}

/* Answers of the daemon are at most some levels deep. */
static void describe(const json_t *value, int indent) // NOLINT(misc-no-recursion)
{
	const json_t *member;
	const char *name;

	if (json_is_array(value))
		describe_items(value, indent);
	json_object_foreach((json_t *)(uintptr_t)value, name, member) {
		printf("%*s", indent, "");
		ctl_term_text(name);
		(void)fputc(':', stdout);
		if (is_branch(member)) {
			(void)fputc('\n', stdout);
			describe(member, indent + INDENT);
		} else {
			(void)fputc(' ', stdout);
			print_scalar(member);
			(void)fputc('\n', stdout);
		}
	}
}

void ctl_json_describe(const json_t *value)
{
	if (is_branch(value)) {
		describe(value, 0);
		return;
	}
	if (value) {
		print_scalar(value);
		(void)fputc('\n', stdout);
	}
}

/* Puts a value under a name of so many bytes. Takes the value. */
static void put(json_t *object, const char *name, size_t len, json_t *value)
{
	char *key = strndup(name, len);

	if (!key || !value)
		exit(ctl_fail("out of memory"));
	if (json_object_set_new(object, key, value) < 0)
		exit(ctl_fail("%s: is not UTF-8", key));
	free(key);
}

/* The object with this name in another one, which is made when it is not there. */
static json_t *inner(json_t *object, const char *name, size_t len)
{
	_cleanup_(freep) char *key = strndup(name, len);
	json_t *found = key ? json_object_get(object, key) : NULL;

	if (json_is_object(found))
		return found;
	found = json_object();
	put(object, name, len, found);
	return found;
}

int ctl_json_assign(json_t *object, const char *word)
{
	const char *equals = strchr(word, '='), *dot;
	json_t *value;

	if (!equals || equals == word) {
		(void)ctl_fail("%s: must be MEMBER=VALUE", word);
		return -EINVAL;
	}
	for (; (dot = memchr(word, '.', (size_t)(equals - word))); word = dot + 1)
		object = inner(object, word, (size_t)(dot - word));
	value = json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (!value)
		value = json_string(equals + 1);
	if (!value) {
		(void)ctl_fail("%s: is not UTF-8", word);
		return -EINVAL;
	}
	put(object, word, (size_t)(equals - word), value);
	return 0;
}
