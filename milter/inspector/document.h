/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_DOCUMENT_H
#define KHATM_INSPECTOR_DOCUMENT_H

/* One document and all that is packed in it: finds the reader for its kind, lends it text sink and budget,
 * reports what both say, and does the same for each file that the reader brings out, as a part of its own.
 * Whatever is not read to the end makes every document around it unread. What no reader of this program knows
 * stays wanted in khatm-inspector, and is unread in khatm-reader. */

#include "inspector/budget.h"
#include "inspector/inner_path.h"
#include "inspector/kind.h"
#include "inspector/picture.h"
#include "inspector/reader.h"
#include "inspector/report.h"

#include "base/digest.h"

/* What one message lends to all its documents. */
struct opener {
    const struct reader *const *readers;
    bool last;  /* nobody reads after us */
    bool final; /* the process ends with this reading */
    /* As in struct reading. */
    void (*recognise)(struct reading *reading, const struct grey_picture *picture);
    /* What bytes are, beyond plain text; NULL: this program does not know. */
    struct kind *kind;
    const char *(*kind_of)(struct kind *kind, const void *bytes, size_t size);
    struct digest *digest;
    struct report *report;
    struct budget budget;
    struct picture_allowance pictures; /* within documents */
    struct inner_paths paths;
    /* Reads a message packed in a document; returns PART_*, and why. */
    unsigned (*message)(void *context, const char *path, const char *bytes, size_t size, const char **why);
    void *context;
};

struct document {
    const char *path, *name; /* name: cleaned; NULL: none */
    const char *bytes;       /* a NUL stands behind them; NULL: too large to be held */
    size_t size;
    const char *kind, *charset;
    bool conversation; /* the text of the message: read for what it says, no document by itself */
    bool maybe;        /* no document, if there is text in it and nothing else */
};

/* Its part was reported before, with kind, size and digest. Returns the flags that were added. */
unsigned document_read(struct opener *opener, const struct document *document);
/* The same of what stands in a small picture or a signature beside what it is for (notes.h), which is text of
 * the message. kind: its media type. */
unsigned document_read_notes(struct opener *opener, const char *path, const char *kind, const void *bytes,
                             size_t size);
/* Of a small picture that stands in the part `outer`, under a name of its own or NULL. */
unsigned document_read_inner_notes(struct opener *opener, const char *outer, const char *name,
                                   const void *bytes, size_t size);
/* A media type, valid until the next call; "application/octet-stream" for what this program does not know.
 * size: of the whole. */
const char *document_kind(const struct opener *opener, const char *head, size_t head_size, uint64_t size);

#endif
