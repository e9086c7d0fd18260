/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a struct response into what libmicrohttpd sends. Called by httpd_exchange.c only. */
#pragma once

#include "request.h"
#include "response.h"

struct MHD_Connection;

struct streaming;

/* The streamed answers of a server; all zero is none. */
struct httpd_streams {
	struct streaming *waiting; /* to make a piece, at once; the one that waits longest first */
	struct streaming **waiting_end; /* where the next goes, while there are some */
};

/* A run of the server begins: the first few of those that wait go on. The server cannot be stopped
 * while some wait. */
void httpd_streams_run(struct httpd_streams *set);

/* Queues resp, whose body or stream is taken over, with the headers that every answer has. A
 * streamed one is in the set until it ends. 0, or -EIO when libmicrohttpd refuses (the connection
 * must be closed then). */
int httpd_reply(struct MHD_Connection *c, const struct request *req, struct response *resp,
		struct httpd_streams *set);
