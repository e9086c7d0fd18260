/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Field tables: one row describes one member of a flat struct, and JSON, diff, netlink and JSON
 * Schema all follow from it (field_json.h, field_nl.h, field_schema.h). What does not fit in a row
 * is a plain function elsewhere; the tables hold data only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TYPE_BOOL,   /* bool; nullable: uint8_t, enum field_switch */
	FIELD_TYPE_UINT,   /* uint8_t, uint16_t or uint32_t, by size; nullable: 0 is null */
	FIELD_TYPE_ENUM,   /* uint8_t, one of names */
	FIELD_TYPE_SET,	   /* uint8_t, a bit (1 << value) for each of names */
	FIELD_TYPE_STRING, /* char[size], NUL-terminated; empty is null when nullable */
	FIELD_TYPE_GROUP,  /* a nested JSON object over members of the same struct */
};

/* Values of a BOOL that may be null. */
enum field_switch {
	FIELD_SWITCH_NULL,
	FIELD_SWITCH_FALSE,
	FIELD_SWITCH_TRUE,
};

/* What netlink carries for the row. */
enum field_wire {
	FIELD_WIRE_NONE,
	FIELD_WIRE_U8,
	FIELD_WIRE_U16,
	FIELD_WIRE_BE16, /* network order on the wire, host order in the struct */
	FIELD_WIRE_U32,
	FIELD_WIRE_STRING,
};

struct field_name {
	const char *name;
	uint8_t value;
	bool hidden;   /* understood and printed, but not offered in the schema */
	bool reserved; /* with hidden: understood, and never printed */
};

struct field_table;

struct field {
	const char *name;		 /* JSON member */
	const char *doc;		 /* one sentence for the schema */
	const struct field_name *names;	 /* ENUM, SET: sorted by name */
	const struct field_table *group; /* GROUP: its rows */
	int64_t min, max, fallback;	 /* UINT: range; fallback = default shown in the schema */
	size_t offset, size;
	/* GROUP, nullable: offset of a one-byte member; zero means that the object is null. */
	size_t present;
	uint16_t nl_attr;
	uint8_t n_names;
	enum field_type type;
	enum field_wire wire;
	bool nullable;
	bool number_too;      /* STRING: an integer is taken for its digits */
	bool present_is_leaf; /* GROUP: one of the rows is the presence member itself, or none is */
	bool absent_on_wire;  /* GROUP: netlink carries nothing for null (zero stands for all there)
			       */
};

struct field_table {
	const char *name; /* schema name, as ServiceSpec */
	const struct field *rows;
	size_t n;
	/* Members that an object may carry although no row decodes them here (id, status,
	 * metadata, a map that its owner decodes); NULL-terminated, may be NULL. */
	const char *const *passthrough;
};

#define FIELD_OFFSET_(T, m, ctype)                                                                 \
	.offset = offsetof(T, m) +                                                                 \
		  0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((T *)0)->m), ctype)     \
					  ? 1                                                      \
					  : -1]),                                                  \
	.size = sizeof(((T *)0)->m)

#define FIELD_BOOL(T, m, json, docs)                                                               \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_BOOL, FIELD_OFFSET_(T, m, bool), .doc = docs      \
	}

/* A bool that null leaves undecided: enum field_switch in a uint8_t. */
#define FIELD_SWITCH(T, m, json, docs)                                                             \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_BOOL, FIELD_OFFSET_(T, m, uint8_t),               \
		.nullable = true, .doc = docs                                                      \
	}

/* A number of at least 1 that null leaves undecided; 0 in the struct. */
#define FIELD_UINT_OR_NULL(T, m, ctype, json, high, docs)                                          \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_UINT, FIELD_OFFSET_(T, m, ctype),                 \
		.nullable = true, .min = 1, .max = high, .doc = docs                               \
	}

/* A number; attr and wirekind say how netlink carries it (0 and NONE: not by this row). */
#define FIELD_UINT(T, m, ctype, json, attr, wirekind, low, high, dflt, docs)                       \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_UINT, FIELD_OFFSET_(T, m, ctype),                 \
		.nl_attr = attr, .wire = wirekind, .min = low, .max = high, .fallback = dflt,      \
		.doc = docs                                                                        \
	}

#define FIELD_ENUM(T, m, json, attr, wirekind, table, dflt, docs)                                  \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_ENUM, FIELD_OFFSET_(T, m, uint8_t),               \
		.nl_attr = attr, .wire = wirekind, .names = table,                                 \
		.n_names = sizeof(table) / sizeof((table)[0]), .fallback = dflt, .doc = docs       \
	}

#define FIELD_SET(T, m, json, table, docs)                                                         \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_SET, FIELD_OFFSET_(T, m, uint8_t),                \
		.names = table, .n_names = sizeof(table) / sizeof((table)[0]), .doc = docs         \
	}

/* A string member of a fixed array; can_null: empty is JSON null and, by netlink, left out. */
#define FIELD_STRING(T, m, json, attr, can_null, docs)                                             \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_STRING, .offset = offsetof(T, m),                 \
		.size = sizeof(((T *)0)->m), .nl_attr = attr,                                      \
		.wire = (attr) ? FIELD_WIRE_STRING : FIELD_WIRE_NONE, .nullable = can_null,        \
		.doc = docs                                                                        \
	}

/* A string member that an integer may be given for too. */
#define FIELD_TEXT(T, m, json, docs)                                                               \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_STRING, .offset = offsetof(T, m),                 \
		.size = sizeof(((T *)0)->m), .number_too = true, .doc = docs                       \
	}

/* A nested object that always is there; null stands for its defaults. */
#define FIELD_OBJECT(json, table, docs)                                                            \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_GROUP, .present_is_leaf = true, .group = table,   \
		.doc = docs                                                                        \
	}

#define FIELD_GROUP(T, flag, is_leaf, json, table, docs)                                           \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_GROUP, .present = offsetof(T, flag),              \
		.present_is_leaf = is_leaf, .group = table, .nullable = true, .doc = docs          \
	}

/* The same, of which netlink carries nothing when it is null. */
#define FIELD_GROUP_OR_ABSENT(T, flag, is_leaf, json, table, docs)                                 \
	{                                                                                          \
		.name = json, .type = FIELD_TYPE_GROUP, .present = offsetof(T, flag),              \
		.present_is_leaf = is_leaf, .absent_on_wire = true, .group = table,                \
		.nullable = true, .doc = docs                                                      \
	}

/* Reads a BOOL, UINT, ENUM or SET member of obj. */
uint32_t field_load(const struct field *f, const void *obj);
/* Writes it; v must fit the member. */
void field_store(const struct field *f, void *obj, uint32_t v);

/* The name of an ENUM value, or NULL. */
const char *field_name_of(const struct field *f, uint32_t value);
/* The value of a name, or -1. */
int field_value_of(const struct field *f, const char *name);

/* Whether a nullable row of obj is null. */
bool field_is_null(const struct field *f, const void *obj);

/* Copies the members of one row (a group with all its rows) from one object to another. */
void field_copy(const struct field *f, void *to, const void *from);

/*
 * Compares two objects leaf by leaf. Bit i of the result is set when leaf i differs, in the order
 * of the table, groups walked in place and their presence counted as one leaf before their rows.
 */
uint64_t field_diff(const struct field_table *t, const void *a, const void *b);

/* Calls fn with the dotted name ("persistence.timeoutSeconds") of each leaf set in bits. */
void field_each_changed(const struct field_table *t, uint64_t bits,
			void (*fn)(void *arg, const char *name), void *arg);

/* How many leaves the table has; at most 64. */
size_t field_leaves(const struct field_table *t);
