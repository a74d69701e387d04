/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_UNSEEN_H
#define KHATM_INSPECTOR_UNSEEN_H

/* Signs that nobody sees and that a program counts: zero-width characters, variation selectors, the tags of
 * U+E0000, heaps of combining marks, blanks and tabs in turn. Languages and emoji use a few of them in a row,
 * newsletters pad their first line with some hundreds; a file has thousands. */

#include <stddef.h>
#include <stdint.h>

enum {
    UNSEEN_RUN = 8,     /* fewer in a row are somebody's spelling */
    UNSEEN_MOST = 1024, /* of all runs */
    UNSEEN_TURNS = 512, /* from blank to tab and back */
};

struct unseen {
    uint32_t code;
    unsigned left; /* bytes of a character */
    unsigned run, runs, turns;
    uint32_t before;
};

/* All zero at the start. Valid UTF-8, in pieces of any size. */
void unseen_feed(struct unseen *unseen, const char *utf8, size_t size);
/* NULL, or what there is too much of. */
const char *unseen_found(const struct unseen *unseen);

#endif
