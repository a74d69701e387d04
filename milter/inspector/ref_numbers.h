/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_REF_NUMBERS_H
#define KHATM_INSPECTOR_REF_NUMBERS_H

/* Reference numbers of administrative papers: a word for number and a number with parts ("N° 154/DGCL/DFL",
 * "رقم 674.18"), or a word for reference, a colon and what follows ("Réf. : DGCL/154"). Numbers of laws and
 * decrees, and of other things that have parts, are none. Kept as keys (policy/reference.h). */

#include "inspector/phrases.h"
#include "inspector/text_sink.h"
#include "policy/reference.h"

enum { REF_TAIL_ROOM = 64 };

struct ref_numbers {
    size_t n, tail_size;
    char tail[REF_TAIL_ROOM]; /* the end of the line before: "la loi / n° 31-13" */
    char keys[INSPECT_REFERENCES_MAX][REFERENCE_KEY_ROOM];
};

/* line: in its normal form. Returns how many there are on it, new or not. */
unsigned ref_numbers_read(struct ref_numbers *references, const struct phrases *phrases, const char *line,
                          size_t size);
/* A line without digits, which has none but may say of what the next one's number is. */
void ref_numbers_pass(struct ref_numbers *references, const char *line, size_t size);

#endif
