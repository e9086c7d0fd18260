/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a line of ipvsadm and the options that they are, as popt reads them for ipvsadm; see
 * ipvs_text_private.h. Pure. */
#include "ipvs_text_private.h"

enum value {
	VALUE_NONE,
	VALUE_OPTIONAL, /* the next word, unless it is an option */
	VALUE_NEEDED,
};

/* With which command an option goes. */
enum place {
	WITH_BOTH,
	WITH_SERVICE,
	WITH_SERVER,
};

struct spelling {
	char letter; /* 0: none */
	const char *name;
	enum option option;
	enum value value;
	enum place place;
};

static const struct spelling spellings[] = {
	{ 'A', "add-service", OPT_ADD_SERVICE, VALUE_NONE, WITH_BOTH },
	{ 'a', "add-server", OPT_ADD_SERVER, VALUE_NONE, WITH_BOTH },
	{ 't', "tcp-service", OPT_TCP, VALUE_NEEDED, WITH_BOTH },
	{ 'u', "udp-service", OPT_UDP, VALUE_NEEDED, WITH_BOTH },
	{ 0, "sctp-service", OPT_SCTP, VALUE_NEEDED, WITH_BOTH },
	{ 'f', "fwmark-service", OPT_MARK, VALUE_NEEDED, WITH_BOTH },
	{ '6', "ipv6", OPT_IPV6, VALUE_NONE, WITH_BOTH },
	{ 's', "scheduler", OPT_SCHEDULER, VALUE_NEEDED, WITH_SERVICE },
	{ 'p', "persistent", OPT_PERSISTENT, VALUE_OPTIONAL, WITH_SERVICE },
	{ 'M', "netmask", OPT_NETMASK, VALUE_NEEDED, WITH_SERVICE },
	{ 0, "pe", OPT_ENGINE, VALUE_NEEDED, WITH_SERVICE },
	{ 'b', "sched-flags", OPT_FLAGS, VALUE_NEEDED, WITH_SERVICE },
	{ 'o', "ops", OPT_ONE_PACKET, VALUE_NONE, WITH_SERVICE },
	{ 'r', "real-server", OPT_SERVER, VALUE_NEEDED, WITH_SERVER },
	{ 'g', "gatewaying", OPT_GATEWAYING, VALUE_NONE, WITH_SERVER },
	{ 'i', "ipip", OPT_IPIP, VALUE_NONE, WITH_SERVER },
	{ 'm', "masquerading", OPT_MASQUERADING, VALUE_NONE, WITH_SERVER },
	{ 'w', "weight", OPT_WEIGHT, VALUE_NEEDED, WITH_SERVER },
	{ 'x', "u-threshold", OPT_UPPER, VALUE_NEEDED, WITH_SERVER },
	{ 'y', "l-threshold", OPT_LOWER, VALUE_NEEDED, WITH_SERVER },
	{ 0, "tun-type", OPT_TUN_TYPE, VALUE_NEEDED, WITH_SERVER },
	{ 0, "tun-port", OPT_TUN_PORT, VALUE_NEEDED, WITH_SERVER },
	{ 0, "tun-nocsum", OPT_TUN_NOCSUM, VALUE_NONE, WITH_SERVER },
	{ 0, "tun-csum", OPT_TUN_CSUM, VALUE_NONE, WITH_SERVER },
	{ 0, "tun-remcsum", OPT_TUN_REMCSUM, VALUE_NONE, WITH_SERVER },
	/* What ipvsadm has beside, and no saved table. */
	{ 'C', "clear", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'D', "delete-service", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'E', "edit-service", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'L', "list", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'R', "restore", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'S', "save", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'Z', "zero", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'd', "delete-server", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'e', "edit-server", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 'l', "list", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 0, "set", OPT_OTHER, VALUE_NONE, WITH_BOTH },
	{ 0, "start-daemon", OPT_OTHER, VALUE_NEEDED, WITH_BOTH },
	{ 0, "stop-daemon", OPT_OTHER, VALUE_NEEDED, WITH_BOTH },
};

bool ipvs_text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct word ipvs_text_next_word(struct line *l)
{
	struct word w;

	while (l->at < l->end && ipvs_text_is_blank(*l->at))
		l->at++;
	w.text = l->at;
	while (l->at < l->end && !ipvs_text_is_blank(*l->at))
		l->at++;
	w.len = (size_t)(l->at - w.text);
	if (w.len == 0)
		w.text = NULL;
	return w;
}

bool ipvs_text_word_is(const struct word *w, const char *text)
{
	return w->len == strlen(text) && memcmp(w->text, text, w->len) == 0;
}

static int note(struct line *l, const struct spelling *s, const struct word *value)
{
	if (s->option == OPT_OTHER)
		return ipvs_text_refuse(
			l, "unsupported_option",
			"--%s is no line of a saved table: only -A and -a are taken", s->name);
	if (l->given[s->option])
		return ipvs_text_refuse(l, "duplicate_option", "--%s stands twice", s->name);
	l->given[s->option] = true;
	l->values[s->option] = *value;
	return 0;
}

/* Gives an option its value: the rest of its word, or the next one. */
static int take_value(struct line *l, const struct spelling *s, struct word rest)
{
	const char *before = l->at;

	if (s->value != VALUE_NONE && !rest.text)
		rest = ipvs_text_next_word(l);
	if (s->value == VALUE_OPTIONAL && rest.text && rest.len > 1 && rest.text[0] == '-' &&
	    rest.text >= before) {
		l->at = before; /* that is the next option */
		rest = (struct word){ 0 };
	}
	if (s->value == VALUE_NEEDED && !rest.text)
		return ipvs_text_refuse(l, "option_required", "--%s needs a value", s->name);
	return note(l, s, &rest);
}

static int long_option(struct line *l, struct word w)
{
	const char *equals = memchr(w.text, '=', w.len);
	struct word name = { w.text, equals ? (size_t)(equals - w.text) : w.len };
	struct word rest = { 0 };

	if (equals)
		rest = (struct word){ equals + 1, w.len - name.len - 1 };
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		if (!ipvs_text_word_is(&name, spellings[i].name))
			continue;
		if (equals && spellings[i].value == VALUE_NONE)
			return ipvs_text_refuse(l, "invalid_line", "--%s takes no value",
						spellings[i].name);
		return take_value(l, &spellings[i], rest);
	}
	return ipvs_text_refuse(l, "unknown_option", "there is no option --" SHOWN, SHOW(name));
}

/* Letters behind one another, the last with a value: -At 192.0.2.1:80, -w5, -w=5. */
static int short_options(struct line *l, struct word w)
{
	while (w.len) {
		const struct spelling *s = NULL;
		struct word rest;
		int r;

		for (size_t i = 0; i < ARRAY_SIZE(spellings) && !s; i++)
			if (spellings[i].letter && spellings[i].letter == *w.text)
				s = &spellings[i];
		if (!s)
			return ipvs_text_refuse(l, "unknown_option", "there is no option -%c",
						*w.text);
		w.text++;
		w.len--;
		if (s->value == VALUE_NONE || w.len == 0) {
			r = take_value(l, s, (struct word){ 0 });
			if (r < 0)
				return r;
			continue;
		}
		rest = w;
		if (*rest.text == '=') {
			rest.text++;
			rest.len--;
		}
		return take_value(l, s, rest);
	}
	return 0;
}

/* The command has to come first, as with ipvsadm. */
static int read_all(struct line *l, struct word w)
{
	bool first = true;
	int r = 0;

	for (; w.text && r == 0; w = ipvs_text_next_word(l), first = false) {
		if (w.len < 2 || w.text[0] != '-')
			return ipvs_text_refuse(l, "invalid_line", "unexpected: " SHOWN, SHOW(w));
		r = w.text[1] == '-' ? long_option(l, (struct word){ w.text + 2, w.len - 2 })
				     : short_options(l, (struct word){ w.text + 1, w.len - 1 });
		if (r == 0 && first && !l->given[OPT_ADD_SERVICE] && !l->given[OPT_ADD_SERVER])
			return ipvs_text_refuse(l, "invalid_line", "a line begins with -A or -a");
	}
	return r;
}

static int check_places(const struct line *l)
{
	enum place wrong = l->given[OPT_ADD_SERVICE] ? WITH_SERVER : WITH_SERVICE;

	if (l->given[OPT_ADD_SERVICE] && l->given[OPT_ADD_SERVER])
		return ipvs_text_refuse(l, "invalid_line", "-A and -a exclude each other");
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		const struct spelling *s = &spellings[i];

		if (s->option != OPT_OTHER && s->place == wrong && l->given[s->option])
			return ipvs_text_refuse(l, "option_not_allowed",
						"--%s does not go with -%c", s->name,
						wrong == WITH_SERVER ? 'A' : 'a');
	}
	return 0;
}

int ipvs_text_read_options(struct line *l, struct word w)
{
	return read_all(l, w) < 0 ? -EINVAL : check_places(l);
}

int ipvs_text_only_one(const struct line *l, const enum option *options, size_t n, size_t *ret)
{
	*ret = n;
	for (size_t i = 0; i < n; i++) {
		if (!l->given[options[i]])
			continue;
		if (*ret < n)
			return ipvs_text_refuse(l, "duplicate_option",
						"two options that exclude each other");
		*ret = i;
	}
	return 0;
}
