/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the attributes of a kernel's answer; what is read is written and read back the same,
 * if there is a form for it. */
#include <linux/genetlink.h>
#include <netinet/in.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "field.h"
#include "fuzz.h"
#include "ipvs_fields.h"
#include "ipvs_nlattr.h"

static const struct ipvs_service_key service_key = { .protocol = IPPROTO_TCP,
						     .port = 80,
						     .address.family = AF_INET };

static struct nl_msg *request(const struct ipvs_op *op)
{
	struct nl_msg *msg = nlmsg_alloc();

	MUST(msg && genlmsg_put(msg, 0, 0, 16, 0, 0, 1, 1));
	MUST(ipvs_nlattr_put_op(msg, op) == 0);
	return msg;
}

static void check_service(const struct ipvs_service *s)
{
	const struct ipvs_op op = { .verb = IPVS_SET, .service = s };
	struct ipvs_service again;
	char id[IPVS_SERVICE_ID_MAX];
	struct nl_msg *msg;

	MUST(strlen(s->scheduler) < IPVS_NAME_MAX);
	MUST(strlen(ipvs_service_key_format(&s->key, id)) < sizeof(id));
	if (!ipvs_nlattr_can_express(&op))
		return;
	msg = request(&op);
	MUST(ipvs_nlattr_get_service(nlmsg_hdr(msg), &again) == 0);
	MUST(ipvs_service_key_compare(&s->key, &again.key) == 0);
	MUST(field_diff(&ipvs_service_table, s, &again) == 0);
	nlmsg_free(msg);
}

static void check_dest(const struct ipvs_dest *d)
{
	const struct ipvs_service s = { .key = service_key };
	const struct ipvs_op op = { .verb = IPVS_SET, .service = &s, .dest = d };
	struct ipvs_observed_dest again;
	struct nl_msg *msg;

	MUST(d->forward <= IPVS_FORWARD_OTHER);
	if (!ipvs_nlattr_can_express(&op))
		return;
	msg = request(&op);
	MUST(ipvs_nlattr_get_dest(nlmsg_hdr(msg), &service_key, &again) == 0);
	MUST(ipvs_dest_key_compare(&d->key, &again.dest.key) == 0);
	MUST(field_diff(&ipvs_dest_table, d, &again.dest) == 0);
	nlmsg_free(msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = NLMSG_HDRLEN + GENL_HDRLEN + size;
	struct nlmsghdr *h = calloc(1, len);
	struct ipvs_observed_dest d;
	struct ipvs_service s;

	MUST(h);
	h->nlmsg_len = (uint32_t)len;
	if (size)
		memcpy((char *)h + NLMSG_HDRLEN + GENL_HDRLEN, data, size);
	if (ipvs_nlattr_get_service(h, &s) == 0)
		check_service(&s);
	if (ipvs_nlattr_get_dest(h, &service_key, &d) == 0)
		check_dest(&d.dest);
	free(h);
	return 0;
}
