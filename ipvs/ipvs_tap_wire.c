/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter and the parser of ipvs_tap_wire.h. No sockets. */
#include "ipvs_tap_wire.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>

#include "ipvs_nlattr.h"
#include "util.h"

/* The commands that change what lvsd keeps, with what they name. */
static const struct {
	uint8_t cmd;
	bool all; /* every service; else the one that it names */
} commands[] = {
	{ IPVS_CMD_NEW_SERVICE, false }, { IPVS_CMD_SET_SERVICE, false },
	{ IPVS_CMD_DEL_SERVICE, false }, { IPVS_CMD_NEW_DEST, false },
	{ IPVS_CMD_SET_DEST, false },	 { IPVS_CMD_DEL_DEST, false },
	{ IPVS_CMD_FLUSH, true },
};

/* Filter --------------------------------------------------------------------------------------- */

/* Targets that are put in when the end of the program is known. */
#define PASS 0xfe
#define DROP 0xff

struct program {
	struct sock_filter *code;
	size_t n;
};

static void emit(struct program *p, uint16_t code, uint32_t k)
{
	assert(p->n < IPVS_TAP_FILTER_MAX);
	p->code[p->n++] = (struct sock_filter)BPF_STMT(code, k);
}

static void jump(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	emit(p, BPF_JMP | code, k);
	p->code[p->n - 1].jt = yes;
	p->code[p->n - 1].jf = no;
}

/* The length of the first message into X: it is in host order, loads are in network order. */
static void load_length(struct program *p)
{
	for (uint32_t i = 0; i < sizeof(uint32_t); i++) {
		uint32_t at = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 3 - i : i;

		emit(p, BPF_LD | BPF_B | BPF_ABS,
		     (uint32_t)offsetof(struct nlmsghdr, nlmsg_len) + at);
		if (i > 0)
			emit(p, BPF_ALU | BPF_OR | BPF_X, 0);
		if (i < 3)
			emit(p, BPF_ALU | BPF_LSH | BPF_K, 8);
		emit(p, BPF_MISC | BPF_TAX, 0);
	}
}

static void finish(struct program *p)
{
	size_t drop = p->n, pass = p->n + 1;

	emit(p, BPF_RET | BPF_K, 0);
	/* One byte more than is parsed, so that a packet that was cut is known by its length. */
	emit(p, BPF_RET | BPF_K, IPVS_TAP_PACKET_MAX + 1);
	for (size_t i = 0; i < drop; i++) {
		struct sock_filter *f = &p->code[i];

		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		f->jt = (uint8_t)(f->jt == PASS	  ? pass - i - 1
				  : f->jt == DROP ? drop - i - 1
						  : f->jt);
		f->jf = (uint8_t)(f->jf == PASS	  ? pass - i - 1
				  : f->jf == DROP ? drop - i - 1
						  : f->jf);
	}
}

size_t ipvs_tap_filter(const struct ipvs_identity *self, struct sock_filter *filter)
{
	struct program p = { .code = filter };

	assert(self->family);
	emit(&p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	jump(&p, BPF_JEQ | BPF_K, NETLINK_GENERIC, 0, DROP);
	emit(&p, BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_flags));
	jump(&p, BPF_JSET | BPF_K, htons(NLM_F_REQUEST), 0, DROP);
	emit(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid));
	jump(&p, BPF_JEQ | BPF_K, htonl(self->port), DROP, 0);
	/* No loops here: what is behind the first message is left to the parser. */
	load_length(&p);
	emit(&p, BPF_LD | BPF_W | BPF_LEN, 0);
	jump(&p, BPF_JGT | BPF_X, 0, PASS, 0);
	emit(&p, BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type));
	jump(&p, BPF_JEQ | BPF_K, htons(self->family), 0, DROP);
	emit(&p, BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + offsetof(struct genlmsghdr, cmd));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		jump(&p, BPF_JEQ | BPF_K, commands[i].cmd, PASS, 0);
	finish(&p);
	return p.n;
}

/* Parser --------------------------------------------------------------------------------------- */

struct parse {
	const struct ipvs_identity *self;
	const struct ipvs_tap_sink *sink;
	struct ipvs_service_key last; /* what was told last: a batch names one many times over */
	bool told, all;
};

static void tell(struct parse *p, const struct nlmsghdr *h, bool all)
{
	struct ipvs_service_key key;

	if (all || ipvs_nlattr_get_key(h, &key) < 0) {
		if (!p->all)
			p->sink->all(p->sink->arg);
		p->all = true;
		return;
	}
	if (p->told && ipvs_service_key_compare(&key, &p->last) == 0)
		return;
	p->last = key;
	p->told = true;
	p->sink->service(p->sink->arg, &key);
}

static void parse_message(struct parse *p, const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = (const void *)((const char *)h + NLMSG_HDRLEN);

	/* What the kernel does with it: af_netlink.c, netlink_rcv_skb; genetlink.c, genl_rcv_msg.
	 */
	if (h->nlmsg_type != p->self->family || !(h->nlmsg_flags & NLM_F_REQUEST) ||
	    h->nlmsg_pid == p->self->port || h->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].cmd == g->cmd)
			tell(p, h, commands[i].all);
}

void ipvs_tap_parse(const void *packet, size_t len, const struct ipvs_identity *self,
		    const struct ipvs_tap_sink *sink)
{
	struct parse p = { .self = self, .sink = sink };
	const char *at = packet;

	while (len >= NLMSG_HDRLEN) {
		const struct nlmsghdr *h = (const void *)at;
		size_t step;

		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > len)
			return; /* so does the kernel */
		parse_message(&p, h);
		step = NLMSG_ALIGN((size_t)h->nlmsg_len);
		if (step >= len)
			return;
		at += step;
		len -= step;
	}
}
