/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netcfg/CASE.txt holds an operation on the host in the words of tests/parity/netcfg.txt; the
 * interface has index 7. netcfg/CASE.hex has its request: type, flags, and what follows the header,
 * as the kernel of a little-endian machine reads them.
 */
#include <netlink/msg.h>

#include "../parity/netcfg_text.h"
#include "golden.h"
#include "netcfg_nlattr.h"
#include "test.h"

static bool seen[NETCFG_LINK_DELETE + 1];

static void read_op(const char *path, struct netcfg_text_op *ret)
{
	struct netcfg_words w;
	char line[128] = "";
	FILE *f = fopen(path, "re");

	CHECK(f && fgets(line, sizeof(line), f));
	(void)fclose(f);
	CHECK(netcfg_text_split(line, &w) && w.n > 0);
	CHECK_INT(netcfg_text_parse(&w, ret), 1);
	ret->op.index = ret->op.address.index = 7;
	seen[ret->op.verb] = true;
}

static void hex(struct nl_msg *msg, struct buf *out)
{
	const unsigned char *data = nlmsg_data(nlmsg_hdr(msg));
	int len = nlmsg_datalen(nlmsg_hdr(msg));

	for (int i = 0; i < len; i++)
		buf_printf(out, "%02x%s", data[i], i % 16 == 15 || i == len - 1 ? "\n" : " ");
}

static void check_case(const char *name)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	struct nl_msg *msg = nlmsg_alloc_simple(1, 0);
	struct netcfg_request q;
	struct netcfg_text_op text;
	char path[256];

	printf("# case %s\n", name);
	(void)snprintf(path, sizeof(path), GOLDEN_DIR "/netcfg/%s.txt", name);
	read_op(path, &text);
	CHECK(msg);
	if (text.op.verb == NETCFG_FOU_ADD || text.op.verb == NETCFG_FOU_DELETE) {
		CHECK_INT(netcfg_nlattr_put_fou(msg, &text.op.fou), 0);
	} else {
		netcfg_nlattr_begin(&text.op, &q);
		buf_printf(&out, "type %u flags %04x\n", q.type, q.flags);
		CHECK_INT(nlmsg_append(msg, q.header, q.header_len, NLMSG_ALIGNTO), 0);
		CHECK_INT(netcfg_nlattr_put(msg, &text.op), 0);
	}
	hex(msg, &out);
	nlmsg_free(msg);
	(void)snprintf(path, sizeof(path), "netcfg/%s.hex", name);
	CHECK(golden_same(path, out.data));
}

TEST(requests_are_as_recorded)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	CHECK(golden_each("netcfg", ".txt", check_case) > 0);
	for (size_t verb = 0; verb < ARRAY_SIZE(seen); verb++) /* the others are no rtnetlink */
		CHECK(seen[verb] || verb == NETCFG_SYSCTL_WRITE || verb == NETCFG_SYNC_STOP ||
		      verb == NETCFG_SYNC_START);
}
