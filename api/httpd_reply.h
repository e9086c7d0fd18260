/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a struct response into what libmicrohttpd sends. Called by httpd_exchange.c only. */
#pragma once

#include "request.h"
#include "response.h"

struct MHD_Connection;

/* Queues resp, whose body or stream is taken over, with the headers that every answer has. runs
 * counts those of the server and outlives the answer. 0, or -EIO when libmicrohttpd refuses (the
 * connection must be closed then). */
int httpd_reply(struct MHD_Connection *c, const struct request *req, struct response *resp,
		const uint64_t *runs);
