/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_PDF_PARTS_H
#define KHATM_READERS_PDF_PARTS_H

/* The pieces of the PDF reader; private to it. All borrow the document. */

#include "inspector/reader.h"

#include <poppler.h>

/* Title, Author and the like, and XMP. */
void pdf_read_properties(struct reading *reading, PopplerDocument *document);
/* Text, notes, stamps and fields of one page; ends with '\f'. */
void pdf_read_page(struct reading *reading, PopplerPage *page);
/* What letters there are in the page's pictures; `drawn`: in the page as it would be printed, for one without
 * text. Needs reading->recognise. */
void pdf_recognise_page(struct reading *reading, PopplerPage *page, bool drawn);
/* Lines in the order in which they are read, for g_free; NULL: none. */
char *pdf_page_text(PopplerPage *page);
void pdf_read_attachment(struct reading *reading, PopplerAttachment *attachment);
/* What poppler does not tell, from the bytes as they stand: entries of the Info dictionary under names of
 * somebody's own, forms in XML, something behind the end. */
void pdf_read_bytes(struct reading *reading);

/* One line. */
void pdf_say(struct reading *reading, enum text_place place, const char *utf8);
/* The same, and frees it; NULL says nothing. */
void pdf_say_owned(struct reading *reading, enum text_place place, char *utf8);

#endif
