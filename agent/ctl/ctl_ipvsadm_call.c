/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the words of one call of ipvsadm mean, in the order in which they stand; its checks and its
 * sentences about what is wrong. See ipvsadm_read() in ctl_ipvsadm.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>

#include "ctl_ipvsadm.h"
#include "util.h"

#define TIMEOUT_MAX	    2678400 /* seconds: 31 days */
#define PERSISTENCE_TIMEOUT 360	    /* without a number, whatever its manual says */

bool ipvsadm_bad(struct ipvsadm_call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!c->quiet) {
		(void)vfprintf(stderr, fmt, ap);
		(void)fputc('\n', stderr);
	}
	va_end(ap);
	c->status = IPVSADM_BAD_CALL;
	c->ends = true;
	return false;
}

bool ipvsadm_try_help(struct ipvsadm_call *c)
{
	if (!c->quiet)
		(void)fprintf(stderr, "Try `%s -h' or '%s --help' for more information.\n",
			      c->program, c->program);
	c->status = IPVSADM_REFUSED;
	c->ends = true;
	return false;
}

static bool take_service(struct ipvsadm_call *c, const struct ipvsadm_word *w)
{
	struct ipvs_service_key *k = &c->service.key;
	bool has_port;
	uint32_t mark;

	if (w->variant == 0) {
		if (ipvsadm_number(w->value, 1, UINT32_MAX, &mark) < 0)
			return ipvsadm_bad(c, "invalid fwmark value `%s' specified", w->value);
		*k = (struct ipvs_service_key){ .fwmark = mark, .address.family = AF_INET };
		return true;
	}
	k->protocol = (uint8_t)w->variant;
	if (ipvsadm_parse_endpoint(w->value, k->protocol, &k->address, &k->port, &has_port) < 0)
		return ipvsadm_bad(c, "illegal virtual server address[:port] specified");
	if (k->address.family == AF_INET6)
		c->netmask = 128;
	return true;
}

/* The port is the service's when none is given. */
static bool take_server(struct ipvsadm_call *c, const struct ipvsadm_word *w)
{
	uint8_t protocol = c->service.key.fwmark ? IPPROTO_TCP : c->service.key.protocol;
	struct ipvs_dest_key *k = &c->dest.key;
	bool has_port;

	k->port = c->service.key.port;
	if (ipvsadm_parse_endpoint(w->value, protocol, &k->address, &k->port, &has_port) < 0)
		return ipvsadm_bad(c, "illegal real server address[:port] specified");
	return true;
}

static bool take_netmask(struct ipvsadm_call *c, const char *value)
{
	if (c->service.key.address.family == AF_INET6) {
		if (ipvsadm_number(value, 1, 128, &c->netmask) < 0)
			return ipvsadm_bad(c, "illegal ipv6 netmask specified");
	} else if (ipvsadm_parse_mask(value, &c->netmask) < 0) {
		return ipvsadm_bad(c, "illegal virtual server persistent mask specified");
	}
	return true;
}

static bool timeout_of(struct ipvsadm_call *c, const char *value, uint32_t low, uint32_t *ret)
{
	return ipvsadm_number(value, low, TIMEOUT_MAX, ret) == 0 ||
	       ipvsadm_bad(c, "invalid timeout value `%s' specified", value);
}

static bool take_persistent(struct ipvsadm_call *c, const char *value)
{
	c->service.persistent = true;
	c->service.persistence_timeout = PERSISTENCE_TIMEOUT;
	return !value || timeout_of(c, value, 1, &c->service.persistence_timeout);
}

static bool take_number(struct ipvsadm_call *c, const char *value, const char *what, uint32_t low,
			uint32_t high, uint32_t *ret)
{
	return ipvsadm_number(value, low, high, ret) == 0 ||
	       ipvsadm_bad(c, "illegal %s specified", what);
}

static bool take_tunnel_type(struct ipvsadm_call *c, const char *value)
{
	static const char *const names[] = {
		[IPVS_TUNNEL_IPIP] = "ipip", [IPVS_TUNNEL_GUE] = "gue", [IPVS_TUNNEL_GRE] = "gre"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (streq(names[i], value)) {
			c->dest.tunnel_type = (uint8_t)i;
			return true;
		}
	}
	return ipvsadm_bad(c, "illegal tunnel type specified");
}

static bool take_group(struct ipvsadm_call *c, const char *value)
{
	bool v6 = strchr(value, ':');
	struct inaddr a = { .family = v6 ? AF_INET6 : AF_INET };
	const char *class = inet_pton(a.family, value, a.bytes) == 1 ? inaddr_unfit(&a) : NULL;

	if (!class || !streq(class, "multicast"))
		return ipvsadm_bad(c, "invalid %s mcast-group `%s'", v6 ? "IPv6" : "IPv4", value);
	c->sync.group = a;
	return true;
}

/* Cut to its room, as ipvsadm does: such a name is none of the kernel. */
static void copy_name(char *to, size_t size, const char *value)
{
	(void)snprintf(to, size, "%s", value);
}

/* At the end, when the scheduler is known. */
static bool take_flags(struct ipvsadm_call *c, const char *value)
{
	static const struct {
		const char *name, *scheduler;
		enum ipvs_scheduler_flag flag;
	} flags[] = {
		{ "flag-1", NULL, IPVS_FLAG_1 },
		{ "flag-2", NULL, IPVS_FLAG_2 },
		{ "flag-3", NULL, IPVS_FLAG_3 },
		{ "sh-fallback", "sh", IPVS_FLAG_SH_FALLBACK },
		{ "sh-port", "sh", IPVS_FLAG_SH_PORT },
		{ "mh-fallback", "mh", IPVS_FLAG_MH_FALLBACK },
		{ "mh-port", "mh", IPVS_FLAG_MH_PORT },
	};
	const char *scheduler = ipvsadm_has(c, IPVSADM_SCHEDULER) ? c->service.scheduler : "wlc";

	for (const char *at = value; *at; at += strspn(at, ",")) {
		size_t len = strcspn(at, ","), i = 0;

		while (i < ARRAY_SIZE(flags) &&
		       (strlen(flags[i].name) != len || memcmp(flags[i].name, at, len) != 0))
			i++;
		if (len && i == ARRAY_SIZE(flags))
			return ipvsadm_bad(c, "invalid scheduler flag `%.*s'", (int)len, at);
		if (len && flags[i].scheduler && !streq(flags[i].scheduler, scheduler))
			return ipvsadm_bad(c, "incompatible scheduler flag `%s'", flags[i].name);
		if (len)
			c->service.scheduler_flags |= (uint8_t)(1u << flags[i].flag);
		at += len;
	}
	return true;
}

static bool take_sync(struct ipvsadm_call *c, enum ipvsadm_option o, const char *value)
{
	struct ipvsadm_sync *s = &c->sync;

	if (o == IPVSADM_SYNCID)
		return take_number(c, value, "syncid", 0, 255, &s->sync_id);
	if (o == IPVSADM_MAXLEN)
		return take_number(c, value, "sync-maxlen", 1, 65535 - 20 - 8, &s->max_length);
	if (o == IPVSADM_PORT)
		return take_number(c, value, "mcast-port", 1, 65535, &s->port);
	if (o == IPVSADM_TTL)
		return take_number(c, value, "mcast-ttl", 1, 255, &s->ttl);
	if (o == IPVSADM_GROUP)
		return take_group(c, value);
	copy_name(s->interface, sizeof(s->interface), value);
	return true;
}

static bool take_tunnel(struct ipvsadm_call *c, enum ipvsadm_option o, const char *value)
{
	uint32_t port;

	if (o == IPVSADM_TUN_TYPE)
		return take_tunnel_type(c, value);
	if (o == IPVSADM_TUN_PORT) {
		if (!take_number(c, value, "tunnel port", 1, 65535, &port))
			return false;
		c->dest.tunnel_port = (uint16_t)port;
		return true;
	}
	if (o == IPVSADM_TUN_CSUM)
		c->dest.tunnel_checksum = IPVS_CHECKSUM_PLAIN;
	if (o == IPVSADM_TUN_REMCSUM)
		c->dest.tunnel_checksum = IPVS_CHECKSUM_REMOTE;
	return true;
}

static bool take_server_number(struct ipvsadm_call *c, enum ipvsadm_option o, const char *value)
{
	if (o == IPVSADM_WEIGHT)
		return take_number(c, value, "weight", 0, INT32_MAX, &c->dest.weight);
	if (o == IPVSADM_UPPER)
		return take_number(c, value, "u_threshold", 0, INT32_MAX, &c->dest.upper_threshold);
	return take_number(c, value, "l_threshold", 0, INT32_MAX, &c->dest.lower_threshold);
}

static bool take_option(struct ipvsadm_call *c, const struct ipvsadm_word *w)
{
	enum ipvsadm_option o = (enum ipvsadm_option)w->which;

	if (ipvsadm_has(c, o))
		return ipvsadm_bad(c, "multiple '%s' options specified", ipvsadm_option_names[o]);
	c->given |= IPVSADM_BIT(o);
	if (o == IPVSADM_SERVICE)
		return take_service(c, w);
	if (o == IPVSADM_SERVER)
		return take_server(c, w);
	if (o == IPVSADM_PERSISTENT)
		return take_persistent(c, w->value);
	if (o == IPVSADM_NETMASK)
		return take_netmask(c, w->value);
	if (o == IPVSADM_SCHEDULER)
		copy_name(c->service.scheduler, sizeof(c->service.scheduler), w->value);
	else if (o == IPVSADM_ENGINE)
		copy_name(c->service.persistence_engine, sizeof(c->service.persistence_engine),
			  w->value);
	else if (o == IPVSADM_FORWARD)
		c->dest.forward = (uint8_t)w->variant;
	else if (o == IPVSADM_ONE_PACKET)
		c->service.one_packet = true;
	else if (o >= IPVSADM_WEIGHT && o <= IPVSADM_LOWER)
		return take_server_number(c, o, w->value);
	else if (o >= IPVSADM_TUN_TYPE && o <= IPVSADM_TUN_REMCSUM)
		return take_tunnel(c, o, w->value);
	else if (w->value && o != IPVSADM_FLAGS)
		return take_sync(c, o, w->value);
	return true;
}

static bool take_ipv6(struct ipvsadm_call *c)
{
	if (!c->service.key.fwmark)
		return ipvsadm_bad(c, "-6 used before -f");
	c->service.key.address.family = AF_INET6;
	c->netmask = 128;
	return true;
}

/* The first word has to be a command. */
static bool take_command(struct ipvsadm_call *c, const struct ipvsadm_word *w)
{
	c->status = 0;
	c->ends = true;
	if (c->quiet && w->kind != IPVSADM_WORD_COMMAND)
		return false;
	if (w->kind == IPVSADM_WORD_HELP)
		return ipvsadm_print_help(c->program), false;
	if (w->kind == IPVSADM_WORD_VERSION)
		return ipvsadm_print_version(), false;
	if (w->kind != IPVSADM_WORD_COMMAND)
		return ipvsadm_try_help(c);
	c->ends = false;
	c->command = (enum ipvsadm_command)w->which;
	if (!w->value)
		return true;
	c->sync.backup = streq(w->value, "backup");
	if (!c->sync.backup && !streq(w->value, "master"))
		return ipvsadm_bad(c, c->command == IPVSADM_START_DAEMON
					      ? "illegal start-daemon parameter specified"
					      : "illegal start_daemon specified");
	return true;
}

static bool take_timeouts(struct ipvsadm_call *c, const struct ipvsadm_words *words)
{
	if (words->n_rest < 3)
		return ipvsadm_bad(c, "--set option requires 3 timeout values");
	for (int i = 0; i < 3; i++)
		if (!timeout_of(c, words->rest[i], 0, &c->timeouts[i]))
			return false;
	return true;
}

static bool read_words(struct ipvsadm_call *c, struct ipvsadm_words *words)
{
	struct ipvsadm_word w = ipvsadm_next_word(words);
	const char *flags = NULL;
	int used = 0;

	if (!take_command(c, &w))
		return false;
	while ((w = ipvsadm_next_word(words)).kind != IPVSADM_WORD_END) {
		if (w.kind == IPVSADM_WORD_BAD) {
			if (!c->quiet)
				(void)fprintf(stderr, "%s: %s\n", w.text, w.value);
			c->status = IPVSADM_REFUSED;
			return false;
		}
		if (w.kind == IPVSADM_WORD_SORT)
			continue; /* it is the default */
		if (w.kind == IPVSADM_WORD_IPV6 ? !take_ipv6(c)
		    : w.kind == IPVSADM_WORD_OPTION
			    ? !take_option(c, &w)
			    : !ipvsadm_bad(c, "invalid option `%s'", w.text))
			return false;
		if (w.kind == IPVSADM_WORD_OPTION && w.which == IPVSADM_FLAGS)
			flags = w.value;
	}
	if (flags && !take_flags(c, flags))
		return false;
	if (c->command == IPVSADM_SET) {
		if (!take_timeouts(c, words))
			return false;
		used = 3;
	}
	return words->n_rest == used || ipvsadm_bad(c, "unexpected argument %s", words->rest[used]);
}

static bool check_options(struct ipvsadm_call *c)
{
	const struct ipvsadm_rule *rule = &ipvsadm_rules[c->command];
	const char *last = NULL;

	for (int o = 0; o < IPVSADM_OPTIONS; o++) {
		uint64_t bit = IPVSADM_BIT(o);
		const char *name = ipvsadm_option_names[o];

		if (!(c->given & bit)) {
			if (rule->needed & bit)
				return ipvsadm_bad(c,
						   "You need to supply the '%s' option for the "
						   "'%s' command",
						   name, rule->name);
			continue;
		}
		if (!((rule->needed | rule->allowed | rule->exclusive) & bit))
			return ipvsadm_bad(c, "Illegal '%s' option with the '%s' command", name,
					   rule->name);
		if (rule->exclusive & bit && last)
			return ipvsadm_bad(c,
					   "The option '%s' conflicts with the '%s' option in the "
					   "'%s' command",
					   name, last, rule->name);
		if (rule->exclusive & bit)
			last = name;
	}
	return true;
}

static bool check_service(struct ipvsadm_call *c)
{
	struct ipvs_service *s = &c->service;
	uint32_t low = ~c->netmask; /* IPv4: of a prefix all ones at the end */

	if (!s->key.fwmark && !s->key.port && !s->persistent)
		return ipvsadm_bad(c, "Zero port specified for non-persistent service");
	if (s->one_packet && !s->key.fwmark && s->key.protocol != IPPROTO_UDP)
		return ipvsadm_bad(c, "One-Packet Scheduling is only for UDP virtual services");
	if (s->key.address.family == AF_INET6)
		s->persistence_prefix = (uint8_t)c->netmask;
	else if (s->persistent && (!c->netmask || low & (low + 1)))
		return ipvsadm_bad(c, "illegal virtual server persistent mask specified: lvsd "
				      "takes prefixes of 1 to 32 bits only");
	else
		s->persistence_prefix = (uint8_t)__builtin_popcount(c->netmask);
	return true;
}

/* Which options of tunnels a type needs and may have. */
static bool check_tunnel(struct ipvsadm_call *c)
{
	static const struct {
		const char *name, *marks; /* port, nocsum, csum, remcsum: + x or 1, one of these */
	} types[] = { [IPVS_TUNNEL_IPIP] = { "ipip", "xxxx" },
		      [IPVS_TUNNEL_GUE] = { "gue", "+111" },
		      [IPVS_TUNNEL_GRE] = { "gre", "x11x" } };
	const char *type = types[c->dest.tunnel_type].name, *last = NULL;

	for (int i = 0; i < 4; i++) {
		const char *name = ipvsadm_option_names[IPVSADM_TUN_PORT + i];
		char mark = types[c->dest.tunnel_type].marks[i];

		if (!(c->given & IPVSADM_BIT(IPVSADM_TUN_PORT + i))) {
			if (mark == '+')
				return ipvsadm_bad(c,
						   "You need to supply the '%s' option for the "
						   "'%s' tunnel type",
						   name, type);
			continue;
		}
		if (mark == 'x')
			return ipvsadm_bad(c, "Illegal '%s' option with the '%s' tunnel type", name,
					   type);
		if (mark == '1' && last)
			return ipvsadm_bad(c,
					   "The option '%s' conflicts with the '%s' option in the "
					   "'%s' tunnel type",
					   name, last, type);
		if (mark == '1')
			last = name;
	}
	return true;
}

static bool check_server(struct ipvsadm_call *c)
{
	static const uint64_t tunnel =
		IPVSADM_BIT(IPVSADM_TUN_TYPE) | IPVSADM_BIT(IPVSADM_TUN_PORT) |
		IPVSADM_BIT(IPVSADM_TUN_NOCSUM) | IPVSADM_BIT(IPVSADM_TUN_CSUM) |
		IPVSADM_BIT(IPVSADM_TUN_REMCSUM);
	const struct ipvs_service_key *k = &c->service.key;

	if (!k->fwmark && c->dest.forward != IPVS_FORWARD_NAT)
		c->dest.key.port = k->port;
	if (c->dest.forward == IPVS_FORWARD_TUN)
		return check_tunnel(c);
	if (c->dest.key.address.family != k->address.family)
		return ipvsadm_bad(c, "Different address family is allowed only for tunneling "
				      "servers");
	return !(c->given & tunnel) ||
	       ipvsadm_bad(c, "Tunnel options conflict with forward method");
}

static bool check_list(struct ipvsadm_call *c)
{
	static const uint64_t others = IPVSADM_BIT(IPVSADM_CONNECTION) |
				       IPVSADM_BIT(IPVSADM_TIMEOUT) | IPVSADM_BIT(IPVSADM_DAEMON);
	static const uint64_t formats = IPVSADM_BIT(IPVSADM_STATS) | IPVSADM_BIT(IPVSADM_RATE) |
					IPVSADM_BIT(IPVSADM_THRESHOLDS);

	return !(c->given & others && c->given & formats) ||
	       ipvsadm_bad(c, "options conflicts in the list command");
}

static bool check(struct ipvsadm_call *c)
{
	if (!check_options(c))
		return false;
	if (c->command == IPVSADM_ADD || c->command == IPVSADM_EDIT)
		return check_service(c);
	if (c->command == IPVSADM_ADD_SERVER || c->command == IPVSADM_EDIT_SERVER)
		return check_server(c);
	return c->command != IPVSADM_LIST || check_list(c);
}

bool ipvsadm_read(int argc, char **argv, struct ipvsadm_call *ret)
{
	_cleanup_(freep) const char **rest = calloc((size_t)argc, sizeof(*rest));
	struct ipvsadm_words words = { .argc = argc, .at = 1, .argv = argv, .rest = rest };
	struct ipvs_service service;
	struct ipvs_dest dest;

	ipvs_service_init(&(struct ipvs_service_key){ 0 }, &service);
	ipvs_dest_init(&(struct ipvs_dest_key){ 0 }, &dest);
	*ret = (struct ipvsadm_call){ .program = argv[0],
				      .quiet = ret->quiet,
				      .netmask = UINT32_MAX,
				      .service = service,
				      .dest = dest };
	copy_name(ret->sync.interface, sizeof(ret->sync.interface), "eth0");
	if (!rest)
		return ipvsadm_bad(ret, "Memory allocation problem");
	if (!read_words(ret, &words) || !check(ret))
		return false;
	/* An option that only means something with -p. */
	if (!ret->service.persistent)
		ret->service.persistence_engine[0] = '\0';
	return true;
}
