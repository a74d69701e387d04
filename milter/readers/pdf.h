/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_PDF_H
#define KHATM_READERS_PDF_H

/* PDF (ISO 32000) by poppler: text of every page, notes and stamps, form fields, outline, embedded files,
 * what the document says about itself (Info dictionary, XMP). A page that shows something and has no text is
 * a scan, and so is one that is mostly a picture; the document is unread then. A password to open it makes it
 * unread; one that only forbids printing does not matter. Only what a viewer shows is read: not layers that
 * are off, what lies outside of the page or earlier revisions.
 *
 * poppler loads maps for Chinese, Japanese and Korean fonts from files when a document wants them. `prepare`
 * keeps it from finding them: such text has no letters then unless the document brings its own map, which is
 * a page without text. A page that never ends costs its process (the sandbox's time). */

#include "inspector/reader.h"

enum { PDF_PAGES_MAX = 2000 }; /* whose text is read */

extern const struct reader pdf_reader;

#endif
