/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which announcements are sent, and when. */
#include "announce_world.h"

#include <net/if.h>
#include <net/if_arp.h>

TEST(a_burst_is_count_times_both_forms_at_the_interval)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t start;

	world_start(&w);
	interface(&w, ETH, 1, true);
	start = w.now;
	add(&w, "192.0.2.10", ETH);
	run_all(&w);
	CHECK_INT(w.sent.n, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct sent *s = &w.sent.items[i];

		CHECK_INT(s->at, start + (int64_t)(i / 2) * 200);
		CHECK_INT(s->ifindex, ETH);
		CHECK_INT(operation(s), i % 2 ? ARPOP_REPLY : ARPOP_REQUEST);
		CHECK(announces(s, "192.0.2.10"));
	}
	CHECK_INT(w.next, INT64_MAX);
	CHECK_INT(stats(&w).announcements, 3);
	CHECK_INT(stats(&w).frames, 6);
	CHECK_INT(stats(&w).failures, 0);
	CHECK_INT(status(&w, "192.0.2.10").announcements, 3);
	CHECK_INT(status(&w, "192.0.2.10").left, 0);
}

TEST(advertisements_are_a_second_apart_at_least)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t start;

	world_start(&w);
	interface(&w, ETH, 1, true);
	start = w.now;
	add(&w, "2001:db8::10", ETH);
	add_address(&w, address("2001:db8::11"), ETH, 2, 1500, 0);
	run_all(&w);
	CHECK_INT(w.sent.n, 5);
	CHECK_INT(w.sent.items[0].at, start);
	CHECK_INT(w.sent.items[1].at, start);
	CHECK_INT(w.sent.items[2].at, start + 1000);
	CHECK_INT(w.sent.items[3].at, start + 1500);
	CHECK_INT(w.sent.items[4].at, start + 2000);
	CHECK(announces(&w.sent.items[3], "2001:db8::11"));
}

TEST(the_router_flag_is_that_of_the_interface)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct netcfg_announce_interface i = { .ifindex = ETH, .running = true, .router = true };

	world_start(&w);
	CHECK_INT(netcfg_announce_interface_changed(w.announce, &i, w.now), 0);
	add(&w, "2001:db8::10", ETH);
	run(&w);
	i.router = false;
	CHECK_INT(netcfg_announce_interface_changed(w.announce, &i, w.now), 0);
	run_all(&w);
	CHECK_INT(w.sent.n, 3); /* no new burst */
	CHECK_INT(w.sent.items[0].frame.bytes[58], 0xa0);
	CHECK_INT(w.sent.items[1].frame.bytes[58], 0x20);
}

TEST(after_the_burst_come_repetitions)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t start;

	world_start(&w);
	interface(&w, ETH, 1, true);
	start = w.now;
	add_address(&w, address("192.0.2.10"), ETH, 2, 200, 60);
	run_for(&w, 200 + 3 * 60000 - 1);
	CHECK_INT(w.sent.n, 2 * (2 + 2));
	CHECK_INT(w.sent.items[4].at, start + 200 + 60000);
	CHECK_INT(w.sent.items[6].at, start + 200 + 120000);
	CHECK_INT(w.next, start + 200 + 180000);
	CHECK_INT(stats(&w).bursts, 0);
}

TEST(count_0_is_never)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add_address(&w, address("192.0.2.10"), ETH, 0, 200, 1);
	run_for(&w, 60000);
	CHECK_INT(w.sent.n, 0);
	CHECK_INT(w.next, INT64_MAX);
	/* One that was announced until now is no more. */
	add_address(&w, address("192.0.2.11"), ETH, 3, 200, 1);
	run(&w);
	add_address(&w, address("192.0.2.11"), ETH, 0, 200, 1);
	run_for(&w, 60000);
	CHECK_INT(w.sent.n, 2);
	CHECK_INT(stats(&w).addresses, 0);
}

TEST(a_removed_address_stops_in_the_middle)
{
	_cleanup_(world_done) struct world w = { 0 };
	struct netcfg_announce_status s;
	struct inaddr gone = address("192.0.2.10");

	world_start(&w);
	interface(&w, ETH, 1, true);
	add(&w, "192.0.2.10", ETH);
	add(&w, "192.0.2.11", ETH);
	add_address(&w, address("192.0.2.12"), ETH, 1, 200, 1); /* soon in its repetitions */
	run_for(&w, 250);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 4);
	take_away(&w, "192.0.2.10");
	take_away(&w, "192.0.2.12");
	take_away(&w, "192.0.2.99"); /* unknown: fine */
	run_all(&w);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 4);
	CHECK_INT(frames_of(&w, "192.0.2.11"), 6);
	CHECK_INT(frames_of(&w, "192.0.2.12"), 2);
	CHECK_INT(stats(&w).addresses, 1);
	CHECK(!netcfg_announce_status(w.announce, &gone, &s));
}

TEST(an_address_waits_for_its_interface)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, OTHER, 2, true);
	add(&w, "192.0.2.10", ETH);
	add(&w, "192.0.2.11", OTHER);
	run_for(&w, 5000);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 0);
	CHECK_INT(frames_of(&w, "192.0.2.11"), 6);
	CHECK_INT(w.next, INT64_MAX);
	CHECK_INT(status(&w, "192.0.2.10").left, 3);
	interface(&w, ETH, 1, true);
	run_all(&w);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 6);
	CHECK_INT(frames_of(&w, "192.0.2.11"), 6);
	CHECK_INT(w.sent.items[6].ifindex, ETH);
	CHECK_INT(w.sent.items[6].at, w.sent.items[5].at + 4600);
}

TEST(carrier_up_starts_a_burst_anew)
{
	_cleanup_(world_done) struct world w = { 0 };
	size_t before;

	world_start(&w);
	interface(&w, ETH, 1, true);
	add_address(&w, address("192.0.2.10"), ETH, 3, 200, 1);
	add(&w, "2001:db8::10", ETH);
	run_for(&w, 100);
	interface(&w, ETH, 1, false);
	before = w.sent.n;
	run_for(&w, 10000);
	CHECK_INT(w.sent.n, before); /* nothing, repetitions neither */
	CHECK_INT(w.next, INT64_MAX);
	interface(&w, ETH, 1, true);
	run_for(&w, 900);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 2 + 6);
	run_for(&w, 2000);
	CHECK_INT(frames_of(&w, "2001:db8::10"), 1 + 3);
	/* A flap after the burst is worth another one. */
	interface(&w, ETH, 1, false);
	interface(&w, ETH, 1, true);
	run_for(&w, 2000);
	CHECK_INT(frames_of(&w, "2001:db8::10"), 1 + 3 + 3);
}

TEST(another_mac_address_starts_a_burst_with_it)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t changed;

	world_start(&w);
	interface(&w, ETH, 1, true);
	interface(&w, OTHER, 2, true);
	add(&w, "192.0.2.10", ETH);
	add(&w, "192.0.2.11", OTHER);
	run_for(&w, 50);
	changed = w.now;
	interface(&w, ETH, 9, true);
	run_all(&w);
	CHECK_INT(frames_of(&w, "192.0.2.10"), 2 + 6);
	CHECK_INT(frames_of(&w, "192.0.2.11"), 6);
	vec_foreach(s, &w.sent) {
		uint8_t want = s->ifindex == OTHER ? 2 : s->at < changed ? 1 : 9;

		CHECK_INT(s->frame.bytes[11], want); /* Ethernet source */
		CHECK_INT(s->frame.bytes[27], want); /* sender hardware address */
	}
	CHECK_INT(w.sent.items[4].at, changed); /* the old one was wrong: at once */
}

TEST(news_that_change_nothing_start_nothing)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	add(&w, "192.0.2.10", ETH);
	for (unsigned i = 0; i < 20; i++) {
		interface(&w, ETH, 1, true);
		run_for(&w, 100);
	}
	CHECK_INT(w.sent.n, 6);
	interface(&w, OTHER, 1, false); /* never known */
	interface(&w, ETH, 1, false);
	interface(&w, ETH, 1, false);
	run_all(&w);
	CHECK_INT(w.sent.n, 6);
}

TEST(interfaces_without_use_are_not_remembered)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	for (int i = 1; i <= 1000; i++) {
		interface(&w, i, 1, true);
		CHECK_INT(stats(&w).interfaces, 1);
		interface(&w, i, 1, false);
	}
	add(&w, "192.0.2.10", ETH); /* does not run */
	add(&w, "192.0.2.11", ETH);
	CHECK_INT(stats(&w).interfaces, 1);
	add(&w, "192.0.2.10", OTHER);
	CHECK_INT(stats(&w).interfaces, 2);
	take_away(&w, "192.0.2.11");
	CHECK_INT(stats(&w).interfaces, 1);
	interface(&w, OTHER, 1, true);
	interface(&w, OTHER, 1, false);
	CHECK_INT(stats(&w).interfaces, 1);
	take_away(&w, "192.0.2.10");
	CHECK_INT(stats(&w).interfaces, 0);
}

TEST(adding_again_announces_again_but_keeps_the_interval)
{
	_cleanup_(world_done) struct world w = { 0 };
	int64_t last;

	world_start(&w);
	interface(&w, ETH, 1, true);
	add(&w, "192.0.2.10", ETH);
	run(&w);
	last = w.now;
	/* Somebody asks for it all the time. */
	for (unsigned i = 0; i < 100; i++) {
		w.now++;
		add(&w, "192.0.2.10", ETH);
		run(&w);
	}
	CHECK_INT(w.sent.n, 2);
	run_all(&w);
	CHECK_INT(w.sent.n, 2 + 6);
	CHECK_INT(w.sent.items[2].at, last + 200);
	/* Long after the last one: at once. */
	w.now += 5000;
	last = w.now;
	add(&w, "192.0.2.10", ETH);
	run_all(&w);
	CHECK_INT(w.sent.n, 2 + 6 + 6);
	CHECK_INT(w.sent.items[8].at, last);
	CHECK_INT(stats(&w).addresses, 1);
}

TEST(adding_again_elsewhere_moves_it)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	interface(&w, ETH, 1, true);
	interface(&w, OTHER, 2, true);
	add(&w, "192.0.2.10", ETH);
	run(&w);
	w.now++;
	run(&w);
	add(&w, "192.0.2.10", OTHER);
	w.now++;
	run(&w); /* the interval is that of one interface */
	CHECK_INT(w.sent.n, 4);
	CHECK_INT(w.sent.items[2].ifindex, OTHER);
	CHECK_INT(w.sent.items[2].frame.bytes[11], 2);
	interface(&w, ETH, 3, true); /* no longer its interface */
	interface(&w, ETH, 3, false);
	run_all(&w);
	CHECK_INT(w.sent.n, 2 + 6);
}

TEST(which_interfaces_are_announced_on)
{
	static const struct {
		const char *name;
		unsigned flags, type;
		bool want;
	} rows[] = {
		{ "eth0", IFF_UP | IFF_BROADCAST | IFF_RUNNING | IFF_MULTICAST, ARPHRD_ETHER,
		  true },
		{ "eth0.100", IFF_BROADCAST, ARPHRD_ETHER, true },
		{ "bond0", IFF_BROADCAST | IFF_MASTER, ARPHRD_ETHER, true },
		{ "br0", IFF_BROADCAST, ARPHRD_ETHER, true },
		{ "lodge0", IFF_BROADCAST, ARPHRD_ETHER, true },
		{ "tunl01", IFF_BROADCAST, ARPHRD_ETHER, true },
		{ "lo", IFF_UP | IFF_LOOPBACK, ARPHRD_LOOPBACK, false },
		{ "lo", IFF_UP, ARPHRD_ETHER, false },
		{ "loop", IFF_LOOPBACK, ARPHRD_ETHER, false },
		{ "dummy0", IFF_BROADCAST | IFF_NOARP, ARPHRD_ETHER, false },
		{ "dummy-vips", IFF_BROADCAST, ARPHRD_ETHER, false },
		{ "vips", IFF_BROADCAST | IFF_NOARP, ARPHRD_ETHER, false },
		{ "tunl0", IFF_NOARP, ARPHRD_TUNNEL, false },
		{ "tunl0", IFF_BROADCAST, ARPHRD_ETHER, false },
		{ "ppp0", IFF_POINTOPOINT | IFF_NOARP, ARPHRD_PPP, false },
		{ "tap0", IFF_POINTOPOINT, ARPHRD_ETHER, false },
		{ "ib0", IFF_BROADCAST, ARPHRD_INFINIBAND, false },
		{ "gre0", 0, ARPHRD_IPGRE, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool got = netcfg_announce_possible(rows[i].name, rows[i].flags, rows[i].type);

		if (got != rows[i].want)
			printf("# row %zu, %s\n", i, rows[i].name);
		CHECK_INT(got, rows[i].want);
	}
}

TEST(an_empty_one_has_nothing_to_do)
{
	_cleanup_(world_done) struct world w = { 0 };

	world_start(&w);
	run(&w);
	CHECK_INT(w.next, INT64_MAX);
	netcfg_announce_free(NULL);
}
