/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of ipvs_validate.h. What the kernel does without them was tried on Linux 6.1
 * (docs/KERNEL.md). */
#include "ipvs_validate.h"

#include <errno.h>
#include <string.h>

#include "util.h"

static const char *const schedulers[] = { "dh", "fo",  "lblc", "lblcr", "lc",  "mh",  "nq", "ovf",
					  "rr", "sed", "sh",   "twos",	"wlc", "wrr", NULL };

const char *const *ipvs_schedulers(void)
{
	return schedulers;
}

bool ipvs_scheduler_known(const char *name)
{
	for (const char *const *s = schedulers; *s; s++)
		if (streq(*s, name))
			return true;
	return false;
}

static bool takes_udp(const struct ipvs_service *s)
{
	return s->key.fwmark || s->key.protocol == IPPROTO_UDP;
}

static void check_scheduler(const struct ipvs_service *s, const struct json_path *path,
			    struct err *e)
{
	static const struct {
		enum ipvs_scheduler_flag flag;
		const char *name, *scheduler;
	} own[] = {
		{ IPVS_FLAG_MH_FALLBACK, "mh-fallback", "mh" },
		{ IPVS_FLAG_MH_PORT, "mh-port", "mh" },
		{ IPVS_FLAG_SH_FALLBACK, "sh-fallback", "sh" },
		{ IPVS_FLAG_SH_PORT, "sh-port", "sh" },
	};
	const struct json_path flags = { path, "schedulerFlags" };
	const struct json_path name = { path, "scheduler" };

	if (!ipvs_scheduler_known(s->scheduler))
		json_path_err(&name, e, "unknown_scheduler", "IPVS has no scheduler '%s'",
			      s->scheduler);
	if (json_path_failed(&name, e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (s->scheduler_flags & 1u << own[i].flag &&
		    !streq(s->scheduler, own[i].scheduler))
			json_path_err(&flags, e, "flag_needs_scheduler",
				      "%s is a flag of scheduler %s only", own[i].name,
				      own[i].scheduler);
}

static void check_persistence(const struct ipvs_service *s, const struct json_path *path,
			      struct err *e)
{
	const struct json_path here = { path, "persistence" };
	const struct json_path prefix = { &here, "prefixLength" }, engine = { &here, "engine" };

	if (json_path_failed_itself(&here, e))
		return;
	if (!s->persistent) {
		if (!s->key.fwmark && s->key.port == 0)
			json_path_err(&here, e, "persistence_required",
				      "a service on port 0 (any port) needs persistence");
		return;
	}
	if (s->key.address.family == AF_INET && s->persistence_prefix > 32)
		json_path_err(&prefix, e, "out_of_range", "must be between 1 and 32 for IPv4");
	if (!s->persistence_engine[0])
		return;
	if (!streq(s->persistence_engine, "sip"))
		json_path_err(&engine, e, "unknown_engine", "must be null or \"sip\"");
	else if (!takes_udp(s))
		json_path_err(&engine, e, "engine_needs_udp",
			      "sip works with UDP services and marks only");
}

int ipvs_service_validate(const struct ipvs_service *s, const struct json_path *path, struct err *e)
{
	const struct json_path one_packet = { path, "onePacket" };
	size_t faults = e->n_items + e->n_dropped;

	check_scheduler(s, path, e);
	check_persistence(s, path, e);
	if (s->one_packet && !takes_udp(s))
		json_path_err(&one_packet, e, "one_packet_needs_udp",
			      "works with UDP services and marks only");
	return e->n_items + e->n_dropped > faults ? -EINVAL : 0;
}

static bool keeps_port(const struct ipvs_dest *d)
{
	return d->forward == IPVS_FORWARD_DR || d->forward == IPVS_FORWARD_TUN;
}

static void check_forward(const struct ipvs_dest *d, const struct json_path *path, struct err *e)
{
	const struct json_path here = { path, "forward" };

	if (d->forward == IPVS_FORWARD_FULLNAT)
		json_path_err(&here, e, "not_supported", "fullnat is not supported yet");
	if (d->forward == IPVS_FORWARD_LOCAL || d->forward == IPVS_FORWARD_OTHER)
		json_path_err(&here, e, "unknown_value",
			      "is only ever reported; must be one of: dr, nat, tun");
}

static void check_address(const struct ipvs_service *s, const struct ipvs_dest *d,
			  const struct json_path *path, struct err *e)
{
	bool any_port = s->key.fwmark || s->key.port == 0;

	if (d->key.port == 0 && !any_port)
		json_path_err(path, e, "port_required",
			      "port 0 (keep the port) needs a mark or a service on port 0");
	else if (keeps_port(d) && !s->key.fwmark && d->key.port != s->key.port)
		json_path_err(
			path, e, "port_mapping_unsupported",
			"dr and tun do not rewrite the port: it must be the service's, %u; or "
			"use nat",
			s->key.port);
	if (d->key.address.family != s->key.address.family && d->forward != IPVS_FORWARD_TUN)
		json_path_err(path, e, "address_family_mismatch",
			      "a real server of the other address family needs forward tun");
}

static void check_tunnel(const struct ipvs_dest *d, const struct json_path *path, struct err *e)
{
	const struct json_path here = { path, "tunnel" }, type = { &here, "type" };
	const struct json_path port = { &here, "port" }, checksum = { &here, "checksum" };
	bool gue = d->tunnel_type == IPVS_TUNNEL_GUE;

	if (d->forward != IPVS_FORWARD_TUN) {
		if (d->tunnel_type != IPVS_TUNNEL_IPIP || d->tunnel_port || d->tunnel_checksum)
			json_path_err(&here, e, "tunnel_needs_tun", "goes with forward tun only");
		return;
	}
	if (json_path_failed(&type, e))
		return;
	if (gue && d->tunnel_port == 0 && !json_path_failed(&port, e))
		json_path_err(&port, e, "tunnel_port_required", "gue needs the real server's port");
	if (!gue && d->tunnel_port)
		json_path_err(&port, e, "tunnel_port_needs_gue", "only gue has a port");
	if ((d->tunnel_checksum == IPVS_CHECKSUM_REMOTE && !gue) ||
	    (d->tunnel_checksum == IPVS_CHECKSUM_PLAIN && d->tunnel_type == IPVS_TUNNEL_IPIP))
		json_path_err(&checksum, e, "checksum_unsupported",
			      "remote works with gue, plain with gue and gre, ipip has none");
}

int ipvs_dest_validate(const struct ipvs_service *s, const struct ipvs_dest *d,
		       const struct json_path *path, struct err *e)
{
	const struct json_path forward = { path, "forward" }, tunnel = { path, "tunnel" };
	const struct json_path lower = { path, "lowerThreshold" };
	const struct json_path upper = { path, "upperThreshold" };
	size_t faults = e->n_items + e->n_dropped;

	/* What is already at fault is at its default now; rules that build on it would mislead. */
	if (!json_path_failed(&forward, e)) {
		check_forward(d, path, e);
		check_address(s, d, path, e);
		if (!json_path_failed_itself(&tunnel, e))
			check_tunnel(d, path, e);
	}
	if (!json_path_failed(&upper, e) && !json_path_failed(&lower, e) &&
	    d->lower_threshold > d->upper_threshold)
		json_path_err(&lower, e, "threshold_order", "must not be above upperThreshold");
	return e->n_items + e->n_dropped > faults ? -EINVAL : 0;
}

bool ipvs_dest_doubles(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	return keeps_port(a) && keeps_port(b) &&
	       inaddr_compare(&a->key.address, &b->key.address) == 0;
}
