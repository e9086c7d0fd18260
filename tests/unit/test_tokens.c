/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of api/tokens.c: what a tokens file may look like, and whose secret one is. */
#include "tokens.h"

#include <errno.h>

#include "buf.h"
#include "test.h"

/* By sha256sum, not by the code under test; "abc" is the first example of FIPS 180-4. */
#define HASH_A	 "8766b9cb08e6040b704f1e3ee1e186efccf2635b1d2634d6525333007e6aeae1" /* secret-a */
#define HASH_B	 "ff492ef788c89b555e6f738b33d2422f57dbb6656af2402155672c5f123a90af" /* secret-b */
#define HASH_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HASH_NO	 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" /* "" */

#define ID_32 "abcdefghijklmnopqrstuvwxyz012345"

static int parse(const char *text, struct tokens **ret, size_t *ret_line, const char **ret_why)
{
	return tokens_parse(text, strlen(text), ret, ret_line, ret_why);
}

TEST(reads_a_file)
{
	static const char text[] =
		"# who may do what\n"
		"\n"
		"ci      operator " HASH_A "\n"
		"\tA.b_c-9\treader\t" HASH_B "   # of the dashboard\r\n"
		"   #\n" ID_32 " admin "
		"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
	_cleanup_(tokens_freep) struct tokens *t = NULL;
	const char *why = NULL;
	size_t line = 0;

	CHECK_INT(parse(text, &t, &line, &why), 0);
	CHECK_STR(tokens_at(t, 0)->id, "ci");
	CHECK_INT(tokens_at(t, 0)->role, ROLE_OPERATOR);
	CHECK_STR(tokens_at(t, 1)->id, "A.b_c-9");
	CHECK_INT(tokens_at(t, 1)->role, ROLE_READER);
	CHECK_STR(tokens_at(t, 2)->id, ID_32);
	CHECK_INT(tokens_at(t, 2)->role, ROLE_ADMIN);
	CHECK(!tokens_at(t, 3));
	CHECK(tokens_find(t, "secret-a") == tokens_at(t, 0));
	CHECK(tokens_find(t, "secret-b") == tokens_at(t, 1));
	CHECK(tokens_find(t, "abc") == tokens_at(t, 2));
}

TEST(refuses_and_says_which_line)
{
	static const struct {
		const char *text;
		size_t line;
		const char *why;
	} cases[] = {
		{ "", 0, "no token" },
		{ "\n# nothing\n", 0, "no token" },
		{ "ci operator " HASH_A "\n\nci reader " HASH_B, 3, "id stands above" },
		{ "a operator " HASH_A "\nb operator " HASH_A, 2, "SHA-256 stands above" },
		{ "c/i operator " HASH_A, 1, "the id" },
		{ "\xef\xbb\xbf"
		  "ci operator " HASH_A,
		  1, "the id" },
		{ ID_32 "6 operator " HASH_A, 1, "the id" },
		{ "ci", 1, "second field" },
		{ "ci Admin " HASH_A, 1, "second field" },
		{ "ci administrator-of-everything " HASH_A, 1, "second field" },
		{ "ci admin", 1, "third field" },
		{ "ci admin # " HASH_A, 1, "third field" },
		{ "ci admin secret-a", 1, "third field" },
		{ "ci admin " HASH_A "0", 1, "third field" },
		{ "ci admin " HASH_A " x", 1, "more than" },
		{ "ci admin g766b9cb08e6040b704f1e3ee1e186efccf2635b1d2634d6525333007e6aeae1", 1,
		  "third field" },
		{ "ci:admin:" HASH_A, 1, "the id" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tokens *t = NULL;
		const char *why = NULL;
		size_t line = 99;

		printf("# case %zu\n", i);
		CHECK_INT(parse(cases[i].text, &t, &line, &why), -EINVAL);
		CHECK(!t);
		CHECK_INT(line, cases[i].line);
		CHECK(why && strstr(why, cases[i].why));
	}
}

TEST(a_nul_byte_hides_nothing)
{
	static const char text[] = "ci admin " HASH_A "\0 # b\n";
	struct tokens *t = NULL;
	const char *why = NULL;
	size_t line = 0;

	CHECK_INT(tokens_parse(text, sizeof(text) - 1, &t, &line, &why), -EINVAL);
	CHECK(strstr(why, "NUL"));
	CHECK_INT(tokens_parse("# \0\n", 4, &t, &line, &why), -EINVAL);
}

TEST(takes_256_tokens_and_no_more)
{
	_cleanup_(buf_done) struct buf text = { 0 };
	_cleanup_(tokens_freep) struct tokens *t = NULL;
	const char *why = NULL;
	struct tokens *more = NULL;
	size_t line = 0;

	for (unsigned i = 0; i < TOKENS_MAX; i++)
		buf_printf(&text, "t%u reader %064x\n", i, i);
	CHECK_INT(parse(text.data, &t, &line, &why), 0);
	CHECK_STR(tokens_at(t, TOKENS_MAX - 1)->id, "t255");
	buf_add_str(&text, "x reader " HASH_A "\n");
	CHECK_INT(parse(text.data, &more, &line, &why), -EINVAL);
	CHECK_INT(line, 257);
	CHECK(strstr(why, "more than 256"));
}

TEST(knows_only_the_secret_itself)
{
	static const char *const wrong[] = { "",	 "secret",   "secret-a ", " secret-a",
					     "Secret-a", "secret-b", HASH_A };
	_cleanup_(tokens_freep) struct tokens *t = NULL;
	char big[TOKEN_SECRET_MAX + 2];
	const char *why = NULL;
	size_t line = 0;

	/* The hash of nothing at all: no request is let in without a secret by it. */
	CHECK_INT(parse("a admin " HASH_A "\nempty admin " HASH_NO, &t, &line, &why), 0);
	CHECK_STR(tokens_find(t, "secret-a")->id, "a");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		printf("# case %zu\n", i);
		CHECK(!tokens_find(t, wrong[i]));
	}
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	CHECK(!tokens_find(t, big));
}

TEST(the_longest_secret_is_taken_whole)
{
	/* printf 'x%.0s' $(seq 256) | sha256sum */
	static const char line_of_x[] =
		"x admin "
		"85e62acd750c4eb56b7b6a1d66dca5bfaac5f062608a1a893410d0288936c09a";
	_cleanup_(tokens_freep) struct tokens *t = NULL;
	char secret[TOKEN_SECRET_MAX + 1];
	const char *why = NULL;
	size_t line = 0;

	memset(secret, 'x', sizeof(secret));
	secret[TOKEN_SECRET_MAX] = '\0';
	CHECK_INT(parse(line_of_x, &t, &line, &why), 0);
	CHECK(tokens_find(t, secret) == tokens_at(t, 0));
	secret[TOKEN_SECRET_MAX - 1] = '\0';
	CHECK(!tokens_find(t, secret));
}

TEST(finds_the_bearer_token_in_the_header)
{
	static const struct {
		const char *header, *token; /* NULL: another scheme */
	} cases[] = {
		{ "Bearer abc", "abc" },   { "bearer abc", "abc" },
		{ "BEARER   abc", "abc" }, { "Bearer", "" },
		{ "Bearer ", "" },	   { "Bearer a b", "a b" },
		{ "Basic YTpi", NULL },	   { "Bearerabc", NULL },
		{ "Bearer\tabc", NULL },   { "", NULL },
		{ "Bear", NULL },	   { " Bearer abc", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		printf("# case %zu\n", i);
		CHECK_STR(tokens_bearer(cases[i].header), cases[i].token);
	}
}
