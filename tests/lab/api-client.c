/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the lab: sends the requests of a scenario to daemons, one after the other. It stays, since
 * the start of a program is what costs under user-mode-linux.
 *
 *   api-client HEAD-FILE BODY-FILE
 *
 * Of stdin each request is four words with a NUL behind each: SOCKET METHOD PATH BODY. An empty
 * body is none; @FILE is what FILE holds. The answer's header and body are in the two files before
 * its status is a line on stdout. Ends at the end of stdin, and with a message where no answer
 * comes within 70 s.
 */
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http_client.h"

#define PATIENCE 70 /* seconds; the daemon answers after 60 at the latest */

struct word {
	char *text;
	size_t size;
};

/* False at the end of the input. */
static bool read_word(struct word *word)
{
	ssize_t len = getdelim(&word->text, &word->size, '\0', stdin);

	if (len > 0 && word->text[len - 1])
		errx(1, "a word without its end");
	return len > 0;
}

/* NULL: there is none. */
static char *read_body(const char *word, size_t *ret_len)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file;

	if (word[0] != '@') {
		*ret_len = strlen(word);
		return *ret_len > 0 ? strdup(word) : NULL;
	}
	file = fopen(word + 1, "re");
	len = file ? getdelim(&text, &size, '\0', file) : -1;
	if (len < 0)
		err(1, "%s", word + 1);
	(void)fclose(file);
	*ret_len = (size_t)len;
	return text;
}

static FILE *emptied(const char *name)
{
	FILE *file = fopen(name, "we");

	if (!file)
		err(1, "%s", name);
	return file;
}

/* The status; 0: nobody listens. */
static int ask(struct word words[4], FILE *head, FILE *body)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct http *h = http_open(words[0].text);
	char *text;
	size_t len;
	int status;

	if (!h)
		return 0;
	h->head = head;
	if (setsockopt(h->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		err(1, "setsockopt");
	text = read_body(words[3].text, &len);
	http_send(h, words[1].text, words[2].text, text, len);
	status = http_receive(h, body);
	free(text);
	http_close(h);
	return status;
}

int main(int argc, char **argv)
{
	struct word words[4] = { 0 };

	if (argc != 3)
		errx(2, "usage: api-client HEAD-FILE BODY-FILE");
	while (read_word(&words[0]) && read_word(&words[1]) && read_word(&words[2]) &&
	       read_word(&words[3])) {
		FILE *head = emptied(argv[1]), *body = emptied(argv[2]);
		int status = ask(words, head, body);

		if (fclose(head) || fclose(body) || printf("%03d\n", status) < 0 || fflush(stdout))
			err(1, "output");
	}
	for (size_t i = 0; i < 4; i++)
		free(words[i].text);
	return 0;
}
