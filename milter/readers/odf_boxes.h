/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_ODF_BOXES_H
#define KHATM_READERS_ODF_BOXES_H

/* Text boxes of OpenDocument that are anchored at a page (ISO 26300-3, 19.761) stand before all other text,
 * in any order. What was a PDF once consists of them: one for each piece of a line, the last piece of the
 * last page first. So they are kept until the first paragraph behind them, and told from page to page in the
 * order in which they are stacked (draw:z-index), which is that of their text; those that stand side by side
 * are one line. Where they are BOXES_OF_TEXT lines of a page or more, they are its text and no stamps on it.
 */

#include "readers/part.h"

enum { BOXES_OF_TEXT = 8, BOXES_MAX = 256 * 1024 };

void boxes_init(struct boxes *boxes);
void boxes_free(struct boxes *boxes);

/* A frame begins: where it is such a box, what it says is kept from here on. */
void boxes_begin(struct part *part, const struct xml_element *frame);
/* An element ends. */
void boxes_end(struct part *part);
/* Outside of boxes: what is kept is told. */
void boxes_tell(struct part *part);
/* The same, at the document's end, which may stand within a box when it is cut off. */
void boxes_finish(struct part *part);

#endif
