/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_STANCE_H
#define KHATM_INSPECTOR_STANCE_H

/* A line says nothing but "Secret": is it a stamp, the last word of a wrapped sentence, the title of a film,
 * an item of a list? By how it is written (capitals, decoration, punctuation), where it stands and what
 * stands around it. Pure; docs/policy.md tells the rules to people. */

#include "inspector/text_sink.h"

enum stance {
    STANCE_NONE,  /* prose, or an item of something */
    STANCE_LOOSE, /* could be one: counts beside an administrative heading or another marking */
    STANCE_FIRM,  /* stands as a marking does */
};

/* What a line looks like to its neighbours. */
struct neighbour {
    bool there;      /* false: the text, page or place begins or ends */
    bool official;   /* a heading or another marking */
    bool capitals;   /* no small letter, at least one capital */
    bool runs_on;    /* as long as lines are where paragraphs are wrapped, and no sentence ends in it */
    bool open;       /* its last character is a letter or a comma */
    bool disclaimer; /* begins one */
    bool parted;     /* a blank line is between */
};

struct candidate {
    const char *raw;
    size_t size;
    enum text_place place;
    unsigned number;      /* of the line, from 1 */
    bool conversation;    /* the text of the message itself */
    bool after_signature; /* below the line "-- " */
    bool announced;       /* "Classification : SECRET" */
    unsigned n_markings;  /* different ones on the line */
    int level;            /* the highest; -1: caveats only */
    size_t at, letters;   /* where the first marking begins, and its letters */
};

enum stance stance_of(const struct candidate *candidate, const struct neighbour *before,
                      const struct neighbour *after);
/* How a line looks; `parted`, `official` and `disclaimer` are the caller's. */
struct neighbour stance_look(const char *raw, size_t size);

#endif
