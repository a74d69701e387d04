/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_READER_H
#define KHATM_INSPECTOR_READER_H

/* A reader opens documents of some kinds: it gets the decoded bytes of one document and says what is in it,
 * by calls, in the order in which a person would meet it. Readers live in milter/readers/ (program
 * khatm-reader, which runs only for messages that have something to open) or, where they need no library of
 * their own and message bodies want them (plain text, HTML), in milter/inspector/.
 *
 * A reader returns nothing that must be trusted: what goes wrong (damaged, password, unknown version, a
 * library's error, no memory) it raises as PART_UNREAD with a reason and stops, and what it said before still
 * counts. What it skips knowingly it raises too: a page without text, a picture that may hold text, a macro,
 * a sheet too many. A document that gave neither text nor embedded files is unread whatever its reader says
 * (frame's rule). It runs in a sandboxed child that opens no file, starts no thread or process, and may be
 * ended at any time; what it allocates it frees, since one child may read thousands of entries. It must bear
 * being called from within itself: reading_embedded reads the inner document before it returns. No state of
 * its own but what `prepare` made. Never writes to stdout or stderr; a library's messages are switched off in
 * `prepare`. */

#include "base/result.h"
#include "inspect/findings.h"
#include "inspector/budget.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where text stood. Pieces of one place follow on each other until '\n' ends the line or '\f' the page; a
 * piece of another place ends the line. Cells, tabs and line breaks within a paragraph: '\t', '\n'. */
enum text_place {
    TEXT_BODY,
    TEXT_HEADER, /* page header, watermark */
    TEXT_FOOTER,
    TEXT_TITLE,   /* heading of a slide, name of a sheet or a bookmark */
    TEXT_CELL,    /* of a sheet, row by row */
    TEXT_NOTE,    /* foot- and endnote, speaker's notes, annotation, comment */
    TEXT_SHAPE,   /* text box, stamp, alternative text of a picture */
    TEXT_HIDDEN,  /* tracked deletion, hidden paragraph, white on white where it is known */
    TEXT_SUBJECT, /* of a message; the frame's own */
    TEXT_NAME,    /* file name; the frame's own */
};

/* Where what readers say goes: the frame in examine.c, a plain list in tests. */
struct reading_listener {
    void (*text)(void *context, enum text_place place, const char *utf8, size_t size);
    void (*property)(void *context, const char *name, const char *value);
    void (*embedded)(void *context, const char *name, const void *bytes, size_t size);
    void (*closed)(void *context, const char *name, unsigned flags, const char *why);
    void (*raise)(void *context, unsigned flags, const char *why);
    void (*kind)(void *context, const char *kind);
};

/* A page or photograph, an octet a pixel, 0 black; row by row, stride octets apart. */
struct grey_picture {
    const uint8_t *pixels;
    unsigned width, height; /* pixels */
    size_t stride;
};

struct reading {
    const char *bytes; /* the whole document; a NUL stands behind it */
    size_t size;
    const char *kind;    /* media type by content, lower case */
    const char *charset; /* that the message says, lower case; "": none. Text kinds only */
    const char *name;    /* cleaned file name; NULL */
    bool conversation;   /* the text of a message, which mail programs show and run no script in */
    struct budget *budget;
    /* Says as text what letters there are in a picture. NULL: this program knows no letters. What was in a
     * picture stays unread either way: letters are guessed. */
    void (*recognise)(struct reading *reading, const struct grey_picture *picture);
    const struct reading_listener *listener;
    void *context; /* the listener's */
};

/* UTF-8 of the document; what is none becomes U+FFFD. False: the budget of text is gone, stop (already
 * raised). */
bool reading_text(struct reading *reading, enum text_place place, const char *utf8, size_t size);
/* Title, Author, Subject, Keywords, Company, custom properties by their own names ("MSIP_Label_<GUID>_Name",
 * "X-Protective-Marking"); UTF-8. */
void reading_property(struct reading *reading, const char *name, const char *value);
/* A file within this one, under its own name as it stands there (any bytes, slashes included; NULL: none). It
 * becomes a part of its own ("2!name") and is read at once; bytes may be reused after the call. Small
 * pictures by content are ignored, so give all. Counts as an entry: asks the budget itself. False: no more
 * will be taken, stop (already raised). The bytes were accounted for by budget_bytes when they were unpacked.
 */
bool reading_embedded(struct reading *reading, const char *name, const void *bytes, size_t size);
/* Like reading_embedded for what cannot be unpacked (encrypted, damaged, too big): the part exists with these
 * flags and this reason. */
bool reading_closed(struct reading *reading, const char *name, unsigned flags, const char *why);
/* flags: PART_UNREAD (a password too: opaque is only what OpenPGP or S/MIME encrypted), PART_AMBIGUOUS,
 * PART_MACRO. `why`: a literal, one phrase in English that fits behind "unread: ". The first stays. */
void reading_raise(struct reading *reading, unsigned flags, const char *why);
/* The reader knows better than libmagic what this is (a ZIP that is a DOCX). A literal. */
void reading_kind(struct reading *reading, const char *kind);
/* Between two stages of reading: beside a large document, what the first touched of libraries is handed back.
 */
void reading_rest(const struct reading *reading);

struct reader {
    const char *name;
    /* Media types by content that it reads, lower case; NULL-terminated. One may end with "*". */
    const char *const *kinds;
    /* In the template, once, before the sandbox closes: loads all that the library would open later and reads
     * one small document of our own, so that lazy symbols, tables and caches are made. NULL: nothing to do.
     */
    enum result (*prepare)(struct problem *problem);
    void (*read)(struct reading *reading);
};

/* The first that reads this kind; NULL: nobody. */
const struct reader *reader_find(const struct reader *const *readers, const char *kind);

#endif
