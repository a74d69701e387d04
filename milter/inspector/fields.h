/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_FIELDS_H
#define KHATM_INSPECTOR_FIELDS_H

/* Our own reading of a header section and of the fields that give a message its structure (RFC 5322 2.2, RFC
 * 2045 5.1 and 6.1), beside GMime's. Whatever a second reader might read in another way is not repaired but
 * named in `odd`. No allocation; texts are borrowed from the section. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOUNDARY_MAX = 200, STRUCTURE_FIELD_MAX = 8 * 1024, TYPE_MAX = 100, CHARSET_MAX = 40 };

enum encoding { ENCODING_IDENTITY, ENCODING_BASE64, ENCODING_QUOTED, ENCODING_UNKNOWN };

struct field {
    const char *name, *value; /* the value keeps its folds; NULL name: a line without a colon */
    size_t name_size, value_size;
};

struct structure_fields {
    char type[TYPE_MAX]; /* lower case; "text/plain" when there is none */
    char charset[CHARSET_MAX];
    char boundary[BOUNDARY_MAX + 1];
    size_t boundary_size; /* 0: none */
    enum encoding encoding;
    bool attached;
    uint64_t content_id; /* reference_hash of it; 0: none */
    bool too_long;       /* a field over STRUCTURE_FIELD_MAX: no parser may be shown it */
    const char *odd;
};

/* *at starts at 0. False after the last field. */
bool field_next(const char *section, size_t size, size_t *at, struct field *field_out);
bool field_is(const struct field *field, const char *name);
void fields_read_structure(const char *section, size_t size, const char *default_type,
                           struct structure_fields *fields_out);

#endif
