/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options of a line of ipvsadm mean, see ipvs_text.h. Pure. */
#include <arpa/inet.h>

#include "ipvs_text_private.h"
#include "num.h"

/* A decimal number as ipvsadm takes it, also with a plus or zeros in front. -EINVAL, -ERANGE. */
static int number(struct word w, uint64_t low, uint64_t high, uint64_t *ret)
{
	uint64_t v;
	int r;

	if (w.len > 1 && w.text[0] == '+') {
		w.text++;
		w.len--;
	}
	while (w.len > 1 && w.text[0] == '0') {
		w.text++;
		w.len--;
	}
	r = num_parse_u64(w.text, w.len, high, &v);
	if (r == 0 && v < low)
		r = -ERANGE;
	if (r == 0)
		*ret = v;
	return r;
}

/* The number of an option; absent: fallback. */
static int option_number(const struct line *l, enum option o, const char *name, uint64_t low,
			 uint64_t high, uint64_t fallback, uint32_t *ret)
{
	uint64_t v = fallback;

	if (l->values[o].text && number(l->values[o], low, high, &v) < 0)
		return ipvs_text_refuse(l, "out_of_range",
					"%s: '" SHOWN "' is not a number from %llu to %llu", name,
					SHOW(l->values[o]), (unsigned long long)low,
					(unsigned long long)high);
	*ret = (uint32_t)v;
	return 0;
}

/* Copies a name for a lookup; false when it cannot be one. */
static bool copy_name(const struct word *w, char buf[IPVS_TEXT_NAME_MAX])
{
	if (w->len == 0 || w->len >= IPVS_TEXT_NAME_MAX)
		return false;
	for (size_t i = 0; i < w->len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
			    w->text[i]) ||
		    !w->text[i])
			return false;
	memcpy(buf, w->text, w->len);
	buf[w->len] = '\0';
	return true;
}

/* Something that begins like an address is none of a host, whatever the lookup would say. */
static bool looks_like_address(const struct word *w)
{
	return w->len == 0 || memchr(w->text, ':', w->len) || strchr("0123456789[", w->text[0]);
}

static int parse_host(const struct line *l, const struct word *w, struct inaddr *ret)
{
	char name[IPVS_TEXT_NAME_MAX];
	const char *unfit;

	if (w->len == 0)
		return ipvs_text_refuse(l, "invalid_address", "the address is missing");
	if (inaddr_parse(w->text, w->len, ret) < 0) {
		if (looks_like_address(w) || !copy_name(w, name))
			return ipvs_text_refuse(l, "invalid_address",
						"'" SHOWN "' is not an IPv4 or IPv6 address",
						SHOW(*w));
		if (!l->names)
			return ipvs_text_refuse(l, "name_not_allowed",
						"'" SHOWN
						"' is no address; names=true takes names of hosts",
						SHOW(*w));
		if (l->names->host(name, ret) < 0)
			return ipvs_text_refuse(l, "unknown_name",
						"no host '" SHOWN "' is known here", SHOW(*w));
	}
	unfit = inaddr_unfit(ret);
	if (unfit)
		return ipvs_text_refuse(l, "invalid_address", "'" SHOWN "' is %s", SHOW(*w), unfit);
	return 0;
}

static int parse_port(const struct line *l, const struct word *w, uint8_t protocol, uint16_t *ret)
{
	char name[IPVS_TEXT_NAME_MAX];
	uint64_t v;
	int r = number(*w, 0, 65535, &v);

	if (r == 0) {
		*ret = (uint16_t)v;
		return 0;
	}
	if (r == -ERANGE || !copy_name(w, name))
		return ipvs_text_refuse(l, "invalid_port",
					"'" SHOWN "' is not a port from 0 to 65535", SHOW(*w));
	if (!l->names)
		return ipvs_text_refuse(
			l, "name_not_allowed",
			"'" SHOWN "' is no port number; names=true takes names of ports", SHOW(*w));
	if (l->names->port(name, protocol, ret) < 0)
		return ipvs_text_refuse(l, "unknown_name", "no port '" SHOWN "' is known here",
					SHOW(*w));
	return 0;
}

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT, IPv6. port is left as it is when there is none. */
static int parse_endpoint(const struct line *l, const struct word *w, uint8_t protocol,
			  struct inaddr *ret, uint16_t *ret_port)
{
	const char *close = w->len && w->text[0] == '[' ? memchr(w->text, ']', w->len) : NULL;
	struct word host = *w, port = { 0 };
	const char *colon;
	struct inaddr a;

	if (close) {
		host = (struct word){ w->text + 1, (size_t)(close - w->text - 1) };
		if (close + 1 < w->text + w->len) {
			if (close[1] != ':')
				return ipvs_text_refuse(l, "invalid_address",
							"'" SHOWN "' is not [ADDRESS]:PORT",
							SHOW(*w));
			port = (struct word){ close + 2, (size_t)(w->text + w->len - close - 2) };
		}
		if (inaddr_parse(host.text, host.len, &a) < 0 || a.family != AF_INET6)
			return ipvs_text_refuse(l, "invalid_address",
						"'" SHOWN "' is not an IPv6 address", SHOW(host));
	} else if (inaddr_parse(w->text, w->len, &a) < 0 &&
		   (colon = memrchr(w->text, ':', w->len)) != NULL) {
		host.len = (size_t)(colon - w->text);
		port = (struct word){ colon + 1, w->len - host.len - 1 };
	}
	if (parse_host(l, &host, ret) < 0)
		return -EINVAL;
	return port.text ? parse_port(l, &port, protocol, ret_port) : 0;
}

static int parse_key(const struct line *l, struct ipvs_service_key *ret)
{
	static const enum option which[] = { OPT_TCP, OPT_UDP, OPT_SCTP, OPT_MARK };
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct ipvs_service_key k = { 0 };
	const struct word *w;
	uint64_t mark;
	size_t i;

	if (ipvs_text_only_one(l, which, ARRAY_SIZE(which), &i) < 0)
		return -EINVAL;
	if (i == ARRAY_SIZE(which))
		return ipvs_text_refuse(
			l, "option_required",
			"one of -t, -u, --sctp-service and -f has to say which service");
	w = &l->values[which[i]];
	if (l->given[OPT_IPV6] && which[i] != OPT_MARK)
		return ipvs_text_refuse(l, "option_not_allowed", "-6 goes with -f only");
	if (which[i] == OPT_MARK) {
		if (number(*w, 1, UINT32_MAX, &mark) < 0)
			return ipvs_text_refuse(l, "out_of_range",
						"'" SHOWN "' is not a mark from 1 to 4294967295",
						SHOW(*w));
		k.fwmark = (uint32_t)mark;
		k.address.family = l->given[OPT_IPV6] ? AF_INET6 : AF_INET;
	} else {
		k.protocol = protocols[i];
		if (parse_endpoint(l, w, k.protocol, &k.address, &k.port) < 0)
			return -EINVAL;
	}
	*ret = k;
	return 0;
}

/* The kernel takes any 32 bits for IPv4; a prefix length is all that can be declared. */
static int parse_netmask(const struct line *l, struct ipvs_service *s)
{
	const struct word *w = &l->values[OPT_NETMASK];
	struct inaddr mask;
	uint32_t bits;
	uint64_t v;

	if (!w->text)
		return 0;
	if (s->key.address.family == AF_INET6) {
		if (number(*w, 1, 128, &v) < 0)
			return ipvs_text_refuse(l, "unsupported_netmask",
						"'" SHOWN "' is not a prefix length from 1 to 128",
						SHOW(*w));
		s->persistence_prefix = (uint8_t)v;
		return 0;
	}
	if (inaddr_parse(w->text, w->len, &mask) < 0 || mask.family != AF_INET)
		return ipvs_text_refuse(l, "unsupported_netmask",
					"'" SHOWN "' is not a netmask as 255.255.255.0", SHOW(*w));
	memcpy(&bits, mask.bytes, sizeof(bits));
	bits = ntohl(bits);
	if (!bits || (bits | (bits - 1)) != UINT32_MAX)
		return ipvs_text_refuse(l, "unsupported_netmask",
					"the netmask " SHOWN " is no prefix of 1 to 32 bits",
					SHOW(*w));
	s->persistence_prefix = (uint8_t)__builtin_popcount(bits);
	return 0;
}

static int parse_flags(const struct line *l, uint8_t *ret)
{
	static const struct {
		const char *name;
		enum ipvs_scheduler_flag flag;
	} names[] = {
		{ "flag-1", IPVS_FLAG_1 },	  { "flag-2", IPVS_FLAG_2 },
		{ "flag-3", IPVS_FLAG_3 },	  { "mh-fallback", IPVS_FLAG_MH_FALLBACK },
		{ "mh-port", IPVS_FLAG_MH_PORT }, { "sh-fallback", IPVS_FLAG_SH_FALLBACK },
		{ "sh-port", IPVS_FLAG_SH_PORT },
	};
	struct word rest = l->values[OPT_FLAGS];

	while (rest.text && rest.len) {
		const char *comma = memchr(rest.text, ',', rest.len);
		struct word one = { rest.text, comma ? (size_t)(comma - rest.text) : rest.len };
		size_t i = 0;

		rest.text += one.len + (comma != NULL);
		rest.len -= one.len + (comma != NULL);
		if (one.len == 0)
			continue;
		while (i < ARRAY_SIZE(names) && !ipvs_text_word_is(&one, names[i].name))
			i++;
		if (i == ARRAY_SIZE(names))
			return ipvs_text_refuse(l, "unknown_value",
						"there is no scheduler flag '" SHOWN "'",
						SHOW(one));
		*ret |= (uint8_t)(1u << names[i].flag);
	}
	return 0;
}

/* A name of the kernel into an array that is zero. */
static int parse_name(const struct line *l, enum option o, const char *what,
		      char ret[IPVS_NAME_MAX])
{
	const struct word *w = &l->values[o];
	char name[IPVS_TEXT_NAME_MAX];

	if (!w->text)
		return 0;
	if (!copy_name(w, name) || w->len >= IPVS_NAME_MAX)
		return ipvs_text_refuse(l, "unknown_value", "'" SHOWN "' is no name of a %s",
					SHOW(*w), what);
	memset(ret, 0, IPVS_NAME_MAX);
	memcpy(ret, name, w->len);
	return 0;
}

static int make_service(const struct line *l, struct ipvs_service *s)
{
	const struct ipvs_service_key key = s->key;

	ipvs_service_init(&key, s);
	s->persistent = l->given[OPT_PERSISTENT];
	s->one_packet = l->given[OPT_ONE_PACKET];
	if (parse_name(l, OPT_SCHEDULER, "scheduler", s->scheduler) < 0 ||
	    parse_name(l, OPT_ENGINE, "persistence engine", s->persistence_engine) < 0 ||
	    option_number(l, OPT_PERSISTENT, "-p", 1, 2678400, s->persistence_timeout,
			  &s->persistence_timeout) < 0 ||
	    parse_netmask(l, s) < 0)
		return -EINVAL;
	return parse_flags(l, &s->scheduler_flags);
}

static int parse_tunnel(const struct line *l, struct ipvs_dest *d)
{
	static const enum option checksums[] = { OPT_TUN_NOCSUM, OPT_TUN_CSUM, OPT_TUN_REMCSUM };
	static const struct {
		const char *name;
		enum ipvs_tunnel_type type;
	} types[] = { { "ipip", IPVS_TUNNEL_IPIP },
		      { "gue", IPVS_TUNNEL_GUE },
		      { "gre", IPVS_TUNNEL_GRE } };
	const struct word *w = &l->values[OPT_TUN_TYPE];
	uint32_t port;
	size_t i = 0;

	while (w->text && i < ARRAY_SIZE(types) && !ipvs_text_word_is(w, types[i].name))
		i++;
	if (i == ARRAY_SIZE(types))
		return ipvs_text_refuse(l, "unknown_value", "'" SHOWN "' is not ipip, gue or gre",
					SHOW(*w));
	d->tunnel_type = (uint8_t)types[i].type;
	if (ipvs_text_only_one(l, checksums, ARRAY_SIZE(checksums), &i) < 0 ||
	    option_number(l, OPT_TUN_PORT, "--tun-port", 1, 65535, 0, &port) < 0)
		return -EINVAL;
	d->tunnel_checksum = i == ARRAY_SIZE(checksums) ? IPVS_CHECKSUM_NONE : (uint8_t)i;
	d->tunnel_port = (uint16_t)port;
	if (d->tunnel_type == IPVS_TUNNEL_IPIP && i < ARRAY_SIZE(checksums))
		return ipvs_text_refuse(l, "option_not_allowed", "ipip has no checksum options");
	return 0;
}

/* The port is the service's when none is given; dr and tun have no other, except with a mark. */
static int make_dest(const struct line *l, const struct ipvs_service_key *service,
		     struct ipvs_dest *ret)
{
	static const enum option forwards[] = { OPT_GATEWAYING, OPT_MASQUERADING, OPT_IPIP };
	static const uint8_t values[] = { IPVS_FORWARD_DR, IPVS_FORWARD_NAT, IPVS_FORWARD_TUN,
					  IPVS_FORWARD_DR };
	struct ipvs_dest_key key = { .port = service->port };
	size_t i;

	if (!l->given[OPT_SERVER])
		return ipvs_text_refuse(l, "option_required", "-r has to say which real server");
	if (parse_endpoint(l, &l->values[OPT_SERVER], service->protocol, &key.address, &key.port) <
		    0 ||
	    ipvs_text_only_one(l, forwards, ARRAY_SIZE(forwards), &i) < 0)
		return -EINVAL;
	if (values[i] != IPVS_FORWARD_NAT && !service->fwmark)
		key.port = service->port;
	ipvs_dest_init(&key, ret);
	ret->forward = values[i];
	if (option_number(l, OPT_WEIGHT, "-w", 0, INT32_MAX, ret->weight, &ret->weight) < 0 ||
	    option_number(l, OPT_UPPER, "-x", 0, INT32_MAX, 0, &ret->upper_threshold) < 0 ||
	    option_number(l, OPT_LOWER, "-y", 0, INT32_MAX, 0, &ret->lower_threshold) < 0)
		return -EINVAL;
	return parse_tunnel(l, ret);
}

int ipvs_text_parse(const char *text, size_t len, const struct ipvs_text_names *names,
		    const struct json_path *path, struct ipvs_text_line *ret, struct err *e)
{
	const char *hash = memchr(text, '#', len);
	struct line l = {
		.at = text, .end = hash ? hash : text + len, .names = names, .path = path, .e = e
	};
	struct word w;

	*ret = (struct ipvs_text_line){ .kind = IPVS_TEXT_NOTHING };
	if (len > IPVS_TEXT_LINE_MAX)
		return ipvs_text_refuse(&l, "invalid_line", "longer than %d bytes",
					IPVS_TEXT_LINE_MAX);
	for (const char *c = text; c < l.end; c++)
		if ((unsigned char)*c < ' ' ? !ipvs_text_is_blank(*c) : (unsigned char)*c > '~')
			return ipvs_text_refuse(&l, "invalid_line",
						"has a byte that is no printable ASCII");
	w = ipvs_text_next_word(&l);
	if (w.text && ipvs_text_word_is(&w, "ipvsadm")) {
		w = ipvs_text_next_word(&l);
		if (!w.text)
			return ipvs_text_refuse(&l, "invalid_line", "a command without options");
	}
	if (!w.text)
		return 0;
	if (ipvs_text_read_options(&l, w) < 0 || parse_key(&l, &ret->service.key) < 0)
		return -EINVAL;
	ret->kind = l.given[OPT_ADD_SERVICE] ? IPVS_TEXT_SERVICE : IPVS_TEXT_DEST;
	return ret->kind == IPVS_TEXT_SERVICE ? make_service(&l, &ret->service)
					      : make_dest(&l, &ret->service.key, &ret->dest);
}
