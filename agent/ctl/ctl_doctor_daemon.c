/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor's look at lvsd: is it there, may it do what it has to, may we talk to it, what does it
 * say; and who else is at work. */
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "buf.h"
#include "ctl_doctor.h"
#include "ctl_http.h"
#include "ctl_json.h"
#include "ctl_term.h"
#include "num.h"
#include "util.h"

#define SMALL_FILE    8192
#define CAP_NET_ADMIN 12 /* linux/capability.h */
#define CAP_NET_RAW   13
#define CONFIG	      "/etc/lvsd/lvsd.conf"

/* The first process with this name, or 0. */
static uint64_t find_process(const char *name)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	uint64_t pid, found = 0;

	while (proc && !found && (entry = readdir(proc))) {
		char path[300], comm[64];

		if (num_parse_u64(entry->d_name, strlen(entry->d_name), UINT32_MAX, &pid) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		(void)ctl_read_small(path, comm, sizeof(comm));
		comm[strcspn(comm, "\n")] = '\0';
		if (streq(comm, name))
			found = pid;
	}
	if (proc)
		(void)closedir(proc);
	return found;
}

/* The effective capabilities of a process, of /proc/PID/status. */
static uint64_t capabilities_of(uint64_t pid)
{
	char path[64], text[SMALL_FILE];
	const char *at;
	uint64_t bits = 0;

	(void)snprintf(path, sizeof(path), "/proc/%llu/status", (unsigned long long)pid);
	(void)ctl_read_small(path, text, sizeof(text));
	at = strstr(text, "\nCapEff:\t");
	for (at = at ? at + strlen("\nCapEff:\t") : ""; *at && *at != '\n'; at++)
		bits = bits << 4 | (uint64_t)(*at <= '9' ? *at - '0' : (*at | 0x20) - 'a' + 10);
	return bits;
}

static void check_process(struct ctl_doctor *d)
{
	uint64_t pid = find_process("lvsd"), bits;

	if (!pid) {
		ctl_finding(d, CTL_FAIL, "lvsd does not run",
			    "systemctl start lvsd; why it ended: journalctl -u lvsd");
		return;
	}
	bits = capabilities_of(pid);
	ctl_finding(d, CTL_FINE, "lvsd runs", NULL);
	if (!(bits & UINT64_C(1) << CAP_NET_ADMIN))
		ctl_finding(d, CTL_FAIL, "lvsd has not CAP_NET_ADMIN: it cannot talk to IPVS",
			    "run it as root, or by its unit with "
			    "AmbientCapabilities=CAP_NET_ADMIN");
	else if (!(bits & UINT64_C(1) << CAP_NET_RAW))
		ctl_finding(d, CTL_WARN,
			    "lvsd has not CAP_NET_RAW: VIPs are not announced, and changes by "
			    "others are found at intervals",
			    "copy announce.conf of the examples (/usr/share/doc/lvsd) to "
			    "/etc/systemd/system/lvsd.service.d/ and restart lvsd");
	else
		ctl_finding(d, CTL_FINE, "lvsd has the capabilities that it needs", NULL);
}

/* 0, or the errno of connecting to a unix socket. */
static int try_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		r = errno;
	close(fd);
	return r;
}

static bool check_socket(struct ctl_doctor *d)
{
	const char *path = ctl_http_socket(&d->ctl->options);
	int r = try_socket(path);
	char what[512];

	(void)snprintf(what, sizeof(what), "the socket %.300s%s%s", path, r ? ": " : " answers",
		       r ? strerror(r) : "");
	if (r == 0)
		ctl_finding(d, CTL_FINE, what, NULL);
	else if (r == EACCES || r == EPERM)
		ctl_finding(d, CTL_FAIL, what,
			    "run this as root, or: usermod -aG lvsd YOU, and log in anew");
	else if (r == ENOENT)
		ctl_finding(d, CTL_FAIL, what,
			    "start lvsd, or name its socket: --socket DIR/admin.sock (lvsd "
			    "--runtime-dir DIR)");
	else
		ctl_finding(d, CTL_FAIL, what, "start lvsd: systemctl start lvsd");
	return r == 0;
}

/* What can be done about a condition that is not as it should be. */
static const char *remedy_of(const char *type)
{
	static const struct {
		const char *type, *remedy;
	} remedies[] = {
		{ "KernelReady", "load ip_vs, and give lvsd CAP_NET_ADMIN" },
		{ "InSync", "lvsctl diff shows what differs; lvsctl get services -o wide, which; "
			    "lvsctl reconcile tries again" },
		{ "StateDurable", "look at the disk of /var/lib/lvsd: df, journalctl -u lvsd" },
		{ "Contested", "find the program that changes it back, and stop it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++)
		if (streq(remedies[i].type, type))
			return remedies[i].remedy;
	return "lvsctl status says more";
}

static void check_conditions(struct ctl_doctor *d)
{
	const struct ctl_request request = { .method = "GET", .path = "/v1" };
	_cleanup_(ctl_answer_done) struct ctl_answer a = { 0 };
	const json_t *item;
	size_t i;

	if (ctl_http_send(d->ctl->http, &request, &a) < 0)
		return;
	json_array_foreach(json_object_get(json_object_get(a.json, "status"), "conditions"), i,
			   item) {
		char what[512];

		(void)snprintf(what, sizeof(what), "%.60s is %.10s: %.60s %.300s",
			       ctl_text(item, "type"), ctl_text(item, "status"),
			       ctl_text(item, "reason"), ctl_text(item, "message"));
		if (ctl_condition_good(item))
			ctl_finding(d, CTL_FINE, what, NULL);
		else
			ctl_finding(d, CTL_FAIL, what, "%s", remedy_of(ctl_text(item, "type")));
	}
}

/* Whether a port that lvsd is to serve is taken. It is bound for a moment. */
static void check_listener(struct ctl_doctor *d, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *info = NULL;
	char what[256];
	int fd, one = 1, r = 0;

	if (getaddrinfo(host, port, &hints, &info) != 0)
		return;
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, info->ai_addr, info->ai_addrlen) < 0)
		r = errno;
	freeaddrinfo(info);
	if (fd >= 0)
		close(fd);
	(void)snprintf(what, sizeof(what), "port %.8s of %.64s%s%s", port, host,
		       r ? ": " : " is free for lvsd", r ? strerror(r) : "");
	if (r == 0)
		ctl_finding(d, CTL_FINE, what, NULL);
	else
		ctl_finding(
			d, CTL_FAIL, what,
			"ss -ltnp 'sport = :%s' shows who has it; or change listen in the settings",
			port);
}

/* The lines "listen = tcp://ADDRESS:PORT" of the settings. */
static void check_ports(struct ctl_doctor *d)
{
	const char *file = d->ctl->options.file ? d->ctl->options.file : CONFIG;
	FILE *f = fopen(file, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		char *at = strstr(line, "tcp://"), *colon;

		if (strncmp(line, "listen", 6) != 0 || !at)
			continue;
		at += strlen("tcp://");
		at[strcspn(at, " \t\r\n;")] = '\0';
		colon = strrchr(at, ':');
		if (!colon)
			continue;
		*colon = '\0';
		if (*at == '[' && colon[-1] == ']') {
			colon[-1] = '\0';
			at++;
		}
		check_listener(d, at, colon + 1);
	}
	if (f)
		(void)fclose(f);
}

static void check_others(struct ctl_doctor *d)
{
	static const char *const others[] = { "keepalived", "kube-proxy", "ldirectord" };
	char what[128];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (!find_process(others[i]))
			continue;
		(void)snprintf(what, sizeof(what), "%s runs too", others[i]);
		ctl_finding(d, CTL_WARN, what,
			    "two programs that keep one service fight: lvsctl adopt, then stop it "
			    "(docs/RUNBOOKS.md)");
	}
}

void ctl_doctor_daemon(struct ctl_doctor *d)
{
	bool local = !d->ctl->options.url, answers = true;

	if (local) {
		check_process(d);
		answers = check_socket(d);
	}
	if (!answers)
		check_ports(d);
	check_others(d);
	if (answers)
		check_conditions(d);
}
