/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of ipvs/ipvs_text*.c: each option and spelling, each fault, and that what is printed is
 * read as the same. */
#include "ipvs_text.h"

#include <errno.h>

#include "ipvs_fields.h"
#include "random_ipvs.h"
#include "test.h"
#include "util.h"

static int find_host(const char *name, struct inaddr *ret)
{
	return streq(name, "web") ? inaddr_parse("192.0.2.1", 9, ret) : -ENOENT;
}

static int find_port(const char *name, uint8_t protocol, uint16_t *ret)
{
	if (!streq(name, "domain"))
		return -ENOENT;
	*ret = protocol == IPPROTO_UDP ? 53 : 5353;
	return 0;
}

static const struct ipvs_text_names names = { .host = find_host, .port = find_port };
static const struct json_path line_path = { NULL, "line" };

static int parse(const char *text, const struct ipvs_text_names *n, struct ipvs_text_line *ret,
		 struct err *e)
{
	return ipvs_text_parse(text, strlen(text), n, &line_path, ret, e);
}

/* The line as it is printed again. */
static char *again(const char *text, const struct ipvs_text_names *n)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct ipvs_text_line line;
	struct buf out = { 0 };

	if (parse(text, n, &line, &e) < 0)
		printf("# %s: %s\n", text, e.n_items ? e.items[0].detail : "?");
	CHECK(!err_has_items(&e)); /* it is taken */
	buf_add_str(&out, "");
	if (line.kind == IPVS_TEXT_SERVICE) {
		ipvs_service_normalise(&line.service);
		CHECK(ipvs_text_print_service(&line.service, &out));
	} else if (line.kind == IPVS_TEXT_DEST) {
		ipvs_dest_normalise(&line.dest);
		CHECK(ipvs_text_print_dest(&line.service.key, &line.dest, &out));
	}
	return buf_take(&out);
}

#define S "-A -t 192.0.2.1:80 -s wlc"
#define D "-a -t 192.0.2.1:80 -r 10.0.0.1:80"

/* A line, and how ipvsadm 1.31 prints what it makes of it; NULL: just so. */
static const struct {
	const char *text, *printed;
} lines[] = {
	{ S, NULL },
	{ "-A -t 192.0.2.1:80", S },
	{ "ipvsadm -A -t 192.0.2.1:80", S },
	{ "  -A\t-t 192.0.2.1:80  # the web\r", S },
	{ "-At 192.0.2.1:80", S },
	{ "-A -t192.0.2.1:80", S },
	{ "--add-service --tcp-service 192.0.2.1:80 --scheduler wlc", S },
	{ "--add-service --tcp-service=192.0.2.1:80 --scheduler=wlc", S },
	{ "-A -s wlc -t 192.0.2.1:080", S },
	{ "-A -u [2001:db8::1]:53 -s rr", NULL },
	{ "-A -u [2001:DB8:0::1]:53 -s rr", "-A -u [2001:db8::1]:53 -s rr" },
	{ "-A -u 2001:db8::1 -s rr -p", "-A -u [2001:db8::1]:0 -s rr -p 360" },
	{ "-A --sctp-service 192.0.2.1:5060 -s rr", NULL },
	{ "-A -t 192.0.2.1 -p -s rr", "-A -t 192.0.2.1:0 -s rr -p 360" },
	{ "-A -t 192.0.2.1:80 -s rr -p 300 -M 255.255.255.0", NULL },
	{ "-A -t 192.0.2.1:80 -s rr -p300", "-A -t 192.0.2.1:80 -s rr -p 300" },
	{ "-A -t 192.0.2.1:80 -s rr -p=300", "-A -t 192.0.2.1:80 -s rr -p 300" },
	{ "-A -t 192.0.2.1:80 -s rr --persistent=300", "-A -t 192.0.2.1:80 -s rr -p 300" },
	{ "-A -t 192.0.2.1:80 -s rr -p 5 -M 255.255.255.255", "-A -t 192.0.2.1:80 -s rr -p 5" },
	{ "-A -t 192.0.2.1:80 -s rr -M 255.0.0.0", "-A -t 192.0.2.1:80 -s rr" },
	{ "-A -t 192.0.2.1:80 -s rr --pe sip", "-A -t 192.0.2.1:80 -s rr" },
	{ "-A -t [2001:db8::1]:80 -s rr -p 300 -M 64", NULL },
	{ "-A -t [2001:db8::1]:80 -s rr -p 300 -M 128", "-A -t [2001:db8::1]:80 -s rr -p 300" },
	{ "-A -u 192.0.2.1:5060 -s wlc -p 100 -M 255.255.0.0 --pe sip -o -b flag-1,flag-3", NULL },
	{ "-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port", NULL },
	{ "-A -t 192.0.2.1:80 -s sh -b flag-2,flag-1",
	  "-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port" },
	{ "-A -t 192.0.2.1:80 --sched-flags=mh-port -s mh", "-A -t 192.0.2.1:80 -s mh -b mh-port" },
	{ "-A -t 192.0.2.1:80 -s rr -b ,", "-A -t 192.0.2.1:80 -s rr" },
	{ "-A -f 7 -s rr", NULL },
	{ "-A -f 7 -6 -s rr -p 5 -M 1", NULL },
	{ "-A -f 4294967295 -s rr", NULL },
	{ D " -g -w 1", NULL },
	{ D, D " -g -w 1" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1", D " -g -w 1" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1:8080", D " -g -w 1" },
	{ "-a -r 10.0.0.1 -t 192.0.2.1:80 -w010", D " -g -w 10" },
	{ "-at 192.0.2.1:80 --real-server=10.0.0.1:8080 --masquerading --weight=+3",
	  "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2147483647 -x 9 -y 5", NULL },
	{ "--add-server -t 192.0.2.1:80 -r 10.0.0.1 --gatewaying --u-threshold 9 --l-threshold 5",
	  D " -g -w 1 -x 9 -y 5" },
	{ D " -i", D " -i -w 1 --tun-type ipip" },
	{ D " -i -w 1 --tun-type gre --tun-nocsum", NULL },
	{ D " -i -w 1 --tun-type gre --tun-csum -x 4", NULL },
	{ D " -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum", NULL },
	{ D " --ipip --tun-type=gue --tun-port=6080",
	  D " -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum" },
	{ "-a -t 192.0.2.1:80 -r [2001:db8::9] -i",
	  "-a -t 192.0.2.1:80 -r [2001:db8::9]:80 -i -w 1 --tun-type ipip" },
	{ "-a -f 7 -r 10.0.0.1:0 -g -w 1", NULL },
	{ "-a -f 7 -r 10.0.0.1", "-a -f 7 -r 10.0.0.1:0 -g -w 1" },
	{ "-a -f 7 -r 10.0.0.1:8080 -g -w 1", NULL },
	{ "-a -f 7 -6 -r [2001:db8::1]:80 -m -w 0", NULL },
	{ "-A -t web:domain -s wlc", "-A -t 192.0.2.1:5353 -s wlc" },
	{ "-A -u web:domain -s wlc", "-A -u 192.0.2.1:53 -s wlc" },
	{ "-a -u 192.0.2.1:53 -r web:domain -m", "-a -u 192.0.2.1:53 -r 192.0.2.1:53 -m -w 1" },
	{ "", "" },
	{ " \t", "" },
	{ "# -C", "" },
	{ "#-A -t 192.0.2.1:80", "" },
};

TEST(every_option_in_every_spelling_is_taken_and_printed_as_ipvsadm_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_(freep) char *want = NULL, *got = NULL;

		got = again(lines[i].text, &names);
		CHECK(asprintf(&want, "%s%s", lines[i].printed ? lines[i].printed : lines[i].text,
			       lines[i].printed && !*lines[i].printed ? "" : "\n") >= 0);
		CHECK_STR(got, want);
	}
}

static const struct {
	const char *text, *code;
} faults[] = {
	{ "foo", "invalid_line" },
	{ "-", "invalid_line" },
	{ "--", "unknown_option" },
	{ "ipvsadm", "invalid_line" },
	{ "-t 192.0.2.1:80 -A", "invalid_line" },
	{ S " x", "invalid_line" },
	{ S " --ops=1", "invalid_line" },
	{ S " -q", "unknown_option" },
	{ S " --nope", "unknown_option" },
	{ "-C", "unsupported_option" },
	{ "-D -t 192.0.2.1:80", "unsupported_option" },
	{ "-E -t 192.0.2.1:80", "unsupported_option" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1", "unsupported_option" },
	{ "--set 1 2 3", "unsupported_option" },
	{ "--start-daemon master", "unsupported_option" },
	{ S " -s rr", "duplicate_option" },
	{ "-A -t 192.0.2.1:80 -u 192.0.2.1:80", "duplicate_option" },
	{ "-A -f 7 -6 --ipv6", "duplicate_option" },
	{ D " -g -m", "duplicate_option" },
	{ D " -i --tun-type gre --tun-csum --tun-nocsum", "duplicate_option" },
	{ "-A", "option_required" },
	{ "-A -t", "option_required" },
	{ "-A -s rr", "option_required" },
	{ "-a -t 192.0.2.1:80", "option_required" },
	{ "-A -a -t 192.0.2.1:80", "invalid_line" },
	{ "-A -t 192.0.2.1:80 -r 10.0.0.1", "option_not_allowed" },
	{ "-A -t 192.0.2.1:80 -w 1", "option_not_allowed" },
	{ D " -s rr", "option_not_allowed" },
	{ D " -p 5", "option_not_allowed" },
	{ "-A -t 192.0.2.1:80 -6", "option_not_allowed" },
	{ D " -i --tun-csum", "option_not_allowed" },
	{ "-A -t 010.0.2.1:80", "invalid_address" },
	{ "-A -t 127.0.0.1:80", "invalid_address" },
	{ "-A -t 224.0.0.1:80", "invalid_address" },
	{ "-A -t [::ffff:192.0.2.1]:80", "invalid_address" },
	{ "-A -t [192.0.2.1]:80", "invalid_address" },
	{ "-A -t [2001:db8::1]80", "invalid_address" },
	{ "-A -t [2001:db8::1:80", "invalid_address" },
	{ "-A -t :80", "invalid_address" },
	{ "-A -t 80", "invalid_address" },
	{ "-A -t 192.0.2.1:", "invalid_port" },
	{ "-A -t 192.0.2.1:65536", "invalid_port" },
	{ "-A -t web:80", "name_not_allowed" },
	{ "-A -t 192.0.2.1:domain", "name_not_allowed" },
	{ "-A -f 0", "out_of_range" },
	{ "-A -f 0x10", "out_of_range" },
	{ "-A -f 4294967296", "out_of_range" },
	{ S " -p 0", "out_of_range" },
	{ S " -p 2678401", "out_of_range" },
	{ D " -w -1", "out_of_range" },
	{ D " -w 2147483648", "out_of_range" },
	{ D " -x x", "out_of_range" },
	{ D " -i --tun-type gue --tun-port 0", "out_of_range" },
	{ S " -p -M 255.0.255.0", "unsupported_netmask" },
	{ S " -p -M 0.0.0.0", "unsupported_netmask" },
	{ S " -p -M 24", "unsupported_netmask" },
	{ "-A -f 7 -6 -p -M 129", "unsupported_netmask" },
	{ S " -b nope", "unknown_value" },
	{ D " -i --tun-type vxlan", "unknown_value" },
	{ "-A -t 192.0.2.1:80 -s a/b", "unknown_value" },
	{ "-A -t 192.0.2.1:80 -s abcdefghijklmnop", "unknown_value" },
	{ "-A -t 192.0.2.1:80\001", "invalid_line" },
	{ "-A -t 192.0.2.1:80 \xc3\xa4", "invalid_line" },
};

TEST(every_fault_has_its_code_and_is_the_only_one)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		_cleanup_(err_done) struct err e = { 0 };
		struct ipvs_text_line line;

		if (parse(faults[i].text, NULL, &line, &e) == 0 || e.n_items != 1)
			printf("# %s: %zu\n", faults[i].text, e.n_items);
		CHECK_INT(e.n_items, 1);
		if (!streq(e.items[0].code, faults[i].code))
			printf("# %s: %s\n", faults[i].text, e.items[0].detail);
		CHECK_STR(e.items[0].code, faults[i].code);
		CHECK_STR(e.items[0].pointer, "/line");
	}
}

TEST(a_service_with_a_fault_is_known_by_its_key)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct ipvs_text_line line;

	CHECK_INT(parse(S " -p x", NULL, &line, &e), -EINVAL);
	CHECK_INT(line.kind, IPVS_TEXT_SERVICE);
	CHECK_INT(line.service.key.port, 80);
	CHECK_INT(parse("-A -t x:80 -p 5", NULL, &line, &e), -EINVAL);
	CHECK_INT(line.kind, IPVS_TEXT_NOTHING);
}

TEST(names_that_are_unknown_are_faults)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct ipvs_text_line line;

	CHECK_INT(parse("-A -t nowhere:80", &names, &line, &e), -EINVAL);
	CHECK_INT(parse("-A -t web:nothing", &names, &line, &e), -EINVAL);
	CHECK_STR(e.items[0].code, "unknown_name");
	CHECK_STR(e.items[1].code, "unknown_name");
}

TEST(a_line_may_not_be_endless)
{
	_cleanup_(err_done) struct err e = { 0 };
	char text[IPVS_TEXT_LINE_MAX + 2];
	struct ipvs_text_line line;

	memset(text, ' ', sizeof(text));
	memcpy(text, S, sizeof(S) - 1);
	CHECK_INT(ipvs_text_parse(text, IPVS_TEXT_LINE_MAX, NULL, NULL, &line, &e), 0);
	CHECK_INT(ipvs_text_parse(text, sizeof(text), NULL, NULL, &line, &e), -EINVAL);
}

TEST(what_has_no_option_is_not_printed)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	const struct ipvs_service_key key = random_service_key(0);
	struct ipvs_service s;
	struct ipvs_dest d = { .key = { .port = 80, .address = key.address } };

	ipvs_service_init(&key, &s);
	s.persistent = true;
	s.persistence_prefix = 0; /* a netmask that is no prefix */
	CHECK(!ipvs_text_print_service(&s, &out));
	s.persistence_prefix = 33;
	CHECK(!ipvs_text_print_service(&s, &out));
	s.persistent = false;
	CHECK(ipvs_text_print_service(&s, &out));
	buf_clear(&out);
	d.forward = IPVS_FORWARD_OTHER;
	CHECK(!ipvs_text_print_dest(&key, &d, &out));
	d.forward = IPVS_FORWARD_TUN;
	d.tunnel_type = 9;
	CHECK(!ipvs_text_print_dest(&key, &d, &out));
	s.key.protocol = IPPROTO_ICMP;
	CHECK(!ipvs_text_print_service(&s, &out));
	d.forward = IPVS_FORWARD_DR;
	CHECK(!ipvs_text_print_dest(&s.key, &d, &out));
	CHECK_INT(out.len, 0);
	d.forward = IPVS_FORWARD_LOCAL;
	CHECK(ipvs_text_print_dest(&key, &d, &out) && strstr(out.data, " -g -w 0"));
}

TEST(what_is_printed_is_read_as_the_same)
{
	_cleanup_(buf_done) struct buf out = { 0 };

	for (unsigned i = 0; i < 20000; i++) {
		const struct ipvs_service_key key =
			random_service_key(random_below(RANDOM_SERVICE_KEYS));
		_cleanup_(err_done) struct err e = { 0 };
		struct ipvs_text_line line;
		struct ipvs_service s;
		struct ipvs_dest d;

		random_service(&key, &s);
		random_dest(&s, random_below(RANDOM_DEST_KEYS), &d);
		if (d.tunnel_type == IPVS_TUNNEL_IPIP)
			d.tunnel_checksum = IPVS_CHECKSUM_NONE;
		buf_clear(&out);
		CHECK(ipvs_text_print_service(&s, &out));
		CHECK_INT(ipvs_text_parse(out.data, out.len - 1, NULL, NULL, &line, &e), 0);
		ipvs_service_normalise(&line.service);
		CHECK_INT(ipvs_service_key_compare(&line.service.key, &s.key), 0);
		CHECK_INT(field_diff(&ipvs_service_table, &line.service, &s), 0);
		buf_clear(&out);
		CHECK(ipvs_text_print_dest(&key, &d, &out));
		CHECK_INT(ipvs_text_parse(out.data, out.len - 1, NULL, NULL, &line, &e), 0);
		CHECK_INT(ipvs_service_key_compare(&line.service.key, &s.key), 0);
		CHECK_INT(ipvs_dest_key_compare(&line.dest.key, &d.key), 0);
		CHECK_INT(field_diff(&ipvs_dest_table, &line.dest, &d), 0);
	}
}
