/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_SCRIPT_H
#define KHATM_POLICY_SCRIPT_H

/* Names that a reader cannot tell apart: a label with letters of two scripts (a Cyrillic "а" among Latin
 * letters; Unicode TR 39, 5.1), and characters that cannot be seen at all. By ICU's script data (Unicode 15).
 * Labels of one foreign script are honest: ministries have Arabic names. Look-alikes between two names are
 * policy/lookalike.h's. Pure; thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_NAME_ROOM = 40 };

struct script_mix {
    char label[260];                                        /* UTF-8 */
    char first[SCRIPT_NAME_ROOM], second[SCRIPT_NAME_ROOM]; /* "Latin", "Cyrillic" */
};

/* domain: canonical, A-labels are looked at as what they show. *mix_out is filled when true. */
bool script_is_mixed(const char *domain, struct script_mix *mix_out);

/* The first character of the text (UTF-8) that shows nothing or turns the direction of reading, but for a
 * plain blank; 0: none. *offset_out: where its first byte is. Bytes that are not UTF-8 are not its business.
 */
uint32_t script_find_invisible(const char *text, size_t *offset_out);
/* UTF-8 with nothing invisible, of which no character is a form of another (a full-width %, a ligature, a
 * superscript), which one program maps and the next does not (Unicode TR 15, NFKC). Accents in one piece or
 * in two are both plain. */
bool script_is_plain(const char *text);
/* Everything beyond ASCII is a letter, a mark on one, or a digit. */
bool script_is_word(const char *text);
/* "a no-break space", "a zero-width space"; for others their number, into `room`. */
const char *script_invisible_name(uint32_t code, char room[16]);

#endif
