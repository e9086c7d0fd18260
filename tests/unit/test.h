/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The harness of the unit tests: the one .c file of a test program includes it, writes
 * TEST(name) { … } blocks, and has its main() from here. Output is TAP; exit status 1 when a test
 * failed. An argument runs only the tests whose name contains it.
 */
#pragma once

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

static struct test *test_first, **test_end = &test_first;
static jmp_buf test_abort;

/* Defines and registers a test; they run in the order of the file. */
#define TEST(id)                                                                                   \
	static void test_##id(void);                                                               \
	__attribute__((constructor)) static void test_register_##id(void)                          \
	{                                                                                          \
		static struct test self = { #id, test_##id, NULL };                                \
		*test_end = &self;                                                                 \
		test_end = &self.next;                                                             \
	}                                                                                          \
	static void test_##id(void)

/* A check that fails says where and ends its test; the next test goes on. */
#define CHECK(cond) ((cond) ? (void)0 : test_fail(__FILE__, __LINE__, #cond))
#define CHECK_INT(a, b)                                                                            \
	test_same_int(__FILE__, __LINE__, #a " is " #b, (intmax_t)(a), (intmax_t)(b))
#define CHECK_STR(a, b) test_same_str(__FILE__, __LINE__, #a " is " #b, (a), (b))

__attribute__((noreturn)) static inline void test_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: not true: %s\n", file, line, what);
	longjmp(test_abort, 1);
}

static inline void test_same_int(const char *file, int line, const char *what, intmax_t a,
				 intmax_t b)
{
	if (a == b)
		return;
	printf("# %" PRIdMAX " against %" PRIdMAX "\n", a, b);
	test_fail(file, line, what);
}

static inline void test_same_str(const char *file, int line, const char *what, const char *a,
				 const char *b)
{
	if (a == b || (a && b && strcmp(a, b) == 0))
		return;
	printf("# \"%s\"\n# against\n# \"%s\"\n", a ? a : "(null)", b ? b : "(null)");
	test_fail(file, line, what);
}

static inline bool test_passes(const struct test *t)
{
	if (setjmp(test_abort))
		return false;
	t->run();
	return true;
}

int main(int argc, char **argv)
{
	unsigned n = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not take the lines before it along */
	for (const struct test *t = test_first; t; t = t->next) {
		bool ok;

		if (argc > 1 && !strstr(t->name, argv[1]))
			continue;
		ok = test_passes(t);
		failed += !ok;
		printf("%s %u - %s\n", ok ? "ok" : "not ok", ++n, t->name);
	}
	printf("1..%u\n# %u passed, %u failed\n", n, n - failed, failed);
	return failed ? 1 : 0;
}
