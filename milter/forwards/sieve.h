/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FORWARDS_SIEVE_H
#define KHATM_FORWARDS_SIEVE_H

/* What a Sieve script (RFC 5228) sends on: redirect, notifications by mail (RFC 5435, 5436, and the draft
 * before them), and programs. Reads the whole grammar of tokens, so that comments, strings over many lines
 * and string lists are what they are, and looks at commands wherever they stand, whatever test is before
 * them. Linear in the script; pure but for the arena. */

#include "base/arena.h"

#include <stdbool.h>

struct sieve_action {
    const char *command; /* "redirect", "notify", "pipe" … */
    const char *target;  /* its address or program, as a string of the script */
    unsigned line;       /* where the target stands */
    bool is_address;     /* else a program, or a script of another place */
    bool varies;         /* holds ${…}: only the delivery knows */
};

/* take: once an action, in the script's order. False: it does not end as a script does, or the arena is full:
 * then not everything in it was seen. */
bool sieve_read(struct arena *arena, const char *script,
                void (*take)(void *context, const struct sieve_action *action), void *context);

#endif
