/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The variables of the kernel in memory: those of Linux 6.1, its defaults, its checks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netcfg_fake_private.h"
#include "num.h"
#include "util.h"

/* Values at the start that are not 0, and what is there at all beside the interfaces'. */
static const struct {
	const char *name;
	const char *value;
} defaults[] = {
	{ "net.ipv4.ip_forward", "0" },
	{ "net.ipv4.ip_nonlocal_bind", "0" },
	{ "net.ipv6.ip_nonlocal_bind", "0" },
	{ "net.ipv4.vs.am_droprate", "10" },
	{ "net.ipv4.vs.amemthresh", "1024" },
	{ "net.ipv4.vs.backup_only", "0" },
	{ "net.ipv4.vs.cache_bypass", "0" },
	{ "net.ipv4.vs.conn_reuse_mode", "1" },
	{ "net.ipv4.vs.conntrack", "0" },
	{ "net.ipv4.vs.drop_entry", "0" },
	{ "net.ipv4.vs.drop_packet", "0" },
	{ "net.ipv4.vs.expire_nodest_conn", "0" },
	{ "net.ipv4.vs.expire_quiescent_template", "0" },
	{ "net.ipv4.vs.ignore_tunneled", "0" },
	{ "net.ipv4.vs.nat_icmp_send", "0" },
	{ "net.ipv4.vs.pmtu_disc", "1" },
	{ "net.ipv4.vs.run_estimation", "1" },
	{ "net.ipv4.vs.schedule_icmp", "0" },
	{ "net.ipv4.vs.secure_tcp", "0" },
	{ "net.ipv4.vs.sloppy_sctp", "0" },
	{ "net.ipv4.vs.sloppy_tcp", "0" },
	{ "net.ipv4.vs.snat_reroute", "1" },
	{ "net.ipv4.vs.sync_persist_mode", "0" },
	{ "net.ipv4.vs.sync_ports", "1" },
	{ "net.ipv4.vs.sync_qlen_max", "15000" },
	{ "net.ipv4.vs.sync_refresh_period", "0" },
	{ "net.ipv4.vs.sync_retries", "0" },
	{ "net.ipv4.vs.sync_sock_size", "0" },
	{ "net.ipv4.vs.sync_threshold", "3 50" },
	{ "net.ipv4.vs.sync_version", "1" },
};

/* The same for those of interfaces, by `all` and `default`. */
static const struct {
	const char *name;
	int32_t all, seed;
} interface_defaults[] = {
	{ "net.ipv4.conf.all.send_redirects", 1, 1 },
	{ "net.ipv6.conf.all.accept_ra", 1, 1 },
	{ "net.ipv6.conf.all.accept_dad", 0, 1 },
	{ "net.ipv6.conf.all.dad_transmits", 1, 1 },
};

/* What the kernel itself checks; the rest takes any integer. */
static const char *const checked[] = {
	"net.ipv4.vs.drop_entry",     "net.ipv4.vs.drop_packet",  "net.ipv4.vs.secure_tcp",
	"net.ipv4.vs.sync_ports",     "net.ipv4.vs.sync_version", "net.ipv4.vs.sync_retries",
	"net.ipv4.vs.sync_threshold",
};

static bool parse(const char *name, struct netcfg_sysctl_key *ret)
{
	const char *why;

	return netcfg_sysctl_parse(name, strlen(name), ret, &why) == 0;
}

void netcfg_fake_sysctls_init(struct fake_sysctls *s)
{
	struct netcfg_sysctl_key key;

	*s = (struct fake_sysctls){ .ipvs = true };
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (parse(defaults[i].name, &key))
			(void)snprintf(s->text[key.row], sizeof(s->text[0]), "%s",
				       defaults[i].value);
	for (size_t i = 0; i < ARRAY_SIZE(interface_defaults); i++)
		if (parse(interface_defaults[i].name, &key)) {
			s->all[key.row] = interface_defaults[i].all;
			s->seed[key.row] = interface_defaults[i].seed;
		}
}

void netcfg_fake_seed(const struct fake_sysctls *s, struct netcfg_link *link)
{
	const struct netcfg_sysctl_row *rows;
	size_t n;

	rows = netcfg_sysctl_rows(&n);
	for (size_t i = 0; i < n && i < NETCFG_CONF_MAX; i++)
		if (rows[i].family) {
			link->conf[i] = s->seed[i];
			link->conf_known |= UINT64_C(1) << i;
		}
}

/* Where the value of an interface's variable is, or NULL. */
static int32_t *conf_of(struct netcfg_fake *f, const struct netcfg_sysctl_key *key)
{
	struct netcfg_link *link;

	if (!netcfg_sysctl_row(key)->family)
		return NULL;
	if (streq(key->component, "all"))
		return &f->sysctls.all[key->row];
	if (streq(key->component, "default"))
		return &f->sysctls.seed[key->row];
	link = netcfg_fake_find(f, key->component);
	return link && link->conf_known >> key->row & 1 ? &link->conf[key->row] : NULL;
}

static bool there(const struct netcfg_fake *f, const struct netcfg_sysctl_key *key)
{
	return f->sysctls.text[key->row][0] && !key->component[0] &&
	       (f->sysctls.ipvs || !netcfg_sysctl_row(key)->needs_ipvs);
}

int netcfg_fake_read(struct netcfg_kernel *k, const struct netcfg_sysctl_key *key,
		     char ret[NETCFG_SYSCTL_VALUE_MAX])
{
	struct netcfg_fake *f = (struct netcfg_fake *)k;
	struct netcfg_sysctl_key slot;
	const int32_t *conf;

	netcfg_sysctl_slot(key, &slot);
	conf = conf_of(f, &slot);
	if (conf)
		(void)snprintf(ret, NETCFG_SYSCTL_VALUE_MAX, "%d", *conf);
	else if (there(f, &slot))
		memcpy(ret, f->sysctls.text[slot.row], NETCFG_SYSCTL_VALUE_MAX);
	else
		return -ENOENT;
	return 0;
}

static bool parse_value(const char *text, int32_t *ret)
{
	bool negative = text[0] == '-';
	uint64_t v;

	if (num_parse_u64(text + negative, strlen(text) - negative, INT32_MAX, &v) < 0)
		return false;
	*ret = negative ? -(int32_t)v : (int32_t)v;
	return true;
}

static void tell(struct netcfg_fake *f, const struct netcfg_sysctl_key *key)
{
	netcfg_fake_news(f, &(struct netcfg_change){ .kind = NETCFG_CHANGE_SYSCTL, .key = *key });
}

static void write_through(struct netcfg_fake *f, const struct netcfg_sysctl_key *key, int32_t value)
{
	f->sysctls.seed[key->row] = value;
	vec_foreach(link, &f->links) {
		struct netcfg_sysctl_key own = { .row = key->row };

		link->conf[key->row] = value;
		memcpy(own.component, link->name, sizeof(link->name));
		tell(f, &own);
	}
}

static int write_conf(struct netcfg_fake *f, const struct netcfg_sysctl_key *key, int32_t *conf,
		      const char *text)
{
	bool changed;
	int32_t value;

	if (!parse_value(text, &value))
		return -EINVAL;
	changed = *conf != value;
	*conf = value;
	tell(f, key);
	if (changed && netcfg_sysctl_row(key)->write_through && streq(key->component, "all"))
		write_through(f, key, value);
	return 0;
}

static bool taken(const struct netcfg_sysctl_key *key, const char *value)
{
	char name[NETCFG_SYSCTL_NAME_MAX], why[128];
	int32_t number;

	(void)netcfg_sysctl_format(key, name);
	for (size_t i = 0; i < ARRAY_SIZE(checked); i++)
		if (streq(checked[i], name))
			return !netcfg_sysctl_check(key, value, why, sizeof(why));
	return parse_value(value, &number);
}

int netcfg_fake_write(struct netcfg_fake *f, const struct netcfg_sysctl_key *key, const char *value)
{
	struct netcfg_sysctl_key slot;
	int32_t *conf;

	netcfg_sysctl_slot(key, &slot);
	conf = conf_of(f, &slot);
	if (conf)
		return write_conf(f, &slot, conf, value);
	if (!there(f, &slot))
		return -ENOENT;
	if (!taken(&slot, value))
		return -EINVAL;
	(void)snprintf(f->sysctls.text[slot.row], NETCFG_SYSCTL_VALUE_MAX, "%s", value);
	tell(f, &slot);
	return 0;
}
