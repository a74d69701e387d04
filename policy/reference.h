/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_REFERENCE_H
#define KHATM_POLICY_REFERENCE_H

/* Reference numbers as they are looked up: the parts of "1715 - 1232 / A" in upper case, without leading
 * zeros, joined by '/': "1715/1232/A". Papers in Arabic are read out and typed from either end, so a number
 * is looked for forward and reversed. Pure; thread-safe. */

#include "policy/fold.h"

enum { REFERENCE_KEY_ROOM = 65, REFERENCE_PARTS_MAX = 12 };

/* Parts are runs of letters and digits; everything else parts them. False: none, too many, or too long. */
bool reference_key(const struct fold *fold, const char *text, size_t size,
                   char out[REFERENCE_KEY_ROOM]) POLICY_MUST_USE;
void reference_reverse(const char key[REFERENCE_KEY_ROOM], char out[REFERENCE_KEY_ROOM]);

#endif
