/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SYNTAX_H
#define KHATM_CONFIG_SYNTAX_H

/* The syntax that khatm.conf, rules and registry share (libconfuse's: name = value, lists in braces,
 * sections), as a plain tree in an arena: every value is still text, with the line it stands on. The only
 * file that sees libconfuse, whose scanner is not reentrant: one thread at a time in the process. Not carried
 * over from it:
 * ${VARIABLE} is refused, since a file should mean the same whoever reads it; so are settings given twice. */

#include "base/arena.h"
#include "base/result.h"
#include "config/source.h"

#include <stdbool.h>
#include <stddef.h>

enum syntax_kind {
    SYNTAX_TEXT,
    SYNTAX_LIST,
    SYNTAX_SECTION, /* NAME { … }, at most once */
    SYNTAX_TITLED,  /* NAME "title" { … }, any number, titles differ */
};

struct syntax {
    const char *name; /* NULL ends a table */
    enum syntax_kind kind;
    const struct syntax *inside; /* of a section */
};

struct setting {
    const char *name;
    unsigned line;
    const char *const *values; /* NULL-terminated; one for a text */
    size_t n_values;
};

struct block {
    const char *name, *title;       /* title: NULL unless titled */
    unsigned line;                  /* where it begins */
    const struct setting *settings; /* only those given */
    size_t n_settings;
    const struct block *blocks; /* in the order of the file */
    size_t n_blocks;
};

enum result syntax_parse(struct arena *arena, const struct source *source, const struct syntax *table,
                         const struct block **block_out, struct problem *problem) MUST_USE;

/* The name in a NULL-terminated list that a slip of the pen may have meant: one or two letters away. NULL:
 * none. */
const char *syntax_nearest(const char *word, const char *const *names);

#endif
