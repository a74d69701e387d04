/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_FINDINGS_H
#define KHATM_INSPECT_FINDINGS_H

/* What the inspector saw in one message, as plain data in the message's arena. Findings only rise: structure
 * is reported before any content reader runs, and nothing reported later lowers it. An inspector that died,
 * hung or hit a limit leaves `complete` false and its cause in `incomplete_why`; the daemon then treats the
 * whole message as one unread document. */

#include "base/arena.h"
#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum part_flag {
    PART_DOCUMENT = 1, /* not plain conversation */
    PART_UNREAD = 2,   /* could not be read to the end: scan, password, too deep, too big, unknown kind … */
    PART_OPAQUE = 4,   /* encrypted by somebody: OpenPGP or S/MIME, by packets, not by label */
    PART_AMBIGUOUS = 8,  /* two readers could read it in two ways */
    PART_SIGNATURE = 16, /* a detached signature over other parts */
    PART_NESTED = 32,    /* a nested message */
    PART_MACRO = 64,     /* holds code that its program would run */
    /* Between inspector and collect.c only. What is wanted and was not read in the end is unread. */
    PART_WANTED = 128, /* a reader has to open it */
    PART_READ = 256,   /* a reader came to its end */
};

enum finding_caveat {
    FINDING_ENQUETE = 1,
    FINDING_DCP = 2, /* personal data */
    FINDING_PERSONNEL = 4,
    FINDING_URGENT = 8,
    FINDING_EMBARGO = 16,
};

enum { FINDING_LEVEL_MAX = 5 };

struct part_finding {
    /* "1", "2.1"; "2:raw" for what the raw scan found inside part 2; "2!b.docx" for a file packed in part 2;
     * "0" for the message's own header section. */
    const char *path;
    const char *name;     /* decoded file name, UTF-8; NULL */
    const char *declared; /* declared media type, lower case; NULL */
    const char *kind;     /* media type by content */
    const char *why; /* one phrase: what made it a document, unread, ambiguous …; NULL for conversation */
    unsigned flags;
    uint64_t size_bytes; /* decoded */
    uint8_t sha256[DIGEST_BYTES];
    bool has_sha256;

    /* What its text and properties say. */
    bool has_level;   /* something gave it a level: markings, labels; they only raise what it has anyway */
    unsigned level;   /* 0 to FINDING_LEVEL_MAX */
    unsigned caveats; /* finding_caveat */
    const char *const *markings;       /* as the data files write them; NULL-terminated; NULL: none */
    const char *const *references;     /* reference numbers, as found; the same */
    uint8_t text_sha256[DIGEST_BYTES]; /* of the normalised text */
    bool has_text_sha256;
    const uint8_t *sketch; /* of the normalised text, for near duplicates; NULL */
    size_t sketch_size;
};

enum address_field {
    ADDRESS_FROM,
    ADDRESS_SENDER,
    ADDRESS_TO,
    ADDRESS_CC,
    ADDRESS_REPLY, /* Reply-To, Errors-To, Return-Receipt-To, Disposition-Notification-To, Resent-To */
};

struct address_finding {
    enum address_field field;
    const char *address; /* addr-spec, without comments or <>; as written */
};

enum {
    LIMIT_DEPTH = 1,
    LIMIT_PARTS = 2,
    LIMIT_HEADERS = 4,
    LIMIT_SIZE = 8,
    LIMIT_TIME = 16,
    LIMIT_MEMORY = 32
};

struct findings {
    bool complete;
    const char *incomplete_why;
    struct part_finding *parts;
    size_t n_parts;
    struct address_finding *addresses;
    size_t n_addresses;
    unsigned n_from; /* From mailboxes over all From fields; anything but 1 is no identity */
    bool from_odd;   /* a From field that two readers could read in two ways */
    bool ambiguous;  /* of the message's own structure */
    const char *ambiguous_why;
    unsigned limits;                     /* LIMIT_* that were reached */
    bool resent, nested, auto_forwarded; /* forwarding marks */
};

#endif
