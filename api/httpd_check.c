/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of httpd_check.h. libmicrohttpd 0.9.75 lets two Host headers, two lengths, and a
 * length beside chunked coding pass (measured); behind a proxy that is request smuggling, so they
 * end here. Called by httpd_exchange.c; no libmicrohttpd, no I/O.
 */
#include "httpd_check.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "num.h"
#include "router.h"

/* RFC 9110 §5.6.2; libmicrohttpd takes "Content-Length :" as a name of its own. */
static bool is_token(const char *s)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~";

	return *s && s[strspn(s, token)] == '\0';
}

void header_facts_add(struct header_facts *f, const char *name, const char *value, size_t value_len)
{
	const struct {
		const char *name, **value;
	} fields[] = {
		{ "Host", &f->host },
		{ "Content-Length", &f->content_length },
		{ "Content-Type", &f->content_type },
		{ "Content-Encoding", &f->content_encoding },
		{ "Transfer-Encoding", &f->transfer_encoding },
		{ "Expect", &f->expect },
		{ "Sec-Fetch-Site", &f->fetch_site },
		/* Only the first would be looked at: a "*" in the second must not be lost. */
		{ "If-Match", &f->if_match },
		{ "If-None-Match", &f->if_none_match },
	};

	if (!is_token(name) || (value && strlen(value) != value_len))
		f->malformed = true;
	if (strcasecmp(name, "Origin") == 0)
		f->origin = true;
	/* On unix sockets it means nothing, so that two of them are no fault of the framing. */
	if (strcasecmp(name, "Authorization") == 0) {
		f->authorization_twice = f->authorization != NULL;
		f->authorization = value ? value : "";
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strcasecmp(name, fields[i].name) != 0)
			continue;
		if (*fields[i].value)
			f->twice = fields[i].name;
		*fields[i].value = value ? value : "";
	}
}

static int bad(struct err *e, const char *why)
{
	return err_set(e, -EINVAL, "bad_request", "%s", why);
}

/* 1*DIGIT; leading zeros are legal here. Too many digits are "very long", for the size check. */
static int parse_length(const char *s, uint64_t *ret)
{
	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return -EINVAL;
	while (s[0] == '0' && s[1] != '\0')
		s++;
	if (num_parse_u64(s, strlen(s), UINT64_MAX, ret) < 0)
		*ret = UINT64_MAX;
	return 0;
}

int check_framing(const struct header_facts *f, const char *version, struct body_framing *ret,
		  struct err *e)
{
	struct body_framing b = { 0 };

	if (strncmp(version, "HTTP/1.", 7) != 0)
		return bad(e, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	if (f->malformed)
		return bad(e, "A header field has an unfit name or a NUL in its value.");
	if (!f->host && !streq(version, "HTTP/1.0"))
		return bad(e, "A request needs a Host header (RFC 9112 section 3.2).");
	if (f->twice)
		return err_set(e, -EINVAL, "bad_request", "There are two %s headers.", f->twice);
	if (f->authority && (!f->host || strcasecmp(f->authority, f->host) != 0))
		return bad(e, "The request target and the Host header name different hosts.");
	if (f->transfer_encoding) {
		if (f->content_length)
			return bad(e, "Content-Length and Transfer-Encoding exclude each other.");
		if (strcasecmp(f->transfer_encoding, "chunked") != 0)
			return bad(e, "The only transfer coding understood is \"chunked\".");
		if (streq(version, "HTTP/1.0"))
			return bad(e, "HTTP/1.0 has no Transfer-Encoding.");
		b.chunked = true;
	}
	if (f->content_length && parse_length(f->content_length, &b.length) < 0)
		return bad(e, "Content-Length is not a number.");
	if (f->expect) {
		if (strcasecmp(f->expect, "100-continue") != 0)
			return err_set(e, -EINVAL, "expectation_failed",
				       "The only expectation understood is \"100-continue\".");
		b.expects_continue = b.chunked || b.length > 0;
	}
	*ret = b;
	return 0;
}

/* Compares a media type without its parameters. */
static bool media_type_is(const char *value, const char *type)
{
	size_t len = strlen(type);

	/* strchr() finds the terminating NUL too. */
	return strncasecmp(value, type, len) == 0 && strchr("; \t", value[len]) != NULL;
}

/* JSON is UTF-8 (RFC 8259 §8.1); a charset that says otherwise is a client about to send garbage.
 */
static bool charset_fits(const char *value)
{
	const char *charset = strcasestr(value, "charset=");

	if (!charset)
		return true;
	charset += strlen("charset=");
	if (*charset == '"')
		charset++;
	return strncasecmp(charset, "utf-8", 5) == 0 || strncasecmp(charset, "us-ascii", 8) == 0;
}

static bool media_type_fits(const char *type, const struct request *req)
{
	/* What curl -d sends unasked; a socket that only root may open is no target of a web page.
	 */
	if (req->unix_socket && (!type || media_type_is(type, "application/x-www-form-urlencoded")))
		return true;
	if (!type || !charset_fits(type))
		return false;
	if (req->route->body == BODY_TEXT)
		return media_type_is(type, "text/plain");
	return media_type_is(type, "application/json") ||
	       (req->method == HTTP_PATCH && media_type_is(type, "application/merge-patch+json"));
}

int check_media_type(const struct header_facts *f, const struct request *req, struct response *resp,
		     struct err *e)
{
	if (f->content_encoding && strcasecmp(f->content_encoding, "identity") != 0)
		return err_set(e, -EMEDIUMTYPE, "unsupported_media_type",
			       "Compressed bodies are not taken.");
	if (media_type_fits(f->content_type, req))
		return 0;
	if (req->method == HTTP_PATCH)
		response_header(resp, "Accept-Patch",
				"application/merge-patch+json, application/json");
	return err_set(e, -EMEDIUMTYPE, "unsupported_media_type", "The Content-Type must be %s.",
		       req->route->body == BODY_TEXT ? "text/plain"
		       : req->method == HTTP_PATCH   ? "application/merge-patch+json"
						     : "application/json");
}

size_t body_limit(const struct request *req, const struct httpd_limits *limits)
{
	switch (req->route->body) {
	case BODY_NONE:
		return 0;
	case BODY_OBJECT:
		return limits->max_object;
	case BODY_DOCUMENT:
	case BODY_TEXT:
		return limits->max_document;
	}
	return 0;
}

int check_body_size(const struct request *req, uint64_t len, size_t limit, struct err *e)
{
	if (len <= limit)
		return 0;
	if (req->route->body == BODY_NONE)
		return err_set(e, -EMSGSIZE, "body_not_allowed", "%s takes no body here.",
			       req->head ? "HEAD" : http_method_name(req->method));
	return err_set(e, -EMSGSIZE, "body_too_large", "The body may have at most %zu bytes here.",
		       limit);
}

bool request_id_fits(const char *id)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-";
	size_t len = strspn(id, fit);

	return len > 0 && len <= REQUEST_ID_MAX && id[len] == '\0';
}
