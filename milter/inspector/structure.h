/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_STRUCTURE_H
#define KHATM_INSPECTOR_STRUCTURE_H

/* Our own reading of a message's MIME structure (RFC 2045, 2046): line by line, without recursion, in one
 * pass, with limits. It comes before GMime, which descends 1024 levels and holds every part; past a limit
 * GMime is never called. Where GMime's tree later differs from this one, the message has two readings.
 * Decodes nothing; what stands outside of all parts (preamble, epilogue) is given to a raw scan. One message;
 * memory is bounded by the limits. */

#include "base/buffer.h"
#include "inspector/fields.h"
#include "inspector/rawscan.h"
#include "inspector/source.h"

#include <stdint.h>

enum {
    STRUCTURE_DEPTH_MAX = 256, /* whatever the settings say: GMime recurses */
    STRUCTURE_PARTS_MAX = 10000,
    SECTION_FIELDS_MAX = 1000,
    SECTION_BYTES_MAX = 512 * 1024,
    ALL_FIELDS_MAX = 20 * 1000, /* over all parts */
    ALL_SECTIONS_MAX = 4 * 1024 * 1024,
    FIELD_BYTES_MAX = 128 * 1024, /* of any one field: parsers of addresses and words are not linear */
    FIELD_COMMAS_MAX = 4000,
    FIELD_PARENS_MAX = 200,
    OUTSIDE_BYTES_MAX = 512, /* more text than this in a preamble or an epilogue is content */
    OUTSIDE_ALL_MAX = 1024,  /* in all of them */
};

enum entity_form { FORM_LEAF, FORM_MULTIPART, FORM_MESSAGE };

struct entity {
    enum entity_form form;
    size_t parent;            /* index; of the first: itself */
    unsigned depth;           /* 1 for the message itself */
    uint64_t header_at;       /* where its header section begins */
    uint64_t body_at, end_at; /* raw bytes of the body, line end before the boundary excluded */
    struct structure_fields fields;
    const char *outside; /* what fields, preamble or epilogue held; NULL: nothing to speak of */
};

struct structure {
    struct entity *entities; /* in the order of the message; the first is the message itself */
    size_t n_entities, room;
    struct buffer header; /* the message's own header section */
    unsigned limit;       /* LIMIT_*, 0 when all was read */
    const char *limit_why;
    bool no_memory;
    bool broken_sender; /* the message's own header section was not read: no addresses */
};

/* depth and parts as in the settings. */
void structure_read(struct structure *structure, struct source *source, unsigned depth, unsigned parts);
void structure_free(struct structure *structure);

#endif
