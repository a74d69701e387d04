/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIM_HEADER_H
#define KHATM_DKIM_HEADER_H

/* The header section of a message as a list of fields (RFC 5322, 2.2), each with its folds and without its
 * last CRLF: what DKIM hashes. Nothing is decoded. A section that is too large, has too many fields, a NUL or
 * a line that is no field is refused as a whole: a signature over part of what a reader shows proves nothing.
 * In the arena. */

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEADER_BYTES_MAX = 1024 * 1024, HEADER_FIELDS_MAX = 2000 };

struct header_field {
    const char *text; /* name, colon, value; NUL behind */
    size_t size;
    size_t name_size;  /* without blanks before the colon */
    const char *value; /* behind the colon */
};

struct header {
    struct header_field *fields;
    size_t n_fields;
};

/* body_offset: of the byte behind the empty line. RESULT_BAD_INPUT: refused, *why_out, in the arena, says
 * why. RESULT_TRY_LATER: cannot be read, or no memory. */
enum result header_read(int fd, uint64_t body_offset, struct arena *arena, struct header *header_out,
                        const char **why_out) MUST_USE;
bool header_is(const struct header_field *field, const char *name);
unsigned header_count(const struct header *header, const char *name);

#endif
