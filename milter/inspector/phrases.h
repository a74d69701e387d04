/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PHRASES_H
#define KHATM_INSPECTOR_PHRASES_H

/* The words of policy/markings/references and personal, found in lines in their normal form: at the beginning
 * of a word, and whole. Made in the template; then immutable. */

#include "policy/marking_tables.h"

struct phrases;

/* NULL: no memory. */
struct phrases *phrases_new(const struct marking_tables *tables);
void phrases_free(struct phrases *phrases);
/* The longest phrase of this use that stands at `at`, where a word begins; 0: none, else its size. */
size_t phrases_at(const struct phrases *phrases, enum phrase_use use, const char *line, size_t size,
                  size_t at);
/* One of this use stands anywhere on the line. */
bool phrases_on(const struct phrases *phrases, enum phrase_use use, const char *line, size_t size);
/* One of this use ends just before `end`; blanks and marks in between do not matter, and Arabic words may
 * carry article and conjunction. */
bool phrases_before(const struct phrases *phrases, enum phrase_use use, const char *line, size_t end);

#endif
