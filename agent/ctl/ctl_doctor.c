/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: looks at this host as lvsd needs it, without the daemon where it has to; each finding
 * with its remedy. Changes nothing. Other checks of the daemon itself are in ctl_doctor_daemon.c.
 */
#include "ctl_doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "buf.h"
#include "ctl_json.h"
#include "ctl_term.h"
#include "ctl_verbs.h"
#include "ipvs_modules.h"
#include "num.h"
#include "util.h"

#define IPVS_TABLE   "/proc/net/ip_vs"
#define IP_FORWARD   "/proc/sys/net/ipv4/ip_forward"
#define OLDEST_MAJOR 4 /* the first with 64-bit counters is 4.1 */

static void add_json(json_t *findings, enum ctl_verdict verdict, const char *what,
		     const char *remedy)
{
	static const char *const words[] = { "ok", "warning", "failed" };
	json_t *finding = json_pack("{s:s, s:s, s:s?}", "verdict", words[verdict], "what", what,
				    "remedy", remedy);

	if (!finding || json_array_append_new(findings, finding) < 0)
		exit(ctl_fail("out of memory"));
}

void ctl_finding(struct ctl_doctor *d, enum ctl_verdict verdict, const char *what,
		 const char *remedy, ...)
{
	static const char *const words[] = { "ok  ", "warn", "FAIL" };
	static const enum ctl_colour colours[] = { CTL_GREEN, CTL_YELLOW, CTL_RED };
	_cleanup_(freep) char *text = NULL;
	va_list ap;
	int r = 0;

	va_start(ap, remedy);
	if (remedy)
		r = vasprintf(&text, remedy, ap);
	va_end(ap);
	if (r < 0)
		exit(ctl_fail("out of memory"));
	if (verdict != CTL_FINE)
		d->findings++;
	if (d->json) {
		add_json(d->json, verdict, what, text);
		return;
	}
	printf("%s%s%s  %s\n", ctl_term(colours[verdict]), words[verdict], ctl_term(CTL_PLAIN),
	       what);
	if (text)
		printf("      %s\n", text);
}

size_t ctl_read_small(const char *path, char *ret, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(ret, 1, size - 1, f) : 0;

	ret[n] = '\0';
	if (f)
		(void)fclose(f);
	return n;
}

static void check_kernel(struct ctl_doctor *d)
{
	struct utsname u;
	char what[256];
	uint64_t major = 0;

	if (uname(&u) < 0)
		return;
	(void)num_parse_u64(u.release, strcspn(u.release, "."), UINT32_MAX, &major);
	(void)snprintf(what, sizeof(what), "kernel %.100s", u.release);
	if (major < OLDEST_MAJOR)
		ctl_finding(d, CTL_WARN, what,
			    "older than Linux 4.1: counters have 32 bits; "
			    "take a newer kernel");
	else
		ctl_finding(d, CTL_FINE, what, NULL);
}

static void check_module(struct ctl_doctor *d, struct ipvs_modules *m)
{
	if (access(IPVS_TABLE, F_OK) == 0)
		ctl_finding(d, CTL_FINE, "the kernel has IPVS", NULL);
	else if (ipvs_modules_has(m, "ip_vs") == 0)
		ctl_finding(d, CTL_FAIL, "this kernel has no IPVS",
			    "install a kernel with CONFIG_IP_VS (of Debian: linux-image-amd64, not "
			    "the -cloud one); a real server needs none");
	else
		ctl_finding(d, CTL_WARN, "the module ip_vs is not loaded",
			    "lvsd has it loaded when it may; by hand: modprobe ip_vs; for each "
			    "boot: echo ip_vs > /etc/modules-load.d/ipvs.conf");
}

static void check_schedulers(struct ctl_doctor *d, struct ipvs_modules *m)
{
	static const char *const common[] = { "ip_vs_rr",  "ip_vs_wrr", "ip_vs_lc",
					      "ip_vs_wlc", "ip_vs_sh",	"ip_vs_mh" };
	_cleanup_(buf_done) struct buf missing = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (ipvs_modules_has(m, common[i]) == 0)
			buf_printf(&missing, " %s", common[i]);
	if (missing.len)
		ctl_finding(d, CTL_WARN, "schedulers are not installed",
			    "missing:%s; services that name them are not served by them: install "
			    "the kernel's modules, or choose others",
			    missing.data);
	else
		ctl_finding(d, CTL_FINE, "the common schedulers are there", NULL);
}

/* The kernel tells real servers with NAT by the word Masq. */
static bool serves_by_nat(void)
{
	FILE *f = fopen(IPVS_TABLE, "re");
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, " Masq ") != NULL;
	if (f)
		(void)fclose(f);
	return found;
}

static void check_forwarding(struct ctl_doctor *d)
{
	char value[16];

	if (!serves_by_nat())
		return;
	(void)ctl_read_small(IP_FORWARD, value, sizeof(value));
	if (value[0] == '1')
		ctl_finding(d, CTL_FINE, "forwarding is on for real servers with NAT", NULL);
	else
		ctl_finding(d, CTL_FAIL, "real servers with NAT, and net.ipv4.ip_forward is 0",
			    "their answers are dropped: lvsctl director set ipv4Forwarding=true");
}

static void check_conntrack(struct ctl_doctor *d)
{
	char value[16];

	(void)ctl_read_small("/proc/sys/net/ipv4/vs/expire_nodest_conn", value, sizeof(value));
	if (value[0] == '0')
		ctl_finding(d, CTL_FINE,
			    "connections of removed real servers wait until they "
			    "time out (net.ipv4.vs.expire_nodest_conn is 0)",
			    "to have them cut at once: lvsctl director set "
			    "ipvs.expire_nodest_conn=1");
}

int ctl_doctor(struct ctl *ctl, int argc, char **argv)
{
	struct ctl_doctor d = { .ctl = ctl };
	struct ipvs_modules m = { 0 };
	bool json = ctl->options.output == CTL_JSON || ctl->options.output == CTL_NDJSON;

	if (argc != 1)
		return ctl_usage(argv[0]);
	if (ctl->options.show_curl)
		return ctl_fail("doctor looks at this host; what it asks lvsd is lvsctl status "
				"--show-curl");
	if (json)
		d.json = json_array();
	check_kernel(&d);
	check_module(&d, &m);
	check_schedulers(&d, &m);
	ipvs_modules_done(&m);
	check_forwarding(&d);
	check_conntrack(&d);
	ctl_doctor_daemon(&d);
	if (json)
		ctl_json_print(d.json, ctl->options.output);
	json_decref(d.json);
	return d.findings ? CTL_DIFFERENT : CTL_OK;
}
