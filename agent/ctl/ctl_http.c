/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The requests of ctl_http.h. */
#include "ctl_http.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "ctl_curl.h"
#include "ctl_problem.h"
#include "ctl_unix.h"
#include "util.h"

#define ADMIN_SOCKET	"/run/lvsd/admin.sock"
#define READONLY_SOCKET "/run/lvsd/readonly.sock"
/* The daemon answers within 60 s and some (?wait=60); a restore of 64 MiB takes seconds. */
#define TIMEOUT_S	  120L
#define CONNECT_TIMEOUT_S 5L
#define TOKEN_MAX	  4096 /* bytes of the file */
#define PROGRESS_AFTER_S  2
#define WORD_MAX_BYTES	  100000 /* of a command line; the kernel takes 131071 */

struct ctl_http {
	const struct ctl_options *o;
	CURL *curl;		      /* for --url */
	struct ctl_unix *unix_socket; /* else */
	char error[CURL_ERROR_SIZE];
	struct buf token; /* the header with it */
};

/* One request under way. */
struct exchange {
	struct ctl_http *http;
	const struct ctl_request *request;
	struct ctl_answer *answer;
	bool out_of_memory;
	time_t began, shown; /* the second that the terminal shows; 0: none */
};

int ctl_http_exit(int r)
{
	return r == 0 || r == -ECANCELED ? CTL_OK : CTL_FAILED;
}

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~:[]", c);
}

static void add_encoded(struct buf *b, const char *s)
{
	for (; *s; s++)
		if (is_plain((unsigned char)*s))
			buf_add(b, s, 1);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
}

void ctl_path_add(struct buf *path, const char *id)
{
	buf_add(path, "/", 1);
	add_encoded(path, id);
}

void ctl_query_add(struct buf *query, const char *name, const char *value)
{
	buf_printf(query, "%s%s=", query->len ? "&" : "", name);
	add_encoded(query, value);
}

void ctl_query_write(struct buf *query, const struct ctl_options *o)
{
	if (o->dry_run)
		ctl_query_add(query, "dryRun", "true");
	if (o->wait)
		ctl_query_add(query, "wait", o->wait);
	if (o->owner)
		ctl_query_add(query, "owner", o->owner);
	if (o->force)
		ctl_query_add(query, "force", "true");
	if (o->adopt)
		ctl_query_add(query, "adopt", "true");
	if (o->mass_delete)
		ctl_query_add(query, "allowMassDelete", "true");
}

const char *ctl_http_socket(const struct ctl_options *o)
{
	if (o->socket)
		return o->socket;
	return access(ADMIN_SOCKET, R_OK | W_OK) < 0 && access(READONLY_SOCKET, R_OK | W_OK) == 0
		       ? READONLY_SOCKET
		       : ADMIN_SOCKET;
}

static int read_token(struct ctl_http *h)
{
	char text[TOKEN_MAX];
	FILE *f = fopen(h->o->token_file, "re");
	size_t n;

	if (!f) {
		int r = -errno;

		(void)ctl_fail("the token file %s cannot be read: %s", h->o->token_file,
			       strerror(-r));
		return r;
	}
	n = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (n == 0 || n == sizeof(text) || memchr(text, '\n', n) || memchr(text, '\0', n)) {
		(void)ctl_fail("the token file %s does not hold one token", h->o->token_file);
		return -EINVAL;
	}
	buf_printf(&h->token, "Authorization: Bearer %.*s", (int)n, text);
	explicit_bzero(text, sizeof(text));
	return h->token.failed ? -ENOMEM : 0;
}

int ctl_http_new(const struct ctl_options *o, struct ctl_http **ret)
{
	struct ctl_http *h = calloc(1, sizeof(*h));
	int r = 0;

	if (!h)
		return -ENOMEM;
	h->o = o;
	if (o->url && !ctl_curl_load())
		r = -ENOENT;
	else if (o->url)
		h->curl = curl_easy_init();
	else
		h->unix_socket = ctl_unix_new();
	if (r == 0 && !h->curl && !h->unix_socket)
		r = -ENOMEM;
	if (r == 0 && o->token_file)
		r = read_token(h);
	if (r < 0) {
		ctl_http_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void ctl_http_free(struct ctl_http *h)
{
	if (!h)
		return;
	if (h->curl)
		curl_easy_cleanup(h->curl);
	ctl_unix_free(h->unix_socket);
	if (h->token.data)
		explicit_bzero(h->token.data, h->token.len);
	buf_done(&h->token);
	free(h);
}

void ctl_answer_done(struct ctl_answer *a)
{
	json_decref(a->json);
	buf_done(&a->text);
	*a = (struct ctl_answer){ 0 };
}

/* A piece of the body: to whom it is for, or collected. False ends the request. */
static bool take_body(struct exchange *x, long status, const char *data, size_t len)
{
	if (x->request->piece && status >= 200 && status < 300)
		return x->request->piece(x->request->arg, data, len) == 0;
	buf_add(&x->answer->text, data, len);
	x->out_of_memory = x->answer->text.failed;
	return !x->out_of_memory;
}

static size_t on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct exchange *x = userdata;
	long status = 0;

	(void)curl_easy_getinfo(x->http->curl, CURLINFO_RESPONSE_CODE, &status);
	return take_body(x, status, data, size * n) ? size * n : 0;
}

static int on_unix_body(void *arg, long status, const char *data, size_t len)
{
	return take_body(arg, status, data, len) ? 0 : -1;
}

/* Keeps the ETag. */
static void take_header(struct ctl_answer *a, const char *data, size_t len)
{
	static const char name[] = "etag:";
	size_t at = sizeof(name) - 1;

	if (len <= at || strncasecmp(data, name, at) != 0)
		return;
	while (at < len && data[at] == ' ')
		at++;
	while (len > at && strchr("\r\n ", data[len - 1]))
		len--;
	if (len - at < sizeof(a->etag)) {
		memcpy(a->etag, data + at, len - at);
		a->etag[len - at] = '\0';
	}
}

static size_t on_header(char *data, size_t size, size_t n, void *userdata)
{
	take_header(userdata, data, size * n);
	return size * n;
}

static void on_unix_header(void *arg, const char *line, size_t len)
{
	take_header(((struct exchange *)arg)->answer, line, len);
}

/* A word for a shell, in single quotes. */
static void add_quoted(struct buf *b, const char *s, size_t len)
{
	buf_add(b, "'", 1);
	for (size_t i = 0; i < len; i++)
		if (s[i] == '\'')
			buf_add_str(b, "'\\''");
		else
			buf_add(b, s + i, 1);
	buf_add(b, "'", 1);
}

static const char *or_json(const char *type)
{
	return type ? type : "application/json";
}

/* An option of curl with a word for its value. */
static void add_option(struct buf *line, const char *option, const char *value)
{
	buf_printf(line, " %s ", option);
	add_quoted(line, value, strlen(value));
}

/* The body: a word, or (too long for one, or @ would be a file) lines behind the command. */
static void add_body(struct buf *line, const struct ctl_request *r)
{
	_cleanup_(buf_done) struct buf end = { 0 };

	buf_printf(line, " -H 'Content-Type: %s' --data-binary ", or_json(r->content_type));
	if (r->body_len <= WORD_MAX_BYTES && r->body[0] != '@') {
		add_quoted(line, r->body, r->body_len);
		return;
	}
	buf_add_str(&end, "END");
	while (end.data && memmem(r->body, r->body_len, end.data, end.len))
		buf_add_str(&end, "_");
	buf_printf(line, "@- <<'%s'\n", end.data ? end.data : "");
	buf_add(line, r->body, r->body_len);
	buf_printf(line, "\n%s", end.data ? end.data : "");
}

/* The same request as a line for a shell; the token stays in its file. */
static int show_curl(const struct ctl_http *h, const struct ctl_request *r, const struct buf *url)
{
	_cleanup_(buf_done) struct buf line = { 0 };

	buf_add_str(&line, "curl -sSg"); /* -g: brackets are no pattern */
	if (!h->o->url)
		add_option(&line, "--unix-socket", ctl_http_socket(h->o));
	if (h->o->ca_file)
		add_option(&line, "--cacert", h->o->ca_file);
	if (h->o->certificate) {
		add_option(&line, "--cert", h->o->certificate);
		add_option(&line, "--key", h->o->key);
	}
	if (h->o->token_file) {
		buf_add_str(&line, " -H \"Authorization: Bearer $(cat ");
		add_quoted(&line, h->o->token_file, strlen(h->o->token_file));
		buf_add_str(&line, ")\"");
	}
	if (!streq(r->method, "GET"))
		buf_printf(&line, " -X %s", r->method);
	if (r->accept)
		buf_printf(&line, " -H 'Accept: %s'", r->accept);
	if (r->precondition)
		buf_printf(&line, " -H '%s'", r->precondition);
	buf_add(&line, " ", 1);
	add_quoted(&line, url->data, url->len);
	if (r->body)
		add_body(&line, r);
	if (line.failed)
		return -ENOMEM;
	puts(line.data);
	return -ECANCELED;
}

static struct curl_slist *headers_of(const struct ctl_http *h, const struct ctl_request *r)
{
	char type[128], accept[128];
	struct curl_slist *list = NULL, *more;

	(void)snprintf(type, sizeof(type), "Content-Type: %s", or_json(r->content_type));
	(void)snprintf(accept, sizeof(accept), "Accept: %s", or_json(r->accept));
	list = curl_slist_append(NULL, accept);
	/* No wait for "100 Continue", and an empty body without a type. */
	more = list ? curl_slist_append(list, "Expect:") : NULL;
	if (more && r->body)
		more = curl_slist_append(list, type);
	if (more && r->precondition)
		more = curl_slist_append(list, r->precondition);
	if (more && h->token.data)
		more = curl_slist_append(list, h->token.data);
	if (more)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

/* On a terminal, long work says that it goes on. The line is taken away by end_progress(). */
static void show_wait(struct exchange *x)
{
	time_t seconds = time(NULL) - x->began;

	if (seconds < PROGRESS_AFTER_S || seconds == x->shown)
		return;
	x->shown = seconds;
	(void)fprintf(stderr, "\rlvsctl: waiting for lvsd, %lld s\033[K", (long long)seconds);
}

static void on_unix_wait(void *arg)
{
	show_wait(arg);
}

static int on_progress(void *userdata, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		       curl_off_t up)
{
	struct exchange *x = userdata;

	(void)down_total;
	(void)up_total;
	(void)up;
	if (!(down && x->request->piece))
		show_wait(x);
	return 0;
}

static void end_progress(const struct exchange *x)
{
	if (x->shown)
		(void)fputs("\r\033[K", stderr);
}

static void set_up(struct ctl_http *h, struct exchange *x, const char *url,
		   struct curl_slist *headers)
{
	const struct ctl_request *r = x->request;
	CURL *c = h->curl;

	curl_easy_reset(c); /* connections stay */
	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT, TIMEOUT_S);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	(void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	(void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(c, CURLOPT_HEADERDATA, x->answer);
	if (isatty(STDERR_FILENO)) {
		(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
		(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
		(void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
	}
	if (h->o->ca_file)
		(void)curl_easy_setopt(c, CURLOPT_CAINFO, h->o->ca_file);
	if (h->o->certificate) {
		(void)curl_easy_setopt(c, CURLOPT_SSLCERT, h->o->certificate);
		(void)curl_easy_setopt(c, CURLOPT_SSLKEY, h->o->key);
	}
	if (r->body) {
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
	}
}

static int perform_curl(struct ctl_http *h, struct exchange *x, const char *url)
{
	struct curl_slist *headers = headers_of(h, x->request);
	CURLcode code;

	if (!headers)
		return -ENOMEM;
	h->error[0] = '\0';
	set_up(h, x, url, headers);
	code = curl_easy_perform(h->curl);
	curl_slist_free_all(headers);
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &x->answer->status);
	if (code == CURLE_OK || x->out_of_memory)
		return 0;
	(void)ctl_fail("%s: %s", h->o->url, h->error[0] ? h->error : curl_easy_strerror(code));
	return -EHOSTUNREACH;
}

/* Says why the socket could not be used, and what to do. */
static int unreachable(const char *where, int r)
{
	if (r == -ECANCELED)
		return -EIO; /* who takes the pieces knows why */
	(void)ctl_fail("%s: %s", where,
		       r == -EPROTO ? "the answer is not one of lvsd" : strerror(-r));
	if (access(where, F_OK) < 0)
		(void)ctl_fail("there is no such socket: is lvsd running? (systemctl status lvsd; "
			       "lvsctl doctor)");
	else if (access(where, R_OK | W_OK) < 0)
		(void)ctl_fail("you may not open it: run as root or as a member of its group "
			       "(lvsctl doctor)");
	else if (r == -ECONNREFUSED)
		(void)ctl_fail("nobody serves it: is lvsd running? (systemctl status lvsd; lvsctl "
			       "doctor)");
	return r;
}

static int perform_unix(struct ctl_http *h, struct exchange *x, const char *target)
{
	_cleanup_(buf_done) struct buf headers = { 0 };
	const struct ctl_request *r = x->request;
	const struct ctl_unix_request request = {
		.on_wait = isatty(STDERR_FILENO) ? on_unix_wait : NULL,
		.method = r->method,
		.target = target,
		.headers = &headers,
		.body = r->body,
		.body_len = r->body_len,
		.on_header = on_unix_header,
		.on_body = on_unix_body,
		.arg = x,
	};
	int result;

	buf_printf(&headers, "Accept: %s\r\n", or_json(r->accept));
	if (r->body)
		buf_printf(&headers, "Content-Type: %s\r\n", or_json(r->content_type));
	if (r->precondition)
		buf_printf(&headers, "%s\r\n", r->precondition);
	if (headers.failed)
		return -ENOMEM;
	result = ctl_unix_request(h->unix_socket, ctl_http_socket(h->o), &request, TIMEOUT_S,
				  &x->answer->status);
	if (result == 0 || x->out_of_memory)
		return 0;
	return unreachable(ctl_http_socket(h->o), result);
}

int ctl_http_send(struct ctl_http *h, const struct ctl_request *r, struct ctl_answer *ret)
{
	_cleanup_(buf_done) struct buf url = { 0 };
	struct exchange x = { .http = h, .request = r, .answer = ret, .began = time(NULL) };
	int result;

	*ret = (struct ctl_answer){ 0 };
	buf_printf(&url, "%s%s%s%s", h->o->url ? h->o->url : "http://localhost", r->path,
		   r->query && *r->query ? "?" : "", r->query ? r->query : "");
	if (url.failed)
		return -ENOMEM;
	if (h->o->show_curl)
		return show_curl(h, r, &url);
	result = h->o->url ? perform_curl(h, &x, url.data)
			   : perform_unix(h, &x, url.data + strlen("http://localhost"));
	end_progress(&x);
	if (x.out_of_memory) {
		(void)ctl_fail("out of memory");
		return -ENOMEM;
	}
	if (result < 0)
		return result;
	if (ret->text.data)
		ret->json = json_loadb(ret->text.data, ret->text.len, JSON_DECODE_ANY, NULL);
	if (ret->status >= 200 && ret->status < 300)
		return 0;
	if (!r->quiet)
		ctl_problem_say(ret);
	return -EREMOTEIO;
}
