/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to operations on the host (netcfg_text.h). */
#include "netcfg_text.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "util.h"

bool netcfg_text_split(char *line, struct netcfg_words *w)
{
	char *save = NULL;

	w->n = 0;
	for (char *t = strtok_r(line, " \t\n", &save); t; t = strtok_r(NULL, " \t\n", &save)) {
		if (w->n == NETCFG_WORDS_MAX)
			return false;
		w->word[w->n++] = t;
	}
	return true;
}

int netcfg_text_place(const char *text, struct netcfg_address *ret, char name[NETCFG_INTERFACE_MAX])
{
	const char *slash = strchr(text, '/'), *at = strchr(text, '@');
	uint64_t prefix;

	if (!slash || !at || slash > at || strlen(at + 1) >= NETCFG_INTERFACE_MAX ||
	    inaddr_parse(text, (size_t)(slash - text), &ret->address) < 0 ||
	    num_parse_u64(slash + 1, (size_t)(at - slash - 1), UINT8_MAX, &prefix) < 0)
		return -EINVAL;
	ret->prefix_length = (uint8_t)prefix;
	memcpy(name, at + 1, strlen(at + 1) + 1);
	return 0;
}

static int parse_address(const struct netcfg_words *w, struct netcfg_op *op)
{
	if (w->n < 2 || netcfg_text_place(w->word[1], &op->address, op->name) < 0)
		return -EINVAL;
	for (size_t i = 2; i < w->n; i++) {
		const char *label = w->word[i] + strlen("label=");

		if (strncmp(w->word[i], "label=", 6) != 0 || strlen(label) >= NETCFG_INTERFACE_MAX)
			return -EINVAL;
		memcpy(op->address.label, label, strlen(label) + 1);
	}
	return 1;
}

static int parse_link(const struct netcfg_words *w, struct netcfg_text_op *ret)
{
	if (w->n < 2 || strlen(w->word[1]) >= NETCFG_INTERFACE_MAX)
		return -EINVAL;
	memcpy(ret->op.name, w->word[1], strlen(w->word[1]) + 1);
	if (ret->op.verb != NETCFG_LINK_ADD)
		return 1;
	if (w->n < 3 || strlen(w->word[2]) >= sizeof(ret->kind))
		return -EINVAL;
	memcpy(ret->kind, w->word[2], strlen(w->word[2]) + 1);
	ret->op.kind = ret->kind;
	ret->op.checksum = w->n > 3 && streq(w->word[3], "checksum");
	return 1;
}

/* "5555" or "5555/6". */
static int parse_fou(const struct netcfg_words *w, struct netcfg_op *op)
{
	size_t len = w->n > 1 ? strcspn(w->word[1], "/") : 0;
	uint64_t port;

	if (len == 0 || num_parse_u64(w->word[1], len, UINT16_MAX, &port) < 0)
		return -EINVAL;
	op->fou.port = (uint16_t)port;
	op->fou.family = w->word[1][len] ? AF_INET6 : AF_INET;
	op->fou.gue = true;
	return 1;
}

/* The words of the value are put together again. */
static int parse_write(const struct netcfg_words *w, struct netcfg_text_op *ret)
{
	const char *why;
	size_t n = 0;

	if (w->n < 3 || netcfg_sysctl_parse(w->word[1], strlen(w->word[1]), &ret->key, &why) < 0)
		return -EINVAL;
	for (size_t i = 2; i < w->n && n < sizeof(ret->value); i++)
		n += (size_t)snprintf(ret->value + n, sizeof(ret->value) - n, "%s%s",
				      i > 2 ? " " : "", w->word[i]);
	ret->op.key = &ret->key;
	ret->op.value = ret->value;
	return n < sizeof(ret->value) ? 1 : -EINVAL;
}

int netcfg_text_parse(const struct netcfg_words *w, struct netcfg_text_op *ret)
{
	static const struct {
		const char *word;
		enum netcfg_verb verb;
	} verbs[] = {
		{ "write", NETCFG_SYSCTL_WRITE },      { "link-add", NETCFG_LINK_ADD },
		{ "link-up", NETCFG_LINK_UP },	       { "link-down", NETCFG_LINK_DOWN },
		{ "link-delete", NETCFG_LINK_DELETE }, { "fou-add", NETCFG_FOU_ADD },
		{ "fou-delete", NETCFG_FOU_DELETE },   { "add", NETCFG_ADDRESS_ADD },
		{ "set", NETCFG_ADDRESS_SET },	       { "delete", NETCFG_ADDRESS_DELETE },
	};
	size_t i = 0;

	*ret = (struct netcfg_text_op){ .op.index = 0 };
	while (i < ARRAY_SIZE(verbs) && !streq(verbs[i].word, w->word[0]))
		i++;
	if (i == ARRAY_SIZE(verbs))
		return 0;
	ret->op.verb = verbs[i].verb;
	switch (ret->op.verb) {
	case NETCFG_SYSCTL_WRITE:
		return parse_write(w, ret);
	case NETCFG_LINK_ADD:
	case NETCFG_LINK_UP:
	case NETCFG_LINK_DOWN:
	case NETCFG_LINK_DELETE:
		return parse_link(w, ret);
	case NETCFG_FOU_ADD:
	case NETCFG_FOU_DELETE:
		return parse_fou(w, &ret->op);
	case NETCFG_SYNC_STOP: /* no words for these: a matter of IPVS */
	case NETCFG_SYNC_START:
	case NETCFG_ADDRESS_ADD:
	case NETCFG_ADDRESS_SET:
	case NETCFG_ADDRESS_DELETE:
		break;
	}
	return parse_address(w, &ret->op);
}

void netcfg_text_address(struct buf *b, const struct netcfg_address *a, const char *interface)
{
	char text[INADDR_TEXT_MAX];

	buf_printf(b, "%s/%u@%s", inaddr_format(&a->address, text), a->prefix_length, interface);
	if (a->label[0] && !streq(a->label, interface))
		buf_printf(b, " label=%s", a->label);
	if (a->flags & IFA_F_NODAD)
		buf_add_str(b, " nodad");
	if (a->flags & IFA_F_NOPREFIXROUTE)
		buf_add_str(b, " noprefixroute");
	if (a->preferred == 0)
		buf_add_str(b, " deprecated");
	if (a->valid != UINT32_MAX)
		buf_add_str(b, " temporary");
	if (a->protocol)
		buf_printf(b, " proto=%u", a->protocol);
}
