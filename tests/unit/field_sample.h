/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small object with a row of every kind, for the tests of the field engine. */
#pragma once

#include "field.h"
#include "util.h"

enum colour { COLOUR_BLUE = 3, COLOUR_RED = 1, COLOUR_SECRET = 7 };

struct sample {
	uint32_t word;
	uint16_t half;
	uint8_t byte;
	bool flag;
	uint8_t colour;
	uint8_t set; /* bits 0 and 5 */
	char name[8], maybe[4];
	bool has_group;
	uint8_t inner;
	uint8_t kind; /* of the second group; 0: none */
	uint16_t port;
	uint8_t choice;	  /* enum field_switch */
	uint16_t seconds; /* 0: null */
	char text[24];
	uint8_t count; /* of an object that always is there */
	bool loud;
};

static const struct field_name sample_colours[] = {
	{ "blue", COLOUR_BLUE, false },
	{ "red", COLOUR_RED, false },
	{ "secret", COLOUR_SECRET, true },
};

static const struct field_name sample_bits[] = { { "first", 0, false }, { "sixth", 5, false } };
static const struct field_name sample_kinds[] = { { "none", 0, false }, { "some", 1, false } };

static const struct field sample_group_rows[] = {
	FIELD_UINT(struct sample, inner, uint8_t, "inner", 0, FIELD_WIRE_NONE, 1, 9, 5, "Inner."),
};

static const struct field sample_leaf_rows[] = {
	FIELD_ENUM(struct sample, kind, "kind", 0, FIELD_WIRE_NONE, sample_kinds, 0, "Kind."),
	FIELD_UINT(struct sample, port, uint16_t, "port", 0, FIELD_WIRE_NONE, 0, 65535, 0, "Port."),
};

static const struct field sample_object_rows[] = {
	FIELD_UINT(struct sample, count, uint8_t, "count", 0, FIELD_WIRE_NONE, 0, 9, 3, "Count."),
	FIELD_BOOL(struct sample, loud, "loud", "Loudness."),
};

static const struct field_table sample_group = {
	.name = "Group",
	.rows = sample_group_rows,
	.n = ARRAY_SIZE(sample_group_rows),
};

static const struct field_table sample_leaf = {
	.name = "Leaf",
	.rows = sample_leaf_rows,
	.n = ARRAY_SIZE(sample_leaf_rows),
};

static const struct field_table sample_object = {
	.name = "Object",
	.rows = sample_object_rows,
	.n = ARRAY_SIZE(sample_object_rows),
};

static const struct field sample_rows[] = {
	FIELD_UINT(struct sample, word, uint32_t, "word", 0, FIELD_WIRE_NONE, 0, UINT32_MAX, 7,
		   "Word."),
	FIELD_UINT(struct sample, half, uint16_t, "half", 0, FIELD_WIRE_NONE, 10, 20, 10, "Half."),
	FIELD_UINT(struct sample, byte, uint8_t, "byte", 0, FIELD_WIRE_NONE, 0, 255, 0, "Byte."),
	FIELD_BOOL(struct sample, flag, "flag", "Flag."),
	FIELD_ENUM(struct sample, colour, "colour", 0, FIELD_WIRE_NONE, sample_colours, COLOUR_RED,
		   "Colour."),
	FIELD_SET(struct sample, set, "set", sample_bits, "Set."),
	FIELD_STRING(struct sample, name, "name", 0, false, "Name."),
	FIELD_STRING(struct sample, maybe, "maybe", 0, true, "Maybe."),
	FIELD_GROUP(struct sample, has_group, false, "group", &sample_group, "Group."),
	FIELD_GROUP(struct sample, kind, true, "leaf", &sample_leaf, "Leaf."),
	FIELD_SWITCH(struct sample, choice, "choice", "Choice."),
	FIELD_UINT_OR_NULL(struct sample, seconds, uint16_t, "seconds", 600, "Seconds."),
	FIELD_TEXT(struct sample, text, "text", "Text."),
	FIELD_OBJECT("object", &sample_object, "Object."),
};

static const char *const sample_passthrough[] = { "id", NULL };

static const struct field_table sample_table = {
	.name = "Sample",
	.rows = sample_rows,
	.n = ARRAY_SIZE(sample_rows),
	.passthrough = sample_passthrough,
};

static const struct sample sample_defaults = { .word = 7,
					       .half = 10,
					       .colour = COLOUR_RED,
					       .name = "dflt",
					       .inner = 5,
					       .text = "0",
					       .count = 3 };
