/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_RAWSCAN_H
#define KHATM_INSPECTOR_RAWSCAN_H

/* Our second reading: documents that MIME does not know of, in text that is decoded or stands outside of all
 * parts. uuencode, yEnc, BinHex, PEM and OpenPGP armour, base64 and hexadecimal in blocks, data: links, the
 * first bytes of known file formats. Fed in pieces of any size; keeps a bounded piece of the current line.
 * The thresholds let signatures, tokens, keys of a line or two and links of ordinary mail pass; somebody who
 * writes his document in short lines of words of his own cannot be found here. */

#include "inspector/code_mix.h"
#include "inspector/dense.h"
#include "inspector/packets.h"
#include "inspector/text_files.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BASE64_WIDTH = 48, /* a line of a block has at least as many characters … */
    BASE64_LINES = 8, /* … and as many lines of one width are a block: above any clear-text signature … */
    BASE64_RUN = 2048, /* … as is one line with so many */
    HEX_DIGITS = 32,   /* of a line */
    HEX_LINES = 12,
    HEX_RUN = 2048, /* of one line, and of lines that may be digests of files */
    PEM_LINES = 3,
    PEM_WIDTH = 12, /* shorter lines may be words */
    PEM_KEY_WIDTH = 64,
    PEM_KEY_LINES = 12,      /* of all public keys: one of 4096 bits */
    LINK_FILE_LEAST = 24,    /* characters of base64 */
    UU_LINES = 6,            /* without a "begin" */
    RAWSCAN_LINE_MAX = 4096, /* longer lines are looked at in pieces that overlap by RAWSCAN_OVERLAP */
    RAWSCAN_OVERLAP = 512,
    TEXT_CONTROLS_MAX = 8, /* control characters in what is still text */
    SIGNATURE_BYTES_MAX = 16 * 1024,
    KEY_IN_TEXT_BYTES_MAX = 8 * 1024, /* OpenPGP, decoded */
};

struct rawscan {
    /* What was found first; NULL: nothing. `opaque`: an OpenPGP message, by its packets. `lied`: labelled as
     * one. */
    const char *found;
    bool opaque, lied;
    /* Of all bytes. */
    uint64_t visible;  /* not blank */
    uint64_t controls; /* no text has them */
    bool nul, eight_bit;

    uint64_t line_number;
    unsigned base64_lines, base64_width, base64_mix;
    unsigned hex_lines, hex_digits, uu_lines, pem_lines;
    bool hex_digests;   /* each of these lines could be one */
    uint64_t key_bytes; /* of OpenPGP public keys */
    unsigned key_lines; /* of other public keys */
    enum uu_form { UU_NONE, UU_CLASSIC, UU_BASE64 } uu_begun;
    bool in_pem, in_key, in_armour, armour_is_message;
    struct armour armour;
    struct code_mix mix;
    struct dense dense;
    struct text_files files;
    size_t line_size;
    bool line_continues; /* `line` is not the start of a line */
    char line[RAWSCAN_LINE_MAX];
};

void rawscan_init(struct rawscan *scan);
void rawscan_feed(struct rawscan *scan, const char *bytes, size_t size);
void rawscan_finish(struct rawscan *scan);

/* The media type that the first bytes announce, NULL when they announce none of those that travel as text. */
const char *rawscan_magic(const char *bytes, size_t size);
/* One line of hexadecimal digits that may be the digest of a file: of its length, and no text. */
bool rawscan_is_digest(const char *line, size_t size);

#endif
