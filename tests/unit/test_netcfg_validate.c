/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids, defaults and rules of the host's objects: netcfg_model.c and netcfg_validate.c. */
#include "netcfg_validate.h"

#include <errno.h>

#include "test.h"
#include "util.h"

static struct inaddr address_of(const char *text)
{
	struct inaddr a = { 0 };

	CHECK_INT(inaddr_parse(text, strlen(text), &a), 0);
	return a;
}

TEST(ids_of_vips)
{
	static const struct {
		const char *id, *canonical; /* NULL: refused */
	} cases[] = {
		{ "192.0.2.10", "192.0.2.10" },
		{ "2001:DB8:0::10", "2001:db8::10" },
		{ "[2001:db8::10]", "2001:db8::10" },
		{ "[192.0.2.10]", NULL },
		{ "192.0.2.10/32", NULL },
		{ "192.0.2.010", NULL },
		{ "127.0.0.1", NULL },
		{ "0.0.0.0", NULL },
		{ "224.0.0.1", NULL },
		{ "255.255.255.255", NULL },
		{ "::", NULL },
		{ "::1", NULL },
		{ "ff02::1", NULL },
		{ "fe80::1", NULL },
		{ "fe80::1%eth0", NULL },
		{ "::ffff:192.0.2.1", NULL },
		{ "", NULL },
		{ "[]", NULL },
		{ "eth0", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[INADDR_TEXT_MAX];
		const char *why = NULL;
		struct inaddr a;
		int r = netcfg_vip_parse(cases[i].id, strlen(cases[i].id), &a, &why);

		printf("# %s\n", cases[i].id);
		CHECK_INT(r, cases[i].canonical ? 0 : -EINVAL);
		if (r == 0)
			CHECK_STR(inaddr_format(&a, text), cases[i].canonical);
		else
			CHECK(why && *why);
	}
}

TEST(names_of_interfaces)
{
	static const char *const good[] = { "lo",   "eth0", "eth0.100",	 "a",	"fifteen-letters",
					    "br-1", "...",  "x\xc3\xa4", "all0" };
	static const char *const bad[] = { "",	    ".",    "..",      "a/b",
					   "a b",   "a\tb", "eth0:1",  "a\x7f",
					   "a\nb",  "all",  "default", "sixteen-letters1",
					   "a\xa0", "\x01" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(!netcfg_interface_unfit(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(netcfg_interface_unfit(bad[i]));
}

/* Every object once in order, then with one fault: the pointer and the code. */
static void check_fault(const struct err *e, int r, const char *pointer, const char *code)
{
	CHECK_INT(r, -EINVAL);
	CHECK_INT(e->n_items, 1);
	CHECK_STR(e->items[0].pointer, pointer);
	CHECK_STR(e->items[0].code, code);
	CHECK(*e->items[0].detail);
}

static void vip_fault(const struct netcfg_vip *vip, const char *pointer, const char *code)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = netcfg_vip_validate(vip, NULL, &e);

	check_fault(&e, r, pointer, code);
}

TEST(rules_of_vips)
{
	_cleanup_(err_done) struct err e = { 0 };
	const struct inaddr v4 = address_of("192.0.2.10"), v6 = address_of("2001:db8::10");
	struct netcfg_vip good, six, vip;

	netcfg_vip_init(&v4, &good);
	vip_fault(&good, "/interface", "required");
	memcpy(good.interface, "eth0", 5);
	memcpy(good.label, "eth0:vip", 9);
	CHECK_INT(netcfg_vip_validate(&good, NULL, &e), 0);
	netcfg_vip_init(&v6, &six);
	CHECK_INT(six.prefix_length, 128);
	memcpy(six.interface, "eth0", 5);
	CHECK_INT(netcfg_vip_validate(&six, NULL, &e), 0);

	vip = good;
	memcpy(vip.interface, "a/b", 4);
	vip_fault(&vip, "/interface", "invalid_interface");
	vip = good;
	vip.prefix_length = 128;
	vip_fault(&vip, "/prefixLength", "out_of_range");
	vip.prefix_length = 33;
	vip_fault(&vip, "/prefixLength", "out_of_range");
	vip = six;
	vip.prefix_length = 32;
	vip_fault(&vip, "/prefixLength", "out_of_range");
	vip = six;
	memcpy(vip.label, "x", 2);
	vip_fault(&vip, "/label", "label_needs_ipv4");
	vip = good;
	memcpy(vip.label, "a b", 4);
	vip_fault(&vip, "/label", "invalid_label");
}

static void role_fault(const struct netcfg_real_server_role *role, const char *pointer,
		       const char *code)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = netcfg_real_server_role_validate(role, NULL, &e);

	check_fault(&e, r, pointer, code);
}

TEST(rules_of_the_real_servers_role)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct netcfg_real_server_role dr, gue, role;

	netcfg_real_server_role_init(&dr);
	CHECK_INT(netcfg_real_server_role_validate(&dr, NULL, &e), 0);
	gue = dr;
	gue.mode = NETCFG_MODE_TUN;
	CHECK_INT(netcfg_real_server_role_validate(&gue, NULL, &e), 0);
	gue.tunnel_type = NETCFG_TUNNEL_GUE;
	role_fault(&gue, "/tunnel/port", "tunnel_port_required");
	gue.tunnel_port = 5555;
	gue.tunnel_checksum = NETCFG_CHECKSUM_REMOTE;
	CHECK_INT(netcfg_real_server_role_validate(&gue, NULL, &e), 0);

	role = gue;
	role.mode = NETCFG_MODE_DR;
	role_fault(&role, "/tunnel", "tunnel_needs_tun");
	role = gue;
	role.tunnel_type = NETCFG_TUNNEL_GRE;
	role.tunnel_checksum = NETCFG_CHECKSUM_PLAIN;
	role_fault(&role, "/tunnel/port", "tunnel_port_needs_gue");
	role.tunnel_port = 0;
	CHECK_INT(netcfg_real_server_role_validate(&role, NULL, &e), 0);
	role.tunnel_checksum = NETCFG_CHECKSUM_REMOTE;
	role_fault(&role, "/tunnel/checksum", "checksum_unsupported");
	role.tunnel_type = NETCFG_TUNNEL_IPIP;
	role.tunnel_checksum = NETCFG_CHECKSUM_PLAIN;
	role_fault(&role, "/tunnel/checksum", "checksum_unsupported");
	role = dr;
	memcpy(role.interface, "..", 3);
	role_fault(&role, "/interface", "invalid_interface");
}

TEST(what_means_nothing_has_one_value)
{
	struct netcfg_real_server_role role = {
		.mode = NETCFG_MODE_DR,
		.tunnel_type = NETCFG_TUNNEL_GUE,
		.tunnel_port = 7,
		.tunnel_checksum = NETCFG_CHECKSUM_PLAIN,
	};

	netcfg_real_server_role_normalise(&role);
	CHECK(!role.tunnel_type && !role.tunnel_port && !role.tunnel_checksum);
}

static void sysctl_fault(const char *name, const char *value, const char *pointer, const char *code)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct netcfg_sysctl s = { 0 };
	int r;

	snprintf(s.name, sizeof(s.name), "%s", name);
	snprintf(s.value, sizeof(s.value), "%s", value);
	r = netcfg_sysctl_validate(&s, NULL, &e);
	check_fault(&e, r, pointer, code);
}

TEST(rules_of_sysctls)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct netcfg_sysctl s = { "net.ipv4.vs.sync_threshold", " 3\t50\n" };

	CHECK_INT(netcfg_sysctl_validate(&s, NULL, &e), 0);
	CHECK_STR(s.value, "3 50");
	sysctl_fault("kernel.panic", "1", "", "sysctl_not_allowed");
	sysctl_fault("net.ipv4.ip_forward", "", "/value", "required");
	sysctl_fault("net.ipv4.ip_forward", "2", "/value", "invalid_value");
	sysctl_fault("net.ipv4.ip_forward", " ", "/value", "invalid_value");
	sysctl_fault("net.ipv4.vs.later", "\xc3\xa4", "/value", "invalid_value");
}

static void add_address(struct netcfg_found *f, int32_t index, const char *text, uint8_t prefix)
{
	const struct netcfg_address a = { .index = index,
					  .address = address_of(text),
					  .prefix_length = prefix };

	CHECK_INT(vec_push(&f->addresses, a), 0);
	vec_sort(&f->addresses, netcfg_address_compare);
}

TEST(addresses_of_a_subnet_itself_are_no_vips)
{
	static const struct {
		const char *address, *interface;
		bool clash;
	} cases[] = {
		{ "198.51.100.0", "eth0", true },
		{ "198.51.100.255", "eth0", true },
		{ "198.51.100.1", "eth0", false },
		{ "198.51.100.0", "eth1", false },
		{ "198.51.101.0", "eth0", false },
		{ "10.1.2.192", "eth1", true },
		{ "10.1.2.223", "eth1", true },
		{ "10.1.2.224", "eth1", false },
		{ "203.0.113.4", "eth1", false },
		{ "203.0.113.5", "eth1", false },
		{ "2001:db8::", "eth0", true },
		{ "2001:db8::ffff:ffff:ffff:ffff", "eth0", false },
		{ "2001:db8:0:1::", "eth0", false },
		{ "198.51.100.0", "none", false },
		{ "192.0.2.77", "eth1", false },
	};
	struct netcfg_found f = { 0 };
	const struct netcfg_link links[] = { { .index = 2, .name = "eth0" },
					     { .index = 3, .name = "eth1" } };

	CHECK(vec_push(&f.links, links[0]) == 0 && vec_push(&f.links, links[1]) == 0);
	add_address(&f, 2, "198.51.100.1", 24);
	add_address(&f, 2, "2001:db8::1", 64);
	add_address(&f, 3, "10.1.2.200", 27);
	add_address(&f, 3, "203.0.113.4", 31);
	add_address(&f, 3, "192.0.2.77", 32);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct inaddr a = address_of(cases[i].address);

		printf("# %s on %s\n", cases[i].address, cases[i].interface);
		CHECK_INT(netcfg_address_clash(&a, cases[i].interface, &f) != NULL, cases[i].clash);
	}
	netcfg_found_done(&f);
}
