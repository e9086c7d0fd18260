/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPVS over generic netlink by hand, see ipvs_wire.h. */
#include "ipvs_wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "objects.h"

#define BATCH_REQUESTS 128
#define REQUEST_BYTES  256 /* more than any has */

/* A whole batch goes out by one call and is answered by one message, or one for each failure. */
static char batch[BATCH_REQUESTS * REQUEST_BYTES];
static size_t batch_len;
static unsigned batch_n;
static struct nlmsghdr *present; /* the request that is being written */
static char answer[32 * 1024];	 /* the largest chunk of a dump */
static int sock = -1;
static uint16_t family = GENL_ID_CTRL;

static void put(uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = (struct nlattr *)(batch + batch_len);

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy((char *)a + NLA_HDRLEN, data, len);
	batch_len += NLA_ALIGN(a->nla_len);
}

static void put_u16(uint16_t type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u32(uint16_t type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

static void put_address(uint16_t type, uint32_t address)
{
	uint32_t bytes[4] = { htonl(address) };

	put(type, bytes, sizeof(bytes));
}

static size_t nest_begin(uint16_t type)
{
	size_t at = batch_len;

	put(type | NLA_F_NESTED, "", 0);
	return at;
}

static void nest_end(size_t at)
{
	((struct nlattr *)(batch + at))->nla_len = (uint16_t)(batch_len - at);
}

static void request_begin(uint8_t command, uint16_t flags)
{
	struct genlmsghdr *g;

	present = (struct nlmsghdr *)(batch + batch_len);
	*present = (struct nlmsghdr){ .nlmsg_type = family,
				      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };
	g = NLMSG_DATA(present);
	*g = (struct genlmsghdr){ .cmd = command, .version = 1 };
	batch_len += NLMSG_HDRLEN + GENL_HDRLEN;
}

static void request_end(void)
{
	present->nlmsg_len = (uint32_t)(batch + batch_len - (char *)present);
	if (++batch_n == BATCH_REQUESTS)
		wire_flush();
}

static void send_batch(void)
{
	if (send(sock, batch, batch_len, 0) != (ssize_t)batch_len)
		err(1, "netlink: send");
	batch_len = 0;
	batch_n = 0;
}

/* Receives one datagram. Returns false at the end of what was asked for; counts the objects. */
static bool receive(unsigned *count)
{
	ssize_t len = recv(sock, answer, sizeof(answer), 0);
	struct nlmsghdr *h = (struct nlmsghdr *)answer;

	if (len < 0)
		err(1, "netlink: receive");
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		const struct nlmsgerr *e = NLMSG_DATA(h);

		if (h->nlmsg_type == NLMSG_DONE)
			return false;
		if (h->nlmsg_type != NLMSG_ERROR) {
			++*count;
			continue;
		}
		if (e->error)
			errx(1, "the kernel refuses: %s", strerror(-e->error));
		return false;
	}
	return true;
}

void wire_flush(void)
{
	unsigned count = 0;

	if (batch_n == 0)
		return;
	present->nlmsg_flags |= NLM_F_ACK;
	send_batch();
	while (receive(&count))
		;
}

static unsigned dump(void)
{
	unsigned count = 0;

	send_batch();
	while (receive(&count))
		;
	return count;
}

/* The attributes of the controller's answer follow each other without nesting up to the id. */
static void resolve(void)
{
	const struct nlmsghdr *h = (struct nlmsghdr *)answer;
	const char *at = answer + NLMSG_HDRLEN + GENL_HDRLEN;

	request_begin(CTRL_CMD_GETFAMILY, 0);
	put(CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME, sizeof(IPVS_GENL_NAME));
	present->nlmsg_len = (uint32_t)batch_len;
	send_batch();
	if (recv(sock, answer, sizeof(answer), 0) < 0)
		err(1, "netlink: receive");
	if (h->nlmsg_type == NLMSG_ERROR)
		errx(1, "the kernel has no IPVS");
	while (at < answer + h->nlmsg_len) {
		const struct nlattr *a = (const struct nlattr *)at;

		if (a->nla_type == CTRL_ATTR_FAMILY_ID) {
			memcpy(&family, at + NLA_HDRLEN, sizeof(family));
			return;
		}
		at += NLA_ALIGN(a->nla_len);
	}
	errx(1, "the answer has no family id");
}

void wire_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int size = 1 << 20;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "netlink");
	(void)setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	(void)setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	resolve();
}

static void put_service_key(unsigned service)
{
	put_u16(IPVS_SVC_ATTR_AF, AF_INET);
	put_u16(IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	put_address(IPVS_SVC_ATTR_ADDR, object_vip(service));
	put_u16(IPVS_SVC_ATTR_PORT, htons(OBJECT_PORT));
}

void wire_add_service(unsigned service)
{
	const struct ip_vs_flags flags = { .flags = 0, .mask = ~0u };
	size_t nest;

	request_begin(IPVS_CMD_NEW_SERVICE, 0);
	nest = nest_begin(IPVS_CMD_ATTR_SERVICE);
	put_service_key(service);
	put(IPVS_SVC_ATTR_SCHED_NAME, OBJECT_SCHEDULER, sizeof(OBJECT_SCHEDULER));
	put(IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	put_u32(IPVS_SVC_ATTR_TIMEOUT, 0);
	put_u32(IPVS_SVC_ATTR_NETMASK, ~0u);
	nest_end(nest);
	request_end();
}

static void write_dest(uint8_t command, unsigned service, unsigned dest, uint32_t weight)
{
	size_t nest;

	request_begin(command, 0);
	nest = nest_begin(IPVS_CMD_ATTR_SERVICE);
	put_service_key(service);
	nest_end(nest);
	nest = nest_begin(IPVS_CMD_ATTR_DEST);
	put_address(IPVS_DEST_ATTR_ADDR, object_rip(service, dest));
	put_u16(IPVS_DEST_ATTR_PORT, htons(OBJECT_PORT));
	put_u16(IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	put_u32(IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_DROUTE);
	put_u32(IPVS_DEST_ATTR_WEIGHT, weight);
	put_u32(IPVS_DEST_ATTR_U_THRESH, 0);
	put_u32(IPVS_DEST_ATTR_L_THRESH, 0);
	nest_end(nest);
	request_end();
}

void wire_add_dest(unsigned service, unsigned dest)
{
	write_dest(IPVS_CMD_NEW_DEST, service, dest, object_weight(service, dest));
}

void wire_set_weight(unsigned service, unsigned dest, uint32_t weight)
{
	write_dest(IPVS_CMD_SET_DEST, service, dest, weight);
}

void wire_clear(void)
{
	request_begin(IPVS_CMD_FLUSH, 0);
	request_end();
	wire_flush();
}

unsigned wire_dump_services(void)
{
	request_begin(IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
	present->nlmsg_len = (uint32_t)batch_len;
	return dump();
}

unsigned wire_dump_dests(unsigned service)
{
	size_t nest;

	request_begin(IPVS_CMD_GET_DEST, NLM_F_DUMP);
	nest = nest_begin(IPVS_CMD_ATTR_SERVICE);
	put_service_key(service);
	nest_end(nest);
	present->nlmsg_len = (uint32_t)batch_len;
	return dump();
}
