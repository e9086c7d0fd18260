/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The allow-list of kernel variables: the table, and what its rows mean. docs/KERNEL.md says how
 * each fact was found.
 */
#include "netcfg_sysctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "netcfg_found.h"
#include "num.h"
#include "util.h"

#define AUTO_FLIPS 0x6 /* values 1 and 2 */

/* A variable of each interface. */
#define CONF4(name, id, low, high, how, docs)                                                      \
	{                                                                                          \
		.pattern = "net.ipv4.conf.*." name, .family = AF_INET, .devconf = (id)-1,          \
		.min = low, .max = high, .combine = how, .doc = docs                               \
	}
#define CONF6(name, id, low, high, how, docs)                                                      \
	{                                                                                          \
		.pattern = "net.ipv6.conf.*." name, .family = AF_INET6, .devconf = id, .min = low, \
		.max = high, .combine = how, .doc = docs                                           \
	}
/* One of IPVS. */
#define VS(name, low, high, docs)                                                                  \
	{                                                                                          \
		.pattern = "net.ipv4.vs." name, .min = low, .max = high, .needs_ipvs = true,       \
		.doc = docs                                                                        \
	}
#define VS_KIND(name, how, low, high, docs)                                                        \
	{                                                                                          \
		.pattern = "net.ipv4.vs." name, .kind = how, .min = low, .max = high,              \
		.needs_ipvs = true, .doc = docs                                                    \
	}
#define VS_AUTO(name, docs)                                                                        \
	{                                                                                          \
		.pattern = "net.ipv4.vs." name, .max = 3, .flips = AUTO_FLIPS, .needs_ipvs = true, \
		.doc = docs                                                                        \
	}

#define TIMEOUT(name, which, docs)                                                                 \
	{                                                                                          \
		.pattern = "timeouts." name, .timeout = which, .min = 1,                           \
		.max = NETCFG_TIMEOUT_MAX, .doc = docs                                             \
	}

/* The rows of interfaces come first: their numbers index netcfg_link.conf. */
static const struct netcfg_sysctl_row rows[] = {
	{ .pattern = "net.ipv4.conf.*.forwarding",
	  .family = AF_INET,
	  .devconf = IPV4_DEVCONF_FORWARDING - 1,
	  .max = 1,
	  .combine = NETCFG_COMBINE_INTERFACE,
	  .write_through = true,
	  .doc = "Packets that arrive here are forwarded." },
	{ .pattern = "net.ipv4.conf.*.arp_ignore",
	  .family = AF_INET,
	  .devconf = IPV4_DEVCONF_ARP_IGNORE - 1,
	  .max = 8,
	  .values = 0x10f, /* 4 to 7 are reserved, and act as 0 */
	  .combine = NETCFG_COMBINE_MAX,
	  .doc = "Which ARP requests are answered." },
	CONF4("arp_announce", IPV4_DEVCONF_ARP_ANNOUNCE, 0, 2, NETCFG_COMBINE_MAX,
	      "Which source address ARP requests have."),
	CONF4("arp_filter", IPV4_DEVCONF_ARPFILTER, 0, 1, NETCFG_COMBINE_OR,
	      "ARP is answered on the interface of the route back only."),
	CONF4("arp_accept", IPV4_DEVCONF_ARP_ACCEPT, 0, 2, NETCFG_COMBINE_MAX,
	      "Gratuitous ARP makes neighbour entries."),
	CONF4("arp_notify", IPV4_DEVCONF_ARP_NOTIFY, 0, 1, NETCFG_COMBINE_MAX,
	      "Gratuitous ARP when the interface comes up."),
	CONF4("rp_filter", IPV4_DEVCONF_RP_FILTER, 0, 2, NETCFG_COMBINE_MAX,
	      "Check of the source address by the routes back."),
	CONF4("send_redirects", IPV4_DEVCONF_SEND_REDIRECTS, 0, 1, NETCFG_COMBINE_OR,
	      "ICMP redirects are sent."),
	CONF4("accept_local", IPV4_DEVCONF_ACCEPT_LOCAL, 0, 1, NETCFG_COMBINE_OR,
	      "Packets from own addresses are taken."),
	CONF4("src_valid_mark", IPV4_DEVCONF_SRC_VMARK, 0, 1, NETCFG_COMBINE_OR,
	      "The firewall mark counts in the check of the source address."),
	{ .pattern = "net.ipv6.conf.*.forwarding",
	  .family = AF_INET6,
	  .devconf = DEVCONF_FORWARDING,
	  .max = 1,
	  .combine = NETCFG_COMBINE_INTERFACE,
	  .write_through = true,
	  .doc = "Packets that arrive here are forwarded; router advertisements are ignored." },
	CONF6("accept_ra", DEVCONF_ACCEPT_RA, 0, 2, NETCFG_COMBINE_INTERFACE,
	      "Router advertisements are taken."),
	CONF6("accept_dad", DEVCONF_ACCEPT_DAD, 0, 2, NETCFG_COMBINE_MAX,
	      "Detection of duplicate addresses."),
	CONF6("dad_transmits", DEVCONF_DAD_TRANSMITS, 0, 255, NETCFG_COMBINE_INTERFACE,
	      "Probes of the detection of duplicate addresses."),
	CONF6("ndisc_notify", DEVCONF_NDISC_NOTIFY, 0, 1, NETCFG_COMBINE_OR,
	      "Unsolicited neighbour advertisement when the interface comes up."),
	CONF6("keep_addr_on_down", DEVCONF_KEEP_ADDR_ON_DOWN, -1, 1, NETCFG_COMBINE_ALL_FIRST,
	      "Addresses stay when the interface goes down."),
	{ .pattern = "net.ipv4.ip_forward",
	  .max = 1,
	  .same_as = "net.ipv4.conf.all.forwarding",
	  .doc = "Packets are forwarded." },
	{ .pattern = "net.ipv4.ip_nonlocal_bind",
	  .max = 1,
	  .doc = "Sockets may be bound to addresses that the host does not have." },
	{ .pattern = "net.ipv6.ip_nonlocal_bind",
	  .max = 1,
	  .doc = "Sockets may be bound to addresses that the host does not have." },
	VS("am_droprate", 1, INT32_MAX, "Rate of mode 3 of drop_packet: one in so many."),
	VS("amemthresh", 0, INT32_MAX, "Free pages below which the automatic modes set in."),
	VS("backup_only", 0, 1, "A backup does not act as director."),
	VS("cache_bypass", 0, 1, "With a mark and no real server, packets go where they want to."),
	VS("conn_lfactor", -8, 8, "Size of the connection table."),
	VS("conn_max", 0, INT32_MAX, "Connections at most."),
	VS("conn_reuse_mode", 0, 3, "What a new connection from a known port does."),
	VS("conntrack", 0, 1, "Connections are kept in conntrack too."),
	VS("debug_level", 0, 255, "Messages of a kernel built for debugging."),
	VS_AUTO("drop_entry", "Random connections are dropped when memory is short."),
	VS_AUTO("drop_packet", "Packets are dropped when memory is short."),
	VS_KIND("est_cpulist", NETCFG_VALUE_TEXT, 0, 0, "Processors of the estimators."),
	VS("est_nice", -20, 19, "Niceness of the estimators."),
	VS("expire_nodest_conn", 0, 1, "Connections go with their real server."),
	VS("expire_quiescent_template", 0, 1, "Persistence ends with weight 0."),
	VS("ignore_tunneled", 0, 1, "Packets out of tunnels are not scheduled."),
	VS("nat_icmp_send", 0, 1, "ICMP errors of nat are sent."),
	VS("pmtu_disc", 0, 1, "Path MTU discovery of tunnels."),
	VS("run_estimation", 0, 1, "Counters and rates are worked out."),
	VS("schedule_icmp", 0, 1, "ICMP packets are scheduled."),
	VS_AUTO("secure_tcp", "Shorter timeouts when memory is short."),
	VS("sloppy_sctp", 0, 1, "SCTP connections are taken up in their middle."),
	VS("sloppy_tcp", 0, 1, "TCP connections are taken up in their middle."),
	VS("snat_reroute", 0, 1, "Answers of nat are routed anew."),
	VS("svc_lfactor", -8, 8, "Size of the service table."),
	VS("sync_persist_mode", 0, 1, "Which connections of persistence are synchronised."),
	VS_KIND("sync_ports", NETCFG_VALUE_POWER, 1, 64, "Threads of the sync daemons."),
	VS("sync_qlen_max", 0, INT32_MAX, "Length of the sync daemon's queue."),
	/* Kept in jiffies; as for the timeouts of connections. */
	VS("sync_refresh_period", 0, 2147483, "Seconds after which a sync message is repeated."),
	VS("sync_retries", 0, 3, "Repetitions of a sync message."),
	VS("sync_sock_size", 0, INT32_MAX, "Buffer of the sync daemon's socket."),
	VS_KIND("sync_threshold", NETCFG_VALUE_THRESHOLD, 0, INT32_MAX,
		"Packets before the first sync message, and between two."),
	VS("sync_version", 0, 1, "Format of sync messages."),
	/* What a later kernel has. */
	VS_KIND("*", NETCFG_VALUE_TEXT, 0, 0, "A variable of IPVS that lvsd does not know."),
	TIMEOUT("tcpSeconds", NETCFG_TIMEOUT_TCP, "Idle TCP connections are forgotten after this."),
	TIMEOUT("tcpFinSeconds", NETCFG_TIMEOUT_TCP_FIN, "The same after a FIN."),
	TIMEOUT("udpSeconds", NETCFG_TIMEOUT_UDP, "The same for UDP."),
};

_Static_assert(NETCFG_CONF_MAX <= 64, "one bit of conf_known for each");

const struct netcfg_sysctl_row *netcfg_sysctl_rows(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(rows);
	return rows;
}

const struct netcfg_sysctl_row *netcfg_sysctl_row(const struct netcfg_sysctl_key *key)
{
	return &rows[key->row];
}

/* The interface's name from its form in an id. */
static const char *parse_interface(const char *text, size_t len, char ret[NETCFG_COMPONENT_MAX])
{
	if (len >= NETCFG_COMPONENT_MAX)
		return "the name of an interface has 1 to 15 bytes";
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.')
			return "a dot inside the name of an interface is written as '/'";
		ret[i] = text[i];
		if (text[i] == '/')
			ret[i] = '.';
	}
	ret[len] = '\0';
	if (streq(ret, "all") || streq(ret, "default"))
		return NULL;
	return netcfg_interface_unfit(ret);
}

static const char *parse_name(const char *text, size_t len, char ret[NETCFG_COMPONENT_MAX])
{
	if (len >= NETCFG_COMPONENT_MAX)
		return "the name of a variable has 1 to 31 characters";
	for (size_t i = 0; i < len; i++) {
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '0' && text[i] <= '9') &&
		    text[i] != '_')
			return "the name of a variable has only a to z, 0 to 9 and '_' in it";
		ret[i] = text[i];
	}
	ret[len] = '\0';
	return NULL;
}

/* True when name is that of the row but for its star, whose place is then *ret_star. */
static bool match(const char *pattern, const char *name, size_t len, size_t *ret_star,
		  size_t *ret_len)
{
	size_t before = strcspn(pattern, "*"), after;

	*ret_len = 0;
	*ret_star = before;
	if (!pattern[before])
		return len == before && memcmp(name, pattern, len) == 0;
	after = strlen(pattern) - before - 1;
	if (len <= before + after || memcmp(name, pattern, before) != 0 ||
	    memcmp(name + len - after, pattern + before + 1, after) != 0)
		return false;
	*ret_len = len - before - after;
	return true;
}

int netcfg_sysctl_parse(const char *name, size_t len, struct netcfg_sysctl_key *ret,
			const char **ret_why)
{
	*ret_why = "is not among the variables that may be set";
	for (uint16_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct netcfg_sysctl_key k = { .row = i };
		size_t star, star_len;
		const char *why = NULL;

		if (rows[i].timeout || !match(rows[i].pattern, name, len, &star, &star_len))
			continue;
		if (star_len && rows[i].combine == NETCFG_COMBINE_NONE)
			why = parse_name(name + star, star_len, k.component);
		else if (star_len)
			why = parse_interface(name + star, star_len, k.component);
		if (why) {
			*ret_why = why;
			return -EINVAL;
		}
		*ret = k;
		return 0;
	}
	return -EINVAL;
}

void netcfg_sysctl_timeout(enum netcfg_timeout which, struct netcfg_sysctl_key *ret)
{
	*ret = (struct netcfg_sysctl_key){ 0 };
	for (uint16_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].timeout == which && which != NETCFG_TIMEOUT_NONE)
			ret->row = i;
}

/* The name with its separators as they are (dotted) or for /proc. */
static char *print(const struct netcfg_sysctl_key *key, bool path, char buf[NETCFG_SYSCTL_NAME_MAX])
{
	const char *pattern = rows[key->row].pattern;
	size_t before = strcspn(pattern, "*"), n;

	(void)snprintf(buf, NETCFG_SYSCTL_NAME_MAX, "%.*s%s%s", (int)before, pattern,
		       key->component, pattern[before] ? pattern + before + 1 : "");
	n = strlen(key->component);
	for (size_t i = 0; buf[i]; i++) {
		bool component = i >= before && i < before + n;

		if (path && !component && buf[i] == '.')
			buf[i] = '/';
		else if (!path && component && buf[i] == '.')
			buf[i] = '/';
	}
	return buf;
}

char *netcfg_sysctl_format(const struct netcfg_sysctl_key *key, char buf[NETCFG_SYSCTL_NAME_MAX])
{
	return print(key, false, buf);
}

char *netcfg_sysctl_path(const struct netcfg_sysctl_key *key, char buf[NETCFG_SYSCTL_NAME_MAX])
{
	return print(key, true, buf);
}

void netcfg_sysctl_slot(const struct netcfg_sysctl_key *key, struct netcfg_sysctl_key *ret)
{
	const char *same = rows[key->row].same_as, *why;

	if (!same || netcfg_sysctl_parse(same, strlen(same), ret, &why) < 0)
		*ret = *key;
}

static int component_rank(const char *component)
{
	return streq(component, "all") ? 0 : streq(component, "default") ? 1 : 2;
}

int netcfg_sysctl_compare(const struct netcfg_sysctl_key *a, const struct netcfg_sysctl_key *b)
{
	int c;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	c = component_rank(a->component) - component_rank(b->component);
	return c ? c : strcmp(a->component, b->component);
}

bool netcfg_sysctl_normalise(const char *text, char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	char value[NETCFG_SYSCTL_VALUE_MAX];
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		bool blank = strchr(" \t\n\r\v\f", *p);

		if (blank && (n == 0 || value[n - 1] == ' '))
			continue;
		if (!blank && (*p < '!' || *p > '~'))
			return false;
		if (n == sizeof(value) - 1) /* blanks at the end would fit, but who has them */
			return false;
		value[n++] = blank ? ' ' : *p;
	}
	if (n && value[n - 1] == ' ')
		n--;
	memcpy(ret, value, n);
	ret[n] = '\0';
	return true;
}

/* A decimal integer with a minus sign or none. */
static bool parse_int(const char *s, size_t len, int64_t *ret)
{
	bool negative = len > 1 && s[0] == '-';
	uint64_t v;

	if (num_parse_u64(s + negative, len - negative, UINT32_MAX, &v) < 0)
		return false;
	if (negative && v == 0)
		return false; /* another spelling */
	*ret = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

static bool threshold_fits(const char *value)
{
	const char *blank = strchr(value, ' ');
	int64_t a, b;

	return blank && parse_int(value, (size_t)(blank - value), &a) &&
	       parse_int(blank + 1, strlen(blank + 1), &b) && a >= 0 && b >= 0 && a <= INT32_MAX &&
	       b <= INT32_MAX && (a < b || b == 0);
}

static bool int_fits(const struct netcfg_sysctl_row *row, const char *value)
{
	int64_t v;

	if (!parse_int(value, strlen(value), &v) || v < row->min || v > row->max)
		return false;
	if (row->kind == NETCFG_VALUE_POWER && (v & (v - 1)))
		return false;
	return !row->values || row->values >> v & 1;
}

/* What a value must be, for people. */
static const char *describe(const struct netcfg_sysctl_row *row, char *buf, size_t size)
{
	size_t n = 0;

	if (row->kind == NETCFG_VALUE_TEXT)
		(void)snprintf(buf, size, "must not be empty");
	else if (row->kind == NETCFG_VALUE_THRESHOLD)
		(void)snprintf(buf, size,
			       "must be two integers, the second greater than the first or 0");
	else
		(void)snprintf(buf, size, "must be %s from %d to %d",
			       row->kind == NETCFG_VALUE_POWER ? "a power of two" : "an integer",
			       row->min, row->max);
	for (int v = 0; row->values && v <= row->max && n < size; v++)
		if (row->values >> v & 1)
			n += (size_t)snprintf(buf + n, size - n, n ? ", %d" : "must be one of %d",
					      v);
	return buf;
}

const char *netcfg_sysctl_check(const struct netcfg_sysctl_key *key, const char *value, char *buf,
				size_t size)
{
	const struct netcfg_sysctl_row *row = &rows[key->row];
	bool fits = false;

	switch ((enum netcfg_value_kind)row->kind) {
	case NETCFG_VALUE_INT:
	case NETCFG_VALUE_POWER:
		fits = int_fits(row, value);
		break;
	case NETCFG_VALUE_THRESHOLD:
		fits = threshold_fits(value);
		break;
	case NETCFG_VALUE_TEXT:
		fits = value[0];
		break;
	}
	return fits ? NULL : describe(row, buf, size);
}

static bool flips(const struct netcfg_sysctl_row *row, const char *value)
{
	int64_t v;

	return parse_int(value, strlen(value), &v) && v >= 0 && v < 16 && row->flips >> v & 1;
}

bool netcfg_sysctl_same(const struct netcfg_sysctl_key *key, const char *a, const char *b)
{
	const struct netcfg_sysctl_row *row = &rows[key->row];

	return streq(a, b) || (row->flips && flips(row, a) && flips(row, b));
}

bool netcfg_sysctl_effective(const struct netcfg_sysctl_key *key, const char *value,
			     const char *all)
{
	int64_t own, other;

	if (!all || component_rank(key->component) < 2 || !parse_int(value, strlen(value), &own) ||
	    !parse_int(all, strlen(all), &other))
		return true;
	switch ((enum netcfg_combine)rows[key->row].combine) {
	case NETCFG_COMBINE_NONE:
	case NETCFG_COMBINE_INTERFACE:
		break;
	case NETCFG_COMBINE_MAX:
		return other <= own;
	case NETCFG_COMBINE_OR:
		return own || !other;
	case NETCFG_COMBINE_ALL_FIRST:
		return other == 0 || (other > 0) == (own > 0);
	}
	return true;
}
