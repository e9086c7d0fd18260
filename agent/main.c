/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon: options, then the objects from the store up to the HTTP server, then the loop. */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>

#include "access.h"
#include "api.h"
#include "drift_notice.h"
#include "heartbeat.h"
#include "host_side.h"
#include "ipvs_kernel.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "netns_lock.h"
#include "notify.h"
#include "openapi.h"
#include "options.h"
#include "timestamp.h"

enum exit_status {
	EXIT_STOPPED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_STATE_UNREADABLE = 3,
};

struct agent {
	int argc;
	char **argv;
	struct options options;
	struct store *store;
	struct change *change;
	struct ipvs_kernel *kernel;
	struct reconcile *reconcile;
	struct counters *counters;
	struct api api;
	struct httpd *httpd;
	struct loop *loop;
	struct drift_notice *notice;
	struct host_side *host;
	netcfg_memo_vec memory; /* of the host, until its side has it */
	struct listen_set sockets;
	struct httpd_access *access; /* until the server has it */
	int lock_fd;		     /* of the network namespace; -1: none */
	struct notify notify;
	struct heartbeat heartbeat;
	bool complained; /* of what it says */
};

static const struct reconcile_hooks reconcile_hooks = {
	.desired = change_published,
	.deleted = change_deleted,
	.foreign = change_foreign,
	.clock = loop_now_ms,
};

static const struct counters_hooks counters_hooks = {
	.desired = change_published,
	.elapsed = timestamp_elapsed_us,
};

/* Limits with their reasons: a GET of 110,000 objects is 27 MB and must be takeable back; one
 * object with 5,000 real servers is far below 1 MiB; 128 connections of 64 KiB each; idle
 * keep-alive connections must not fill that limit; a slow upload of 64 MiB at 1 MiB/s still fits.
 */
static const struct httpd_limits http_limits = {
	.max_object = 1 << 20,
	.max_document = 64 << 20,
	.max_bodies = 128 << 20,
	.max_connections = 128,
	.max_parked = 64,
	.idle_seconds = 15,
	.request_seconds = 60,
};

static struct notify_view told_of(const struct agent *a)
{
	return (struct notify_view){
		.desired = change_published(a->change),
		.reconcile = a->reconcile,
		.host = host_side_host(a->host),
		.storage_failed = a->api.storage_failed,
	};
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t resync_ms(const struct agent *a)
{
	return (a->options.resync_seconds ? (int64_t)a->options.resync_seconds
					  : change_published(a->change)->policy.resync_seconds) *
	       1000;
}

/* What the watchdog is fed by. The host's second part waits for the services. */
static void note_heartbeat(struct agent *a, bool host_waits, int64_t services_due, int64_t now)
{
	const struct reconcile_stats *s = reconcile_stats(a->reconcile);
	const struct host_pulse pulse = host_pulse(host_side_host(a->host), now);
	const struct heartbeat_sign services = {
		.due = services_due,
		.steps = s->steps,
		.rounds = s->passes + s->transport_errors,
		.every = resync_ms(a),
		.busy = !reconcile_idle(a->reconcile),
	};
	const struct heartbeat_sign host = {
		.due = pulse.due,
		.steps = pulse.steps,
		.rounds = pulse.rounds,
		.every = pulse.every,
		.busy = host_waits,
	};

	heartbeat_note(&a->heartbeat, HEARTBEAT_SERVICES, &services, now);
	heartbeat_note(&a->heartbeat, HEARTBEAT_HOST, &host, now);
	if (host_waits)
		heartbeat_excuse(&a->heartbeat, HEARTBEAT_HOST);
}

static bool is_well(void *arg)
{
	struct agent *a = arg;
	const char *complaint = heartbeat_complaint(&a->heartbeat, loop_now_ms());

	if (complaint && !a->complained)
		log_record(LOG_LEVEL_ERROR, LOG_ID_STUCK, NULL, 0,
			   "%s: systemd's watchdog is not fed any more", complaint);
	a->complained = complaint != NULL;
	return !complaint;
}

/* What comes to the host, the services, what goes from the host: no service without its VIP, no
 * real server that answers for a VIP that it does not serve. Returns when to come again. */
static int64_t reconcile_all(struct agent *a, int64_t now)
{
	int64_t first = host_side_run(a->host, HOST_FIRST, resync_ms(a), now);
	int64_t next = reconcile_run(a->reconcile, now);
	/* Without IPVS in the kernel there are no services to wait for. */
	bool waits = !reconcile_idle(a->reconcile) && !reconcile_stats(a->reconcile)->kernel_error;

	if (!waits)
		first = host_side_run(a->host, HOST_SECOND, resync_ms(a), now);
	note_heartbeat(a, waits, next, now);
	return earlier(first, next);
}

static struct turn_apart taken_apart(const struct agent *a)
{
	return (struct turn_apart){
		.store = change_store_time(a->change),
		.scheduler = reconcile_stats(a->reconcile)->scheduler_us,
	};
}

/* One turn: requests → one commit → kernel → answers. Returns how many ms the loop may sleep. */
static int turn(void *arg)
{
	struct agent *a = arg;
	struct notify_view view;
	int64_t now, next, notice, pause;
	size_t answered;
	int http;

	turn_time_begin(&a->api.turns, loop_woken_us(a->loop), taken_apart(a));
	httpd_run(a->httpd);
	api_commit(&a->api);
	now = loop_now_ms();
	drift_notice_read(a->notice, now);
	next = reconcile_all(a, now);
	notice = drift_notice_follow(a->notice, now);
	next = earlier(next, notice);
	next = earlier(next, counters_run(a->counters, now));
	a->api.drift_notice = drift_notice_name(a->notice);
	api_commit(&a->api); /* what the reconciler found out: tombstones, claims */
	api_tick(&a->api);
	answered = httpd_resume(a->httpd);
	view = told_of(a);
	next = earlier(next, notify_turn(&a->notify, &view, now));
	next = earlier(next, log_flush(now));
	http = httpd_timeout(a->httpd);
	turn_time_end(&a->api.turns, timestamp_elapsed_us(), taken_apart(a));
	pause = answered || api_busy(&a->api) || next <= now ? 0 : next - now;
	return pause < http ? (int)pause : http;
}

static void on_stop(void *arg, int signal)
{
	struct agent *a = arg;

	(void)signal;
	notify_stops(&a->notify);
	loop_stop(a->loop, EXIT_STOPPED);
}

/* What only a restart takes over. */
static bool settled(const struct options *a, const struct options *b)
{
	return streq(a->state, b->state) && streq(a->runtime_dir, b->runtime_dir) &&
	       a->kernel == b->kernel && a->n_listen == b->n_listen &&
	       memcmp(a->listen, b->listen, sizeof(a->listen)) == 0 &&
	       a->n_tcp_host == b->n_tcp_host &&
	       memcmp(a->tcp_host, b->tcp_host, sizeof(a->tcp_host)) == 0 &&
	       streq(a->tokens, b->tokens) && streq(a->tls_certificate, b->tls_certificate) &&
	       streq(a->tls_key, b->tls_key) && streq(a->tls_client_ca, b->tls_client_ca) &&
	       a->tls_client_role == b->tls_client_role;
}

/* The files that the settings of the start name are read again; all of them are good, or none is
 * taken over. */
static void reload_access(struct agent *a)
{
	_cleanup_(err_done) struct err e = { 0 };
	struct httpd_access *fresh = NULL;
	int r = access_load(&a->options, &fresh, &e);

	if (r == 0)
		r = httpd_set_access(a->httpd, fresh);
	if (r < 0) {
		log_record(LOG_LEVEL_ERROR, LOG_ID_BAD_CONFIG, NULL, 0,
			   "tokens and certificates stay as they were: %s",
			   e.code ? e.detail : strerror(-r));
		httpd_access_free(fresh);
	} else if (*a->options.tokens || *a->options.tls_certificate) {
		log_record(LOG_LEVEL_NOTICE, LOG_ID_RELOADED, NULL, 0,
			   "tokens and certificates read again");
	}
}

/* SIGHUP: takes over what can change while running; says what cannot. */
static void on_reload(void *arg)
{
	struct agent *a = arg;
	_cleanup_(err_done) struct err e = { 0 };
	struct options fresh;

	notify_reloads(&a->notify);
	if (options_parse(a->argc, a->argv, &fresh, &e) < 0) {
		log_record(LOG_LEVEL_ERROR, LOG_ID_BAD_CONFIG, NULL, 0,
			   "configuration not taken over: %s", e.detail);
	} else {
		log_set_level(fresh.log_level);
		a->options.resync_seconds =
			fresh.resync_seconds; /* the host's side asks each turn */
		reconcile_set_resync(a->reconcile, (int64_t)fresh.resync_seconds * 1000);
		a->api.connections_limit = fresh.connections_limit;
		drift_notice_set(a->notice, !fresh.no_drift_notice, loop_now_ms());
		a->options.metrics = fresh.metrics; /* the API looks at it */
		counters_set_share(a->counters, fresh.metrics_cpu_share);
		if (!settled(&fresh, &a->options))
			log_warning("of the settings only resync, drift-notice, "
				    "connections-limit, metrics-* and log-level change without a "
				    "restart");
		log_record(LOG_LEVEL_NOTICE, LOG_ID_RELOADED, NULL, 0, "configuration read again");
	}
	reload_access(a);
	notify_reloaded(&a->notify);
}

static const struct loop_hooks loop_hooks = {
	.turn = turn,
	.is_well = is_well,
	.stop = on_stop,
	.reload = on_reload,
};

static void on_http(void *arg)
{
	(void)arg; /* the turn that follows runs the server */
}

/* Others must be able to reach the sockets in it; who may open those is up to their own modes. An
 * existing directory stays as the operator made it. */
static int make_runtime_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0755) < 0)
		return errno == EEXIST
			       ? 0
			       : err_set(e, -errno, "failed", "%s: %s", path, strerror(errno));
	if (chmod(path, 0755) < 0) /* the umask was in the way */
		return err_set(e, -errno, "failed", "%s: %s", path, strerror(errno));
	return 0;
}

static int open_sockets(struct agent *a, struct err *e)
{
	int r = make_runtime_dir(a->options.runtime_dir, e);

	if (r == 0)
		r = listen_unix(&a->sockets, a->options.runtime_dir, e);
	for (size_t i = 0; i < a->options.n_listen && r == 0; i++)
		r = listen_tcp(&a->sockets, a->options.listen[i], e);
	return r;
}

static int serve(struct agent *a, struct err *e)
{
	int r = httpd_new(&api_hooks, &a->api, &http_limits, &a->httpd);

	if (r == 0)
		r = httpd_set_access(a->httpd, a->access);
	if (r == 0)
		a->access = NULL; /* the server's from here on */
	for (size_t i = 0; i < a->sockets.n && r == 0; i++) {
		struct listen_socket *s = &a->sockets.sockets[i];
		const struct httpd_listener l = {
			.fd = s->fd,
			.role = s->kind == LISTEN_READONLY ? ROLE_READER : ROLE_ADMIN,
			.unix_socket = s->kind != LISTEN_TCP,
		};

		s->fd = -1; /* the server's from here on */
		r = httpd_listen(a->httpd, &l);
	}
	if (r == 0)
		r = loop_new(&loop_hooks, a, &a->loop);
	if (r == 0)
		r = loop_add_fd(a->loop, httpd_fd(a->httpd), on_http, a);
	if (r == 0)
		r = drift_notice_new(a->kernel, a->reconcile, a->loop, &a->notice);
	if (r == 0)
		r = host_side_watch(a->host, a->loop);
	return r < 0 ? err_set(e, r, "failed", "the HTTP server cannot start: %s", strerror(-r))
		     : 0;
}

static int open_state(struct agent *a, struct err *e)
{
	struct desired *desired = NULL;
	int r = store_open(a->options.state, &a->store, e);

	if (r == 0)
		r = store_load(a->store, &desired, e);
	if (r == 0)
		r = change_new(a->store, desired, &a->change);
	if (r == 0)
		r = store_memory_load(a->store, &a->memory, e);
	return r;
}

static int open_kernel(struct agent *a, struct err *e)
{
	bool fake = a->options.kernel == OPTIONS_KERNEL_FAKE;
	int r = fake ? 0 : netns_lock(&a->lock_fd, e);

	if (r < 0)
		return r;
	r = fake ? ipvs_fake_new(&a->kernel) : ipvs_netlink_new(&a->kernel);
	if (r == 0)
		r = reconcile_new(a->kernel, &reconcile_hooks, a->change,
				  (int64_t)a->options.resync_seconds * 1000, &a->reconcile);
	if (r < 0)
		return err_set(e, r, "failed", "netlink: %s", strerror(-r));
	change_attach(a->change, a->reconcile);
	r = host_side_new(fake, a->kernel, a->store, a->change, &a->memory, &a->host, e);
	if (r < 0)
		return r;
	change_attach_host(a->change, host_side_host(a->host));
	if (counters_new(a->reconcile, &counters_hooks, a->change, a->options.metrics_cpu_share,
			 &a->counters) < 0)
		return err_set(e, -ENOMEM, "out_of_memory", "out of memory");
	a->api = (struct api){
		.change = a->change,
		.reconcile = a->reconcile,
		.host = host_side_host(a->host),
		.version = LVSD_VERSION,
		.openapi = openapi_document,
		.drift_notice = "interval",
		.counters = a->counters,
		.metrics = &a->options.metrics,
		.started = timestamp_now(),
		.now = loop_now_ms,
		.limits = http_limits,
		.connections_limit = a->options.connections_limit,
	};
	return 0;
}

/* In use and out of memory pass; anything else needs the operator. */
static int state_status(int error)
{
	return error == -EBUSY || error == -ENOMEM ? EXIT_FAILED : EXIT_STATE_UNREADABLE;
}

/* What can be said of the settings before anything is opened. */
static int configure(struct agent *a, struct err *e)
{
	int r = access_load(&a->options, &a->access, e);

	a->sockets.beyond_loopback = access_reaches_beyond_loopback(&a->options);
	for (size_t i = 0; i < a->options.n_listen && r == 0; i++)
		r = listen_check_tcp(&a->sockets, a->options.listen[i], e);
	return r;
}

static int failed(int status, const struct err *e)
{
	log_record(LOG_LEVEL_ERROR, LOG_ID_FAILED, NULL, 0, "%s", e->detail);
	return status;
}

/* Everything is there: says so and begins to work. */
static int work(struct agent *a)
{
	const struct notify_view view = told_of(a);
	char revision[24];
	const struct log_field fields[] = { { "LVSD_REVISION", revision } };
	int r;

	(void)snprintf(revision, sizeof(revision), "%" PRIu64, view.desired->revision);
	log_record(LOG_LEVEL_NOTICE, LOG_ID_STARTED, fields, ARRAY_SIZE(fields),
		   "lvsd %s serves in %s; revision %s, %zu services", LVSD_VERSION,
		   a->options.runtime_dir, revision, view.desired->services.n);
	drift_notice_set(a->notice, !a->options.no_drift_notice, loop_now_ms());
	a->heartbeat.patience = loop_patience_ms(a->loop);
	notify_starts(&a->notify, &view);
	r = loop_run(a->loop);
	(void)log_flush(INT64_MAX);
	log_record(LOG_LEVEL_NOTICE, LOG_ID_STOPPED, NULL, 0,
		   "lvsd ends; the kernel stays as it is");
	return r < 0 ? EXIT_FAILED : r;
}

static int run(struct agent *a)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = configure(a, &e);

	if (r == 0) /* also a matter of configuration: a new start would not help */
		r = listen_from_systemd(&a->sockets, &e);
	if (r < 0)
		return failed(EXIT_USAGE, &e);
	r = open_state(a, &e);
	if (r < 0)
		return failed(state_status(r), &e);
	if (open_kernel(a, &e) < 0 || open_sockets(a, &e) < 0 || serve(a, &e) < 0)
		return failed(EXIT_FAILED, &e);
	return work(a);
}

static void agent_done(struct agent *a)
{
	notify_done(&a->notify);
	httpd_free(a->httpd);
	httpd_access_free(a->access);
	api_done(&a->api);
	listen_done(&a->sockets);
	drift_notice_free(a->notice);
	host_side_free(a->host);
	vec_done(&a->memory);
	loop_free(a->loop);
	counters_free(a->counters);
	change_free(a->change);
	reconcile_free(a->reconcile);
	ipvs_kernel_free(a->kernel);
	store_close(a->store);
	closep(&a->lock_fd);
}

/* --check: says whether the daemon could start on this configuration and state; makes nothing. */
static int check(struct agent *a)
{
	_cleanup_(err_done) struct err e = { 0 };
	int r = configure(a, &e);

	if (r < 0) {
		fprintf(stderr, "lvsd: %s\n", e.detail);
		return EXIT_USAGE;
	}
	printf("configuration: ok\n");
	if (streq(a->options.state, ":memory:") || !store_exists(a->options.state)) {
		printf("state: none yet\n");
		return EXIT_STOPPED;
	}
	r = open_state(a, &e);
	if (r == -EBUSY) {
		printf("state: in use by a running daemon\n");
		return EXIT_STOPPED;
	}
	if (r < 0) {
		fprintf(stderr, "lvsd: %s\n", e.detail);
		return state_status(r);
	}
	printf("state: ok, revision %" PRIu64 ", %zu services\n",
	       change_published(a->change)->revision, change_published(a->change)->services.n);
	return EXIT_STOPPED;
}

int main(int argc, char **argv)
{
	struct agent a = { .argc = argc, .argv = argv, .lock_fd = -1 };
	_cleanup_(err_done) struct err e = { 0 };
	int status;

	/* State is nobody else's; the sockets get their mode when they are made. */
	(void)umask(0077);
	if (options_parse(argc, argv, &a.options, &e) < 0) {
		fprintf(stderr, "lvsd: %s\nTry 'lvsd --help'.\n", e.detail);
		return EXIT_USAGE;
	}
	if (a.options.help || a.options.version) {
		fputs(a.options.help ? options_help : "lvsd " LVSD_VERSION "\n", stdout);
		return EXIT_STOPPED;
	}
	log_set_level(a.options.log_level);
	status = a.options.check ? check(&a) : run(&a);
	agent_done(&a);
	return status;
}
