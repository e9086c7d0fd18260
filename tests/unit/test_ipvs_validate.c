/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of ipvs/ipvs_validate.c: every rule with its code and pointer, and what is allowed. */
#include "ipvs_validate.h"

#include <errno.h>

#include "field_json.h"
#include "ipvs_fields.h"
#include "random_ipvs.h"
#include "test.h"
#include "util.h"

static struct ipvs_service service(const char *id)
{
	struct ipvs_service_key key;
	struct ipvs_service s;
	const char *why = "";

	CHECK_INT(ipvs_service_key_parse(id, strlen(id), &key, &why), 0);
	ipvs_service_init(&key, &s);
	return s;
}

static struct ipvs_dest dest(const char *id)
{
	struct ipvs_dest_key key;
	struct ipvs_dest d;
	const char *why = "";

	CHECK_INT(ipvs_dest_key_parse(id, strlen(id), &key, &why), 0);
	ipvs_dest_init(&key, &d);
	return d;
}

static void decode(const struct field_table *t, const char *text, void *obj, struct err *e)
{
	json_t *json = json_loads(text, 0, NULL);

	CHECK(json);
	(void)field_decode(t, json, obj, obj, NULL, e);
	json_decref(json);
}

/* Compares the items with "CODE POINTER;…". */
static void check_items(const struct err *e, const char *want)
{
	_cleanup_(buf_done) struct buf got = { 0 };

	buf_add_str(&got, "");
	for (size_t i = 0; i < e->n_items; i++)
		buf_printf(&got, "%s %s;", e->items[i].code, e->items[i].pointer);
	CHECK_STR(got.data, want);
}

static const struct {
	const char *id, *json, *faults;
} service_rules[] = {
	{ "tcp:192.0.2.1:80", "{}", "" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"none\"}", "unknown_scheduler /scheduler;" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"ftp\"}", "unknown_scheduler /scheduler;" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"RR\"}", "unknown_scheduler /scheduler;" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":5}", "wrong_type /scheduler;" },
	{ "tcp:192.0.2.1:80", "{\"schedulerFlags\":[\"flag-1\",\"flag-2\",\"flag-3\"]}", "" },
	{ "tcp:192.0.2.1:80", "{\"schedulerFlags\":[\"sh-port\",\"mh-fallback\"]}",
	  "flag_needs_scheduler /schedulerFlags;flag_needs_scheduler /schedulerFlags;" },
	{ "tcp:192.0.2.1:80",
	  "{\"scheduler\":\"sh\",\"schedulerFlags\":[\"sh-port\",\"sh-fallback\"]}", "" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"sh\",\"schedulerFlags\":[\"mh-port\"]}",
	  "flag_needs_scheduler /schedulerFlags;" },
	{ "tcp:192.0.2.1:80",
	  "{\"scheduler\":\"mh\",\"schedulerFlags\":[\"mh-port\",\"mh-fallback\"]}", "" },
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"mh\",\"schedulerFlags\":[\"sh-fallback\"]}",
	  "flag_needs_scheduler /schedulerFlags;" },
	/* A bad scheduler says nothing of its flags. */
	{ "tcp:192.0.2.1:80", "{\"scheduler\":\"x\",\"schedulerFlags\":[\"mh-port\"]}",
	  "unknown_scheduler /scheduler;" },
	{ "tcp:192.0.2.1:80", "{\"onePacket\":true}", "one_packet_needs_udp /onePacket;" },
	{ "sctp:192.0.2.1:80", "{\"onePacket\":true}", "one_packet_needs_udp /onePacket;" },
	{ "udp:192.0.2.1:80", "{\"onePacket\":true}", "" },
	{ "fwm:1", "{\"onePacket\":true}", "" },
	{ "tcp:192.0.2.1:0", "{}", "persistence_required /persistence;" },
	{ "tcp:192.0.2.1:0", "{\"persistence\":{}}", "" },
	{ "tcp:192.0.2.1:0", "{\"persistence\":5}", "wrong_type /persistence;" },
	{ "fwm:1", "{}", "" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"prefixLength\":32}}", "" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"prefixLength\":33}}",
	  "out_of_range /persistence/prefixLength;" },
	{ "fwm:1", "{\"persistence\":{\"prefixLength\":128}}",
	  "out_of_range /persistence/prefixLength;" },
	{ "fwm6:1", "{\"persistence\":{\"prefixLength\":128}}", "" },
	{ "tcp:[2001:db8::1]:80", "{\"persistence\":{\"prefixLength\":129}}",
	  "out_of_range /persistence/prefixLength;" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"prefixLength\":0}}",
	  "out_of_range /persistence/prefixLength;" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"timeoutSeconds\":0}}",
	  "out_of_range /persistence/timeoutSeconds;" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"timeoutSeconds\":2678400}}", "" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"timeoutSeconds\":2678401}}",
	  "out_of_range /persistence/timeoutSeconds;" },
	{ "udp:192.0.2.1:5060", "{\"persistence\":{\"engine\":\"sip\"}}", "" },
	{ "fwm6:1", "{\"persistence\":{\"engine\":\"sip\"}}", "" },
	{ "tcp:192.0.2.1:80", "{\"persistence\":{\"engine\":\"sip\"}}",
	  "engine_needs_udp /persistence/engine;" },
	{ "udp:192.0.2.1:80", "{\"persistence\":{\"engine\":\"ftp\"}}",
	  "unknown_engine /persistence/engine;" },
	/* One bad member hides no other. */
	{ "udp:192.0.2.1:80",
	  "{\"persistence\":{\"timeoutSeconds\":0,\"prefixLength\":33,\"engine\":\"ftp\",\"x\":1}}",
	  "out_of_range /persistence/timeoutSeconds;unknown_member /persistence/x;"
	  "out_of_range /persistence/prefixLength;unknown_engine /persistence/engine;" },
	{ "tcp:192.0.2.1:0", "{\"persistence\":{\"engine\":5}}",
	  "wrong_type /persistence/engine;" },
	{ "tcp:192.0.2.1:0", "{\"scheduler\":\"x\",\"onePacket\":true}",
	  "unknown_scheduler /scheduler;persistence_required /persistence;"
	  "one_packet_needs_udp /onePacket;" },
};

TEST(rules_for_services)
{
	for (size_t i = 0; i < ARRAY_SIZE(service_rules); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct ipvs_service s = service(service_rules[i].id);
		size_t decoded;
		int r;

		printf("# %s %s\n", service_rules[i].id, service_rules[i].json);
		decode(&ipvs_service_table, service_rules[i].json, &s, &e);
		decoded = e.n_items;
		r = ipvs_service_validate(&s, NULL, &e);
		CHECK_INT(r, e.n_items > decoded ? -EINVAL : 0);
		check_items(&e, service_rules[i].faults);
	}
}

#define GUE "\"forward\":\"tun\",\"tunnel\":{\"type\":\"gue\",\"port\":6080"
static const struct {
	const char *service, *id, *json, *faults;
} dest_rules[] = {
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"weight\":2147483647}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"weight\":2147483648}", "out_of_range /weight;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"weight\":-1}", "out_of_range /weight;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"fullnat\"}",
	  "not_supported /forward;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"local\"}", "unknown_value /forward;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"other\"}", "unknown_value /forward;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"bypass\"}",
	  "unknown_value /forward;" },
	/* Ports. */
	{ "tcp:192.0.2.1:80", "10.0.0.1:8080", "{}", "port_mapping_unsupported ;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:8080", "{\"forward\":\"tun\"}",
	  "port_mapping_unsupported ;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:8080", "{\"forward\":\"nat\"}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:8080", "{\"forward\":\"x\"}", "unknown_value /forward;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:0", "{\"forward\":\"nat\"}", "port_required ;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:0", "{}", "port_required ;" },
	{ "tcp:192.0.2.1:0", "10.0.0.1:0", "{}", "" },
	{ "tcp:192.0.2.1:0", "10.0.0.1:80", "{}", "port_mapping_unsupported ;" },
	{ "tcp:192.0.2.1:0", "10.0.0.1:80", "{\"forward\":\"nat\"}", "" },
	{ "fwm:1", "10.0.0.1:0", "{}", "" },
	{ "fwm:1", "10.0.0.1:8080", "{}", "" },
	/* Families. */
	{ "tcp:192.0.2.1:80", "[2001:db8::5]:80", "{}", "address_family_mismatch ;" },
	{ "tcp:192.0.2.1:80", "[2001:db8::5]:80", "{\"forward\":\"nat\"}",
	  "address_family_mismatch ;" },
	{ "tcp:192.0.2.1:80", "[2001:db8::5]:80", "{\"forward\":\"tun\"}", "" },
	{ "tcp:[2001:db8::1]:80", "10.0.0.1:80", "{\"forward\":\"tun\"}", "" },
	{ "fwm6:1", "10.0.0.1:80", "{}", "address_family_mismatch ;" },
	/* Thresholds. */
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"upperThreshold\":2147483647,\"lowerThreshold\":2147483647}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"upperThreshold\":5,\"lowerThreshold\":6}",
	  "threshold_order /lowerThreshold;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"lowerThreshold\":1}",
	  "threshold_order /lowerThreshold;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"upperThreshold\":-1,\"lowerThreshold\":6}",
	  "out_of_range /upperThreshold;" },
	/* Tunnels. */
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"tunnel\":{\"type\":\"gre\"}}",
	  "tunnel_needs_tun /tunnel;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"tunnel\":{}}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{" GUE "}}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{" GUE ",\"checksum\":\"plain\"}}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{" GUE ",\"checksum\":\"remote\"}}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gue\"}}",
	  "tunnel_port_required /tunnel/port;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gre\",\"port\":1}}",
	  "tunnel_port_needs_gue /tunnel/port;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"tun\",\"tunnel\":{\"port\":1}}",
	  "tunnel_port_needs_gue /tunnel/port;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gre\",\"checksum\":\"plain\"}}", "" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gre\",\"checksum\":\"remote\"}}",
	  "checksum_unsupported /tunnel/checksum;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"checksum\":\"plain\"}}",
	  "checksum_unsupported /tunnel/checksum;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"vxlan\"}}", "unknown_value /tunnel/type;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"vxlan\",\"port\":1,\"checksum\":\"plain\"}}",
	  "unknown_value /tunnel/type;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gre\",\"port\":70000,\"checksum\":\"remote\"}}",
	  "out_of_range /tunnel/port;checksum_unsupported /tunnel/checksum;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80",
	  "{\"forward\":\"tun\",\"tunnel\":{\"type\":\"gue\",\"port\":\"x\"}}",
	  "wrong_type /tunnel/port;" },
	{ "tcp:192.0.2.1:80", "10.0.0.1:80", "{\"forward\":\"tun\",\"tunnel\":5}",
	  "wrong_type /tunnel;" },
	{ "tcp:192.0.2.1:80", "[2001:db8::5]:8080",
	  "{\"lowerThreshold\":1,\"tunnel\":{\"type\":\"gre\"}}",
	  "port_mapping_unsupported ;address_family_mismatch ;tunnel_needs_tun /tunnel;"
	  "threshold_order /lowerThreshold;" },
};
#undef GUE

TEST(rules_for_real_servers)
{
	for (size_t i = 0; i < ARRAY_SIZE(dest_rules); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct ipvs_service s = service(dest_rules[i].service);
		struct ipvs_dest d = dest(dest_rules[i].id);

		printf("# %s %s %s\n", dest_rules[i].service, dest_rules[i].id, dest_rules[i].json);
		decode(&ipvs_dest_table, dest_rules[i].json, &d, &e);
		(void)ipvs_dest_validate(&s, &d, NULL, &e);
		check_items(&e, dest_rules[i].faults);
	}
}

TEST(pointers_go_through_the_path)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct ipvs_service s = service("tcp:192.0.2.1:80");
	struct ipvs_dest d = dest("10.0.0.1:80");
	const struct json_path a = { NULL, "realServers" }, b = { &a, "10.0.0.1:80" };

	d.lower_threshold = 1;
	CHECK_INT(ipvs_dest_validate(&s, &d, &b, &e), -EINVAL);
	check_items(&e, "threshold_order /realServers/10.0.0.1:80/lowerThreshold;");
}

TEST(faults_of_before_do_not_refuse)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct ipvs_service s = service("tcp:192.0.2.1:80");

	err_add(&e, "/elsewhere", "wrong_type", "x");
	CHECK_INT(ipvs_service_validate(&s, NULL, &e), 0);
}

TEST(scheduler_names_are_a_fixed_list)
{
	const char *const *all = ipvs_schedulers();
	size_t n = 0;

	for (; all[n]; n++) {
		CHECK(ipvs_scheduler_known(all[n]));
		CHECK(strlen(all[n]) < IPVS_NAME_MAX);
		CHECK(n == 0 || strcmp(all[n - 1], all[n]) < 0);
	}
	CHECK_INT(n, 14);
	CHECK(!ipvs_scheduler_known(""));
	CHECK(!ipvs_scheduler_known("none"));
	CHECK(!ipvs_scheduler_known("wlc "));
}

TEST(one_server_on_two_ports_is_a_double_unless_rewritten)
{
	struct ipvs_dest a = dest("10.0.0.1:80"), b = dest("10.0.0.1:81"), c = dest("10.0.0.2:80");

	CHECK(ipvs_dest_doubles(&a, &b));
	CHECK(!ipvs_dest_doubles(&a, &c));
	b.forward = IPVS_FORWARD_TUN;
	CHECK(ipvs_dest_doubles(&a, &b));
	b.forward = IPVS_FORWARD_NAT;
	CHECK(!ipvs_dest_doubles(&a, &b));
	CHECK(!ipvs_dest_doubles(&b, &b));
}

TEST(random_valid_objects_are_valid)
{
	for (int round = 0; round < 20000; round++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		struct ipvs_service s;
		struct ipvs_dest d;

		random_service(&key, &s);
		random_dest(&s, random_below(RANDOM_DEST_KEYS), &d);
		(void)ipvs_service_validate(&s, NULL, &e);
		(void)ipvs_dest_validate(&s, &d, NULL, &e);
		check_items(&e, "");
	}
}
