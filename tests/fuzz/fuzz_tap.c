/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a packet of the tap: the parser names keys that have an id, and what the filter
 * drops would have told it nothing. */
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>

#include "../unit/bpf_run.h"
#include "fuzz.h"
#include "ipvs_tap_wire.h"

static const struct ipvs_identity us = { .family = 30, .port = 77 };

static void on_service(void *arg, const struct ipvs_service_key *key)
{
	struct ipvs_service_key again;
	char id[IPVS_SERVICE_ID_MAX];
	const char *why;

	++*(unsigned *)arg;
	MUST(strlen(ipvs_service_key_format(key, id)) < sizeof(id));
	/* What the kernel stores and lvsd has no id for does not look like something else. */
	if (ipvs_service_key_parse(id, strlen(id), &again, &why) == 0)
		MUST(ipvs_service_key_compare(key, &again) == 0);
}

static void on_all(void *arg)
{
	++*(unsigned *)arg;
}

static bool filter_passes(const uint8_t *packet, size_t size)
{
	struct sock_filter code[IPVS_TAP_FILTER_MAX];
	int64_t r = bpf_run(code, ipvs_tap_filter(&us, code), NETLINK_GENERIC, packet, size);

	MUST(r == 0 || r > IPVS_TAP_PACKET_MAX);
	return r != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *packet = malloc(size + sizeof(*packet)); /* aligned; a header to look at */
	unsigned told = 0;
	const struct ipvs_tap_sink sink = { on_service, on_all, &told };
	bool theirs;

	MUST(packet);
	memset(packet, 0, sizeof(*packet));
	if (size)
		memcpy(packet, data, size);
	theirs = packet->nlmsg_flags & NLM_F_REQUEST && packet->nlmsg_pid != us.port;
	packet = realloc(packet, size ? size : 1); /* exact, for the sanitizer */
	MUST(packet);
	ipvs_tap_parse(packet, size, &us, &sink);
	/* Of a send that begins with no request, or with one that says it is ours, the rest is not
	 * looked at: nobody does that by accident. */
	if (theirs && !filter_passes((const uint8_t *)packet, size))
		MUST(told == 0);
	free(packet);
	return 0;
}
