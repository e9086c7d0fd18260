/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads libcurl, see ctl_curl.h. */
#include "ctl_curl.h"

#include <dlfcn.h>

#include "ctl.h"
#include "util.h"

struct ctl_curl ctl_curl;

static bool load_functions(void *library)
{
	const struct {
		const char *name;
		void *where; /* of a pointer to a function */
	} functions[] = {
		{ "curl_easy_init", &ctl_curl.easy_init },
		{ "curl_easy_cleanup", &ctl_curl.easy_cleanup },
		{ "curl_easy_reset", &ctl_curl.easy_reset },
		{ "curl_easy_setopt", &ctl_curl.easy_setopt },
		{ "curl_easy_perform", &ctl_curl.easy_perform },
		{ "curl_easy_getinfo", &ctl_curl.easy_getinfo },
		{ "curl_easy_strerror", &ctl_curl.easy_strerror },
		{ "curl_slist_append", &ctl_curl.slist_append },
		{ "curl_slist_free_all", &ctl_curl.slist_free_all },
	};

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *f = dlsym(library, functions[i].name);

		if (!f)
			return false;
		memcpy(functions[i].where, &f, sizeof(f));
	}
	return true;
}

bool ctl_curl_load(void)
{
	static const char *const names[] = { "libcurl-gnutls.so.4", "libcurl.so.4" };

	if (ctl_curl.easy_init)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

		if (library && load_functions(library))
			return true;
	}
	ctl_curl.easy_init = NULL;
	(void)ctl_fail("--url needs libcurl, and it is not installed (package libcurl3-gnutls)");
	return false;
}
