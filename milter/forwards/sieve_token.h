/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FORWARDS_SIEVE_TOKEN_H
#define KHATM_FORWARDS_SIEVE_TOKEN_H

/* The tokens of Sieve (RFC 5228 8.1). */

#include "base/arena.h"

#include <stdbool.h>

enum sieve_kind { SIEVE_END, SIEVE_WORD, SIEVE_TAG, SIEVE_NUMBER, SIEVE_STRING, SIEVE_SIGN, SIEVE_WRONG };

struct sieve_token {
    enum sieve_kind kind;
    const char
        *text; /* of a word, tag (without its colon) and string, in the arena; lower case but for strings */
    char sign; /* one of []{}(),; */
    unsigned line;
};

struct sieve_reader {
    struct arena *arena;
    const char *rest;
    unsigned line;
};

/* SIEVE_WRONG: a byte that begins no token, a string or comment without an end, or no memory. */
struct sieve_token sieve_next(struct sieve_reader *reader);

#endif
