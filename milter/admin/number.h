/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_NUMBER_H
#define KHATM_ADMIN_NUMBER_H

/* The number of a paper as somebody reads it out: with other blanks and signs between its parts, with or
 * without the word for number, from either end. The keys under which the journal may have it, the likeliest
 * first. And the reference of a decision, likewise. */

#include "base/result.h"
#include "journal/journal.h"
#include "policy/reference.h"

enum { NUMBER_KEYS = 6 };

/* Returns how many; 0: no number. RESULT_TRY_LATER: no memory. */
enum result number_keys(const char *text, char keys[NUMBER_KEYS][REFERENCE_KEY_ROOM], size_t *n_out) MUST_USE;
/* Of a decision: "kh-7f3k-29qx" and "KH7F3K29QX" are KH-7F3K-29QX. False: it is none. */
bool number_reference(const char *text, char reference[REFERENCE_BYTES]);

#endif
