/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /metrics says of services and real servers, in both formats, and that no series comes twice.
 */
#include "core_world.h"

#include "api.h"
#include "handlers.h"
#include "service_counters.h"

static int64_t elapsed(void)
{
	return 1000000;
}

static int64_t now_ms(void)
{
	return 1000;
}

static const struct counters_hooks hooks = { .desired = change_published, .elapsed = elapsed };

struct fixture {
	struct world w;
	struct api api;
	struct metrics_settings settings;
	struct buf text;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ .w.now = 1000 };
	world_start(&f->w, ":memory:");
	f->api = (struct api){
		.change = f->w.change,
		.reconcile = f->w.reconcile,
		.version = "1",
		.now = now_ms,
		.metrics = &f->settings,
	};
	CHECK_INT(counters_new(f->w.reconcile, &hooks, f->w.change, 2, &f->api.counters), 0);
}

static void stop(struct fixture *f)
{
	counters_free(f->api.counters);
	vec_done(&f->api.requests);
	buf_done(&f->text);
	world_done(&f->w);
}

/* All that there is, in pieces. Returns how many. */
static unsigned scrape(struct fixture *f, bool open)
{
	struct service_counters counters = { 0 };
	struct metrics_cursor cursor = { 0 };
	struct buf piece = { 0 };
	struct metrics m = { .out = &piece, .open = open };
	unsigned pieces = 0;
	int r;

	buf_clear(&f->text);
	counters_want(f->api.counters, f->w.now);
	CHECK_INT(service_counters_begin(&counters, &f->api), 0);
	do
		r = service_counters_step(&counters);
	while (r > 0);
	CHECK_INT(r, 0);
	metrics_agent(&f->api, &m);
	do {
		r = metrics_services(&f->api, &m, &counters, &cursor);
		CHECK(!piece.failed && piece.len < 64 * 1024);
		buf_add(&f->text, piece.data, piece.len);
		buf_clear(&piece);
		pieces++;
	} while (r > 0);
	CHECK_INT(r, 0);
	service_counters_done(&counters);
	buf_done(&piece);
	return pieces;
}

static bool has_line(const struct fixture *f, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = f->text.data; (at = strstr(at, line)); at++)
		if ((at == f->text.data || at[-1] == '\n') && at[len] == '\n')
			return true;
	printf("# there is no line %s\n", line);
	return false;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Cuts the text into lines and looks whether two name the same series. Returns how many there are.
 */
static size_t series_are_unique(struct fixture *f)
{
	VEC(char *) names = { 0 };
	char *rest = f->text.data, *line;
	size_t n;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		*strrchr(line, ' ') = '\0';
		CHECK(vec_push(&names, line) == 0);
	}
	vec_sort(&names, compare_lines);
	for (size_t i = 1; i < names.n; i++) {
		if (streq(names.items[i - 1], names.items[i]))
			printf("# twice: %s\n", names.items[i]);
		CHECK(!streq(names.items[i - 1], names.items[i]));
	}
	n = names.n;
	vec_done(&names);
	return n;
}

/* How many lines begin so. */
static size_t lines(const struct fixture *f, const char *begin)
{
	size_t n = 0;

	for (const char *at = f->text.data; (at = strstr(at, begin)); at++)
		n += at == f->text.data || at[-1] == '\n';
	return n;
}

static void put_two(struct fixture *f)
{
	const struct ipvs_service_key web = service_key("tcp:192.0.2.1:80");
	const struct ipvs_dest_key five = dest_key("10.0.0.5:80");
	const struct ipvs_stats stats = { 7, 8, 9, 1ULL << 40, 11, 12, 13, 14, 15, 16 };
	const struct ipvs_stats dest = { 1, 2, 3, 4, 5, 0, 0, 0, 0, 0 };
	const struct ipvs_dest_counts counts = { 21, 22, 23 };

	put_service(
		&f->w, "tcp:192.0.2.1:80",
		"{\"metadata\":{\"labels\":{\"app/team\":\"a\\\"b\\\\c\",\"x\":\"y\"}},"
		"\"realServers\":{\"10.0.0.5:80\":{\"weight\":3},\"10.0.0.6:80\":{\"weight\":0}}}");
	put_service(&f->w, "fwm:100", "{\"realServers\":{\"10.0.0.5:80\":{}}}");
	put_service(&f->w, "fwm:101", "{\"realServers\":{\"10.0.0.5:80\":{}}}");
	put_service(&f->w, "fwm6:100", "{}");
	world_run(&f->w);
	CHECK_INT(ipvs_fake_count(f->w.kernel.inner, &web, NULL, &stats, NULL), 0);
	CHECK_INT(ipvs_fake_count(f->w.kernel.inner, &web, &five, &dest, &counts), 0);
}

#define WEB "service=\"tcp:192.0.2.1:80\",protocol=\"tcp\",address=\"192.0.2.1\",port=\"80\""

TEST(values_and_labels)
{
	struct fixture f;

	start(&f);
	put_two(&f);
	CHECK_INT(scrape(&f, false), 1);
	CHECK(has_line(&f, "# TYPE lvsd_service_connections_total counter"));
	CHECK(has_line(&f, "lvsd_service_connections_total{" WEB "} 7"));
	CHECK(has_line(&f, "lvsd_service_incoming_packets_total{" WEB "} 8"));
	CHECK(has_line(&f, "lvsd_service_outgoing_packets_total{" WEB "} 9"));
	CHECK(has_line(&f, "lvsd_service_incoming_bytes_total{" WEB "} 1099511627776"));
	CHECK(has_line(&f, "lvsd_service_outgoing_bytes_total{" WEB "} 11"));
	CHECK(has_line(&f, "lvsd_service_active_connections{" WEB "} 21"));
	CHECK(has_line(&f, "lvsd_service_real_servers{" WEB "} 2"));
	CHECK(has_line(&f, "lvsd_service_usable_real_servers{" WEB "} 1"));
	CHECK(has_line(&f, "lvsd_real_server_weight{" WEB ",real_server=\"10.0.0.5:80\"} 3"));
	CHECK(has_line(&f, "lvsd_real_server_connections_total{" WEB
			   ",real_server=\"10.0.0.5:80\"} 1"));
	CHECK(has_line(&f, "lvsd_real_server_outgoing_bytes_total{" WEB
			   ",real_server=\"10.0.0.5:80\"} 5"));
	CHECK(has_line(&f, "lvsd_real_server_inactive_connections{" WEB
			   ",real_server=\"10.0.0.5:80\"} 22"));
	CHECK(has_line(&f, "lvsd_service_connections_total{service=\"fwm6:100\","
			   "protocol=\"fwm6\",mark=\"100\"} 0"));
	CHECK(has_line(&f, "lvsd_kernel_operations_total{object=\"service\",operation=\"add\","
			   "result=\"success\"} 4"));
	/* Marks of both families, two marks, one real server in three services. */
	CHECK(series_are_unique(&f) > 4 * 10 + 4 * 9);
	stop(&f);
}

TEST(openmetrics_names_counters_without_total_in_metadata)
{
	struct fixture f;

	start(&f);
	put_two(&f);
	(void)scrape(&f, true);
	CHECK(has_line(&f, "# TYPE lvsd_service_incoming_bytes counter"));
	CHECK(has_line(&f, "# UNIT lvsd_service_incoming_bytes bytes"));
	CHECK(has_line(&f, "lvsd_service_incoming_bytes_total{" WEB "} 1099511627776"));
	CHECK(has_line(&f, "# TYPE lvsd_service_active_connections gauge"));
	stop(&f);
}

TEST(labels_of_clients_on_request)
{
	struct fixture f;

	start(&f);
	put_two(&f);
	(void)scrape(&f, false);
	CHECK(!strstr(f.text.data, "label_"));
	(void)snprintf(f.settings.labels[0], sizeof(f.settings.labels[0]), "app/team");
	(void)snprintf(f.settings.labels[1], sizeof(f.settings.labels[1]), "absent");
	f.settings.n_labels = 2;
	(void)scrape(&f, false);
	CHECK(has_line(&f,
		       "lvsd_service_connections_total{" WEB ",label_app_team=\"a\\\"b\\\\c\"} 7"));
	CHECK(!strstr(f.text.data, "absent") && !strstr(f.text.data, "label_x"));
	(void)series_are_unique(&f);
	stop(&f);
}

TEST(real_servers_can_be_left_out)
{
	struct fixture f;

	start(&f);
	put_two(&f);
	f.settings.no_real_servers = true;
	(void)scrape(&f, false);
	CHECK(!strstr(f.text.data, "lvsd_real_server_weight"));
	CHECK(!strstr(f.text.data, "real_server=\""));
	CHECK(has_line(&f, "lvsd_service_active_connections{" WEB "} 21"));
	stop(&f);
}

TEST(many_come_in_pieces_and_families_stay_together)
{
	struct fixture f;
	struct buf body = { 0 };

	start(&f);
	buf_add_str(&body, "{\"realServers\":{");
	for (int i = 0; i < 1000; i++)
		buf_printf(&body, "%s\"10.0.%d.%d:80\":{}", i ? "," : "", i / 250, i % 250 + 1);
	buf_add_str(&body, "}}");
	put_service(&f.w, "tcp:192.0.2.1:80", body.data);
	for (int i = 2; i < 200; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "tcp:192.0.2.%d:80", i);
		put_service(&f.w, id, "{\"realServers\":{\"10.0.0.5:80\":{}}}");
	}
	world_run(&f.w);
	CHECK(scrape(&f, false) > 20);
	CHECK_INT(lines(&f, "# TYPE lvsd_real_server_weight gauge\n"), 1);
	CHECK_INT(lines(&f, "lvsd_real_server_weight{"), 1198);
	CHECK_INT(lines(&f, "lvsd_service_real_servers{"), 199);
	for (const char *at = strstr(f.text.data, "\nlvsd_real_server_weight{");
	     strncmp(at, "\n#", 2) != 0; at = strchr(at + 1, '\n'))
		CHECK(strncmp(at, "\nlvsd_real_server_weight{", 25) == 0);
	(void)series_are_unique(&f);
	buf_done(&body);
	stop(&f);
}

TEST(a_list_that_misses_services_is_made_up_for)
{
	struct fixture f;

	start(&f);
	put_two(&f);
	f.w.kernel.blind = true;
	(void)scrape(&f, false);
	CHECK(has_line(&f, "lvsd_service_connections_total{" WEB "} 7"));
	CHECK_INT(lines(&f, "lvsd_service_connections_total{"), 4);
	stop(&f);
}

TEST(services_of_others_are_not_shown)
{
	struct fixture f;

	start(&f);
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_ADD, "udp:192.0.2.1:80", NULL), 0);
	put_service(&f.w, "udp:192.0.2.2:80", "{}");
	CHECK_INT(other_hand(f.w.kernel.inner, IPVS_ADD, "udp:192.0.2.2:80", NULL), 0);
	put_two(&f);
	CHECK_INT(status_of(&f.w, "udp:192.0.2.2:80")->reason, STATUS_FOREIGN_EXISTS);
	(void)scrape(&f, false);
	CHECK_INT(lines(&f, "lvsd_service_connections_total{"), 4);
	CHECK_INT(lines(&f, "lvsd_service_real_servers{"), 5);
	stop(&f);
}

TEST(requests_are_counted_by_route_and_status)
{
	struct fixture f;

	start(&f);
	for (int i = 0; i < 3; i++)
		request_counts_add(&f.api.requests, &api_routes[0], 200);
	request_counts_add(&f.api.requests, &api_routes[0], 406);
	request_counts_add(&f.api.requests, NULL, 404);
	(void)scrape(&f, false);
	CHECK(has_line(&f,
		       "lvsd_http_requests_total{method=\"GET\",route=\"/v1\",status=\"200\"} 3"));
	CHECK(has_line(&f,
		       "lvsd_http_requests_total{method=\"GET\",route=\"/v1\",status=\"406\"} 1"));
	CHECK(has_line(
		&f, "lvsd_http_requests_total{method=\"none\",route=\"none\",status=\"404\"} 1"));
	(void)series_are_unique(&f);
	stop(&f);
}

TEST(names_of_labels)
{
	char name[METRICS_LABEL_MAX];

	CHECK_STR(metrics_label_name("team", name), "label_team");
	CHECK_STR(metrics_label_name("example.org/a-b:9", name), "label_example_org_a_b_9");
}

/* Asks for the metrics, as a client without Accept. */
static struct response ask(struct fixture *f)
{
	struct request req = { .method = HTTP_GET };
	struct response resp = { 0 };

	CHECK(handle_metrics(&f->api, &req, &resp));
	return resp;
}

TEST(an_answer_is_streamed_whole_and_leaves_nothing_behind)
{
	struct response resp;
	struct fixture f;
	int r;

	start(&f);
	put_two(&f);
	resp = ask(&f);
	CHECK_INT(resp.status, 200);
	CHECK_INT(f.api.scrapes, 1);
	buf_add(&f.text, resp.body.data, resp.body.len); /* is sent first */
	do
		r = resp.stream.next(resp.stream.state, &f.text);
	while (r > 0);
	CHECK_INT(r, 0);
	CHECK(has_line(&f, "lvsd_service_connections_total{" WEB "} 7"));
	CHECK(strncmp(f.text.data, "# HELP lvsd_build_info ", 23) == 0);
	CHECK(!strstr(f.text.data, "\n\n"));
	(void)series_are_unique(&f);
	response_done(&resp);
	CHECK_INT(f.api.scrapes, 0);
	stop(&f);
}

TEST(a_ninth_scrape_at_one_time_is_refused)
{
	struct response resp[9];
	struct fixture f;

	start(&f);
	put_two(&f);
	for (size_t i = 0; i < ARRAY_SIZE(resp); i++) {
		resp[i] = ask(&f);
		CHECK_INT(resp[i].status, i < 8 ? 200 : 429);
	}
	response_done(&resp[8]);
	response_done(&resp[0]);
	resp[0] = ask(&f);
	CHECK_INT(resp[0].status, 200);
	for (size_t i = 0; i < 8; i++)
		response_done(&resp[i]);
	CHECK_INT(f.api.scrapes, 0);
	stop(&f);
}

TEST(without_ipvs_only_the_daemon_is_shown)
{
	struct response resp;
	struct fixture f;
	int r;

	start(&f);
	put_two(&f);
	f.w.kernel.list_error = -EIO;
	resp = ask(&f);
	CHECK_INT(resp.status, 200);
	do
		r = resp.stream.next(resp.stream.state, &f.text);
	while (r > 0);
	CHECK_INT(r, 0);
	CHECK_INT(lines(&f, "lvsd_service_real_servers{"), 4);
	CHECK_INT(lines(&f, "lvsd_service_connections_total{"), 0);
	CHECK_INT(lines(&f, "lvsd_real_server_weight{"), 0);
	response_done(&resp);
	stop(&f);
}
