/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_FIELDS_H
#define KHATM_SEALER_FIELDS_H

/* A header section (RFC 5322, 2.2) and the value of Content-Type (RFC 2045, 5.1), read strictly: what two
 * readers could take in two ways is an error here. Lines end in LF or CRLF. Plain linear code over bytes in
 * memory; nothing is allocated. Pure. */

#include "base/buffer.h"
#include "sealer/span.h"

#include <stdbool.h>

struct field {
    struct span name, value; /* value: all after the colon, folds and all, without the last line end */
};

enum { TYPE_MAX = 80, PARAMETERS_MAX = 16, PARAMETER_NAME_MAX = 40, PARAMETER_VALUE_MAX = 200 };

struct content_type {
    char type[TYPE_MAX + 1]; /* "multipart/mixed", lower case */
    size_t n;
    struct {
        char name[PARAMETER_NAME_MAX + 1]; /* lower case */
        char value[PARAMETER_VALUE_MAX + 1];
    } parameters[PARAMETERS_MAX];
};

/* Bytes of the header section with its empty line, and in *body_out where the body begins. False: there is
 * no empty line. */
bool fields_split(struct span entity, struct span *header_out, size_t *body_out);
/* Takes the next field off *rest. False: the end, or with *bad set, something that is no field. */
bool fields_next(struct span *rest, struct field *field_out, bool *bad);
bool field_is(const struct field *field, const char *name);
bool field_starts(const struct field *field, const char *prefix);
/* How many fields of this name; the first in *first_out. */
size_t fields_count(struct span header, const char *name, struct field *first_out);

/* False: not one type with parameters, each named once. */
bool content_type_read(struct span value, struct content_type *type_out);
/* NULL: there is none. */
const char *content_type_get(const struct content_type *type, const char *name);
/* Is there such a parameter, and is it this word, quoted or not? NULL: any. Reads what the strict reader does
 * not take: comments, RFC 2231, a name twice. */
bool content_type_says(struct span value, const char *name, const char *word);
/* The value without these parameters (NULL-terminated), all else as it is. */
void content_type_without(struct span value, const char *const *names, struct buffer *out);

#endif
