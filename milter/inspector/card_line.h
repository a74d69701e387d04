/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CARD_LINE_H
#define KHATM_INSPECTOR_CARD_LINE_H

/* The lines of vCard and iCalendar (RFC 6350 3.3, RFC 5545 3.1, vCard 2.1): unfolding, properties, encoded
 * values. The text must hold no NUL and be followed by one. */

#include "inspector/fields.h"

#include <stdbool.h>
#include <stddef.h>

enum { CARD_NAME_MAX = 40 };

struct card_property {
    char name[CARD_NAME_MAX + 1]; /* upper case, without a group */
    const char *params, *value;
    size_t params_size, value_size;
};

/* `out` holds size + 1 bytes; lines end with LF there. Returns how many were written. */
size_t card_unfold(const char *bytes, size_t size, char *out);
/* The property at `text`. Returns the length of its line, or lines; 0: there is none. */
size_t card_property_read(const char *text, const char *end, struct card_property *property);
/* The value is base64. */
bool card_says_binary(const struct card_property *property);
/* The value is quoted-printable. */
bool card_is_quoted(const struct card_property *property);
/* The value is a data: link in base64, which begins at *base64_out. */
bool card_data_link(const struct card_property *property, const char **base64_out, size_t *size_out);
/* free() it; NULL: no memory. *odd_out: why it is not well encoded, or NULL. */
char *card_decode(const char *value, size_t value_size, enum encoding encoding, size_t *size_out,
                  const char **odd_out);

#endif
