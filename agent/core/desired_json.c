/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON of the desired state, see desired_json.h. No I/O; rules of IPVS are ipvs_validate's. */
#include "desired_json.h"

#include <errno.h>

#include "ipvs_fields.h"
#include "ipvs_validate.h"

static int out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
}

static int decode_dest(const json_t *json, const struct ipvs_dest_key *key,
		       const struct ipvs_dest *current, enum decode_mode mode,
		       const struct json_path *path, struct ipvs_dest *ret, struct err *e)
{
	struct ipvs_dest defaults;

	ipvs_dest_init(key, &defaults);
	*ret = current && mode == DECODE_PATCH ? *current : defaults;
	return field_decode(&ipvs_dest_table, json, &defaults, ret, path, e);
}

int real_server_decode(const json_t *json, const struct ipvs_service *service,
		       const struct ipvs_dest_key *key, const struct ipvs_dest *current,
		       enum decode_mode mode, const struct json_path *path, struct ipvs_dest *ret,
		       struct err *e)
{
	struct ipvs_dest d;
	int r = decode_dest(json, key, current, mode, path, &d, e);

	if (ipvs_dest_validate(service, &d, path, e) < 0 || r < 0)
		return -EINVAL;
	ipvs_dest_normalise(&d);
	*ret = d;
	return 0;
}

/* One member of the map realServers, with the id as the client wrote it. */
struct given {
	struct ipvs_dest_key key;
	const char *text;
};

/* A service that is being decoded. */
struct decoding {
	struct service *s;
	const struct service *base; /* the present one; NULL: none */
	enum decode_mode mode;
	VEC(struct given) given; /* sorted by key once the map has been walked */
	struct err *e;
};

static int order_given(const void *a, const void *b)
{
	return ipvs_dest_key_compare(&((const struct given *)a)->key,
				     &((const struct given *)b)->key);
}

static const struct given *find_given(const struct decoding *d, const struct ipvs_dest_key *key)
{
	const struct given wanted = { .key = *key };

	return d->given.n
		       ? bsearch(&wanted, d->given.items, d->given.n, sizeof(wanted), order_given)
		       : NULL;
}

/* The id for a pointer: as the client wrote it, else the canonical one. */
static const char *given_text(const struct decoding *d, const struct ipvs_dest_key *key,
			      char buf[IPVS_DEST_ID_MAX])
{
	const struct given *g = find_given(d, key);

	return g ? g->text : ipvs_dest_key_format(key, buf);
}

static void refuse_double_ids(struct decoding *d, const struct json_path *path)
{
	vec_sort(&d->given, order_given);
	for (size_t i = 1; i < d->given.n; i++) {
		const struct json_path here = { path, d->given.items[i].text };

		if (order_given(&d->given.items[i - 1], &d->given.items[i]) == 0)
			json_path_err(&here, d->e, "duplicate_id", "is the same real server as %s",
				      d->given.items[i - 1].text);
	}
}

/* Decodes one entry of the map and appends it to the service. Faults go to e; -ENOMEM. */
static int decode_entry(struct decoding *d, const json_t *v, const struct ipvs_dest_key *key,
			const struct json_path *path)
{
	struct real_server *at = d->base ? service_find(d->base, key) : NULL;
	struct real_server rs = { 0 }; /* its revision is set when the write is recorded */

	if (json_is_null(v))
		return 0; /* absent: in a patch, keep_unnamed() leaves it out too */
	(void)decode_dest(v, key, at ? &at->dest : NULL, d->mode, path, &rs.dest, d->e);
	return vec_push(&d->s->real_servers, rs);
}

/* In a patch, what the map does not name stays. */
static int keep_unnamed(struct decoding *d)
{
	vec_foreach(rs, &d->base->real_servers)
		if (!find_given(d, &rs->dest.key) && vec_push(&d->s->real_servers, *rs) < 0)
			return -ENOMEM;
	return 0;
}

static int decode_map(struct decoding *d, const json_t *json, const struct json_path *path)
{
	const char *id, *why;
	json_t *v;
	int r = 0;

	d->s->real_servers.n = 0;
	json_object_foreach((json_t *)(uintptr_t)json, id, v) {
		const struct json_path here = { path, id };
		struct given g = { .text = id };

		if (ipvs_dest_key_parse(id, strlen(id), &g.key, &why) < 0) {
			json_path_err(&here, d->e, "invalid_id", "%s", why);
			continue;
		}
		if (vec_push(&d->given, g) < 0 || decode_entry(d, v, &g.key, &here) == -ENOMEM)
			r = out_of_memory(d->e);
	}
	refuse_double_ids(d, path);
	if (r == 0 && d->mode == DECODE_PATCH && d->base && keep_unnamed(d) < 0)
		r = out_of_memory(d->e);
	service_sort(d->s);
	return r;
}

/* Marks only: there the port of a real server is free, and a second one is the same server. */
static void refuse_doubles(const struct decoding *d, const struct json_path *path)
{
	const struct ipvs_dest *last = NULL;
	char id[IPVS_DEST_ID_MAX], other[IPVS_DEST_ID_MAX];

	vec_foreach(rs, &d->s->real_servers) {
		const struct json_path here = { path, given_text(d, &rs->dest.key, id) };
		bool keeps_port = ipvs_dest_doubles(&rs->dest, &rs->dest);

		if (last && keeps_port && ipvs_dest_doubles(last, &rs->dest) &&
		    !json_path_failed(&here, d->e))
			json_path_err(&here, d->e, "duplicate_real_server",
				      "dr and tun do not rewrite the port, so this is %s again",
				      ipvs_dest_key_format(&last->key, other));
		if (keeps_port)
			last = &rs->dest;
	}
}

static void validate(const struct decoding *d, const struct json_path *path)
{
	const struct json_path map = { path, "realServers" };
	struct service *s = d->s;
	char id[IPVS_DEST_ID_MAX];

	(void)ipvs_service_validate(&s->spec, path, d->e);
	ipvs_service_normalise(&s->spec);
	vec_foreach(rs, &s->real_servers) {
		const struct json_path here = { &map, given_text(d, &rs->dest.key, id) };

		(void)ipvs_dest_validate(&s->spec, &rs->dest, &here, d->e);
		ipvs_dest_normalise(&rs->dest);
	}
	refuse_doubles(d, &map);
}

static struct service *start_from(const struct ipvs_service_key *key, const struct service *current,
				  enum decode_mode mode)
{
	struct service *s = current ? service_copy(current) : service_new(key);

	if (s && current && mode == DECODE_PUT) {
		ipvs_service_init(key, &s->spec);
		metadata_done(&s->meta);
	}
	return s;
}

int service_decode(const json_t *json, const struct ipvs_service_key *key,
		   const struct service *current, enum decode_mode mode,
		   const struct json_path *path, struct service **ret, struct err *e)
{
	const struct json_path map_path = { path, "realServers" }, meta_path = { path, "metadata" };
	_cleanup_(service_unrefp) struct service *s = start_from(key, current, mode);
	struct decoding d = { .s = s, .base = current, .mode = mode, .e = e };
	const json_t *map = json_object_get(json, "realServers");
	const json_t *meta = json_object_get(json, "metadata");
	size_t faults = e->n_items + e->n_dropped;
	struct ipvs_service defaults;
	int r = 0;

	if (!s)
		return out_of_memory(e);
	ipvs_service_init(key, &defaults);
	(void)field_decode(&ipvs_service_table, json, &defaults, &s->spec, path, e);
	if (meta)
		metadata_decode(meta, &s->meta, mode, &meta_path, e);
	if (json_is_null(map))
		s->real_servers.n = 0;
	else if (map && !json_is_object(map))
		json_path_err(&map_path, e, "wrong_type", "must be an object keyed by real server");
	else if (map)
		r = decode_map(&d, map, &map_path);
	if (r == 0)
		validate(&d, path);
	vec_done(&d.given);
	if (r < 0)
		return r;
	if (e->n_items + e->n_dropped > faults)
		return -EINVAL;
	if (e->code)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

void service_encode(const struct service *s, struct json_writer *w)
{
	char id[IPVS_DEST_ID_MAX];

	json_write_begin_object(w);
	field_encode(&ipvs_service_table, &s->spec, w);
	json_write_key(w, "metadata");
	metadata_encode(&s->meta, false, w);
	json_write_key(w, "realServers");
	json_write_begin_object(w);
	vec_foreach(rs, &s->real_servers) {
		json_write_key(w, ipvs_dest_key_format(&rs->dest.key, id));
		json_write_begin_object(w);
		field_encode(&ipvs_dest_table, &rs->dest, w);
		json_write_end_object(w);
	}
	json_write_end_object(w);
	json_write_end_object(w);
}
