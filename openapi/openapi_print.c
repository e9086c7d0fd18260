/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the OpenAPI document from prose.json, or the page of the problems. A tool of the build. */
#include <stdio.h>

#include "openapi_build.h"

static bool read_file(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(ret, piece, n);
	return fclose(f) == 0 && !ret->failed;
}

int main(int argc, char **argv)
{
	_cleanup_(buf_done) struct buf prose = { 0 }, out = { 0 };
	_cleanup_(err_done) struct err e = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: openapi-print PROSE.JSON | --problems\n");
		return 2;
	}
	if (streq(argv[1], "--problems")) {
		openapi_problem_page(&out);
	} else if (!read_file(argv[1], &prose) ||
		   openapi_build(prose.data, prose.len, &out, &e) < 0) {
		fprintf(stderr, "openapi-print: %s: %s\n", argv[1],
			e.code ? e.detail : "cannot be read");
		return 1;
	}
	return fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
}
