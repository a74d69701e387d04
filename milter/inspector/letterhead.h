/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_LETTERHEAD_H
#define KHATM_INSPECTOR_LETTERHEAD_H

/* Does the text begin as administrative documents do? A line counts that begins with one of the headings and
 * goes on as a heading would; the best of each kind. A document needs a sum of 3 within its first 30 lines.
 * The text of a message needs more, since officials sign their mails with kingdom and ministry: those first,
 * then within 12 lines what letters have (kind of act, subject, reference, addressee), 6 in sum and of three
 * kinds; and the head of a mail that is quoted ("De :", "Objet :") is no letter's. Pure but for its own
 * state. */

#include "inspector/text_sink.h"
#include "policy/marking_tables.h"

struct headings;

/* Made in the template. Borrows the tables' rows. NULL: no memory. */
struct headings *headings_new(const struct marking_tables *tables);
void headings_free(struct headings *headings);

struct letterhead {
    bool conversation;
    bool complete;                /* a message's text has shown its letterhead */
    unsigned best[HEADING_KINDS]; /* weight by kind */
    unsigned body_line;           /* number of the last state or org line; 0: none */
    unsigned mail_line;           /* of the last line of a mail's head; 0: none */
};

/* midway: the line above, of the same paragraph, is no heading and its sentence goes on. True: the line is a
 * heading. */
bool letterhead_line(struct letterhead *letterhead, const struct headings *headings,
                     const struct text_line *line, bool midway);
/* A reference number stands on the line. */
void letterhead_reference(struct letterhead *letterhead, unsigned number);
bool letterhead_is_official(const struct letterhead *letterhead);

#endif
