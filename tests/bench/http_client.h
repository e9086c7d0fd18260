/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of an HTTP client as the bench needs: keep-alive over a unix socket, answers with a
 * length or in chunks. Every other function ends the process with a message when something goes
 * wrong.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define HTTP_BUFFER 65536

struct http {
	int fd;
	FILE *head;	 /* gets the lines of the answer's header, unless it is NULL */
	size_t at, have; /* what was received and not yet used: buffer[at … have - 1] */
	char buffer[HTTP_BUFFER];
};

/* NULL, and a message, where nobody listens. */
struct http *http_open(const char *socket);
void http_close(struct http *h);

/* Sends a request; body NULL: without one. */
void http_send(struct http *h, const char *method, const char *path, const char *body, size_t len);

/* Receives the answer, copies its body to out unless that is NULL, and returns its status. */
int http_receive(struct http *h, FILE *out);
