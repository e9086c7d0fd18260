/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of ipvsadm: THE table of its options, read in the way of popt, and which command may
 * have which. Knows nothing of what they mean; called by ctl_ipvsadm_call.c. */
#include "ctl_ipvsadm.h"
#include "util.h"

enum value {
	VALUE_NONE,
	VALUE_OPTIONAL, /* the next word, unless it begins with - */
	VALUE_NEEDED,
};

struct spelling {
	const char *name;
	char letter; /* 0: none */
	enum value value;
	enum ipvsadm_word_kind kind;
	int which, variant;
};

#define COMMAND(name, letter, value, which)                                                        \
	{                                                                                          \
		name, letter, value, IPVSADM_WORD_COMMAND, which, 0                                \
	}
#define OPTION(name, letter, value, which, variant)                                                \
	{                                                                                          \
		name, letter, value, IPVSADM_WORD_OPTION, which, variant                           \
	}
#define SWITCH(name, letter, which) OPTION(name, letter, VALUE_NONE, which, 0)
#define VALUE(name, letter, which)  OPTION(name, letter, VALUE_NEEDED, which, 0)

static const struct spelling spellings[] = {
	COMMAND("add-service", 'A', VALUE_NONE, IPVSADM_ADD),
	COMMAND("edit-service", 'E', VALUE_NONE, IPVSADM_EDIT),
	COMMAND("delete-service", 'D', VALUE_NONE, IPVSADM_DELETE),
	COMMAND("clear", 'C', VALUE_NONE, IPVSADM_FLUSH),
	COMMAND("list", 'L', VALUE_NONE, IPVSADM_LIST),
	COMMAND("list", 'l', VALUE_NONE, IPVSADM_LIST),
	COMMAND("zero", 'Z', VALUE_NONE, IPVSADM_ZERO),
	COMMAND("add-server", 'a', VALUE_NONE, IPVSADM_ADD_SERVER),
	COMMAND("edit-server", 'e', VALUE_NONE, IPVSADM_EDIT_SERVER),
	COMMAND("delete-server", 'd', VALUE_NONE, IPVSADM_DELETE_SERVER),
	COMMAND("set", 0, VALUE_NONE, IPVSADM_SET),
	COMMAND("start-daemon", 0, VALUE_NEEDED, IPVSADM_START_DAEMON),
	COMMAND("stop-daemon", 0, VALUE_NEEDED, IPVSADM_STOP_DAEMON),
	COMMAND("restore", 'R', VALUE_NONE, IPVSADM_RESTORE),
	COMMAND("save", 'S', VALUE_NONE, IPVSADM_SAVE),
	{ "help", 'h', VALUE_NONE, IPVSADM_WORD_HELP, 0, 0 },
	{ "version", 'v', VALUE_NONE, IPVSADM_WORD_VERSION, 0, 0 },
	{ "ipv6", '6', VALUE_NONE, IPVSADM_WORD_IPV6, 0, 0 },
	{ "sort", 0, VALUE_NONE, IPVSADM_WORD_SORT, 0, 0 },
	OPTION("tcp-service", 't', VALUE_NEEDED, IPVSADM_SERVICE, IPPROTO_TCP),
	OPTION("udp-service", 'u', VALUE_NEEDED, IPVSADM_SERVICE, IPPROTO_UDP),
	OPTION("sctp-service", 0, VALUE_NEEDED, IPVSADM_SERVICE, IPPROTO_SCTP),
	OPTION("fwmark-service", 'f', VALUE_NEEDED, IPVSADM_SERVICE, 0),
	VALUE("scheduler", 's', IPVSADM_SCHEDULER),
	OPTION("persistent", 'p', VALUE_OPTIONAL, IPVSADM_PERSISTENT, 0),
	VALUE("netmask", 'M', IPVSADM_NETMASK),
	VALUE("real-server", 'r', IPVSADM_SERVER),
	OPTION("masquerading", 'm', VALUE_NONE, IPVSADM_FORWARD, IPVS_FORWARD_NAT),
	OPTION("ipip", 'i', VALUE_NONE, IPVSADM_FORWARD, IPVS_FORWARD_TUN),
	OPTION("gatewaying", 'g', VALUE_NONE, IPVSADM_FORWARD, IPVS_FORWARD_DR),
	VALUE("weight", 'w', IPVSADM_WEIGHT),
	VALUE("u-threshold", 'x', IPVSADM_UPPER),
	VALUE("l-threshold", 'y', IPVSADM_LOWER),
	SWITCH("numeric", 'n', IPVSADM_NUMERIC),
	SWITCH("connection", 'c', IPVSADM_CONNECTION),
	VALUE("mcast-interface", 0, IPVSADM_INTERFACE),
	VALUE("syncid", 0, IPVSADM_SYNCID),
	SWITCH("timeout", 0, IPVSADM_TIMEOUT),
	SWITCH("daemon", 0, IPVSADM_DAEMON),
	SWITCH("stats", 0, IPVSADM_STATS),
	SWITCH("rate", 0, IPVSADM_RATE),
	SWITCH("thresholds", 0, IPVSADM_THRESHOLDS),
	SWITCH("persistent-conn", 0, IPVSADM_PERSISTENT_CONN),
	SWITCH("nosort", 0, IPVSADM_NOSORT),
	SWITCH("exact", 'X', IPVSADM_EXACT),
	SWITCH("ops", 'o', IPVSADM_ONE_PACKET),
	VALUE("pe", 0, IPVSADM_ENGINE),
	VALUE("sched-flags", 'b', IPVSADM_FLAGS),
	VALUE("mcast-group", 0, IPVSADM_GROUP),
	VALUE("mcast-port", 0, IPVSADM_PORT),
	VALUE("mcast-ttl", 0, IPVSADM_TTL),
	VALUE("sync-maxlen", 0, IPVSADM_MAXLEN),
	SWITCH("tun-info", 0, IPVSADM_TUN_INFO),
	VALUE("tun-type", 0, IPVSADM_TUN_TYPE),
	VALUE("tun-port", 0, IPVSADM_TUN_PORT),
	SWITCH("tun-nocsum", 0, IPVSADM_TUN_NOCSUM),
	SWITCH("tun-csum", 0, IPVSADM_TUN_CSUM),
	SWITCH("tun-remcsum", 0, IPVSADM_TUN_REMCSUM),
	SWITCH("foreign", 0, IPVSADM_FOREIGN),
};

const char *const ipvsadm_option_names[] = {
	"numeric",
	"connection",
	"service-address",
	"scheduler",
	"persistent",
	"netmask",
	"real-server",
	"forwarding-method",
	"weight",
	"u-threshold",
	"l-threshold",
	"mcast-interface",
	"timeout",
	"daemon",
	"stats",
	"rate",
	"thresholds",
	"persistent-conn",
	"nosort",
	"syncid",
	"exact",
	"ops",
	"pe",
	"sched-flags",
	"mcast-group",
	"mcast-port",
	"mcast-ttl",
	"sync-maxlen",
	"tun-info",
	"tun-type",
	"tun-port",
	"tun-nocsum",
	"tun-csum",
	"tun-remcsum",
	"foreign",
};

#define B(option) IPVSADM_BIT(IPVSADM_##option)

#define OF_SERVICE                                                                                 \
	(B(SCHEDULER) | B(PERSISTENT) | B(NETMASK) | B(ONE_PACKET) | B(ENGINE) | B(FLAGS))
#define OF_SERVER                                                                                  \
	(B(FORWARD) | B(WEIGHT) | B(UPPER) | B(LOWER) | B(TUN_TYPE) | B(TUN_PORT) |                \
	 B(TUN_NOCSUM) | B(TUN_CSUM) | B(TUN_REMCSUM))
#define OF_LIST                                                                                    \
	(B(NUMERIC) | B(STATS) | B(RATE) | B(THRESHOLDS) | B(PERSISTENT_CONN) | B(NOSORT) |        \
	 B(SYNCID) | B(EXACT) | B(TUN_INFO))
#define OF_DAEMON (B(INTERFACE) | B(SYNCID) | B(GROUP) | B(PORT) | B(TTL) | B(MAXLEN))

const struct ipvsadm_rule ipvsadm_rules[] = {
	[IPVSADM_ADD] = { "add-service", B(SERVICE), OF_SERVICE, 0 },
	[IPVSADM_EDIT] = { "edit-service", B(SERVICE), OF_SERVICE, 0 },
	[IPVSADM_DELETE] = { "delete-service", B(SERVICE), B(FOREIGN), 0 },
	[IPVSADM_FLUSH] = { "flush", 0, B(FOREIGN), 0 },
	[IPVSADM_LIST] = { "list", 0, OF_LIST,
			   B(CONNECTION) | B(SERVICE) | B(TIMEOUT) | B(DAEMON) },
	[IPVSADM_ADD_SERVER] = { "add-server", B(SERVICE) | B(SERVER), OF_SERVER, 0 },
	[IPVSADM_DELETE_SERVER] = { "delete-server", B(SERVICE) | B(SERVER), 0, 0 },
	[IPVSADM_EDIT_SERVER] = { "edit-server", B(SERVICE) | B(SERVER), OF_SERVER, 0 },
	[IPVSADM_SET] = { "set", 0, 0, 0 },
	[IPVSADM_START_DAEMON] = { "start-daemon", 0, OF_DAEMON, 0 },
	[IPVSADM_STOP_DAEMON] = { "stop-daemon", 0, B(SYNCID), 0 },
	[IPVSADM_RESTORE] = { "restore", 0, 0, 0 },
	[IPVSADM_SAVE] = { "save", 0, B(NUMERIC), 0 },
	[IPVSADM_ZERO] = { "zero", 0, B(SERVICE), 0 },
};

static struct ipvsadm_word bad(const char *text, const char *why)
{
	return (struct ipvsadm_word){ .kind = IPVSADM_WORD_BAD, .text = text, .value = why };
}

/* attached: the value in the same word, NULL for none. */
static struct ipvsadm_word found(struct ipvsadm_words *w, const struct spelling *s,
				 const char *attached)
{
	struct ipvsadm_word word = { s->kind, s->which, s->variant, attached, w->argv[w->at - 1] };

	if (s->value == VALUE_NONE || attached)
		return word;
	if (w->at == w->argc)
		return s->value == VALUE_OPTIONAL ? word : bad(word.text, "missing argument");
	if (s->value == VALUE_NEEDED || w->argv[w->at][0] != '-')
		word.value = w->argv[w->at++];
	return word;
}

static struct ipvsadm_word long_word(struct ipvsadm_words *w, const char *text)
{
	size_t len = strcspn(text + 2, "=");
	const char *attached = text[2 + len] ? text + 2 + len + 1 : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		const struct spelling *s = &spellings[i];

		if (strlen(s->name) != len || memcmp(s->name, text + 2, len) != 0)
			continue;
		if (attached && s->value == VALUE_NONE)
			return bad(text, "option does not take an argument");
		return found(w, s, attached);
	}
	return bad(text, "unknown option");
}

/* Letters behind one another; the first with a value takes what follows: -w5, -w=5. */
static struct ipvsadm_word letter_word(struct ipvsadm_words *w)
{
	const char *text = w->argv[w->at - 1], *attached = NULL;
	char letter = *w->letters++;

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		const struct spelling *s = &spellings[i];

		if (s->letter != letter)
			continue;
		if (s->value != VALUE_NONE && *w->letters) {
			attached = w->letters + (*w->letters == '=');
			w->letters = "";
		} else if (*w->letters == '=') {
			return bad(text, "option does not take an argument");
		}
		return found(w, s, attached);
	}
	return bad(text, "unknown option");
}

struct ipvsadm_word ipvsadm_next_word(struct ipvsadm_words *w)
{
	if (w->letters && *w->letters)
		return letter_word(w);
	while (w->at < w->argc) {
		char *text = w->argv[w->at++];

		if (text[0] != '-' || !text[1]) {
			w->rest[w->n_rest++] = text;
		} else if (streq(text, "--")) {
			while (w->at < w->argc)
				w->rest[w->n_rest++] = w->argv[w->at++];
		} else if (text[1] == '-') {
			return long_word(w, text);
		} else {
			w->letters = text + 1;
			return letter_word(w);
		}
	}
	return (struct ipvsadm_word){ .kind = IPVSADM_WORD_END };
}
