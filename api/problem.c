/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of error codes. Called by response.c and the generator of the documentation; it
 * holds data only. A new code is one row, in alphabetical order (bsearch; a test looks). */
#include "problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define ROW(name, number, again, headline, advice)                                                 \
	{                                                                                          \
		.code = name, .status = number, .retryable = again, .title = headline,             \
		.remedy = advice                                                                   \
	}

/* clang-format off */
static const struct problem catalogue[] = {
	ROW("bad_request", 400, false, "Malformed HTTP request",
	    "Send one well-formed HTTP/1.1 request; often a broken client or proxy is the cause."),
	ROW("body_not_allowed", 400, false, "This method takes no body",
	    "Send the request without a body."),
	ROW("body_required", 400, false, "A body is missing",
	    "Send the JSON document that the method needs."),
	ROW("body_too_large", 413, false, "The body is too large",
	    "Send fewer objects at once: 64 MiB for documents and services, 1 MiB for all else."),
	ROW("continue_expired", 410, false, "The list cannot be continued",
	    "Begin the list again, without continue."),
	ROW("desired_conflict", 409, false, "Contradicts another part of the desired state",
	    "Change or remove the other objects that `errors` names first."),
	ROW("expectation_failed", 417, false, "Unknown expectation",
	    "Send no Expect header but \"100-continue\"."),
	ROW("forbidden", 403, false, "Not allowed for this role",
	    "Use the socket or credential of a role that may do this."),
	ROW("foreign_exists", 409, false, "The kernel holds this object and it is not ours",
	    "Repeat the request with ?adopt=true to take the object over, or remove it by hand."),
	ROW("gone", 410, false, "No longer kept",
	    "Read the present state again and continue from its revision."),
	ROW("host_not_allowed", 403, false, "The Host header is not allowed here",
	    "Address the server as localhost, by its address, or by a name that tcp-host allows."),
	ROW("internal_error", 500, false, "Internal error",
	    "Look for the request id in the log of the daemon and report a bug."),
	ROW("invalid_certificate", 401, false, "The client certificate is not valid",
	    "Use a certificate that the server's client CA signed, that is valid now and meant for clients."),
	ROW("invalid_header", 400, false, "A request header is not valid",
	    "Correct the header that the detail names."),
	ROW("invalid_id", 400, false, "The id in the URL is not valid",
	    "Write the id as PROTOCOL:ADDRESS:PORT, ADDRESS:PORT or as the API description says."),
	ROW("invalid_json", 400, false, "The body is not valid JSON",
	    "Correct the JSON at the position that the detail names."),
	ROW("invalid_parameter", 400, false, "A query parameter is not valid",
	    "Correct or leave out the parameter that the detail names."),
	ROW("invalid_token", 401, false, "The bearer token is not valid",
	    "Send a token that is in the server's tokens file; the file has its SHA-256."),
	ROW("invalid_url", 400, false, "The URL is not valid",
	    "Send an absolute path without empty or dot segments, percent-encoded once."),
	ROW("kernel_not_ready", 503, true, "The kernel is not ready",
	    "Wait a little; if it lasts, look at /readyz?verbose and load the module ip_vs."),
	ROW("mass_delete_refused", 409, false, "Too much would be removed at once",
	    "Look at the plan; repeat with ?allowMassDelete=true when it is what you want."),
	ROW("method_not_allowed", 405, false, "The method is not allowed here",
	    "Use one of the methods that the Allow header lists."),
	ROW("method_not_implemented", 501, false, "Unknown method",
	    "Use GET, HEAD, PUT, PATCH, POST, DELETE or OPTIONS, in capitals."),
	ROW("mixed_families_with_sync", 409, false, "Excludes sync daemons, or is excluded by one",
	    "Remove the sync daemons, or the real servers of the other address family than their service's, first."),
	ROW("not_acceptable", 406, false, "No representation fits the Accept header",
	    "Ask for one of the media types that the API description lists."),
	ROW("not_announced", 409, false, "The address cannot be announced now",
	    "See the detail: it must be in place, on an interface with ARP that runs, and lvsd needs CAP_NET_RAW."),
	ROW("not_found", 404, false, "Not found",
	    "Look at the collection for what there is."),
	ROW("not_supported", 422, false, "Not supported",
	    "Leave the member out; this version does not have it yet."),
	ROW("origin_not_allowed", 403, false, "Requests from web pages are refused",
	    "Call the API from a program, not from a page in a browser."),
	ROW("out_of_memory", 503, true, "Out of memory",
	    "Try again; give the daemon more memory if it lasts."),
	ROW("owner_conflict", 409, false, "The object has another owner",
	    "Write as its owner, or repeat with ?force=true to take it over."),
	ROW("precondition_failed", 412, false, "Changed in the meantime",
	    "Read the object again, apply the change to what it is now and send its new ETag."),
	ROW("precondition_required", 428, false, "An If-Match header is required",
	    "Read the object and send its ETag as If-Match."),
	ROW("state_unreadable", 503, false, "The stored state cannot be read",
	    "The kernel is left alone; see the log and the guide on recovering the state."),
	ROW("stopping", 503, true, "The daemon is stopping",
	    "Try again when it has started."),
	ROW("storage_failed", 507, true, "The change could not be stored",
	    "Nothing was changed; free space on the disk of the state directory and try again."),
	ROW("too_many_connections", 503, true, "There are more connections than are listed",
	    "Raise connections-limit, or use the counters of services and real servers."),
	ROW("too_many_requests", 429, true, "Too many requests",
	    "Wait as long as Retry-After says."),
	ROW("unauthorized", 401, false, "A credential is needed",
	    "Send Authorization: Bearer TOKEN, or show a client certificate."),
	ROW("unsupported_media_type", 415, false, "The body has an unfit media type",
	    "Send application/json, or application/merge-patch+json with PATCH."),
	ROW("validation_failed", 422, false, "The document is not valid",
	    "Correct the members that `errors` lists."),
};
/* clang-format on */

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct problem *)row)->code);
}

const struct problem *problem_find(const char *code)
{
	const struct problem *row = NULL;

	if (code)
		row = bsearch(code, catalogue, ARRAY_SIZE(catalogue), sizeof(catalogue[0]),
			      compare);
	return row ? row : problem_find("internal_error");
}

const char *problem_type(const struct problem *p, char text[static PROBLEM_TYPE_MAX])
{
	(void)snprintf(text, PROBLEM_TYPE_MAX, "/v1/problems/%s", p->code);
	return text;
}

const struct problem *problem_all(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(catalogue);
	return catalogue;
}
