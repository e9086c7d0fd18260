/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the entries of a getsockopt() answer; what is read is in order and one of the
 * entries, field by field. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "fuzz.h"
#include "ipvs_sockopt.h"

static void check_dest(const struct ipvs_observed_dest *o, const uint8_t *data, size_t n)
{
	struct ip_vs_dest_entry e;
	bool found = false;

	MUST(o->dest.key.address.family == AF_INET && o->dest.forward <= IPVS_FORWARD_OTHER);
	MUST(o->dest.forward != IPVS_FORWARD_TUN && o->dest.tunnel_port == 0);
	for (size_t i = 0; i < n && !found; i++) {
		memcpy(&e, data + i * sizeof(e), sizeof(e));
		found = memcmp(&e.addr, o->dest.key.address.bytes, 4) == 0 &&
			ntohs(e.port) == o->dest.key.port && (uint32_t)e.weight == o->dest.weight &&
			e.u_threshold == o->dest.upper_threshold &&
			e.l_threshold == o->dest.lower_threshold &&
			e.activeconns == o->counts.active && e.inactconns == o->counts.inactive &&
			e.persistconns == o->counts.persistent;
	}
	MUST(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size / sizeof(struct ip_vs_dest_entry);
	ipvs_observed_dest_vec found = { 0 };
	int filled = ipvs_sockopt_decode(data, n, &found);

	if (filled < 0) {
		MUST(filled == -EOPNOTSUPP && found.n == 0);
	} else {
		MUST((size_t)filled <= n && found.n <= (size_t)filled);
		MUST((found.n == 0) == (filled == 0));
	}
	for (size_t i = 0; i < found.n; i++) {
		check_dest(&found.items[i], data, n);
		if (i > 0)
			MUST(ipvs_dest_key_compare(&found.items[i - 1].dest.key,
						   &found.items[i].dest.key) < 0);
	}
	vec_done(&found);
	return 0;
}
