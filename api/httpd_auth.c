/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of httpd_auth.h: what a client on TCP has to show before anything else of its request
 * counts. */
#include "httpd_auth.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "num.h"
#include "tokens.h"

bool httpd_auth_demanded(const struct httpd_access *access)
{
	return access && (access->tokens || access->client_ca);
}

static int challenge(struct response *resp, struct err *e, const char *code, const char *why)
{
	/* RFC 6750, 3: at least one parameter, and of an error only when there was a token. */
	response_header(resp, "WWW-Authenticate", "Bearer realm=\"lvsd\"%s",
			streq(code, "invalid_token") ? ", error=\"invalid_token\"" : "");
	return err_set(e, -EACCES, code, "%s", why);
}

int httpd_authenticate(const struct httpd_access *access, const struct header_facts *f,
		       const struct peer_certificate *certificate, struct request *req,
		       struct response *resp, struct err *e)
{
	const char *secret = NULL;
	const struct token *token;

	if (f->authorization_twice)
		return err_set(e, -EINVAL, "bad_request", "There are two Authorization headers.");
	if (access->client_ca && certificate->state == CERTIFICATE_BAD)
		return challenge(resp, e, "invalid_certificate", certificate->text);
	if (access->tokens && f->authorization)
		secret = tokens_bearer(f->authorization);
	if (secret) {
		token = tokens_find(access->tokens, secret);
		if (!token)
			return challenge(resp, e, "invalid_token", "This token is not known here.");
		req->role = token->role;
		(void)snprintf(req->actor, sizeof(req->actor), "%s", token->id);
		return 0;
	}
	if (access->client_ca && certificate->state == CERTIFICATE_GOOD) {
		req->role = access->certificate_role;
		(void)snprintf(req->actor, sizeof(req->actor), "%.*s", REQUEST_ACTOR_MAX,
			       certificate->text);
		return 0;
	}
	return challenge(resp, e, "unauthorized",
			 !access->tokens      ? "A client certificate is needed here."
			 : !access->client_ca ? "A bearer token is needed here."
					      : "A bearer token or a client certificate is needed "
						"here.");
}

/* The host of a Host header without port and brackets. */
struct host {
	const char *text;
	size_t len;
	bool bracket;
};

static bool split_host(const char *header, struct host *ret)
{
	bool bracket = *header == '[';
	size_t len = strcspn(header, bracket ? "]" : ":");
	const char *rest = header + len;
	uint64_t port;

	if (bracket && *rest++ != ']')
		return false;
	if (*rest == ':' && num_parse_u64(rest + 1, strlen(rest + 1), UINT16_MAX, &port) < 0)
		return false;
	if (*rest != ':' && *rest != '\0')
		return false;
	*ret = (struct host){ header + bracket, len - bracket, bracket };
	return true;
}

static bool is_loopback(const struct inaddr *a)
{
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

	return a->family == AF_INET ? a->bytes[0] == 127
				    : memcmp(a->bytes, &loopback, sizeof(loopback)) == 0;
}

static bool same_name(const struct host *h, const char *name)
{
	return strlen(name) == h->len && strncasecmp(h->text, name, h->len) == 0;
}

static bool host_allowed(const struct httpd_access *access, const char *header,
			 const struct inaddr *local)
{
	struct inaddr a, b;
	bool literal;
	struct host h;

	if (!split_host(header, &h))
		return false;
	literal = inaddr_parse(h.text, h.len, &a) == 0;
	if (h.bracket != (literal && a.family == AF_INET6))
		return false;
	/* A page of somebody else's cannot come from an address that is ours. */
	if (literal ? is_loopback(&a) || inaddr_compare(&a, local) == 0
		    : same_name(&h, "localhost"))
		return true;
	for (size_t i = 0; access && i < access->hosts.n; i++) {
		const char *name = access->hosts.items[i];

		if (literal ? inaddr_parse(name, strlen(name), &b) == 0 && !inaddr_compare(&a, &b)
			    : same_name(&h, name))
			return true;
	}
	return false;
}

int httpd_check_origin(const struct httpd_access *access, const struct header_facts *f,
		       const struct inaddr *local, struct err *e)
{
	if (!f->host || !host_allowed(access, f->host, local))
		return err_set(e, -EPERM, "host_not_allowed",
			       "The Host header must be localhost, 127.0.0.0/8, [::1], the address "
			       "that was called, or one that tcp-host allows.");
	/* "none" is a person who typed the address. */
	if (f->origin || (f->fetch_site && !streq(f->fetch_site, "none") &&
			  !streq(f->fetch_site, "same-origin")))
		return err_set(e, -EPERM, "origin_not_allowed",
			       "The request comes from a web page (Origin or Sec-Fetch-Site).");
	return 0;
}
