/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From options to struct httpd_access, see access.h. The only place that knows which file is for
 * what; it opens no socket. */
#include "access.h"

#include <errno.h>

#include "secret_file.h"
#include "tokens.h"

#define CODE "invalid_option"

bool access_reaches_beyond_loopback(const struct options *o)
{
	return *o->tls_certificate && *o->tls_key && (*o->tls_client_ca || *o->tokens);
}

static int check_options(const struct options *o, struct err *e)
{
	if (!*o->tls_certificate != !*o->tls_key)
		return err_set(e, -EINVAL, CODE,
			       "tls-certificate and tls-key: one needs the other");
	if (*o->tls_client_ca && !*o->tls_certificate)
		return err_set(e, -EINVAL, CODE,
			       "tls-client-ca: needs tls-certificate and tls-key");
	return 0;
}

static int load_tokens(const char *path, struct tokens **ret, struct err *e)
{
	const char *why = NULL;
	size_t len, line = 0;
	char *text;
	int r;

	if (!*path)
		return 0;
	r = secret_file_read(path, SECRET_FILE, &text, &len, e);
	if (r < 0)
		return r;
	r = tokens_parse(text, len, ret, &line, &why);
	secret_file_free(text, len);
	if (r < 0 && line)
		return err_set(e, r, CODE, "tokens: %s: line %zu: %s", path, line,
			       why ? why : strerror(-r));
	return r < 0 ? err_set(e, r, CODE, "tokens: %s: %s", path, why ? why : strerror(-r)) : 0;
}

/* A PEM file as text; a path that is not given is NULL. */
static int load_pem(const char *path, enum secret_kind kind, char **ret, struct err *e)
{
	size_t len;
	char *text;
	int r;

	if (!*path)
		return 0;
	r = secret_file_read(path, kind, &text, &len, e);
	if (r < 0)
		return r;
	/* GnuTLS gets it as a string: what stands behind a NUL byte would be lost silently. */
	if (len == 0 || strlen(text) != len) {
		secret_file_free(text, len);
		return err_set(e, -EINVAL, CODE, "%s is no PEM file", path);
	}
	*ret = text;
	return 0;
}

static int add_hosts(const struct options *o, struct httpd_access *a, struct err *e)
{
	for (size_t i = 0; i < o->n_tcp_host; i++) {
		char *host = strdup(o->tcp_host[i]);

		if (!host || vec_push(&a->hosts, host) < 0) {
			free(host);
			return err_set(e, -ENOMEM, CODE, "out of memory");
		}
	}
	return 0;
}

int access_load(const struct options *o, struct httpd_access **ret, struct err *e)
{
	_cleanup_(httpd_access_freep) struct httpd_access *a = calloc(1, sizeof(*a));
	const char *setting = NULL, *why = NULL;
	int r;

	if (!a)
		return err_set(e, -ENOMEM, CODE, "out of memory");
	a->certificate_role = o->tls_client_role;
	r = check_options(o, e);
	if (r == 0)
		r = add_hosts(o, a, e);
	if (r == 0)
		r = load_tokens(o->tokens, &a->tokens, e);
	if (r == 0)
		r = load_pem(o->tls_certificate, PUBLIC_FILE, &a->certificate, e);
	if (r == 0)
		r = load_pem(o->tls_key, SECRET_FILE, &a->key, e);
	if (r == 0)
		r = load_pem(o->tls_client_ca, PUBLIC_FILE, &a->client_ca, e);
	if (r < 0)
		return r;
	r = httpd_access_check(a, &setting, &why);
	if (r < 0)
		return err_set(e, r, CODE, "%s: %s", setting ? setting : "TLS",
			       why ? why : strerror(-r));
	*ret = TAKE_PTR(a);
	return 0;
}
