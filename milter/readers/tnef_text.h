/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_TNEF_TEXT_H
#define KHATM_READERS_TNEF_TEXT_H

/* The text of a message in winmail.dat, in whichever form: plain, HTML, compressed RTF. The first form that
 * is told is the text, the others are hidden text. Files that are written into it are looked for as in any
 * text, and what is no text is unread. */

#include "inspector/reader.h"
#include "readers/bytes.h"

struct tnef_string {
    struct bytes bytes;
    unsigned codepage; /* 0: the message's */
};

struct tnef_text {
    struct reading *reading;
    unsigned codepage; /* of the message */
    bool told;         /* one form */
};

void tnef_text_title(struct tnef_text *text, const struct tnef_string *title);
void tnef_text_plain(struct tnef_text *text, const struct tnef_string *plain);
void tnef_text_html(struct tnef_text *text, const struct tnef_string *html);
void tnef_text_rtf(struct tnef_text *text, struct bytes compressed);
/* What another of its kind took the place of: hidden. */
void tnef_text_other(struct tnef_text *text, const struct tnef_string *other);

#endif
