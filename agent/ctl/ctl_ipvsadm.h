/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front end that speaks as ipvsadm 1.31 does: words to a call (ctl_ipvsadm_options.c,
 * ctl_ipvsadm_call.c, ctl_ipvsadm_address.c), calls to requests (ctl_ipvsadm_write.c), answers to
 * text (ctl_ipvsadm_list.c, ctl_ipvsadm_print.c, ctl_ipvsadm_connections.c). How ipvsadm behaves
 * was learned from the program (docs/IPVSADM.md).
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "buf.h"
#include "ctl.h"
#include "ipvs_model.h"

/* Exit statuses of ipvsadm. */
enum {
	IPVSADM_LIST_FAILED = 1,
	IPVSADM_BAD_CALL = 2,
	IPVSADM_REFUSED = 255, /* its -1: by the kernel, or words that are no options */
};

enum ipvsadm_command {
	IPVSADM_ADD,
	IPVSADM_EDIT,
	IPVSADM_DELETE,
	IPVSADM_FLUSH,
	IPVSADM_LIST,
	IPVSADM_ADD_SERVER,
	IPVSADM_DELETE_SERVER,
	IPVSADM_EDIT_SERVER,
	IPVSADM_SET,
	IPVSADM_START_DAEMON,
	IPVSADM_STOP_DAEMON,
	IPVSADM_RESTORE,
	IPVSADM_SAVE,
	IPVSADM_ZERO,
	IPVSADM_COMMANDS,
};

/* In the order in which they are checked. */
enum ipvsadm_option {
	IPVSADM_NUMERIC,
	IPVSADM_CONNECTION,
	IPVSADM_SERVICE,
	IPVSADM_SCHEDULER,
	IPVSADM_PERSISTENT,
	IPVSADM_NETMASK,
	IPVSADM_SERVER,
	IPVSADM_FORWARD,
	IPVSADM_WEIGHT,
	IPVSADM_UPPER,
	IPVSADM_LOWER,
	IPVSADM_INTERFACE,
	IPVSADM_TIMEOUT,
	IPVSADM_DAEMON,
	IPVSADM_STATS,
	IPVSADM_RATE,
	IPVSADM_THRESHOLDS,
	IPVSADM_PERSISTENT_CONN,
	IPVSADM_NOSORT,
	IPVSADM_SYNCID,
	IPVSADM_EXACT,
	IPVSADM_ONE_PACKET,
	IPVSADM_ENGINE,
	IPVSADM_FLAGS,
	IPVSADM_GROUP,
	IPVSADM_PORT,
	IPVSADM_TTL,
	IPVSADM_MAXLEN,
	IPVSADM_TUN_INFO,
	IPVSADM_TUN_TYPE,
	IPVSADM_TUN_PORT,
	IPVSADM_TUN_NOCSUM,
	IPVSADM_TUN_CSUM,
	IPVSADM_TUN_REMCSUM,
	IPVSADM_FOREIGN, /* ours */
	IPVSADM_OPTIONS,
};

struct ctl_answer;

#define IPVSADM_BIT(option) (UINT64_C(1) << (option))

struct ipvsadm_sync {
	bool backup;
	char interface[16];			 /* IFNAMSIZ */
	struct inaddr group;			 /* family 0: not given */
	uint32_t sync_id, max_length, port, ttl; /* 0: not given */
};

/* One line of arguments. */
struct ipvsadm_call {
	const char *program; /* argv[0], for messages */
	enum ipvsadm_command command;
	uint64_t given; /* IPVSADM_BIT() */
	struct ipvs_service service;
	struct ipvs_dest dest;
	uint32_t netmask;     /* IPv4: bits in host order; IPv6: prefix length */
	uint32_t timeouts[3]; /* seconds: TCP, FIN, UDP; 0: as it is */
	struct ipvsadm_sync sync;
	bool quiet; /* the caller's: nothing is said, and nothing printed */
	int status; /* when there is nothing to run: the exit status … */
	bool ends;  /* … and whether a restore ends there */
};

static inline bool ipvsadm_has(const struct ipvsadm_call *c, enum ipvsadm_option o)
{
	return c->given & IPVSADM_BIT(o);
}

/*
 * Reads the arguments as ipvsadm does: the command first, then options in any order. argv[0] is the
 * program. True: the call is to be run. False: it was answered (help) or refused, which has been
 * said on stderr (unless ret->quiet was set before); status and ends are set.
 */
bool ipvsadm_read(int argc, char **argv, struct ipvsadm_call *ret);

/* Says on stderr that a call is bad, as ipvsadm says it. Returns false. */
bool ipvsadm_bad(struct ipvsadm_call *c, const char *fmt, ...) _printf_(2, 3);

/* The same where there is nothing to say but where help is. */
bool ipvsadm_try_help(struct ipvsadm_call *c);

/* ---- ctl_ipvsadm_options.c: words to options, as popt reads them for ipvsadm ---- */

/* What an option is when it is none of enum ipvsadm_option: a letter of a command or of one that
 * has another meaning. */
enum ipvsadm_word_kind {
	IPVSADM_WORD_COMMAND, /* value: enum ipvsadm_command */
	IPVSADM_WORD_OPTION,  /* enum ipvsadm_option */
	IPVSADM_WORD_HELP,
	IPVSADM_WORD_VERSION,
	IPVSADM_WORD_IPV6,
	IPVSADM_WORD_SORT,
	IPVSADM_WORD_END,
	IPVSADM_WORD_BAD,
};

struct ipvsadm_word {
	enum ipvsadm_word_kind kind;
	int which;	   /* of COMMAND and OPTION */
	int variant;	   /* a protocol number, or a forwarding method; 0 for marks */
	const char *value; /* NULL: none; BAD: the sentence */
	const char *text;  /* the word as it was given */
};

struct ipvsadm_words {
	int argc, at;
	char **argv;
	const char *letters; /* what is left of a word with several */
	const char **rest;   /* room for argc words that are no options */
	int n_rest;
};

/* The next option; those that are none are collected in rest. */
struct ipvsadm_word ipvsadm_next_word(struct ipvsadm_words *w);

/* Which options a command needs, may have, and may have only one of. */
struct ipvsadm_rule {
	const char *name; /* of the command in messages */
	uint64_t needed, allowed, exclusive;
};
extern const struct ipvsadm_rule ipvsadm_rules[IPVSADM_COMMANDS];
extern const char *const ipvsadm_option_names[IPVSADM_OPTIONS];

void ipvsadm_print_help(const char *program);
void ipvsadm_print_version(void);

/* ---- ctl_ipvsadm_address.c: what stands for addresses, ports and numbers ---- */

/* A decimal number as ipvsadm takes it: blanks, a sign and zeros in front. 0 or -EINVAL. */
int ipvsadm_number(const char *s, uint64_t low, uint64_t high, uint32_t *ret);

/* HOST[:PORT] with names by the resolver. *ret_has_port: a port was given, and *ret_port set. 0 or
 * -EINVAL. */
int ipvsadm_parse_endpoint(const char *s, uint8_t protocol, struct inaddr *ret, uint16_t *ret_port,
			   bool *ret_has_port);

/* A dotted mask, or a name; bits in host order. 0 or -EINVAL. */
int ipvsadm_parse_mask(const char *s, uint32_t *ret);

#define IPVSADM_NAME_MAX 60 /* bytes with the NUL that ipvsadm has for an endpoint */

/* "192.0.2.1:80", or by names where the resolver has some; cut as ipvsadm cuts it. */
void ipvsadm_endpoint_text(const struct inaddr *a, uint16_t port, uint8_t protocol, bool numeric,
			   char ret[IPVSADM_NAME_MAX]);

/* ---- requests ---- */

/* -A to -d, --set, -Z, …: what changes something. Returns the exit status. */
int ipvsadm_write(struct ctl *ctl, const struct ipvsadm_call *c);

/* After a dry run: what would have been done. */
void ipvsadm_say_plan(const struct ctl_answer *a);

/* -L and -S. Returns the exit status. */
int ipvsadm_list(struct ctl *ctl, const struct ipvsadm_call *c);
int ipvsadm_list_connections(struct ctl *ctl, const struct ipvsadm_call *c);

/* ---- tables ---- */

/* Small: there may be 100,000 of them. */
struct ipvsadm_listed_dest {
	struct ipvs_observed_dest observed;
	struct ipvs_stats *stats; /* of the table; NULL: not asked for */
};

struct ipvsadm_listed {
	struct ipvs_service service;
	struct ipvs_stats *stats; /* as above */
	size_t first, n;	  /* its real servers */
	bool managed;		  /* by lvsd */
};

struct ipvsadm_table {
	VEC(struct ipvsadm_listed) services;
	VEC(struct ipvsadm_listed_dest) dests;
	struct ipvs_stats *stats; /* of all rows; NULL: none */
};

/* ---- ctl_ipvsadm_state.c: rows out of answers ---- */

/* "192.0.2.1:80", "[2001:db8::1]:80": any address, since the kernel takes what the API refuses. 0
 * or -EINVAL. */
int ipvsadm_parse_id_endpoint(const char *s, struct inaddr *ret, uint16_t *ret_port);

/* The same for services: "fwm:1", "tcp:192.0.2.1:80", "ip47:192.0.2.1:80". */
int ipvsadm_parse_service_id(const char *id, struct ipvs_service_key *ret);

/* Appends a service as /v1/state has it. 0, -EINVAL or -ENOMEM. */
int ipvsadm_table_add(struct ipvsadm_table *t, const char *id, const json_t *json);

/* The order of ids, for sorting and searching rows of services and of a service's real servers. */
int ipvsadm_order_services(const void *a, const void *b);
int ipvsadm_order_dests(const void *a, const void *b);

/* ---- ctl_ipvsadm_restore.c: the lines of -R as one write ---- */

/* Takes a call that adds a service, or a real server of the service before. False: it does not, or
 * there is no memory. */
bool ipvsadm_restore_add(struct ipvsadm_table *t, const struct ipvsadm_call *c);

/* Declares all that was taken. False: nothing was changed and nothing said; one request a line says
 * why it cannot be, or does what can be done of it. */
bool ipvsadm_restore_at_once(struct ctl *ctl, struct ipvsadm_table *t, int *ret_status);

/* ---- ctl_ipvsadm_counters.c ---- */

/* Asks for the counters of what lvsd manages (the API has none of the others, which is said on
 * stderr) and gives them to the rows, which come into the order of ids. 0 or an exit status. */
int ipvsadm_read_counters(struct ctl *ctl, struct ipvsadm_table *t);

/* ---- ctl_ipvsadm_print.c: tables as ipvsadm prints them ---- */

void ipvsadm_table_done(struct ipvsadm_table *t);

/* Puts services and real servers into the order of ipvsadm. */
void ipvsadm_table_sort(struct ipvsadm_table *t);

/* The two lines above the services of -L. */
void ipvsadm_print_title(const struct ipvsadm_call *c, FILE *to);

/* The table in the format that the options of -L ask for, or as rules for -S. */
void ipvsadm_print_table(const struct ipvsadm_table *t, const struct ipvsadm_call *c, FILE *to);
