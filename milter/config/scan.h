/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SCAN_H
#define KHATM_CONFIG_SCAN_H

/* A first look at a file before the parser: finds what libconfuse takes in silence or reports at the wrong
 * line (a string, comment or brace that never closes is reported where it begins), and bytes that a person
 * cannot see. Comments are blanked out, since libconfuse 3.3 counts the line of a comment twice. Results are
 * in the arena. Pure but for *problem. */

#include "base/arena.h"
#include "base/result.h"
#include "config/source.h"

struct braces {
    unsigned open, close; /* lines */
};

struct scanned {
    char *text; /* what the parser gets, on the same lines as the source; NUL-terminated */
    size_t size;
    struct braces *sections; /* outermost braces, in the order of the file */
    size_t n_sections;
};

enum result scan_source(struct arena *arena, const struct source *source, struct scanned *scanned_out,
                        struct problem *problem) MUST_USE;
/* The line of the outermost opening brace that is closed on this one; `close_line` itself when there is none.
 */
unsigned scan_opening(const struct scanned *scanned, unsigned close_line);

#endif
