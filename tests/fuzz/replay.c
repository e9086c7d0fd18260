/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the files of the directories given as arguments to a fuzz target, and each of their
 * beginnings: a truncated input is the commonest of bad ones. */
#include <dirent.h>

#include "buf.h"
#include "fuzz.h"

#define MAX_CUTS 512

static void feed(const char *data, size_t len)
{
	/* A copy of the exact size: the sanitizer sees a read beyond it. */
	uint8_t *copy = malloc(len ? len : 1);

	MUST(copy);
	if (len)
		memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void feed_file(const char *path)
{
	struct buf b = { 0 };
	char chunk[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	MUST(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	(void)fclose(f);
	feed(b.data, b.len);
	for (size_t cut = 0; cut < b.len && cut < MAX_CUTS; cut++)
		feed(b.data, cut);
	buf_done(&b);
}

static unsigned feed_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	MUST(d);
	while ((entry = readdir(d))) {
		char *file = NULL;

		if (entry->d_name[0] == '.')
			continue;
		MUST(asprintf(&file, "%s/%s", path, entry->d_name) > 0);
		feed_file(file);
		free(file);
		n++;
	}
	(void)closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++)
		n += feed_directory(argv[i]);
	printf("%u files\n", n);
	return n ? 0 : 1;
}
