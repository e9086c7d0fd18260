/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text that `ipvsadm -S -n` prints and `ipvsadm -R` reads: one line for each service (-A) and
 * real server (-a). Parses a line, prints a line. Pure: names are looked up by the caller's
 * functions. What the options mean was learned from ipvsadm 1.31 (docs/IPVSADM.md).
 */
#pragma once

#include "buf.h"
#include "err.h"
#include "ipvs_model.h"
#include "json_path.h"

#define IPVS_TEXT_LINE_MAX 4096 /* bytes; one with every option has some 250 */
#define IPVS_TEXT_NAME_MAX 256	/* with the NUL */

/* How names of hosts and ports are looked up. Each: 0, or -ENOENT when there is none. */
struct ipvs_text_names {
	int (*host)(const char *name, struct inaddr *ret);
	int (*port)(const char *name, uint8_t protocol, uint16_t *ret); /* host order */
};

enum ipvs_text_kind {
	IPVS_TEXT_NOTHING, /* blank, or a comment */
	IPVS_TEXT_SERVICE,
	IPVS_TEXT_DEST,
};

struct ipvs_text_line {
	enum ipvs_text_kind kind;
	struct ipvs_service service; /* DEST: only the key counts */
	struct ipvs_dest dest;	     /* DEST */
};

/*
 * Parses a line of len bytes without its end. names NULL: addresses and ports have to be numbers.
 * The objects are complete as -A and -a would make them, and neither validated nor normalised. 0;
 * -EINVAL with an item at path in e (invalid_line, unknown_option, unsupported_option,
 * duplicate_option, option_required, option_not_allowed, invalid_address, invalid_port,
 * name_not_allowed, unknown_name, out_of_range, unsupported_netmask, unknown_value): ret then has
 * the kind and the service's key if those could be told, else IPVS_TEXT_NOTHING. Any bytes may be
 * thrown at it.
 */
int ipvs_text_parse(const char *line, size_t len, const struct ipvs_text_names *names,
		    const struct json_path *path, struct ipvs_text_line *ret, struct err *e);

/*
 * Append the line of a service, or of a real server of the service with this key, with the line
 * break. As ipvsadm does, with two exceptions: thresholds are there, as -x and -y at the end of the
 * line, which ipvsadm takes and does not print; and marks above 2147483647 are not printed as
 * negative numbers, which ipvsadm does and does not take. False: ipvsadm has no option for this
 * (another protocol, a netmask that is no prefix, another forwarding method), and nothing was
 * appended.
 */
bool ipvs_text_print_service(const struct ipvs_service *s, struct buf *out);
bool ipvs_text_print_dest(const struct ipvs_service_key *service, const struct ipvs_dest *d,
			  struct buf *out);

/* Appends the scheduler's flags after a word, with commas between them; nothing when there are
 * none. In the order of the kernel's bits, by the names that they have with this scheduler. */
void ipvs_text_print_flags(const struct ipvs_service *s, const char *before, struct buf *out);
