/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as text of ipvsadm, line by line: what is taken and valid is printed as a line that is
 * read as the same; what is not has an item. */
#include <string.h>

#include "field.h"
#include "fuzz.h"
#include "ipvs_fields.h"
#include "ipvs_text.h"
#include "ipvs_validate.h"

static const struct json_path path = { NULL, "line" };

/* Without looking at the machine's files: what begins with an h is a host, with a p a port. */
static int find_host(const char *name, struct inaddr *ret)
{
	return name[0] == 'h' ? inaddr_parse("192.0.2.1", 9, ret) : -1;
}

static int find_port(const char *name, uint8_t protocol, uint16_t *ret)
{
	*ret = protocol;
	return name[0] == 'p' ? 0 : -1;
}

static const struct ipvs_text_names names = { .host = find_host, .port = find_port };

static void read_again(const struct buf *text, struct ipvs_text_line *ret)
{
	struct err e = { 0 };

	MUST(!text->failed && text->len && text->data[text->len - 1] == '\n');
	MUST(ipvs_text_parse(text->data, text->len - 1, NULL, &path, ret, &e) == 0);
}

static void try_service(struct ipvs_service *s)
{
	struct err e = { 0 };
	struct ipvs_text_line again;
	struct buf text = { 0 };

	if (ipvs_service_validate(s, &path, &e) == 0) {
		ipvs_service_normalise(s);
		MUST(ipvs_text_print_service(s, &text));
		read_again(&text, &again);
		ipvs_service_normalise(&again.service);
		MUST(again.kind == IPVS_TEXT_SERVICE);
		MUST(ipvs_service_key_compare(&s->key, &again.service.key) == 0);
		MUST(field_diff(&ipvs_service_table, s, &again.service) == 0);
	}
	buf_done(&text);
	err_done(&e);
}

static void try_dest(struct ipvs_text_line *line)
{
	struct err e = { 0 };
	struct ipvs_text_line again;
	struct buf text = { 0 };

	if (ipvs_dest_validate(&line->service, &line->dest, &path, &e) == 0) {
		ipvs_dest_normalise(&line->dest);
		MUST(ipvs_text_print_dest(&line->service.key, &line->dest, &text));
		read_again(&text, &again);
		ipvs_dest_normalise(&again.dest);
		MUST(again.kind == IPVS_TEXT_DEST);
		MUST(ipvs_service_key_compare(&line->service.key, &again.service.key) == 0);
		MUST(ipvs_dest_key_compare(&line->dest.key, &again.dest.key) == 0);
		MUST(field_diff(&ipvs_dest_table, &line->dest, &again.dest) == 0);
	}
	buf_done(&text);
	err_done(&e);
}

static void try_line(const char *text, size_t len, const struct ipvs_text_names *with)
{
	struct ipvs_text_line line;
	struct err e = { 0 };
	int r = ipvs_text_parse(text, len, with, &path, &line, &e);

	MUST((r < 0) == err_has_items(&e));
	err_done(&e);
	if (r == 0 && line.kind == IPVS_TEXT_SERVICE)
		try_service(&line.service);
	else if (r == 0 && line.kind == IPVS_TEXT_DEST)
		try_dest(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end;
	size_t left = size;

	while (left) {
		size_t len = (end = memchr(text, '\n', left)) ? (size_t)(end - text) : left;

		try_line(text, len, NULL);
		try_line(text, len, &names);
		left -= len + (end != NULL);
		text += len + (end != NULL);
	}
	return 0;
}
