/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters and pages of lists, see list.h. */
#include "list.h"

#include <errno.h>
#include <strings.h>

#include "num.h"

#define KEEP_MS (5 * 60 * 1000) /* a client that pages takes seconds */

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP },
	{ "fwm", 0 },		{ "fwm6", 0 },
};

static int parse_protocol(struct list_filter *f, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcasecmp(protocols[i].name, f->protocol) == 0) {
			f->protocol_number = protocols[i].number;
			return 0;
		}
	}
	return request_refuse_param(e, "protocol", "must be tcp, udp, sctp, fwm or fwm6");
}

/* Splits "key=value" of a parameter; false: there is no '='. */
static bool has_value(const char *text)
{
	const char *equals = strchr(text, '=');

	return equals && equals != text;
}

int list_filter_parse(const struct request *req, struct list_filter *ret, struct err *e)
{
	const char *address = request_param(req, "address"), *port = request_param(req, "port");
	struct list_filter f = {
		.protocol = request_param(req, "protocol"),
		.owner = request_param(req, "owner"),
		.label = request_param(req, "label"),
		.condition = request_param(req, "condition"),
		.by_address = address,
		.by_port = port,
	};
	uint64_t number = 0;

	if (f.protocol && parse_protocol(&f, e) < 0)
		return -EINVAL;
	if (address && inaddr_parse(address, strlen(address), &f.address) < 0)
		return request_refuse_param(e, "address",
					    "must be an IPv4 or IPv6 address without brackets");
	if (port && num_parse_u64(port, strlen(port), 65535, &number) < 0)
		return request_refuse_param(e, "port", "must be a number from 0 to 65535");
	if (f.label && !has_value(f.label))
		return request_refuse_param(e, "label", "must be NAME=VALUE");
	if (f.condition && !(strncmp(f.condition, "Programmed=", 11) == 0 ||
			     strncmp(f.condition, "Accepted=", 9) == 0 ||
			     strncmp(f.condition, "Degraded=", 9) == 0))
		return request_refuse_param(e, "condition",
					    "must be Programmed, Accepted or Degraded, then =True "
					    "or =False");
	if (f.condition && !streq(strchr(f.condition, '='), "=True") &&
	    !streq(strchr(f.condition, '='), "=False"))
		return request_refuse_param(e, "condition", "must end with =True or =False");
	f.port = (uint16_t)number;
	*ret = f;
	return 0;
}

static bool matches_protocol(const struct list_filter *f, const struct ipvs_service_key *key)
{
	if (f->protocol_number)
		return !key->fwmark && key->protocol == f->protocol_number;
	return key->fwmark &&
	       key->address.family == (strcasecmp(f->protocol, "fwm6") == 0 ? AF_INET6 : AF_INET);
}

static bool has_label(const struct metadata *m, const char *label)
{
	size_t len = (size_t)(strchr(label, '=') - label);

	for (const char *p = m->labels; p && p < m->labels + m->labels_len;) {
		const char *value = p + strlen(p) + 1;

		if (strlen(p) == len && strncmp(p, label, len) == 0 &&
		    streq(value, label + len + 1))
			return true;
		p = value + strlen(value) + 1;
	}
	return false;
}

static bool has_condition(struct api *api, const struct service *s, const char *condition)
{
	const char *equals = strchr(condition, '=');
	char type[16];

	(void)snprintf(type, sizeof(type), "%.*s", (int)(equals - condition), condition);
	return view_condition_of(api, s, type) == streq(equals, "=True");
}

bool list_filter_matches_metadata(const struct list_filter *f, const struct metadata *m)
{
	if (f->owner && !(m->owner ? streq(m->owner, f->owner) : !*f->owner))
		return false;
	return !f->label || has_label(m, f->label);
}

bool list_filter_matches(struct api *api, const struct list_filter *f, const struct service *s)
{
	const struct ipvs_service_key *key = &s->spec.key;

	if (f->protocol && !matches_protocol(f, key))
		return false;
	if (f->by_address && (key->fwmark || inaddr_compare(&key->address, &f->address) != 0))
		return false;
	if (f->by_port && (key->fwmark || key->port != f->port))
		return false;
	if (!list_filter_matches_metadata(f, &s->meta))
		return false;
	return !f->condition || has_condition(api, s, f->condition);
}

int list_include(const struct request *req, struct view_extra *ret, struct err *e)
{
	const char *include = request_param(req, "include");

	if (include && !streq(include, "stats"))
		return request_refuse_param(e, "include", "must be stats");
	ret->stats = include != NULL;
	return 0;
}

void list_expire(struct api *api)
{
	int64_t now = api->now();

	for (size_t i = 0; i < API_SNAPSHOTS; i++) {
		struct api_snapshot *s = &api->snapshots[i];

		if (s->desired && s->until < now) {
			desired_unref(s->desired);
			*s = (struct api_snapshot){ 0 };
		}
	}
}

void list_keep(struct api *api, struct desired *d)
{
	struct api_snapshot *oldest = &api->snapshots[0];

	for (size_t i = 0; i < API_SNAPSHOTS; i++) {
		struct api_snapshot *s = &api->snapshots[i];

		if (s->desired && s->desired->revision == d->revision) {
			s->until = api->now() + KEEP_MS;
			return;
		}
		if (s->until < oldest->until)
			oldest = s;
	}
	desired_unref(oldest->desired);
	*oldest = (struct api_snapshot){ desired_ref(d), api->now() + KEEP_MS };
}

struct desired *list_kept(struct api *api, uint64_t revision)
{
	struct desired *found = NULL;

	list_expire(api);
	for (size_t i = 0; i < API_SNAPSHOTS; i++) {
		struct api_snapshot *s = &api->snapshots[i];

		if (s->desired && s->desired->revision == revision)
			found = s->desired;
	}
	return found;
}

void list_done(struct api *api)
{
	for (size_t i = 0; i < API_SNAPSHOTS; i++)
		desired_unref(api->snapshots[i].desired);
	memset(api->snapshots, 0, sizeof(api->snapshots));
}
