/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command line and configuration file (INI, read by libinih) as one struct. Called by main. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <stdio.h>

#include "inaddr.h"
#include "num.h"

#define DEFAULT_CONFIG "/etc/lvsd/lvsd.conf"

const char options_help[] =
	"Usage: lvsd [OPTION]...\n"
	"Keeps the kernel's IPVS table as declared over an HTTP API.\n\n"
	"  --config FILE            settings, INI (" DEFAULT_CONFIG ")\n"
	"  --state DIR|:memory:     where the desired state is kept (/var/lib/lvsd)\n"
	"  --runtime-dir DIR        where admin.sock and readonly.sock are (/run/lvsd)\n"
	"  --kernel netlink|fake    the real kernel, or one in memory for tests (netlink)\n"
	"  --listen tcp://ADDR:PORT serve on TCP too; may be given several times\n"
	"  --tcp-host NAME          another name that TCP is reached by; may be given several times\n"
	"  --tokens FILE            bearer tokens that TCP needs then: ID ROLE SHA256 a line\n"
	"  --tls-certificate FILE   PEM; TCP speaks TLS then\n"
	"  --tls-key FILE           its key, PEM\n"
	"  --tls-client-ca FILE     PEM; TCP takes client certificates of these then\n"
	"  --tls-client-role ROLE   what they may: reader, operator or admin (admin)\n"
	"  --connections-limit N    list connections only while there are no more (100000)\n"
	"  --resync SECONDS         pause between two full passes, 1 to 86400 (policy)\n"
	"  --drift-notice auto|off  look at once at what others change, where possible (auto)\n"
	"  --metrics-real-servers on|off  series for each real server in /metrics (on)\n"
	"  --metrics-label KEY      show this label of services in /metrics; may be given several times\n"
	"  --metrics-cpu-share N    percent of a processor for reading their counters, 1 to 100 (2)\n"
	"  --log-level LEVEL        error, warning, notice, info or debug (info)\n"
	"  --check                  check settings and state, then exit\n"
	"  --version                print the version, then exit\n"
	"  --help                   print this, then exit\n";

static int set_kernel(struct options *o, const char *value, struct err *e)
{
	if (!streq(value, "netlink") && !streq(value, "fake"))
		return err_set(e, -EINVAL, "invalid_option",
			       "kernel: must be netlink or fake, not '%s'", value);
	o->kernel = streq(value, "fake") ? OPTIONS_KERNEL_FAKE : OPTIONS_KERNEL_NETLINK;
	return 0;
}

static int set_resync(struct options *o, const char *value, struct err *e)
{
	uint64_t seconds;

	if (num_parse_u64(value, strlen(value), 86400, &seconds) < 0 || seconds == 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "resync: must be 1 to 86400 seconds, not '%s'", value);
	o->resync_seconds = (uint32_t)seconds;
	return 0;
}

/* So many take the kernel about a second before Linux 6.14, where the price is quadratic. */
#define CONNECTIONS_LIMIT     100000
#define CONNECTIONS_LIMIT_MAX 10000000

static int set_connections_limit(struct options *o, const char *value, struct err *e)
{
	uint64_t n;

	if (num_parse_u64(value, strlen(value), CONNECTIONS_LIMIT_MAX, &n) < 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "connections-limit: must be 0 to %d, not '%s'",
			       CONNECTIONS_LIMIT_MAX, value);
	o->connections_limit = (uint32_t)n;
	return 0;
}

static int set_drift_notice(struct options *o, const char *value, struct err *e)
{
	if (!streq(value, "auto") && !streq(value, "off"))
		return err_set(e, -EINVAL, "invalid_option",
			       "drift-notice: must be auto or off, not '%s'", value);
	o->no_drift_notice = streq(value, "off");
	return 0;
}

static int set_metrics_real_servers(struct options *o, const char *value, struct err *e)
{
	if (!streq(value, "on") && !streq(value, "off"))
		return err_set(e, -EINVAL, "invalid_option",
			       "metrics-real-servers: must be on or off, not '%s'", value);
	o->metrics.no_real_servers = streq(value, "off");
	return 0;
}

static int set_metrics_label(struct options *o, const char *value, struct err *e)
{
	struct metrics_settings *s = &o->metrics;
	char name[METRICS_LABEL_MAX], other[METRICS_LABEL_MAX];

	if (strlen(value) > LABEL_KEY_MAX)
		return err_set(e, -EINVAL, "invalid_option",
			       "metrics-label: must be at most %d bytes long", LABEL_KEY_MAX);
	for (size_t i = 0; i < s->n_labels; i++)
		if (streq(metrics_label_name(value, name), metrics_label_name(s->labels[i], other)))
			return err_set(e, -EINVAL, "invalid_option",
				       "metrics-label: '%.64s' and '%.64s' would both be %.64s",
				       s->labels[i], value, name);
	if (s->n_labels == METRICS_MAX_LABELS)
		return err_set(e, -EINVAL, "invalid_option", "metrics-label: at most %d times",
			       METRICS_MAX_LABELS);
	(void)snprintf(s->labels[s->n_labels++], sizeof(s->labels[0]), "%s", value);
	return 0;
}

static int set_metrics_cpu_share(struct options *o, const char *value, struct err *e)
{
	uint64_t percent;

	if (num_parse_u64(value, strlen(value), 100, &percent) < 0 || percent == 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "metrics-cpu-share: must be 1 to 100 percent, not '%s'", value);
	o->metrics_cpu_share = (uint32_t)percent;
	return 0;
}

static int set_log_level(struct options *o, const char *value, struct err *e)
{
	int level = log_level_parse(value);

	if (level < 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "log-level: must be error, warning, notice, info or debug, not '%s'",
			       value);
	o->log_level = (enum log_level)level;
	return 0;
}

static int set_client_role(struct options *o, const char *value, struct err *e)
{
	int role = role_parse(value);

	if (role < 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "tls-client-role: must be reader, operator or admin, not '%s'",
			       value);
	o->tls_client_role = (enum role)role;
	return 0;
}

static int set_listen(struct options *o, const char *value, struct err *e)
{
	if (o->n_listen == OPTIONS_MAX_LISTEN)
		return err_set(e, -EINVAL, "invalid_option", "listen: at most %d times",
			       OPTIONS_MAX_LISTEN);
	(void)snprintf(o->listen[o->n_listen++], OPTIONS_MAX_PATH, "%s", value);
	return 0;
}

static int set_tcp_host(struct options *o, const char *value, struct err *e)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-";
	struct inaddr a;

	if (value[strspn(value, fit)] && inaddr_parse(value, strlen(value), &a) < 0)
		return err_set(e, -EINVAL, "invalid_option",
			       "tcp-host: '%s' is no host name or address, which stand without "
			       "port and brackets",
			       value);
	if (o->n_tcp_host == OPTIONS_MAX_HOST)
		return err_set(e, -EINVAL, "invalid_option", "tcp-host: at most %d times",
			       OPTIONS_MAX_HOST);
	(void)snprintf(o->tcp_host[o->n_tcp_host++], OPTIONS_MAX_PATH, "%s", value);
	return 0;
}

/* What has a value: a path that is only kept, or what a function makes of it. */
static const struct setting {
	const char *name;
	size_t path; /* into struct options */
	int (*set)(struct options *o, const char *value, struct err *e);
} settings[] = {
	{ "state", offsetof(struct options, state), NULL },
	{ "runtime-dir", offsetof(struct options, runtime_dir), NULL },
	{ "tokens", offsetof(struct options, tokens), NULL },
	{ "tls-certificate", offsetof(struct options, tls_certificate), NULL },
	{ "tls-key", offsetof(struct options, tls_key), NULL },
	{ "tls-client-ca", offsetof(struct options, tls_client_ca), NULL },
	{ "tls-client-role", 0, set_client_role },
	{ "tcp-host", 0, set_tcp_host },
	{ "listen", 0, set_listen },
	{ "kernel", 0, set_kernel },
	{ "resync", 0, set_resync },
	{ "connections-limit", 0, set_connections_limit },
	{ "drift-notice", 0, set_drift_notice },
	{ "metrics-real-servers", 0, set_metrics_real_servers },
	{ "metrics-label", 0, set_metrics_label },
	{ "metrics-cpu-share", 0, set_metrics_cpu_share },
	{ "log-level", 0, set_log_level },
};

/* Sets one option by its long name; 0 or -EINVAL. The file and the command line share it. */
static int set(struct options *o, const char *name, const char *value, struct err *e)
{
	if (strlen(value) >= OPTIONS_MAX_PATH || !*value)
		return err_set(e, -EINVAL, "invalid_option", "%s: must be 1 to %d bytes long", name,
			       OPTIONS_MAX_PATH - 1);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!streq(settings[i].name, name))
			continue;
		if (settings[i].set)
			return settings[i].set(o, value, e);
		(void)snprintf((char *)o + settings[i].path, OPTIONS_MAX_PATH, "%s", value);
		return 0;
	}
	return err_set(e, -EINVAL, "invalid_option", "%s: there is no such setting", name);
}

struct file_context {
	struct options *options;
	struct err *e;
};

static int on_setting(void *arg, const char *section, const char *name, const char *value)
{
	struct file_context *c = arg;

	if (*section && !streq(section, "lvsd")) {
		(void)err_set(c->e, 0, "invalid_option", "section [%s]: there is only [lvsd]",
			      section);
		return 0;
	}
	return set(c->options, name, value, c->e) == 0; /* libinih: 1 is success */
}

/* libinih takes an indented line for more of the one above; to us it is a setting of its own. */
static char *read_line(char *line, int size, void *file)
{
	char *got = fgets(line, size, file);
	size_t indent = got ? strspn(line, " \t") : 0;

	if (got)
		memmove(line, line + indent, strlen(line + indent) + 1);
	return got;
}

static int read_file(const char *path, bool required, struct options *o, struct err *e)
{
	struct err why = { 0 };
	struct file_context c = { o, &why };
	FILE *file;
	int line;

	if (access(path, F_OK) < 0 && errno == ENOENT && !required)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return err_set(e, -EINVAL, "invalid_option", "%s: cannot be read: %s", path,
			       strerror(errno));
	line = ini_parse_stream(read_line, file, on_setting, &c);
	(void)fclose(file);
	if (line == 0)
		return 0;
	return err_set(e, -EINVAL, "invalid_option", "%s: line %d: %s", path, line,
		       why.code ? why.detail : "is not NAME = VALUE");
}

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, 'o' },
	{ "runtime-dir", required_argument, NULL, 'o' },
	{ "kernel", required_argument, NULL, 'o' },
	{ "listen", required_argument, NULL, 'l' },
	{ "tcp-host", required_argument, NULL, 't' },
	{ "tokens", required_argument, NULL, 'o' },
	{ "tls-certificate", required_argument, NULL, 'o' },
	{ "tls-key", required_argument, NULL, 'o' },
	{ "tls-client-ca", required_argument, NULL, 'o' },
	{ "tls-client-role", required_argument, NULL, 'o' },
	{ "resync", required_argument, NULL, 'o' },
	{ "connections-limit", required_argument, NULL, 'o' },
	{ "drift-notice", required_argument, NULL, 'o' },
	{ "metrics-real-servers", required_argument, NULL, 'o' },
	{ "metrics-label", required_argument, NULL, 'm' },
	{ "metrics-cpu-share", required_argument, NULL, 'o' },
	{ "log-level", required_argument, NULL, 'o' },
	{ "check", no_argument, NULL, 'k' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* First walk: which configuration file; second walk: everything else, over what the file said. */
static int walk(int argc, char **argv, bool only_config, const char **config, struct options *o,
		struct err *e)
{
	int c, index = 0;
	bool listens = false, hosts = false, labels = false;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, &index)) != -1) {
		if (c == '?' || c == ':')
			return err_set(e, -EINVAL, "invalid_option", "%s: %s", argv[optind - 1],
				       c == ':' ? "needs a value" : "there is no such option");
		if (c == 'c')
			*config = optarg;
		if (only_config || c == 'c')
			continue;
		o->check = o->check || c == 'k';
		o->version = o->version || c == 'v';
		o->help = o->help || c == 'h';
		/* What may be given several times: the command line's replace the file's. */
		if (c == 'l' && !listens) {
			o->n_listen = 0;
			listens = true;
		}
		if (c == 't' && !hosts) {
			o->n_tcp_host = 0;
			hosts = true;
		}
		if (c == 'm' && !labels) {
			o->metrics.n_labels = 0;
			labels = true;
		}
		if (strchr("oltm", c) && set(o, long_options[index].name, optarg, e) < 0)
			return -EINVAL;
	}
	if (optind < argc)
		return err_set(e, -EINVAL, "invalid_option", "%s: is not an option", argv[optind]);
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
	struct options o = {
		.state = "/var/lib/lvsd",
		.runtime_dir = "/run/lvsd",
		.tls_client_role = ROLE_ADMIN,
		.metrics_cpu_share = 2,
		.log_level = LOG_LEVEL_INFO,
		.connections_limit = CONNECTIONS_LIMIT,
	};
	const char *config = NULL;
	int r = walk(argc, argv, true, &config, &o, e);

	if (r == 0)
		r = read_file(config ? config : DEFAULT_CONFIG, config != NULL, &o, e);
	if (r == 0)
		r = walk(argc, argv, false, &config, &o, e);
	if (r == 0)
		*ret = o;
	return r;
}
