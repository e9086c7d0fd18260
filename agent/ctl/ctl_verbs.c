/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE table of verbs. A new verb is a row and a function (ctl_verbs.h). */
#include "ctl_verbs.h"

#include <stdio.h>

#include "util.h"

const struct ctl_verb ctl_verbs[] = {
	{ "get",
	  "services|vips|sysctls [FILTER=VALUE…] | config|state|capabilities|problems | ID "
	  "[REAL-SERVER]",
	  "shows what is declared, and how it stands in the kernel", CTL_LABEL, ctl_get },
	{ "describe", "ID [REAL-SERVER]", "all members of an object, its conditions and warnings",
	  0, ctl_describe },
	{ "apply", "-f FILE [--prune]",
	  "makes what is declared equal to a file: JSON, one document or many",
	  CTL_FILE | CTL_PRUNE | CTL_ADOPT | CTL_MASS_DELETE | CTL_WRITES, ctl_apply },
	{ "diff", "[-f FILE [--prune]]",
	  "what differs between the declared and the kernel, or what a file would change",
	  CTL_FILE | CTL_PRUNE | CTL_ADOPT | CTL_OWNER, ctl_diff },
	{ "plan", "-f FILE [--prune]", "what apply would do, and how many connections it would cut",
	  CTL_FILE | CTL_PRUNE | CTL_ADOPT | CTL_OWNER, ctl_plan },
	{ "set",
	  "weight SERVICE REAL-SERVER NUMBER | scheduler SERVICE NAME [FLAG…] | label ID "
	  "NAME=VALUE|NAME-… | ID [REAL-SERVER] MEMBER=VALUE…",
	  "changes members of an object", CTL_ADOPT | CTL_WRITES, ctl_set },
	{ "delete", "ID [REAL-SERVER]", "removes an object", CTL_WRITES, ctl_delete },
	{ "vip", "add ADDRESS INTERFACE [MEMBER=VALUE…] | del ADDRESS | list | announce ADDRESS",
	  "virtual addresses of this host", CTL_ADOPT | CTL_WRITES, ctl_vip },
	{ "realserver", "on VIP… [mode=tun] [MEMBER=VALUE…] | off | status",
	  "makes this host a real server, with direct routing or tunnels", CTL_ADOPT | CTL_WRITES,
	  ctl_realserver },
	{ "director", "on|set MEMBER=VALUE… | off | status",
	  "makes this host a director: forwarding, timeouts, variables of IPVS", CTL_WRITES,
	  ctl_director },
	{ "sysctl", "list | set NAME VALUE | del NAME", "variables of the kernel", CTL_WRITES,
	  ctl_sysctl },
	{ "sync", "master|backup [on INTERFACE [MEMBER=VALUE…] | off]",
	  "tells other directors of connections, or hears of theirs", CTL_ADOPT | CTL_WRITES,
	  ctl_sync },
	{ "policy", "get | set MEMBER=VALUE… | reset", "what lvsd may do by itself", CTL_WRITES,
	  ctl_policy },
	{ "adopt", "all | SERVICE|VIP…", "takes over what others made, as it is", CTL_WRITES,
	  ctl_adopt },
	{ "export", "[kernel]", "the services as ipvsadm -S -n prints them; -o json: all, as JSON",
	  0, ctl_export },
	{ "import", "-f FILE [--prune]", "declares the services of a text of ipvsadm -S",
	  CTL_FILE | CTL_PRUNE | CTL_ADOPT | CTL_MASS_DELETE | CTL_NAMES | CTL_WRITES, ctl_import },
	{ "stats", "[--rate] [SERVICE] | total | zero [SERVICE]", "counters of the kernel",
	  CTL_RATE, ctl_stats },
	{ "top", "",
	  "the busiest services, live; keys: c a i o b s to sort, r real servers, q quit", 0,
	  ctl_top },
	{ "connections", "[FILTER=VALUE…]",
	  "the kernel's connections; filters: service, client, realServer, state, limit", 0,
	  ctl_connections },
	{ "status", "", "how the daemon is, and whether the kernel is as declared", 0, ctl_status },
	{ "reconcile", "", "compares all with the kernel now", CTL_MASS_DELETE | CTL_WAITS,
	  ctl_reconcile },
	{ "doctor", "[-f lvsd.conf]",
	  "what is missing on this host, and what to do; works without the daemon", CTL_FILE,
	  ctl_doctor },
	{ "explain", "CODE", "what an error of the daemon means, and what to do", 0, ctl_explain },
	{ "ipvsadm", "COMMAND OPTION…", "does as ipvsadm does, through lvsd (lvsctl ipvsadm -h)",
	  CTL_WRITES, ctl_ipvsadm },
	{ "version", "", "versions of lvsctl and of the daemon", 0, ctl_version },
	{ NULL, NULL, NULL, 0, NULL },
};

const struct ctl_verb *ctl_verb_find(const char *name)
{
	for (const struct ctl_verb *v = ctl_verbs; v->name; v++)
		if (streq(v->name, name))
			return v;
	return NULL;
}

int ctl_usage(const char *verb)
{
	const struct ctl_verb *v = ctl_verb_find(verb);

	(void)fprintf(stderr, "usage: lvsctl %s %s\n", verb, v ? v->arguments : "");
	return CTL_FAILED;
}
