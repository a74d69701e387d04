/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_KIND_H
#define KHATM_INSPECTOR_KIND_H

/* What bytes are, by libmagic's database: the only place that sees it. The database is loaded once, in the
 * template; looking inside compressed data, ELF files and tapes is switched off, since that is what its bugs
 * were in. Not thread-safe. */

#include "base/result.h"

#include <stddef.h>

struct kind;

enum result kind_new(struct kind **kind_out, struct problem *problem) MUST_USE;
void kind_free(struct kind *kind);
/* A media type; valid until the next call. Never NULL: "application/octet-stream" for what nobody knows. */
const char *kind_of(struct kind *kind, const void *bytes, size_t size);

#endif
