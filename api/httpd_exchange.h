/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request and its answer, from the request line to the last byte sent. The callbacks that
 * libmicrohttpd makes for it; registered by httpd.c. */
#pragma once

#include <microhttpd.h>

#include "httpd.h"
#include "httpd_reply.h"

struct exchange;

/* What all exchanges share; inside struct httpd. */
struct exchange_pool {
	unsigned n_parked; /* of them */
	const struct httpd_hooks *hooks;
	void *arg;
	struct httpd_limits limits;
	struct httpd_access *access; /* what holds on TCP; NULL: nothing is asked for */
	int64_t denial_told;	     /* when a denied request was last logged */
	unsigned denials_untold;     /* since then */
	bool stopping;		     /* nothing new is begun or parked any more */
	bool pump;		 /* something was resumed, which libmicrohttpd does not report */
	size_t body_bytes;	 /* of requests that came and are not answered */
	size_t n_answering;	 /* answers queued and not yet sent */
	struct exchange *parked; /* oldest first, so that a document is not overtaken for ever */
	struct exchange **parked_end; /* where the next goes */
	struct connection *connections;
	struct httpd_streams streams;
};

/* One listening socket, the closure of its callbacks. */
struct port {
	struct exchange_pool *pool;
	struct MHD_Daemon *daemon;
	struct httpd_access *access; /* whose certificate the daemon was started with; NULL: none */
	enum role role;
	bool unix_socket;
	bool retired;	      /* it listens no more, and ends with its last connection */
	unsigned connections; /* that are open */
	bool moved;	      /* the last httpd_run() has brought a callback */
	struct port *next;
};

/* CLOCK_BOOTTIME in ms. */
int64_t exchange_now_ms(void);

/* Callbacks for libmicrohttpd; cls is the port. */
void exchange_on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
			    enum MHD_ConnectionNotificationCode what);
void *exchange_on_target(void *cls, const char *target, struct MHD_Connection *c);
enum MHD_Result exchange_on_request(void *cls, struct MHD_Connection *c, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *size, void **context);
void exchange_on_completed(void *cls, struct MHD_Connection *c, void **context,
			   enum MHD_RequestTerminationCode why);

/* Asks the resume hook for every parked exchange. Returns how many are answered. */
size_t exchange_resume(struct exchange_pool *pool);

/* Cuts the connections whose request did not arrive whole in time. */
void exchange_enforce_deadlines(struct exchange_pool *pool, int64_t now);

/* The certificates shown to a port count no longer: cuts its idle connections, and on the others
 * the next request that shows one is refused; those let in already go on. */
void exchange_distrust(const struct port *port);

/* The earliest deadline of a parked request after now, or INT64_MAX. */
int64_t exchange_next_deadline(const struct exchange_pool *pool, int64_t now);
