/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl, loaded when the first of its functions is needed: only --url needs it, and loading it
 * with the 28 libraries behind it takes four fifths of the time of a call over the unix socket.
 * The names are libcurl's own.
 */
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

struct ctl_curl {
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_reset) *easy_reset;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

extern struct ctl_curl ctl_curl;

/* Loads it once. False: it is not installed, which has been said on stderr. */
bool ctl_curl_load(void);

#undef curl_easy_setopt
#undef curl_easy_getinfo
#define curl_easy_init	    ctl_curl.easy_init
#define curl_easy_cleanup   ctl_curl.easy_cleanup
#define curl_easy_reset	    ctl_curl.easy_reset
#define curl_easy_setopt    ctl_curl.easy_setopt
#define curl_easy_perform   ctl_curl.easy_perform
#define curl_easy_getinfo   ctl_curl.easy_getinfo
#define curl_easy_strerror  ctl_curl.easy_strerror
#define curl_slist_append   ctl_curl.slist_append
#define curl_slist_free_all ctl_curl.slist_free_all
