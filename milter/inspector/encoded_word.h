/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_ENCODED_WORD_H
#define KHATM_INSPECTOR_ENCODED_WORD_H

/* Encoded words (RFC 2047, RFC 2231 5) wherever they stand: some readers decode them before they look for
 * quotation marks, comments and addresses, some after, some within quotation marks too. Pure, but for the
 * list of charsets. */

#include <stdbool.h>
#include <stddef.h>

enum { ENCODED_WORD_MAX = 1024 }; /* RFC 2047 2 allows 75 with all its parts */

struct encoded_word {
    char text[ENCODED_WORD_MAX + 8]; /* decoded, in its own charset */
    size_t size;
    bool odd; /* unfinished, too long, a charset that is not known, bad base64 */
};

/* The next "=?" from *at on, which moves behind the word. False: there is none. */
bool encoded_word_next(const char *value, size_t size, size_t *at, struct encoded_word *word_out);

#endif
