/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lookups of names by glibc, bound to its files; see ipvs_names.h. Used by imports only. */
#include "ipvs_names.h"

#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <string.h>

#include "util.h"

/* Whatever nsswitch.conf says: DNS, LDAP and the like would block. */
static bool bind_to_files(void)
{
	return __nss_configure_lookup("hosts", "files") == 0 &&
	       __nss_configure_lookup("services", "files") == 0;
}

static int find_host(const char *name, int family, struct inaddr *ret)
{
	struct hostent h, *found = NULL;
	char buf[4096]; /* the names of one line of /etc/hosts, and its address */
	int error = 0;

	if (gethostbyname2_r(name, family, &h, buf, sizeof(buf), &found, &error) != 0 || !found ||
	    found->h_addrtype != family || !found->h_addr_list[0])
		return -ENOENT;
	*ret = (struct inaddr){ .family = (uint8_t)family };
	memcpy(ret->bytes, found->h_addr_list[0], inaddr_length(ret));
	return 0;
}

static int host(const char *name, struct inaddr *ret)
{
	if (!bind_to_files())
		return -ENOENT;
	return find_host(name, AF_INET, ret) == 0 ? 0 : find_host(name, AF_INET6, ret);
}

static int port(const char *name, uint8_t protocol, uint16_t *ret)
{
	const char *proto = protocol == IPPROTO_UDP    ? "udp"
			    : protocol == IPPROTO_SCTP ? "sctp"
						       : "tcp";
	struct servent s, *found = NULL;
	char buf[1024];

	if (!bind_to_files() || getservbyname_r(name, proto, &s, buf, sizeof(buf), &found) != 0 ||
	    !found)
		return -ENOENT;
	*ret = ntohs((uint16_t)found->s_port);
	return 0;
}

const struct ipvs_text_names ipvs_names_of_files = { .host = host, .port = port };
