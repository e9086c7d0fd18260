/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenAPI document as the daemon serves it: the committed openapi.json, built in. */
#pragma once

/* NUL-terminated. */
extern const char openapi_document[];
