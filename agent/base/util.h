/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small idioms that every file may use: cleanup attributes, ownership hand-over, array sizes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(fn)	  __attribute__((cleanup(fn)))
#define _printf_(fmt, va) __attribute__((format(printf, fmt, va)))
#define _unused_	  __attribute__((unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Hands a pointer over: yields it and leaves NULL behind, so that a cleanup does not free it. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *taken_from_ = &(p);                                                 \
		__typeof__(p) taken_ = *taken_from_;                                               \
		*taken_from_ = NULL;                                                               \
		taken_;                                                                            \
	})

/* Defines x_freep() for _cleanup_() from x_free(). */
#define DEFINE_FREEP(type, fn)                                                                     \
	static inline void fn##p(type **p)                                                         \
	{                                                                                          \
		fn(*p);                                                                            \
	}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Takes the piece of a UTF-8 character off the end of a text that was cut to fit its buffer. */
static inline void utf8_trim(char *s)
{
	size_t len = strlen(s), tail = 0;
	unsigned char lead;

	while (tail < len && tail < 3 && ((unsigned char)s[len - 1 - tail] & 0xc0) == 0x80)
		tail++;
	if (tail == len)
		return;
	lead = (unsigned char)s[len - 1 - tail];
	if (lead >= 0xc0 && tail < (lead >= 0xf0 ? 3u : lead >= 0xe0 ? 2u : 1u))
		s[len - 1 - tail] = '\0';
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
