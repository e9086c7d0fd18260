/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes of services by the text of ipvsadm: first all lines are read, then the services that they
 * name are made one after another and given to change_config.c. See change.h.
 */
#include <errno.h>
#include <stdio.h>

#include "change_config_private.h"
#include "ipvs_validate.h"

/* What costs as much as parsing so much text: looking up a name; moving this many services aside.
 */
#define LOOKUP_BYTES 1024
#define MOVED_A_BYTE 2

/* A real server with the number of its line. */
struct import_dest {
	struct ipvs_dest dest;
	uint32_t line;
};

struct import_service {
	struct ipvs_service spec;
	uint32_t line; /* of its -A; 0: it has only real servers here */
	size_t bytes;  /* of its lines */
	VEC(struct import_dest) dests;
};

struct import {
	const char *text;
	size_t len, at;
	uint32_t line; /* the last one that was read */
	size_t taken, taken_bytes;
	size_t work; /* beside the text, as bytes of it */
	const struct ipvs_text_names *names;
	VEC(struct import_service *) services; /* sorted by key */
	struct import_service *last;	       /* most lines are about the same as the one before */
};

static void import_free(void *state)
{
	struct import *in = state;

	vec_foreach(s, &in->services) {
		vec_done(&(*s)->dests);
		free(*s);
	}
	vec_done(&in->services);
	free(in);
}

/* The place of a line in error documents. */
struct line_path {
	struct json_path lines, path;
	char number[12];
};

static const struct json_path *line_path(uint32_t line, struct line_path *p)
{
	(void)snprintf(p->number, sizeof(p->number), "%u", line);
	p->lines = (struct json_path){ NULL, "lines" };
	p->path = (struct json_path){ &p->lines, p->number };
	return &p->path;
}

static int compare_key(const void *key, const void *item)
{
	return ipvs_service_key_compare(key, &(*(struct import_service *const *)item)->spec.key);
}

/* The service with this key, made with `make`. NULL: there is none, or no memory. */
static struct import_service *find(struct import *in, const struct ipvs_service_key *key, bool make)
{
	struct import_service *s;
	int found;
	size_t at;

	if (in->last && ipvs_service_key_compare(&in->last->spec.key, key) == 0)
		return in->last;
	at = vec_lower_bound(in->services.items, in->services.n, sizeof(*in->services.items), key,
			     compare_key, &found);
	if (found)
		return in->last = in->services.items[at];
	if (!make || vec_reserve(&in->services, 1) < 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->spec.key = *key;
	memmove(in->services.items + at + 1, in->services.items + at,
		(in->services.n - at) * sizeof(*in->services.items));
	in->work += (in->services.n - at) / MOVED_A_BYTE;
	in->services.items[at] = s;
	in->services.n++;
	return in->last = s;
}

/* Reading -------------------------------------------------------------------------------------- */

/* -A. One with faults is noted too: the lines of its real servers are not wrong for that. */
static int read_service(struct config_write *w, struct ipvs_text_line *line, bool good, size_t len,
			const struct json_path *path, struct err *e)
{
	struct import *in = w->state;
	struct import_service *s = find(in, &line->service.key, true);
	char id[IPVS_SERVICE_ID_MAX];

	if (!s)
		return change_out_of_memory(e);
	if (s->line) {
		json_path_err(path, e, "duplicate_id", "%s is in line %u already",
			      ipvs_service_key_format(&s->spec.key, id), s->line);
		return 0;
	}
	if (s->dests.n) {
		json_path_err(path, e, "invalid_line",
			      "%s stands behind its real servers: it must be before them",
			      ipvs_service_key_format(&s->spec.key, id));
		return 0;
	}
	if (good && ipvs_service_validate(&line->service, path, e) == 0) {
		ipvs_service_normalise(&line->service);
		s->spec = line->service;
	}
	s->line = in->line;
	s->bytes += len;
	return 0;
}

/* -a, to a service of the text, or of the state in a merge. */
static int read_dest(struct config_write *w, struct ipvs_text_line *line, size_t len,
		     const struct json_path *path, struct err *e)
{
	struct import *in = w->state;
	const struct ipvs_service_key *key = &line->service.key;
	bool declared = w->mode == DECODE_PATCH && desired_find(w->before, key);
	struct import_service *s = find(in, key, declared);
	struct import_dest d = { .dest = line->dest, .line = in->line };
	char id[IPVS_SERVICE_ID_MAX];

	if (!s && declared)
		return change_out_of_memory(e);
	if (!s) {
		json_path_err(path, e, "unknown_service", "no line before this one adds %s%s",
			      ipvs_service_key_format(key, id),
			      w->mode == DECODE_PATCH ? ", and it is not declared" : "");
		return 0;
	}
	if (ipvs_dest_validate(&line->service, &d.dest, path, e) < 0)
		return 0;
	ipvs_dest_normalise(&d.dest);
	s->bytes += len;
	return vec_push(&s->dests, d) < 0 ? change_out_of_memory(e) : 0;
}

static int read_line(struct config_write *w, struct err *e)
{
	struct import *in = w->state;
	const char *text = in->text + in->at, *end = memchr(text, '\n', in->len - in->at);
	size_t len = end ? (size_t)(end - text) : in->len - in->at;
	struct ipvs_text_line line;
	struct line_path where;
	const struct json_path *path = line_path(++in->line, &where);
	bool good;

	in->at += len + (end != NULL);
	if (in->names)
		in->work += 2 * LOOKUP_BYTES;
	good = ipvs_text_parse(text, len, in->names, path, &line, e) == 0;
	switch (line.kind) {
	case IPVS_TEXT_NOTHING:
		break;
	case IPVS_TEXT_SERVICE:
		return read_service(w, &line, good, len, path, e);
	case IPVS_TEXT_DEST:
		return good ? read_dest(w, &line, len, path, e) : 0;
	}
	return 0;
}

/* Making --------------------------------------------------------------------------------------- */

static int order_dests(const void *a, const void *b)
{
	const struct import_dest *x = a, *y = b;
	int c = ipvs_dest_key_compare(&x->dest.key, &y->dest.key);

	return c ? c : (x->line > y->line) - (x->line < y->line);
}

static void refuse_double_dests(const struct import_service *p, struct err *e)
{
	char id[IPVS_DEST_ID_MAX];
	struct line_path where;

	for (size_t i = 1; i < p->dests.n; i++) {
		const struct import_dest *a = &p->dests.items[i - 1], *b = &p->dests.items[i];

		if (ipvs_dest_key_compare(&a->dest.key, &b->dest.key) == 0)
			json_path_err(line_path(b->line, &where), e, "duplicate_id",
				      "%s is in line %u already",
				      ipvs_dest_key_format(&a->dest.key, id), a->line);
	}
}

/* The line of a real server; 0: it was there before. */
static uint32_t line_of(const struct import_service *p, const struct ipvs_dest *d)
{
	const struct import_dest *first = p->dests.items;
	size_t low = 0, high = p->dests.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = ipvs_dest_key_compare(&d->key, &first[mid].dest.key);

		if (c == 0)
			return first[mid].line;
		if (c > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

/* Of marks: the same server by two ports. */
static void refuse_doubles(const struct import_service *p, const struct service *s, struct err *e)
{
	const struct ipvs_dest *last = NULL;
	char id[IPVS_DEST_ID_MAX];
	struct line_path where;

	vec_foreach(rs, &s->real_servers) {
		if (!ipvs_dest_doubles(&rs->dest, &rs->dest))
			continue;
		if (last && ipvs_dest_doubles(last, &rs->dest) &&
		    ipvs_dest_key_compare(&last->key, &rs->dest.key) != 0) {
			uint32_t a = line_of(p, last), b = line_of(p, &rs->dest);

			json_path_err(line_path(a > b ? a : b, &where), e, "duplicate_real_server",
				      "-g and -i do not rewrite the port, so this is %s again",
				      ipvs_dest_key_format(a > b ? &rs->dest.key : &last->key, id));
		}
		last = &rs->dest;
	}
}

/* The real servers of the text beside those that stay; both are sorted. */
static int merge_dests(const struct import_service *p, const struct service *old, bool keep,
		       struct service *s)
{
	size_t i = 0, n = old && keep ? old->real_servers.n : 0;

	s->real_servers.n = 0;
	if (vec_reserve(&s->real_servers, n + p->dests.n) < 0)
		return -ENOMEM;
	for (size_t j = 0; i < n || j < p->dests.n;) {
		const struct real_server *a = i < n ? &old->real_servers.items[i] : NULL;
		const struct import_dest *b = j < p->dests.n ? &p->dests.items[j] : NULL;
		int c = !a ? 1 : !b ? -1 : ipvs_dest_key_compare(&a->dest.key, &b->dest.key);
		struct real_server rs = { 0 };

		if (c >= 0)
			rs.dest = b->dest;
		else
			rs = *a;
		s->real_servers.items[s->real_servers.n++] = rs; /* reserved */
		i += c <= 0;
		j += c >= 0;
	}
	return 0;
}

static int make_service(struct config_write *w, struct import_service *p, struct err *e)
{
	const struct service *old = desired_find(w->before, &p->spec.key);
	struct service *s = old ? service_copy(old) : service_new(&p->spec.key);
	size_t faults = e->n_items + e->n_dropped;
	struct line_path where;

	if (!s)
		return change_out_of_memory(e);
	vec_sort(&p->dests, order_dests);
	refuse_double_dests(p, e);
	if (p->line && p->spec.scheduler[0]) { /* and has no faults */
		s->spec = p->spec;
		change_check_modules(w->change, s, old, line_path(p->line, &where), e);
	}
	if (vec_push(&w->given, p->spec.key) < 0 ||
	    merge_dests(p, old, w->mode == DECODE_PATCH, s) < 0) {
		service_unref(s);
		return change_out_of_memory(e);
	}
	refuse_doubles(p, s, e);
	if (e->n_items + e->n_dropped > faults) {
		service_unref(s);
		return 0; /* go on for the rest */
	}
	return change_config_take(w, s, old, w->by.owner, e);
}

static int import_step(struct config_write *w, struct err *e)
{
	struct import *in = w->state;
	struct import_service *p;
	int r;

	if (in->at < in->len) {
		r = read_line(w, e);
		return r < 0 ? r : 1;
	}
	if (in->taken < in->services.n) {
		p = in->services.items[in->taken++];
		in->taken_bytes += p->bytes;
		r = make_service(w, p, e);
		vec_done(&p->dests);
		return r < 0 ? r : 1;
	}
	if (err_has_items(e))
		return err_set(e, -EINVAL, "validation_failed",
			       "the lines have %zu faults, and nothing was changed; see errors",
			       e->n_items + e->n_dropped);
	return w->mode == DECODE_PUT ? change_config_remove_absent(w, e) : 0;
}

static size_t import_read(const struct config_write *w)
{
	const struct import *in = w->state;

	return in->at + in->taken_bytes + in->work;
}

static const struct config_source source = {
	.step = import_step,
	.read = import_read,
	.free = import_free,
};

int change_import_begin(struct change *c, const struct change_by *by, enum decode_mode mode,
			const char *text, size_t len, const struct ipvs_text_names *names,
			struct config_write **ret, struct err *e)
{
	struct import *in = calloc(1, sizeof(*in));

	if (!in)
		return change_out_of_memory(e);
	in->text = text;
	in->len = len;
	in->names = names;
	return change_config_begin_source(c, by, mode, &source, in, ret, e);
}
