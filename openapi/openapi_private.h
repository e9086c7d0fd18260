/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the generator share. */
#pragma once

#include <jansson.h>

#include "err.h"
#include "problem.h"
#include "router.h"

#define OPENAPI_MAX_CODES 64

/* One run of the generator. */
struct openapi {
	const json_t *prose;
	json_t *document;
	bool statuses[600]; /* for which of them components/responses needs a problem */
	struct err *err;
	bool out_of_memory;
};

/* Adds a member to an object or an item to an array; takes value over, which may be NULL when
 * memory ran out. */
void openapi_set(struct openapi *o, json_t *object, const char *key, json_t *value);
void openapi_append(struct openapi *o, json_t *array, json_t *value);

/* The object at key of an object, made when it is not there. */
json_t *openapi_object(struct openapi *o, json_t *object, const char *key);

/* {"$ref": "#/components/PLACE/NAME"} */
json_t *openapi_ref(const char *place, const char *name);

/* Notes a fault in the prose or tables. The first one is told. */
void openapi_fault(struct openapi *o, const char *fmt, ...) _printf_(2, 3);

/* openapi_schema.c: a schema of the prose; the property "$fields": "TABLE/VIEW" in it stands for
 * the rows of a field table. */
json_t *openapi_schema(struct openapi *o, const char *name, const json_t *prose);
/* Whether every field table was asked for; else a fault. */
void openapi_check_tables(struct openapi *o);

/* openapi_parameters.c */
void openapi_parameters(struct openapi *o, json_t *operation, const struct route *route);

/* openapi_operation.c */
void openapi_operation(struct openapi *o, const struct route *route);

/* openapi_problem.c: which codes a route can answer with, sorted; how many. */
size_t openapi_codes(struct openapi *o, const struct route *route, const json_t *prose,
		     const struct problem *ret[OPENAPI_MAX_CODES]);
/* components/responses/ProblemSTATUS for each status in use. */
void openapi_problem_responses(struct openapi *o);
