/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of ipvs/ipvs_model.c: ids in every spelling, order of keys, defaults, normal form. */
#include "ipvs_model.h"

#include <errno.h>

#include "ipvs_fields.h"
#include "random_ipvs.h"
#include "test.h"
#include "util.h"

TEST(every_spelling_of_a_service_id_gives_the_canonical_one)
{
	static const char *const cases[][2] = {
		{ "tcp:192.0.2.1:80", "tcp:192.0.2.1:80" },
		{ "TCP:192.0.2.1:80", "tcp:192.0.2.1:80" },
		{ "Sctp:192.0.2.1:5060", "sctp:192.0.2.1:5060" },
		{ "tcp:192.0.2.1:0", "tcp:192.0.2.1:0" },
		{ "tcp:192.0.2.1:65535", "tcp:192.0.2.1:65535" },
		{ "udp:[2001:db8::1]:53", "udp:[2001:db8::1]:53" },
		{ "udp:2001:db8::1:53", "udp:[2001:db8::1]:53" },
		{ "udp:[2001:DB8:0:0:0:0:0:1]:53", "udp:[2001:db8::1]:53" },
		{ "tcp:2001:db8:0:0:0:0:0:1:80", "tcp:[2001:db8::1]:80" },
		{ "tcp:2001:db8:::80", "tcp:[2001:db8::]:80" },
		{ "fwm:100", "fwm:100" },
		{ "FWM6:4294967295", "fwm6:4294967295" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[IPVS_SERVICE_ID_MAX];
		struct ipvs_service_key k, again;
		const char *why = NULL;

		printf("# %s\n", cases[i][0]);
		CHECK_INT(ipvs_service_key_parse(cases[i][0], strlen(cases[i][0]), &k, &why), 0);
		CHECK_STR(ipvs_service_key_format(&k, text), cases[i][1]);
		CHECK_INT(ipvs_service_key_parse(text, strlen(text), &again, &why), 0);
		CHECK_INT(ipvs_service_key_compare(&k, &again), 0);
	}
}

static const char *const bad_ids[] = {
	"",
	":",
	"tcp",
	"tcp:",
	"tcp::",
	"tcp:192.0.2.1",
	"tcp:192.0.2.1:",
	"tcp:80",
	"tcp::80",
	"192.0.2.1:80",
	"icmp:192.0.2.1:80",
	"tcp6:[2001:db8::1]:80",
	"tcp:192.0.2.1:080",
	"tcp:192.0.2.1:65536",
	"tcp:192.0.2.1:-1",
	"tcp:192.0.2.1:+1",
	"tcp:192.0.2.1: 80",
	"tcp:192.0.2.1:80 ",
	" tcp:192.0.2.1:80",
	"tcp:192.0.2.01:80",
	"tcp:192.0.2:80",
	"tcp:192.0.2.1:0x50",
	"tcp:[192.0.2.1]:80",
	"tcp:[2001:db8::1:80",
	"tcp:2001:db8::1]:80",
	"tcp:[]:80",
	"tcp:[[2001:db8::1]]:80",
	"tcp:[fe80::1%1]:80",
	"tcp:[2001:db8::1%eth0]:80",
	"tcp:0.0.0.0:80",
	"tcp:0.1.2.3:80",
	"tcp:127.0.0.1:80",
	"tcp:224.0.0.1:80",
	"tcp:240.0.0.1:80",
	"tcp:255.255.255.255:80",
	"tcp:[::]:80",
	"tcp:[::1]:80",
	"tcp:[ff02::1]:80",
	"tcp:[fe80::1]:80",
	"tcp:[::ffff:192.0.2.1]:80",
	"tcp:example.org:80",
	"fwm:0",
	"fwm:",
	"fwm:01",
	"fwm:-1",
	"fwm:4294967296",
	"fwm:1x",
	"fwm4:1",
	"fwm6:0",
	"fwm",
	"fwm:1:2",
};

TEST(unfit_service_ids_are_refused_with_a_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_ids); i++) {
		struct ipvs_service_key k = { .port = 4711 };
		const char *why = NULL;

		printf("# %s\n", bad_ids[i]);
		CHECK_INT(ipvs_service_key_parse(bad_ids[i], strlen(bad_ids[i]), &k, &why),
			  -EINVAL);
		CHECK(why && *why);
		CHECK_INT(k.port, 4711);
	}
}

TEST(real_server_ids)
{
	static const char *const cases[][2] = {
		{ "10.0.0.5:8080", "10.0.0.5:8080" },
		{ "10.0.0.5:0", "10.0.0.5:0" },
		{ "[2001:db8::5]:8080", "[2001:db8::5]:8080" },
		{ "2001:DB8::5:8080", "[2001:db8::5]:8080" },
		{ "10.0.0.5", NULL },
		{ "", NULL },
		{ ":80", NULL },
		{ "[10.0.0.5]:80", NULL },
		{ "127.0.0.1:80", NULL },
		{ "[::1]:80", NULL },
		{ "10.0.0.5:", NULL },
		{ "tcp:10.0.0.5:80", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[IPVS_DEST_ID_MAX];
		struct ipvs_dest_key k;
		const char *why = NULL;
		int r = ipvs_dest_key_parse(cases[i][0], strlen(cases[i][0]), &k, &why);

		printf("# %s\n", cases[i][0]);
		CHECK_INT(r, cases[i][1] ? 0 : -EINVAL);
		CHECK(cases[i][1] || (why && *why));
		CHECK(!cases[i][1] || streq(ipvs_dest_key_format(&k, text), cases[i][1]));
	}
}

TEST(only_len_bytes_of_an_id_are_read)
{
	static const char text[] = "tcp:192.0.2.1:8080";
	struct ipvs_service_key k;
	struct ipvs_dest_key d;
	const char *why;

	CHECK_INT(ipvs_service_key_parse(text, 16, &k, &why), 0);
	CHECK_INT(k.port, 80);
	CHECK_INT(ipvs_dest_key_parse(text + 4, 11, &d, &why), 0);
	CHECK_INT(d.port, 8);
}

TEST(random_keys_survive_their_text)
{
	for (int round = 0; round < 20000; round++) {
		struct ipvs_service_key k = { 0 }, got;
		char text[IPVS_SERVICE_ID_MAX];
		const char *why;

		k.address.family = random_below(2) ? AF_INET : AF_INET6;
		if (random_one_in(3)) {
			k.fwmark = random_u32() | 1;
		} else {
			k.protocol = random_below(2) ? IPPROTO_UDP : IPPROTO_SCTP;
			k.port = (uint16_t)random_u32();
			for (size_t i = 0; i < inaddr_length(&k.address); i++)
				k.address.bytes[i] = random_one_in(2) ? 0 : (uint8_t)random_u32();
			if (inaddr_unfit(&k.address))
				continue;
		}
		(void)ipvs_service_key_format(&k, text);
		CHECK_INT(ipvs_service_key_parse(text, strlen(text), &got, &why), 0);
		CHECK_INT(ipvs_service_key_compare(&k, &got), 0);
	}
}

TEST(keys_differ_in_each_member)
{
	static const char *const ids[] = {
		"tcp:192.0.2.1:80",
		"udp:192.0.2.1:80",
		"tcp:192.0.2.1:81",
		"tcp:192.0.2.2:80",
		"tcp:[2001:db8::1]:80",
		"tcp:[2001:db8::2]:80",
		"fwm:1",
		"fwm:2",
		"fwm6:1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ids); j++) {
			struct ipvs_service_key a, b;
			const char *why;
			int c, d;

			CHECK(ipvs_service_key_parse(ids[i], strlen(ids[i]), &a, &why) == 0);
			CHECK(ipvs_service_key_parse(ids[j], strlen(ids[j]), &b, &why) == 0);
			c = ipvs_service_key_compare(&a, &b);
			d = ipvs_service_key_compare(&b, &a);
			CHECK_INT(c == 0, i == j);
			CHECK_INT((c > 0) - (c < 0), (d < 0) - (d > 0));
		}
}

TEST(a_foreign_protocol_has_a_text)
{
	struct ipvs_service_key k = { .protocol = 47,
				      .port = 1,
				      .address = { AF_INET, { 192, 0, 2, 1 } } };
	char text[IPVS_SERVICE_ID_MAX];

	CHECK_STR(ipvs_service_key_format(&k, text), "ip47:192.0.2.1:1");
}

TEST(the_longest_ids_fit)
{
	struct ipvs_service_key k = { .protocol = IPPROTO_SCTP,
				      .port = 65535,
				      .address.family = AF_INET6 };
	struct ipvs_dest_key d = { .port = 65535 };
	char text[IPVS_SERVICE_ID_MAX], dest[IPVS_DEST_ID_MAX];

	memset(k.address.bytes, 0xaa, 16);
	d.address = k.address;
	CHECK_STR(ipvs_service_key_format(&k, text),
		  "sctp:[aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa]:65535");
	CHECK_STR(ipvs_dest_key_format(&d, dest),
		  "[aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa]:65535");
}

/* Normal form ---------------------------------------------------------------------------------- */

TEST(persistence_that_is_off_has_default_members)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct ipvs_service_key key = { .fwmark = 1, .address.family = families[i] };
		struct ipvs_service s, fresh;

		ipvs_service_init(&key, &fresh);
		s = fresh;
		s.persistence_timeout = 5;
		s.persistence_prefix = 24;
		memset(s.persistence_engine, 'x', 15);
		s.persistent = true;
		ipvs_service_normalise(&s);
		CHECK_INT(s.persistence_timeout, 5);
		CHECK_INT(s.persistence_prefix, 24);
		s.persistent = false;
		ipvs_service_normalise(&s);
		CHECK_INT(field_diff(&ipvs_service_table, &s, &fresh), 0);
		CHECK_INT(s.persistence_prefix, i ? 128 : 32);
	}
}

TEST(flag_names_that_mean_one_bit_become_one)
{
	enum { F1 = 1 << IPVS_FLAG_1, F2 = 1 << IPVS_FLAG_2, F3 = 1 << IPVS_FLAG_3 };
	static const struct {
		const char *scheduler;
		uint8_t flags, want;
	} cases[] = {
		{ "rr", F1 | F2 | F3, F1 | F2 | F3 },
		{ "sh", F1, 1 << IPVS_FLAG_SH_FALLBACK },
		{ "sh", F2 | F3, 1 << IPVS_FLAG_SH_PORT | F3 },
		{ "sh", F1 | 1 << IPVS_FLAG_SH_FALLBACK, 1 << IPVS_FLAG_SH_FALLBACK },
		{ "mh", F1 | F2, 1 << IPVS_FLAG_MH_FALLBACK | 1 << IPVS_FLAG_MH_PORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvs_service s = { .scheduler_flags = cases[i].flags };

		memcpy(s.scheduler, cases[i].scheduler, 2);
		ipvs_service_normalise(&s);
		CHECK_INT(s.scheduler_flags, cases[i].want);
	}
}

TEST(tunnel_members_without_a_meaning_vanish)
{
	struct ipvs_dest d = { .forward = IPVS_FORWARD_TUN,
			       .tunnel_type = IPVS_TUNNEL_GUE,
			       .tunnel_port = 6080,
			       .tunnel_checksum = IPVS_CHECKSUM_REMOTE };

	ipvs_dest_normalise(&d);
	CHECK(d.tunnel_port == 6080 && d.tunnel_checksum == IPVS_CHECKSUM_REMOTE);
	d.tunnel_type = IPVS_TUNNEL_GRE;
	ipvs_dest_normalise(&d);
	CHECK(d.tunnel_port == 0 && d.tunnel_checksum == IPVS_CHECKSUM_REMOTE);
	d.tunnel_type = IPVS_TUNNEL_IPIP;
	ipvs_dest_normalise(&d);
	CHECK_INT(d.tunnel_checksum, IPVS_CHECKSUM_NONE);
	d = (struct ipvs_dest){ .forward = IPVS_FORWARD_NAT,
				.tunnel_type = IPVS_TUNNEL_GUE,
				.tunnel_port = 1,
				.tunnel_checksum = 1 };
	ipvs_dest_normalise(&d);
	CHECK(!d.tunnel_type && !d.tunnel_port && !d.tunnel_checksum);
}

TEST(normal_form_is_stable)
{
	for (int round = 0; round < 20000; round++) {
		struct ipvs_service_key key = random_service_key(random_below(RANDOM_SERVICE_KEYS));
		struct ipvs_service s, once;
		struct ipvs_dest d, dest_once;

		ipvs_service_init(&key, &s);
		random_rows(&ipvs_service_table, &s);
		ipvs_service_normalise(&s);
		once = s;
		ipvs_service_normalise(&s);
		CHECK_INT(field_diff(&ipvs_service_table, &s, &once), 0);
		memset(&d, 0, sizeof(d));
		random_rows(&ipvs_dest_table, &d);
		ipvs_dest_normalise(&d);
		dest_once = d;
		ipvs_dest_normalise(&d);
		CHECK_INT(field_diff(&ipvs_dest_table, &d, &dest_once), 0);
	}
}
