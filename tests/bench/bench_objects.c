/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints the table of objects.h for others to load.
 *
 *   bench-objects json SERVICES DESTS        a document for PUT /v1/config: every member spelled,
 * an owner and two labels for each service bench-objects ipvsadm SERVICES DESTS     rules for
 * ipvsadm -R bench-objects keepalived SERVICES DESTS  a configuration without health checks
 */
#include <stdio.h>
#include <string.h>

#include "bench_util.h"
#include "objects.h"

struct style {
	const char *name;
	const char *begin, *end;
	void (*service)(unsigned i);
	void (*dest)(unsigned i, unsigned j);
	void (*service_end)(void);
};

struct dotted {
	char text[16];
};

static struct dotted dotted(uint32_t a)
{
	struct dotted d;

	(void)snprintf(d.text, sizeof(d.text), "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
		       a & 255);
	return d;
}

static struct dotted vip(unsigned i)
{
	return dotted(object_vip(i));
}

static struct dotted rip(unsigned i, unsigned j)
{
	return dotted(object_rip(i, j));
}

static void json_service(unsigned i)
{
	printf("%s\"tcp:%s:%d\": {\"metadata\": {\"owner\": \"bench\", \"labels\": {\"team\": \"team-%u\","
	       "\"tier\": \"%s\"}}, \"scheduler\": \"%s\", \"schedulerFlags\": [], \"onePacket\": false,"
	       "\"persistence\": null, \"realServers\": {",
	       i ? ",\n" : "", vip(i).text, OBJECT_PORT, i % 17, i % 2 ? "front" : "back",
	       OBJECT_SCHEDULER);
}

static void json_dest(unsigned i, unsigned j)
{
	printf("%s\"%s:%d\": {\"weight\": %u, \"forward\": \"dr\", \"upperThreshold\": 0,"
	       "\"lowerThreshold\": 0, \"tunnel\": null}",
	       j ? ", " : "", rip(i, j).text, OBJECT_PORT, object_weight(i, j));
}

static void json_end(void)
{
	printf("}}");
}

static void ipvsadm_service(unsigned i)
{
	printf("-A -t %s:%d -s %s\n", vip(i).text, OBJECT_PORT, OBJECT_SCHEDULER);
}

static void ipvsadm_dest(unsigned i, unsigned j)
{
	printf("-a -t %s:%d -r %s:%d -g -w %u\n", vip(i).text, OBJECT_PORT, rip(i, j).text,
	       OBJECT_PORT, object_weight(i, j));
}

static void nothing(void)
{
}

static void keepalived_service(unsigned i)
{
	printf("virtual_server %s %d {\n lb_algo %s\n lb_kind DR\n protocol TCP\n", vip(i).text,
	       OBJECT_PORT, OBJECT_SCHEDULER);
}

static void keepalived_dest(unsigned i, unsigned j)
{
	printf(" real_server %s %d {\n  weight %u\n }\n", rip(i, j).text, OBJECT_PORT,
	       object_weight(i, j));
}

static void keepalived_end(void)
{
	printf("}\n");
}

static const struct style styles[] = {
	{ "json", "{\"services\": {", "}}\n", json_service, json_dest, json_end },
	{ "ipvsadm", "", "", ipvsadm_service, ipvsadm_dest, nothing },
	{ "keepalived", "", "", keepalived_service, keepalived_dest, keepalived_end },
};

static void print(const struct style *s, unsigned services, unsigned dests)
{
	printf("%s", s->begin);
	for (unsigned i = 0; i < services; i++) {
		s->service(i);
		for (unsigned j = 0; j < dests; j++)
			s->dest(i, j);
		s->service_end();
	}
	printf("%s", s->end);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "json|ipvsadm|keepalived SERVICES DESTS");
	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
		if (strcmp(argv[1], styles[i].name) != 0)
			continue;
		print(&styles[i], number(argv[2]), number(argv[3]));
		if (fflush(stdout) != 0)
			err(1, "standard output");
		return 0;
	}
	errx(2, "no such style: %s", argv[1]);
}
