/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a struct response into what libmicrohttpd sends. Called by httpd_exchange.c only. */
#pragma once

#include "request.h"
#include "response.h"

struct MHD_Connection;

struct streaming;

/* The streamed answers of a server; all zero is none. */
struct httpd_streams {
	uint64_t runs;		   /* of the server, so far */
	struct streaming *waiting; /* for the next run: they want it at once */
};

/* A run of the server begins: the answers that wait go on. Also to be called before the server is
 * stopped, which cannot be while some wait. */
void httpd_streams_run(struct httpd_streams *set);

/* Queues resp, whose body or stream is taken over, with the headers that every answer has. A
 * streamed one is in the set until it ends. 0, or -EIO when libmicrohttpd refuses (the connection
 * must be closed then). */
int httpd_reply(struct MHD_Connection *c, const struct request *req, struct response *resp,
		struct httpd_streams *set);
