/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Warnings of services and of the role of real server, over the host in memory: eth0 with
 * 198.51.100.1/24 and 2001:db8:ffff::1/64, eth1 with 203.0.113.1/24, both with an MTU of 1500. */
#include "host_world.h"

#include "preflight.h"

/* The codes of the warnings, in order, with blanks between them. */
static const char *codes_of(const struct preflight_warnings *w)
{
	static char text[512];

	text[0] = '\0';
	for (size_t i = 0; i < w->n; i++) {
		CHECK(w->items[i].detail[0]);
		CHECK(strlen(w->items[i].detail) + 1 < sizeof(w->items[i].detail));
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			       i ? " " : "",
			       preflight_code_name((enum preflight_code)w->items[i].code));
	}
	return text;
}

static struct service *service(const char *id)
{
	struct ipvs_service_key key;
	struct service *s;
	const char *why;

	CHECK_INT(ipvs_service_key_parse(id, strlen(id), &key, &why), 0);
	s = service_new(&key);
	CHECK(s);
	return s;
}

static struct ipvs_dest *add(struct service *s, const char *id, enum ipvs_forward forward,
			     uint32_t weight)
{
	struct real_server rs = { 0 };
	struct ipvs_dest_key key;
	const char *why;

	CHECK_INT(ipvs_dest_key_parse(id, strlen(id), &key, &why), 0);
	ipvs_dest_init(&key, &rs.dest);
	rs.dest.forward = (uint8_t)forward;
	rs.dest.weight = weight;
	CHECK_INT(vec_push(&s->real_servers, rs), 0);
	return &s->real_servers.items[s->real_servers.n - 1].dest;
}

/* A service with one real server. */
static struct service *with(const char *id, const char *dest, enum ipvs_forward forward)
{
	struct service *s = service(id);

	(void)add(s, dest, forward, 1);
	return s;
}

/* The host is looked at anew, a second and more later. */
static const struct preflight_host *host_of(struct world *x)
{
	x->now += 2000;
	host_notice(x->host);
	(void)world_run(x);
	return host_preflight(x->host, x->now);
}

static const char *warnings(struct world *x, const struct service *s)
{
	struct preflight_warnings w;

	preflight_service(host_of(x), &x->declared, s, &w);
	return codes_of(&w);
}

static const char *detail(struct world *x, const struct service *s)
{
	static struct preflight_warnings w;

	preflight_service(host_of(x), &x->declared, s, &w);
	CHECK_INT(w.n, 1);
	return w.items[0].detail;
}

static const char *role_warnings(struct world *x, const struct declared *o)
{
	struct preflight_warnings w;

	preflight_declared(host_of(x), o, &w);
	return codes_of(&w);
}

TEST(every_code_has_a_name)
{
	for (unsigned a = 0; a < PREFLIGHT_CODES; a++)
		for (unsigned b = 0; b <= a; b++) {
			const char *name = preflight_code_name((enum preflight_code)a);

			CHECK(name && name[0]);
			CHECK(a == b ||
			      strcmp(name, preflight_code_name((enum preflight_code)b)) != 0);
		}
}

TEST(real_servers_and_weights)
{
	_cleanup_(service_unrefp) struct service *s = service("tcp:198.51.100.1:80");
	struct world x;

	world_init(&x);
	CHECK_STR(warnings(&x, s), "no_real_servers");
	(void)add(s, "203.0.113.5:80", IPVS_FORWARD_DR, 0);
	CHECK_STR(warnings(&x, s), "all_weights_zero");
	(void)add(s, "203.0.113.6:80", IPVS_FORWARD_DR, 1);
	CHECK_STR(warnings(&x, s), "");
	world_done(&x);
}

TEST(what_needs_no_host_is_said_without_one)
{
	_cleanup_(service_unrefp) struct service *s = service("tcp:192.0.2.10:80");
	const struct preflight_host unknown = { 0 };
	const declared_vec none = { 0 };
	struct preflight_warnings w;

	preflight_service(&unknown, &none, s, &w);
	CHECK_STR(codes_of(&w), "no_real_servers");
}

TEST(a_vip_is_missing)
{
	_cleanup_(service_unrefp) struct service *s =
		with("tcp:192.0.2.10:80", "203.0.113.5:80", IPVS_FORWARD_DR);
	_cleanup_(service_unrefp) struct service *mark =
		with("fwm:7", "203.0.113.5:0", IPVS_FORWARD_DR);
	struct netcfg_link *eth1 = NULL;
	netcfg_link_vec links = { 0 };
	struct world x;

	world_init(&x);
	CHECK_STR(warnings(&x, s), "vip_missing");
	CHECK_STR(warnings(&x, mark), "");
	/* Somebody has set it. */
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth1"), 0);
	CHECK_STR(warnings(&x, s), "");
	/* On an interface that is down. */
	CHECK_INT(x.kernel->ops->links(x.kernel, &links), 0);
	vec_foreach(link, &links)
		if (streq(link->name, "eth1"))
			eth1 = link;
	CHECK(eth1);
	eth1->flags &= ~(uint32_t)IFF_UP;
	CHECK_INT(netcfg_fake_link(x.kernel, eth1), 0);
	CHECK_STR(warnings(&x, s), "vip_missing");
	CHECK(strstr(detail(&x, s), "eth1"));
	/* On one that is up as well. */
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth0"), 0);
	CHECK_STR(warnings(&x, s), "");
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth0"), 0);
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_DELETE, "192.0.2.10", "eth1"), 0);
	CHECK_STR(warnings(&x, s), "vip_missing");
	vec_done(&links);
	/* Declared, though its interface is not there: the VIP itself says so. */
	(void)world_vip(&x, "192.0.2.10", "vlan100");
	CHECK_STR(warnings(&x, s), "");
	world_remove(&x, DECLARED_VIP, "192.0.2.10");
	(void)world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	CHECK_STR(warnings(&x, s), "");
	world_done(&x);
}

TEST(a_subnet_of_lo_is_local_as_a_whole)
{
	_cleanup_(service_unrefp) struct service *s =
		with("tcp:192.0.2.10:80", "203.0.113.5:80", IPVS_FORWARD_DR);
	_cleanup_(service_unrefp) struct service *outside =
		with("tcp:192.0.2.17:80", "203.0.113.5:80", IPVS_FORWARD_DR);
	struct netcfg_op op;
	struct world x;

	world_init(&x);
	op = world_op(&x, NETCFG_ADDRESS_ADD, "192.0.2.1", "lo");
	op.address.prefix_length = 28;
	CHECK_INT(netcfg_fake_do(x.kernel, &op), 0);
	CHECK_STR(warnings(&x, s), "");
	CHECK_STR(warnings(&x, outside), "vip_missing");
	/* On Ethernet it is not. */
	op.verb = NETCFG_ADDRESS_DELETE;
	CHECK_INT(netcfg_fake_do(x.kernel, &op), 0);
	op = world_op(&x, NETCFG_ADDRESS_ADD, "192.0.2.1", "eth0");
	op.address.prefix_length = 28;
	CHECK_INT(netcfg_fake_do(x.kernel, &op), 0);
	CHECK_STR(warnings(&x, s), "vip_missing");
	world_done(&x);
}

TEST(nat_needs_forwarding_where_the_real_server_is)
{
	_cleanup_(service_unrefp) struct service *s =
		with("tcp:198.51.100.1:80", "203.0.113.5:8080", IPVS_FORWARD_NAT);
	_cleanup_(service_unrefp) struct service *far =
		with("tcp:198.51.100.1:80", "10.0.0.5:8080", IPVS_FORWARD_NAT);
	_cleanup_(service_unrefp) struct service *here =
		with("tcp:198.51.100.1:80", "203.0.113.1:8080", IPVS_FORWARD_NAT);
	_cleanup_(service_unrefp) struct service *six =
		with("tcp:[2001:db8:ffff::1]:80", "[2001:db8:1::5]:80", IPVS_FORWARD_NAT);
	struct world x;

	world_init(&x);
	CHECK_STR(warnings(&x, s), "nat_without_forwarding");
	CHECK_STR(warnings(&x, far), "nat_without_forwarding");
	CHECK_STR(warnings(&x, here), "");
	CHECK_STR(warnings(&x, six), "nat_without_forwarding");
	CHECK(strstr(detail(&x, six), "ipv6Forwarding"));
	/* The interface of the real server counts, and only that one. */
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.forwarding", "1"), 0);
	CHECK_STR(warnings(&x, s), "nat_without_forwarding");
	CHECK_STR(warnings(&x, far), "");
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth1.forwarding", "1"), 0);
	CHECK_STR(warnings(&x, s), "");
	CHECK_STR(warnings(&x, six), "nat_without_forwarding");
	CHECK_INT(world_write(&x, "net.ipv6.conf.all.forwarding", "1"), 0);
	CHECK_STR(warnings(&x, six), "");
	world_done(&x);
}

TEST(a_tunnel_takes_its_part_of_the_mtu)
{
	_cleanup_(service_unrefp) struct service *s =
		with("tcp:198.51.100.1:80", "203.0.113.5:80", IPVS_FORWARD_TUN);
	_cleanup_(service_unrefp) struct service *six =
		with("tcp:198.51.100.1:80", "[2001:db8:ffff::5]:80", IPVS_FORWARD_TUN);
	struct ipvs_dest *d = &s->real_servers.items[0].dest;
	struct netcfg_link *eth1 = NULL;
	netcfg_link_vec links = { 0 };
	struct world x;

	world_init(&x);
	CHECK_STR(warnings(&x, s), "tunnel_mtu");
	CHECK(strstr(detail(&x, s), "above 1480 bytes"));
	CHECK(strstr(detail(&x, s), "an MTU of 1520"));
	CHECK(strstr(detail(&x, s), "at most 1440"));
	CHECK(strstr(detail(&x, six), "above 1460 bytes"));
	d->tunnel_type = IPVS_TUNNEL_GUE;
	CHECK(strstr(detail(&x, s), "an MTU of 1532"));
	d->tunnel_checksum = IPVS_CHECKSUM_REMOTE;
	CHECK(strstr(detail(&x, s), "an MTU of 1540"));
	d->tunnel_type = IPVS_TUNNEL_GRE;
	d->tunnel_checksum = IPVS_CHECKSUM_PLAIN;
	CHECK(strstr(detail(&x, s), "an MTU of 1528"));
	CHECK_INT(x.kernel->ops->links(x.kernel, &links), 0);
	vec_foreach(link, &links)
		if (streq(link->name, "eth1"))
			eth1 = link;
	CHECK(eth1);
	eth1->mtu = 1527;
	CHECK_INT(netcfg_fake_link(x.kernel, eth1), 0);
	CHECK_STR(warnings(&x, s), "tunnel_mtu");
	eth1->mtu = 1528;
	CHECK_INT(netcfg_fake_link(x.kernel, eth1), 0);
	CHECK_STR(warnings(&x, s), "");
	vec_done(&links);
	world_done(&x);
}

TEST(persistence_and_weight_zero)
{
	_cleanup_(service_unrefp) struct service *s =
		with("tcp:198.51.100.1:80", "203.0.113.5:80", IPVS_FORWARD_DR);
	struct world x;

	world_init(&x);
	s->spec.persistent = true;
	s->spec.persistence_timeout = 300;
	CHECK_STR(warnings(&x, s), "");
	(void)add(s, "203.0.113.6:80", IPVS_FORWARD_DR, 0);
	CHECK_STR(warnings(&x, s), "quiescent_keeps_clients");
	s->spec.persistent = false;
	CHECK_STR(warnings(&x, s), "");
	s->spec.persistent = true;
	CHECK_INT(world_write(&x, "net.ipv4.vs.expire_quiescent_template", "1"), 0);
	CHECK_STR(warnings(&x, s), "");
	/* Not known: nothing is said. */
	CHECK_INT(world_write(&x, "net.ipv4.vs.expire_quiescent_template", "0"), 0);
	netcfg_fake_ipvs(x.kernel, false);
	CHECK_STR(warnings(&x, s), "");
	world_done(&x);
}

TEST(udp_clients_of_a_removed_real_server)
{
	_cleanup_(service_unrefp) struct service *s =
		with("udp:198.51.100.1:53", "203.0.113.5:53", IPVS_FORWARD_DR);
	struct world x;

	world_init(&x);
	CHECK_STR(warnings(&x, s), ""); /* nowhere to go on */
	(void)add(s, "203.0.113.6:53", IPVS_FORWARD_DR, 1);
	CHECK_STR(warnings(&x, s), "removed_keeps_clients");
	s->spec.one_packet = true;
	CHECK_STR(warnings(&x, s), "");
	s->spec.one_packet = false;
	(void)world_sysctl(&x, "net.ipv4.vs.expire_nodest_conn", "1");
	CHECK_STR(warnings(&x, s), "");
	world_done(&x);
}

TEST(a_real_server_is_quiet_once_its_role_is_there)
{
	struct declared *o;
	struct world x;

	world_init(&x);
	o = world_real_server(&x, NETCFG_MODE_DR, "192.0.2.10");
	{
		/* Declared a moment ago: nothing is set yet. */
		struct preflight_warnings w;

		preflight_declared(host_preflight(x.host, x.now), o, &w);
		CHECK_STR(codes_of(&w), "answers_for_vip arp_from_vip");
	}
	CHECK_STR(role_warnings(&x, o), "");
	world_done(&x);
}

TEST(arp_of_a_real_server_that_somebody_else_set_up)
{
	_cleanup_(declared_unrefp) struct declared *o = NULL;
	const struct declared_key key = { .kind = DECLARED_REAL_SERVER };
	struct world x;

	world_init(&x);
	o = declared_new(&key);
	CHECK(o);
	CHECK_INT(vec_push(&o->vips, world_address("192.0.2.10")), 0);
	CHECK_STR(role_warnings(&x, o), "answers_for_vip arp_from_vip");
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth0.arp_ignore", "1"), 0);
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.arp_announce", "2"), 0);
	CHECK_STR(role_warnings(&x, o), "answers_for_vip"); /* eth1 does */
	CHECK_INT(world_write(&x, "net.ipv4.conf.eth1.arp_ignore", "2"), 0);
	CHECK_STR(role_warnings(&x, o), "");
	/* 3 is about scopes: an address of lo is answered for. */
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.arp_ignore", "3"), 0);
	CHECK_STR(role_warnings(&x, o), "answers_for_vip");
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.arp_ignore", "8"), 0);
	CHECK_STR(role_warnings(&x, o), "");
	/* On the interface itself only 8 is silent. */
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.arp_ignore", "1"), 0);
	CHECK_STR(role_warnings(&x, o), "");
	CHECK_INT(world_somebody(&x, NETCFG_ADDRESS_ADD, "192.0.2.10", "eth0"), 0);
	CHECK_STR(role_warnings(&x, o), "answers_for_vip");
	world_done(&x);
}

TEST(ipv6_answers_where_the_address_is)
{
	struct declared *o;
	struct world x;

	world_init(&x);
	o = world_real_server(&x, NETCFG_MODE_DR, "2001:db8::10");
	CHECK_STR(role_warnings(&x, o), "");
	o = world_put(&x, DECLARED_REAL_SERVER, "real-server");
	memcpy(o->real_server.interface, "eth0", 5);
	CHECK_STR(role_warnings(&x, o), "answers_for_vip");
	world_done(&x);
}

TEST(rp_filter_of_a_tunnel)
{
	struct declared *o;
	struct world x;
	int turns;

	world_init(&x);
	o = world_real_server(&x, NETCFG_MODE_TUN, "192.0.2.10");
	CHECK_STR(role_warnings(&x, o), "");
	CHECK_INT(world_write(&x, "net.ipv4.conf.all.rp_filter", "1"), 0);
	CHECK_STR(role_warnings(&x, o), ""); /* 2 of the device wins */
	/* Somebody writes it, and keeps at it. */
	CHECK_INT(world_write(&x, "net.ipv4.conf.tunl0.rp_filter", "0"), 0);
	for (turns = 0; turns < 20; turns++) {
		struct preflight_warnings w;

		preflight_declared(host_preflight(x.host, x.now), o, &w);
		if (w.n) {
			CHECK_STR(codes_of(&w), "rp_filter_drops");
			CHECK(strstr(w.items[0].detail, "tunl0"));
			break;
		}
		host_notice(x.host);
		(void)world_turn(&x);
		CHECK_INT(world_write(&x, "net.ipv4.conf.tunl0.rp_filter", "0"), 0);
		x.now += 100;
	}
	CHECK(turns < 20);
	world_done(&x);
}

TEST(variables_are_read_once_a_second)
{
	const struct preflight_host *host;
	struct world x;

	world_init(&x);
	(void)world_vip(&x, "192.0.2.10", "eth0"); /* so that the look is kept */
	host = host_of(&x);
	CHECK_INT(host->values[PREFLIGHT_EXPIRE_NODEST].number, 0);
	CHECK_INT(world_write(&x, "net.ipv4.vs.expire_nodest_conn", "1"), 0);
	host = host_preflight(x.host, x.now + 999);
	CHECK_INT(host->values[PREFLIGHT_EXPIRE_NODEST].number, 0);
	host = host_preflight(x.host, x.now + 1000);
	CHECK_INT(host->values[PREFLIGHT_EXPIRE_NODEST].number, 1);
	world_done(&x);
}
