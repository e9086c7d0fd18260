/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the OpenAPI 3.1 document from the route table, the field tables, the catalogue of problems
 * and hand-written prose (prose.json). Used when building and testing, not by the daemon, which
 * serves the committed result.
 */
#pragma once

#include "buf.h"
#include "err.h"

/*
 * Appends the document to out, pretty printed with two spaces, in the order of the tables. 0, or
 * -EINVAL with e set when prose is not JSON, a route has no prose or example, or prose names
 * something that does not exist; -ENOMEM.
 */
int openapi_build(const char *prose, size_t len, struct buf *out, struct err *e);

/* Appends the catalogue of problems as a page of Markdown. */
void openapi_problem_page(struct buf *out);
