/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_TEXT_SINK_H
#define KHATM_INSPECTOR_TEXT_SINK_H

/* Where all text of a document goes: cut into lines, each normalised once, then shown to every consumer
 * (markings and references, fingerprints). A document is open from text_sink_open to text_sink_close; one
 * that is embedded in it is opened and closed in between, so consumers keep their state per document, never
 * in statics. Pieces and lines are bounded: a line longer than TEXT_LINE_MAX is cut at a character. Text that
 * conversation is made of goes the same way, under its part's path; the subject, labels of the header section
 * and file names too. */

#include "base/digest.h"
#include "inspect/findings.h"
#include "inspect/protocol.h"
#include "inspector/reader.h"
#include "policy/marking_tables.h"

enum { TEXT_LINE_MAX = 4096 };

/* What the consumers found in one document. They only add: the higher level, more caveats, the next marking.
 */
struct text_finding {
    bool has_level;
    unsigned level, caveats; /* finding_caveat */
    /* A stand-alone marking or an official letterhead: even the text of a message is a document then. */
    bool administrative;
    unsigned n_markings, n_references;
    bool has_sha256;
    uint8_t sha256[DIGEST_BYTES]; /* of the normalised text */
    size_t sketch_size;
    /* As far as the numbers above say. */
    char references[INSPECT_REFERENCES_MAX][INSPECT_REFERENCE_MAX + 1];
    char markings[INSPECT_MARKINGS_MAX][INSPECT_MARKING_MAX + 1];
    uint8_t sketch[INSPECT_SKETCH_MAX];
};

/* What consumers work with, made in the template's parent. */
struct text_data {
    const struct fold *fold;
    const struct marking_tables *tables; /* policy/markings */
};

struct text_line {
    enum text_place place;
    const char *raw; /* UTF-8, valid, without its line end; ends with a NUL, as `normal` does */
    size_t raw_size;
    const char *normal; /* as inspector/normal.h says */
    size_t normal_size;
    unsigned number;  /* of the document's lines that are not blank, from 1; blank lines are not shown */
    unsigned page;    /* from 1 */
    bool after_blank; /* a blank line, or the beginning of the text, of a page or of a place, stands before */
    bool continues;   /* the rest of a line that was too long */
};

/* What consumers are told about the document. */
struct text_about {
    const char *kind;
    const char *name;  /* file name; NULL */
    bool conversation; /* the text of the message itself, or its header fields */
};

/* A consumer. All but `open` may be NULL. */
struct text_consumer {
    enum result (*prepare)(const struct text_data *data, struct problem *problem); /* in the template */
    /* NULL: no memory, the document becomes unread. */
    void *(*open)(const struct text_about *about);
    void (*line)(void *state, const struct text_line *line);
    void (*property)(void *state, const char *name, const char *value);
    /* Adds what it found, frees state. */
    void (*close)(void *state, struct text_finding *finding);
};

/* The consumers of this build, NULL-terminated: text_consumers.c. */
extern const struct text_consumer *const text_consumers[];

struct text_sink;

/* data: borrowed for good. NULL: the consumers have nothing to look for. */
enum result text_sink_prepare(const struct text_data *data, struct problem *problem) MUST_USE;
/* False: there is no consumer, and text need not be made. */
bool text_sink_is_used(void);
/* NULL: no memory. */
struct text_sink *text_sink_open(const struct text_about *about);
void text_sink_text(struct text_sink *sink, enum text_place place, const char *utf8, size_t size);
void text_sink_property(struct text_sink *sink, const char *name, const char *value);
/* Visible characters so far. */
uint64_t text_sink_letters(const struct text_sink *sink);
/* Frees the sink. */
void text_sink_close(struct text_sink *sink, struct text_finding *finding_out);

#endif
