/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS by GnuTLS, see httpd_tls.h. It knows nothing of requests, tokens or roles. */
#include "httpd_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <stdio.h>

void httpd_tls_options(const struct httpd_access *access, struct MHD_OptionItem *ret)
{
	const struct {
		enum MHD_OPTION option;
		char *value;
	} all[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, access->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, access->key },
		{ MHD_OPTION_HTTPS_MEM_TRUST, access->client_ca },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].value)
			ret[n++] = (struct MHD_OptionItem){ all[i].option, 0, all[i].value };
	}
	ret[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
}

static gnutls_datum_t datum(char *text)
{
	return (gnutls_datum_t){ (unsigned char *)text, (unsigned)strlen(text) };
}

/* A number of certificates is fine, a negative number an error, and no certificate is one too. */
static int check_ca(gnutls_certificate_credentials_t scratch, char *pem, const char **ret_why)
{
	gnutls_datum_t ca = datum(pem);
	int n = gnutls_certificate_set_x509_trust_mem(scratch, &ca, GNUTLS_X509_FMT_PEM);

	if (n > 0)
		return 0;
	*ret_why = n < 0 ? gnutls_strerror(n) : "there is no certificate in it";
	return -EINVAL;
}

int httpd_access_check(const struct httpd_access *access, const char **ret_setting,
		       const char **ret_why)
{
	gnutls_certificate_credentials_t scratch;
	int r = 0;

	if (!access->certificate)
		return 0;
	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		*ret_setting = "tls-certificate";
		*ret_why = "this libmicrohttpd was built without TLS";
		return -EINVAL;
	}
	if (gnutls_certificate_allocate_credentials(&scratch) < 0)
		return -ENOMEM;
	if (access->client_ca) {
		*ret_setting = "tls-client-ca";
		r = check_ca(scratch, access->client_ca, ret_why);
	}
	if (r == 0) {
		gnutls_datum_t certificate = datum(access->certificate), key = datum(access->key);

		r = gnutls_certificate_set_x509_key_mem(scratch, &certificate, &key,
							GNUTLS_X509_FMT_PEM);
		if (r < 0) {
			*ret_setting = "tls-certificate and tls-key";
			*ret_why = gnutls_strerror(r);
			r = -EINVAL;
		}
	}
	gnutls_certificate_free_credentials(scratch);
	return r < 0 ? r : 0;
}

/* It goes into the log and the history: nothing there may look like more than one name. */
static void make_printable(char *s)
{
	for (; *s; s++) {
		if (*s < 0x21 || *s > 0x7e)
			*s = *s == ' ' ? ' ' : '?';
	}
}

/* "CN=…" of the subject. Without one, or with one that is longer than a name may be, "serial=…",
 * which a CA gives only once. */
static void name_subject(gnutls_x509_crt_t crt, struct peer_certificate *ret)
{
	unsigned char serial[20]; /* RFC 5280, 4.1.2.2 */
	size_t len = REQUEST_ACTOR_MAX - 3 + 1, n = sizeof(serial), skip;

	memcpy(ret->text, "CN=", 4);
	if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, ret->text + 3,
					  &len) == 0) {
		make_printable(ret->text);
		return;
	}
	if (gnutls_x509_crt_get_serial(crt, serial, &n) < 0)
		n = 0;
	/* The zero byte that keeps a DER number positive is no part of it. */
	skip = n > 1 && serial[0] == 0;
	(void)snprintf(ret->text, sizeof(ret->text), "serial=");
	for (size_t i = skip; i < n; i++)
		(void)snprintf(ret->text + strlen("serial=") + 2 * (i - skip), 3, "%02x",
			       serial[i]);
}

static void name_peer(const gnutls_datum_t *der, struct peer_certificate *ret)
{
	gnutls_x509_crt_t crt;

	ret->state = CERTIFICATE_BAD;
	(void)snprintf(ret->text, sizeof(ret->text), "It cannot be read.");
	if (gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) == 0) {
		name_subject(crt, ret);
		ret->state = CERTIFICATE_GOOD;
	}
	gnutls_x509_crt_deinit(crt);
}

static void say_why(unsigned status, struct peer_certificate *ret)
{
	gnutls_datum_t text = { 0 };

	ret->state = CERTIFICATE_BAD;
	(void)snprintf(ret->text, sizeof(ret->text), "It cannot be verified.");
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
		return;
	(void)snprintf(ret->text, sizeof(ret->text), "%.*s", (int)text.size,
		       (const char *)text.data);
	gnutls_free(text.data);
	for (size_t len = strlen(ret->text); len > 0 && ret->text[len - 1] == ' '; len--)
		ret->text[len - 1] = '\0';
}

void httpd_tls_peer(struct MHD_Connection *connection, struct peer_certificate *ret)
{
	unsigned char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st wanted = { GNUTLS_DT_KEY_PURPOSE_OID, purpose, 0 };
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	const gnutls_datum_t *chain;
	unsigned n = 0, status = 0;

	*ret = (struct peer_certificate){ .state = CERTIFICATE_NONE };
	chain = session ? gnutls_certificate_get_peers(session, &n) : NULL;
	if (!chain || n == 0)
		return;
	if (gnutls_certificate_verify_peers(session, &wanted, 1, &status) < 0)
		status = GNUTLS_CERT_INVALID;
	if (status != 0)
		say_why(status, ret);
	else
		name_peer(&chain[0], ret);
}
