/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_SKELETON_H
#define KHATM_POLICY_SKELETON_H

/* A domain name letter by letter, and what the eye reads of it: two names with one skeleton are taken for
 * each other (Unicode TR 39, 4). Letters of other scripts by ICU's confusables (Unicode 15), of which
 * accents, hamza and madda are then taken off; on top of that what they leave apart: rn m, vv w, cl d, i l
 * and the digits that stand for letters (0 o, 1 l, 3 e, 4 a, 5 s, 7 t, 8 b, 9 g). Dots and hyphens stay, and
 * what looks like a dot is one. Not for display. Pure; thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SKELETON_ROOM = 1024 };

struct skeleton {
    uint16_t letters[SKELETON_ROOM], text[SKELETON_ROOM]; /* UTF-16; text is the skeleton */
    size_t n_letters, length;
};

/* domain: canonical (policy/domain.h). False: it has none (ICU has no memory, or it is too long). */
bool skeleton_make(const char *domain, struct skeleton *out);

#endif
