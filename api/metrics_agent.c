/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /metrics says of the daemon itself, its work on the kernel, its store and its process. */
#include "metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "num.h"

#define COUNTER(n, u, h) (&(const struct metric){ n, METRIC_COUNTER, u, h })
#define GAUGE(n, u, h)	 (&(const struct metric){ n, METRIC_GAUGE, u, h })
#define SUMMARY(n, u, h) (&(const struct metric){ n, METRIC_SUMMARY, u, h })

static void one(struct metrics *m, const struct metric *metric, uint64_t value)
{
	metrics_begin(m, metric);
	metrics_uint(m, NULL, value);
}

static void millionths(struct metrics *m, const struct metric *metric, int64_t value)
{
	metrics_begin(m, metric);
	metrics_millionths(m, NULL, value);
}

static void thousandths(struct metrics *m, const struct metric *metric, int64_t value)
{
	metrics_begin(m, metric);
	metrics_thousandths(m, NULL, value);
}

static void write_build(struct api *api, struct metrics *m)
{
	_cleanup_(buf_done) struct buf labels = { 0 };

	metrics_begin(m, GAUGE("lvsd_build_info", NULL, "The program's version; always 1."));
	metrics_add_label(&labels, "version", api->version);
	metrics_uint(m, &labels, 1);
}

static void write_conditions(struct api *api, struct metrics *m)
{
	_cleanup_(buf_done) struct buf labels = { 0 };

	metrics_begin(m, GAUGE("lvsd_condition", NULL,
			       "Whether a condition of the daemon is true: 1 or 0."));
	for (enum api_condition_type i = 0; i < API_CONDITIONS; i++) {
		buf_clear(&labels);
		metrics_add_label(&labels, "type", api_condition_name(i));
		metrics_uint(m, &labels, api->conditions[i].status);
	}
}

static void write_desired(struct api *api, struct metrics *m)
{
	const struct desired *d = change_published(api->change);
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);

	one(m, GAUGE("lvsd_revision", NULL, "Revision of the desired state."), d->revision);
	one(m, GAUGE("lvsd_services", NULL, "Declared services."), d->services.n);
	one(m, GAUGE("lvsd_real_servers", NULL, "Declared real servers."), d->n_real_servers);
	one(m, GAUGE("lvsd_failing_services", NULL, "Services that wait for another try."),
	    s->failing);
	one(m,
	    GAUGE("lvsd_foreign_services", NULL,
		  "Services of others in the kernel, at the last full pass."),
	    s->foreign);
}

static void write_passes(struct api *api, struct metrics *m)
{
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);

	metrics_begin(m, SUMMARY("lvsd_pass_duration_seconds", "seconds",
				 "How long full passes took that came to their end."));
	metrics_summary(m, s->passes_ms * 1000, s->passes);
	thousandths(m,
		    GAUGE("lvsd_last_pass_duration_seconds", "seconds",
			  "How long the last full pass took."),
		    s->last_pass_ms);
	thousandths(m,
		    GAUGE("lvsd_last_pass_timestamp_seconds", "seconds",
			  "When the last full pass came to its end; 0: none did yet."),
		    s->last_pass);
	thousandths(
		m,
		GAUGE("lvsd_resync_interval_seconds", "seconds", "Pause between two full passes."),
		reconcile_pause(api->reconcile));
	one(m,
	    COUNTER("lvsd_drift_found", NULL,
		    "Services that were found in the kernel otherwise than they were left."),
	    s->drift_found);
	one(m, COUNTER("lvsd_drift_repaired", NULL, "Of these, those that were put right."),
	    s->drift_repaired);
}

static void write_operations(struct api *api, struct metrics *m)
{
	static const char *const objects[] = { "service", "real_server" };
	static const char *const verbs[] = { "add", "set", "delete" };
	static const char *const results[] = { "success", "error" };
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);
	_cleanup_(buf_done) struct buf labels = { 0 };

	metrics_begin(m, COUNTER("lvsd_kernel_operations", NULL,
				 "Operations on services and real servers, by what the kernel "
				 "said."));
	for (size_t i = 0; i < RECONCILE_OBJECTS * ARRAY_SIZE(verbs) * ARRAY_SIZE(results); i++) {
		size_t result = i % 2, verb = i / 2 % ARRAY_SIZE(verbs), object = i / 2 / 3;

		buf_clear(&labels);
		metrics_add_label(&labels, "object", objects[object]);
		metrics_add_label(&labels, "operation", verbs[verb]);
		metrics_add_label(&labels, "result", results[result]);
		metrics_uint(m, &labels, s->operations[object][verb][result]);
	}
}

static void write_kernel(struct api *api, struct metrics *m)
{
	const struct reconcile_stats *s = reconcile_stats(api->reconcile);
	const struct ipvs_kernel *kernel = reconcile_kernel(api->reconcile);

	write_operations(api, m);
	one(m,
	    COUNTER("lvsd_kernel_writes", NULL,
		    "Requests that change IPVS, zeroing and timeouts included."),
	    kernel->ops->writes(kernel));
	one(m,
	    COUNTER("lvsd_netlink_errors", NULL,
		    "Times that IPVS could not be asked or gave no answer."),
	    s->transport_errors);
}

static void write_loop(struct api *api, struct metrics *m)
{
	metrics_begin(m, SUMMARY("lvsd_store_commit_duration_seconds", "seconds",
				 "How long the store's transactions took."));
	metrics_summary(m, change_store_time(api->change), change_commits(api->change));
	millionths(m,
		   GAUGE("lvsd_longest_commit_seconds", "seconds",
			 "What the store took in one turn of the loop at most."),
		   api->turns.longest_apart.store);
	millionths(m,
		   GAUGE("lvsd_longest_scheduler_change_seconds", "seconds",
			 "What the change of a service's scheduler took in one turn at most."),
		   api->turns.longest_apart.scheduler);
	millionths(m,
		   GAUGE("lvsd_longest_turn_seconds", "seconds",
			 "The longest turn of the loop so far, the store and schedulers aside."),
		   api->turns.longest);
	one(m,
	    COUNTER("lvsd_long_turns", NULL,
		    "Turns of the loop above 15 ms, the store and schedulers aside."),
	    api->turns.n_long);
}

static void write_requests(struct api *api, struct metrics *m)
{
	_cleanup_(buf_done) struct buf labels = { 0 };
	char status[12];

	metrics_begin(m, COUNTER("lvsd_http_requests", NULL,
				 "Requests that were answered, by route and status."));
	vec_foreach(c, &api->requests) {
		buf_clear(&labels);
		(void)snprintf(status, sizeof(status), "%u", c->status);
		metrics_add_label(&labels, "method",
				  c->route ? http_method_name(c->route->method) : "none");
		metrics_add_label(&labels, "route", c->route ? c->route->path : "none");
		metrics_add_label(&labels, "status", status);
		metrics_uint(m, &labels, c->n);
	}
}

static void write_cache(struct api *api, struct metrics *m)
{
	int64_t oldest = 0;
	size_t n = api->counters ? counters_extent(api->counters, &oldest) : 0;

	one(m,
	    GAUGE("lvsd_real_server_cache_services", NULL,
		  "Services whose real servers' counters are in the cache."),
	    n);
	thousandths(m,
		    GAUGE("lvsd_real_server_cache_age_seconds", "seconds",
			  "Age of the oldest counters of real servers that were in the cache "
			  "when this answer began."),
		    n ? api->now() - oldest : 0);
}

/* A number of /proc/self/statm, in bytes; 0: it cannot be read. */
static void read_memory(uint64_t *ret_virtual, uint64_t *ret_resident)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages[2] = { 0 };
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128], *at = line;

	if (file && fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
			size_t len = strcspn(at, " \n");

			if (num_parse_u64(at, len, UINT64_MAX / page, &pages[i]) < 0)
				break;
			at += len + (at[len] != '\0');
		}
	}
	if (file)
		(void)fclose(file);
	*ret_virtual = pages[0] * page;
	*ret_resident = pages[1] * page;
}

static uint64_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}

/* By the names that all programs with metrics use. */
static void write_process(struct api *api, struct metrics *m)
{
	struct rlimit limit = { 0 };
	struct timespec cpu = { 0 };
	uint64_t virtual, resident;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	read_memory(&virtual, &resident);
	millionths(m, COUNTER("process_cpu_seconds", "seconds", "Processor time, user and system."),
		   (int64_t)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000);
	one(m, GAUGE("process_resident_memory_bytes", "bytes", "Resident memory."), resident);
	one(m, GAUGE("process_virtual_memory_bytes", "bytes", "Virtual memory."), virtual);
	one(m, GAUGE("process_open_fds", NULL, "Open file descriptors."), open_descriptors());
	one(m, GAUGE("process_max_fds", NULL, "How many there may be."), limit.rlim_cur);
	thousandths(m,
		    GAUGE("process_start_time_seconds", "seconds",
			  "When the daemon began, since 1970."),
		    api->started);
}

void metrics_agent(struct api *api, struct metrics *m)
{
	write_build(api, m);
	write_conditions(api, m);
	write_desired(api, m);
	write_passes(api, m);
	write_kernel(api, m);
	write_loop(api, m);
	write_requests(api, m);
	write_cache(api, m);
	write_process(api, m);
}
