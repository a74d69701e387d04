/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_LOGICAL_H
#define KHATM_POSTFIX_LOGICAL_H

/* Logical lines as Postfix reads them (postconf(5), aliases(5)): a line that begins with a blank goes on with
 * the one before; empty lines and comments count for nothing, also in between. Line ends stay in the text, a
 * comment leaves only its line end, so that the line of any byte is the first line plus the line ends before
 * it. */

#include "base/arena.h"

#include <stdbool.h>

struct logical {
    struct arena *arena;
    const char *rest;
    unsigned next; /* number of the line where `rest` begins */
};

struct logical_line {
    char *text; /* in the arena, no blanks at the end */
    unsigned number;
};

void logical_begin(struct logical *logical, struct arena *arena, const char *text);
/* False: the end, or no memory (text is NULL then). */
bool logical_next(struct logical *logical, struct logical_line *line_out);
/* The line of a place within the text that began on `first`. */
unsigned logical_line_of(const char *text, const char *place, unsigned first);

#endif
