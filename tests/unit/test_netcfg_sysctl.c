/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The allow-list of netcfg/netcfg_sysctl.c: its names, its values, what two values are together. */
#include "netcfg_sysctl.h"

#include <errno.h>

#include "netcfg_found.h"
#include "num.h"
#include "test.h"
#include "util.h"

static struct netcfg_sysctl_key key_of(const char *name)
{
	struct netcfg_sysctl_key key = { 0 };
	const char *why = NULL;

	if (netcfg_sysctl_parse(name, strlen(name), &key, &why) < 0) {
		printf("# %s: %s\n", name, why);
		test_fail(__FILE__, __LINE__, "the name is allowed");
	}
	return key;
}

/* The contract with clients, spelled out: a row that is missing or too many is a fault. */
static const char *const allowed[] = {
	"net.ipv4.conf.*.accept_local",
	"net.ipv4.conf.*.arp_accept",
	"net.ipv4.conf.*.arp_announce",
	"net.ipv4.conf.*.arp_filter",
	"net.ipv4.conf.*.arp_ignore",
	"net.ipv4.conf.*.arp_notify",
	"net.ipv4.conf.*.forwarding",
	"net.ipv4.conf.*.rp_filter",
	"net.ipv4.conf.*.send_redirects",
	"net.ipv4.conf.*.src_valid_mark",
	"net.ipv4.ip_forward",
	"net.ipv4.ip_nonlocal_bind",
	"net.ipv6.conf.*.accept_dad",
	"net.ipv6.conf.*.accept_ra",
	"net.ipv6.conf.*.dad_transmits",
	"net.ipv6.conf.*.forwarding",
	"net.ipv6.conf.*.keep_addr_on_down",
	"net.ipv6.conf.*.ndisc_notify",
	"net.ipv6.ip_nonlocal_bind",
};

TEST(the_rows_are_those_of_the_contract)
{
	size_t n, beside_ipvs = 0;
	const struct netcfg_sysctl_row *rows = netcfg_sysctl_rows(&n);

	for (size_t i = 0; i < n; i++) {
		bool found = strncmp(rows[i].pattern, "net.ipv4.vs.", 12) == 0;

		CHECK_INT(rows[i].timeout != NETCFG_TIMEOUT_NONE,
			  strncmp(rows[i].pattern, "timeouts.", 9) == 0);
		if (rows[i].timeout) /* no name that a client could use */
			continue;
		beside_ipvs += !found;
		CHECK_INT(rows[i].needs_ipvs, found);
		for (size_t j = 0; j < ARRAY_SIZE(allowed); j++)
			found = found || streq(allowed[j], rows[i].pattern);
		printf("# %s\n", rows[i].pattern);
		CHECK(found);
		CHECK(rows[i].doc[strlen(rows[i].doc) - 1] == '.');
		CHECK(rows[i].min <= rows[i].max);
		/* What comes with a link is in the first rows. */
		CHECK(!rows[i].family || i < NETCFG_CONF_MAX);
		CHECK_INT(rows[i].family != 0, strstr(rows[i].pattern, ".conf.") != NULL);
		CHECK_INT(rows[i].combine != NETCFG_COMBINE_NONE, rows[i].family != 0);
	}
	CHECK_INT(beside_ipvs, ARRAY_SIZE(allowed));
}

static void check_round(const char *name)
{
	char again[NETCFG_SYSCTL_NAME_MAX];
	struct netcfg_sysctl_key key = key_of(name);

	CHECK_STR(netcfg_sysctl_format(&key, again), name);
}

TEST(names_go_both_ways)
{
	static const char *const components[] = { "all",  "default",  "lo",
						  "eth0", "eth0/100", "a-b@c" };

	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		const char *star = strchr(allowed[i], '*');
		char name[NETCFG_SYSCTL_NAME_MAX];

		if (!star)
			check_round(allowed[i]);
		for (size_t j = 0; star && j < ARRAY_SIZE(components); j++) {
			snprintf(name, sizeof(name), "%.*s%s%s", (int)(star - allowed[i]),
				 allowed[i], components[j], star + 1);
			check_round(name);
		}
	}
	check_round("net.ipv4.vs.conntrack");
	check_round("net.ipv4.vs.a_later_one2");
}

TEST(every_other_name_is_refused)
{
	static const char *const names[] = {
		"",
		"net",
		"kernel.core_pattern",
		"net.ipv4.tcp_syncookies",
		"net.ipv4.conf.all.accept_redirects",
		"net.ipv4.conf.all.arp_ignore.",
		".net.ipv4.conf.all.arp_ignore",
		"net.ipv4.conf..arp_ignore",
		"net.ipv4.conf.arp_ignore",
		"net.ipv4.conf.*.arp_ignore.x",
		"net.ipv4.conf.a b.arp_ignore",
		"net.ipv4.conf.eth0:1.arp_ignore",
		"net.ipv4.conf.eth0.100.arp_ignore",
		"net.ipv4.conf.//.arp_ignore", /* the interface ".." */
		"net.ipv4.conf./.arp_ignore",
		"net.ipv4.conf.sixteen-letters1.arp_ignore",
		"net/ipv4/conf/all/arp_ignore",
		"net.ipv4.conf.all.ARP_IGNORE",
		"net.ipv6.conf.all.rp_filter",
		"net.ipv6.conf.all.disable_ipv6",
		"net.ipv6.ip_forward",
		"net.ipv4.vs",
		"net.ipv4.vs.",
		"net.ipv4.vs.a.b",
		"net.ipv4.vs.a/b",
		"net.ipv4.vs.Conntrack",
		"net.ipv4.vs.a_name_of_more_than_31_characters",
		"net.ipv4.vs.conntrack\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct netcfg_sysctl_key key = { .row = 7 };
		const char *why = NULL;

		printf("# %s\n", names[i]);
		CHECK_INT(netcfg_sysctl_parse(names[i], strlen(names[i]), &key, &why), -EINVAL);
		CHECK(why && *why);
		CHECK_INT(key.row, 7);
	}
	/* A NUL inside is no end. */
	CHECK_INT(netcfg_sysctl_parse("net.ipv4.ip_forward\0x", 21,
				      &(struct netcfg_sysctl_key){ 0 }, &(const char *){ NULL }),
		  -EINVAL);
}

static void check_path(const char *name, const char *path)
{
	char buf[NETCFG_SYSCTL_NAME_MAX];
	struct netcfg_sysctl_key key = key_of(name);

	CHECK_STR(netcfg_sysctl_path(&key, buf), path);
}

TEST(paths_stay_below_proc_sys)
{
	check_path("net.ipv4.ip_forward", "net/ipv4/ip_forward");
	check_path("net.ipv4.conf.all.arp_ignore", "net/ipv4/conf/all/arp_ignore");
	check_path("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter");
	check_path("net.ipv4.conf.a//b.rp_filter", "net/ipv4/conf/a..b/rp_filter");
	check_path("net.ipv6.conf.default.accept_ra", "net/ipv6/conf/default/accept_ra");
	check_path("net.ipv4.vs.later", "net/ipv4/vs/later");
}

TEST(two_names_of_one_variable_have_one_slot)
{
	struct netcfg_sysctl_key forward = key_of("net.ipv4.ip_forward"), a, b;
	struct netcfg_sysctl_key all = key_of("net.ipv4.conf.all.forwarding");
	struct netcfg_sysctl_key other = key_of("net.ipv4.ip_nonlocal_bind");

	netcfg_sysctl_slot(&forward, &a);
	netcfg_sysctl_slot(&all, &b);
	CHECK_INT(netcfg_sysctl_compare(&a, &b), 0);
	CHECK(netcfg_sysctl_compare(&forward, &all) != 0);
	netcfg_sysctl_slot(&other, &a);
	CHECK_INT(netcfg_sysctl_compare(&a, &other), 0);
}

TEST(what_writes_through_comes_first)
{
	static const char *const order[] = {
		"net.ipv4.conf.all.forwarding", "net.ipv4.conf.default.forwarding",
		"net.ipv4.conf.a.forwarding",	"net.ipv4.conf.eth0.forwarding",
		"net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.a.arp_ignore"
	};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
			struct netcfg_sysctl_key a = key_of(order[i]), b = key_of(order[j]);
			int c = netcfg_sysctl_compare(&a, &b);

			CHECK_INT((c > 0) - (c < 0), (i > j) - (i < j));
		}
}

TEST(values_have_one_form)
{
	static const struct {
		const char *text, *form;
	} cases[] = {
		{ "1", "1" },	       { " 1\n", "1" },	  { "3\t50\n", "3 50" },
		{ "3    50", "3 50" }, { "", "" },	  { " \t", "" },
		{ "0-3,5", "0-3,5" },  { "1\001", NULL }, { "\xc3\xa4", NULL },
		{ "1\x7f", NULL },
	};
	char ret[NETCFG_SYSCTL_VALUE_MAX], longest[NETCFG_SYSCTL_VALUE_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(ret, "old", 4);
		CHECK_INT(netcfg_sysctl_normalise(cases[i].text, ret), cases[i].form != NULL);
		CHECK_STR(ret, cases[i].form ? cases[i].form : "old");
	}
	memset(longest, '1', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	CHECK(!netcfg_sysctl_normalise(longest, ret));
	longest[sizeof(longest) - 2] = '\0';
	CHECK(netcfg_sysctl_normalise(longest, ret));
	CHECK_STR(ret, longest);
}

TEST(values_that_mean_nothing_are_refused)
{
	static const struct {
		const char *name, *good, *bad;
	} cases[] = {
		{ "net.ipv4.ip_forward", "0 1", "2 -1 01 + 1.0 0x1 -0 4294967296" },
		{ "net.ipv4.conf.all.arp_ignore", "0 1 2 3 8", "-1 4 5 6 7 9 99" },
		{ "net.ipv4.conf.eth0.arp_announce", "0 1 2", "3 -1" },
		{ "net.ipv4.conf.eth0.arp_accept", "0 1 2", "3" },
		{ "net.ipv4.conf.eth0.rp_filter", "0 1 2", "3" },
		{ "net.ipv6.conf.eth0.keep_addr_on_down", "-1 0 1", "-2 2" },
		{ "net.ipv6.conf.eth0.dad_transmits", "0 255", "256" },
		{ "net.ipv4.vs.drop_entry", "0 1 2 3", "4 -1" },
		{ "net.ipv4.vs.sync_ports", "1 2 4 8 16 32 64", "0 3 6 65 128 -2" },
		{ "net.ipv4.vs.est_nice", "-20 0 19", "-21 20" },
		{ "net.ipv4.vs.amemthresh", "0 2147483647", "2147483648 -5" },
		{ "net.ipv4.vs.am_droprate", "1", "0" },
		{ "net.ipv4.vs.later", "x -1 9999999999999", "" },
	};
	char must[128];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netcfg_sysctl_key key = key_of(cases[i].name);

		for (int bad = 0; bad < 2; bad++) {
			char words[64], *save = NULL;

			snprintf(words, sizeof(words), "%s", bad ? cases[i].bad : cases[i].good);
			for (char *w = strtok_r(words, " ", &save); w;
			     w = strtok_r(NULL, " ", &save)) {
				const char *why = netcfg_sysctl_check(&key, w, must, sizeof(must));

				printf("# %s=%s: %s\n", cases[i].name, w, why ? why : "ok");
				CHECK_INT(why != NULL, bad);
			}
		}
		CHECK(netcfg_sysctl_check(&key, "", must, sizeof(must)));
	}
}

TEST(thresholds_of_the_sync_daemon)
{
	static const char *const good[] = { "3 50", "0 1", "5 0", "0 0", "2147483646 2147483647" };
	static const char *const bad[] = { "3",	    "50 3",  "3 3", "3 50 1",	    "3,50",
					   "-1 50", "3 -50", " 3",  "2147483648 0", "x y",
					   "3  50" };
	struct netcfg_sysctl_key key = key_of("net.ipv4.vs.sync_threshold");
	char must[128];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(!netcfg_sysctl_check(&key, good[i], must, sizeof(must)));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(netcfg_sysctl_check(&key, bad[i], must, sizeof(must)));
}

TEST(a_refusal_says_what_it_must_be)
{
	struct netcfg_sysctl_key ignore = key_of("net.ipv4.conf.all.arp_ignore");
	struct netcfg_sysctl_key ports = key_of("net.ipv4.vs.sync_ports");
	struct netcfg_sysctl_key filter = key_of("net.ipv4.conf.all.rp_filter");
	char must[128];

	CHECK_STR(netcfg_sysctl_check(&ignore, "4", must, sizeof(must)),
		  "must be one of 0, 1, 2, 3, 8");
	CHECK_STR(netcfg_sysctl_check(&ports, "3", must, sizeof(must)),
		  "must be a power of two from 1 to 64");
	CHECK_STR(netcfg_sysctl_check(&filter, "3", must, sizeof(must)),
		  "must be an integer from 0 to 2");
}

TEST(what_the_kernel_flips_is_the_same)
{
	struct netcfg_sysctl_key entry = key_of("net.ipv4.vs.drop_entry");
	struct netcfg_sysctl_key ignore = key_of("net.ipv4.conf.all.arp_ignore");

	CHECK(netcfg_sysctl_same(&entry, "1", "2") && netcfg_sysctl_same(&entry, "2", "1"));
	CHECK(!netcfg_sysctl_same(&entry, "1", "3") && !netcfg_sysctl_same(&entry, "0", "1"));
	CHECK(netcfg_sysctl_same(&entry, "0", "0"));
	CHECK(!netcfg_sysctl_same(&ignore, "1", "2"));
}

TEST(all_and_the_interface_combine)
{
	static const struct {
		const char *name, *own, *all;
		bool effective;
	} cases[] = {
		{ "net.ipv4.conf.eth0.rp_filter", "0", "1", false }, /* MAX */
		{ "net.ipv4.conf.eth0.rp_filter", "0", "0", true },
		{ "net.ipv4.conf.eth0.rp_filter", "2", "1", true },
		{ "net.ipv4.conf.eth0.rp_filter", "1", "2", false },
		{ "net.ipv4.conf.eth0.send_redirects", "0", "1", false }, /* OR */
		{ "net.ipv4.conf.eth0.send_redirects", "0", "0", true },
		{ "net.ipv4.conf.eth0.send_redirects", "1", "0", true },
		{ "net.ipv4.conf.eth0.forwarding", "0", "1", true }, /* the interface only */
		{ "net.ipv6.conf.eth0.keep_addr_on_down", "0", "1", false }, /* all first */
		{ "net.ipv6.conf.eth0.keep_addr_on_down", "1", "-1", false },
		{ "net.ipv6.conf.eth0.keep_addr_on_down", "-1", "-1", true },
		{ "net.ipv6.conf.eth0.keep_addr_on_down", "1", "0", true },
		{ "net.ipv4.conf.all.rp_filter", "0", "1", true },
		{ "net.ipv4.conf.default.rp_filter", "0", "1", true },
		{ "net.ipv4.conf.eth0.rp_filter", "0", NULL, true },
		{ "net.ipv4.ip_forward", "0", "1", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netcfg_sysctl_key key = key_of(cases[i].name);

		printf("# %s=%s\n", cases[i].name, cases[i].own);
		CHECK_INT(netcfg_sysctl_effective(&key, cases[i].own, cases[i].all),
			  cases[i].effective);
	}
}
