/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: the only user of libmicrohttpd, in external epoll mode inside the daemon's one
 * loop. Unfit requests are refused here (two Host headers, smuggling, sizes, content types); what
 * is fit goes to the hooks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request.h"
#include "response.h"
#include "vec.h"

struct httpd;

struct httpd_hooks {
	/*
	 * The header is complete; req->body is not there yet. Routes the request: true to go on,
	 * false when resp holds the answer (an error, or OPTIONS). On true req->route is set.
	 */
	bool (*admit)(void *arg, struct request *req, struct response *resp);
	/* The request is complete. True: resp is the answer; false: parked until resume(). */
	bool (*handle)(void *arg, struct request *req, struct response *resp);
	/* Asked for each parked request by httpd_resume(): true when resp is the answer now. When
	 * `stopping`, it must answer. */
	bool (*resume)(void *arg, struct request *req, struct response *resp, bool stopping);
	/* The answer begins to be sent; req->route is NULL where no route was found. May be NULL.
	 */
	void (*answered)(void *arg, const struct request *req, unsigned status);
	/* The request ends (answered, or its connection broke): frees req->state. */
	void (*done)(void *arg, struct request *req);
};

struct httpd_limits {
	size_t max_object;   /* bytes of a BODY_OBJECT */
	size_t max_document; /* bytes of a BODY_DOCUMENT */
	size_t max_bodies;   /* bytes of all that are kept; large ones beyond are refused (503) */
	unsigned max_connections; /* per listener */
	unsigned max_parked;	  /* writes that wait, over all listeners; more are refused (429) */
	unsigned idle_seconds;	  /* a connection without traffic is closed */
	unsigned request_seconds; /* a request that has not arrived whole by then is closed */
};

struct tokens;

/*
 * What a client on TCP has to show, and what TLS needs for it. With tokens or client_ca every
 * request on TCP needs one of them; without both the listener's role holds for everybody.
 */
struct httpd_access {
	struct tokens *tokens;	    /* NULL: none are known */
	char *certificate, *key;    /* PEM, the server's; NULL: no TLS */
	char *client_ca;	    /* PEM; NULL: no client certificates */
	enum role certificate_role; /* of who shows a certificate of client_ca */
	VEC(char *) hosts; /* names and addresses that a Host header may have beside its own */
	unsigned refs;	   /* httpd's own */
};

struct httpd_listener {
	int fd;		  /* a listening socket; httpd closes it */
	enum role role;	  /* of all its requests, unless access asks for more */
	bool unix_socket; /* access is not for this one */
};

/* hooks is borrowed, limits copied. 0 or a negative errno. */
int httpd_new(const struct httpd_hooks *hooks, void *arg, const struct httpd_limits *limits,
	      struct httpd **ret);

/*
 * Says whether TLS can work with the certificates and the key in access. 0; -EINVAL with the
 * setting that is wrong and why, both static; -ENOMEM.
 */
int httpd_access_check(const struct httpd_access *access, const char **ret_setting,
		       const char **ret_why);

/*
 * Sets what holds on TCP, and takes access over when that works. Before any listener is there it is
 * only kept. Later, new requests are measured by it; new connections get its certificate, and those
 * that are open end after their next answer, or when idle at once if it has another client CA. 0,
 * or a negative errno; then all stays as it was.
 */
int httpd_set_access(struct httpd *h, struct httpd_access *access);

/* Frees access with all that it holds; NULL is fine. */
void httpd_access_free(struct httpd_access *access);
DEFINE_FREEP(struct httpd_access, httpd_access_free)

/* Serves one more listening socket. 0 or a negative errno. */
int httpd_listen(struct httpd *h, const struct httpd_listener *listener);

/* A file descriptor that becomes readable when httpd_run() has something to do. */
int httpd_fd(const struct httpd *h);

/* How long the loop may sleep, in ms: 0…1000. At 0 httpd_run() is due, readable or not. */
int httpd_timeout(struct httpd *h);

/* Accepts, reads, calls the hooks, writes; does not block. */
void httpd_run(struct httpd *h);

/* Asks resume() for every parked request and sends what is ready. Returns how many were answered;
 * then httpd_run() must be called again soon. */
size_t httpd_resume(struct httpd *h);

/* Answers what is parked (resume with stopping), stops all listeners and frees h; NULL is fine. */
void httpd_free(struct httpd *h);
