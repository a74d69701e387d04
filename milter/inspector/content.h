/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CONTENT_H
#define KHATM_INSPECTOR_CONTENT_H

/* One pass over the decoded bytes of a leaf for whoever wants to know something about them: digest, first
 * bytes, text, OpenPGP packets. The struct is large and meant to be used again for every part. */

#include "base/digest.h"
#include "inspector/decode.h"
#include "inspector/packets.h"
#include "inspector/rawscan.h"
#include "inspector/references.h"
#include "inspector/structure.h"

enum { CONTENT_HEAD_BYTES = 64 * 1024, CONTENT_WHOLE_MAX = 64 * 1024 * 1024 };

enum content_want {
    WANT_DIGEST = 1,
    WANT_TEXT = 2,
    WANT_PACKETS = 4,
    WANT_WHOLE = 8, /* all bytes in memory, up to CONTENT_WHOLE_MAX */
    WANT_REFERENCES = 16,
};

struct content {
    uint64_t size;   /* decoded */
    const char *odd; /* of the transfer encoding; NULL */
    bool digested;   /* sha256 is set */
    bool failed;     /* to be digested */
    uint8_t sha256[DIGEST_BYTES];
    struct rawscan text;
    uint64_t not_utf8; /* bytes that are no part of a UTF-8 sequence */
    enum packets_kind packets;
    size_t head_size;
    const char *head; /* the first bytes, in `whole` or `head_room`; until content_release */
    char
        *whole; /* a NUL stands behind it; NULL: not wanted, too large, no memory. content_release frees it */

    unsigned utf8_left;
    unsigned char utf8_low, utf8_high;
    bool armoured;
    struct packets binary;
    struct armour armour;
    size_t whole_room;
    struct references *references; /* of the message: Content-IDs that its HTML shows; WANT_REFERENCES adds */
    struct reference_scan reference_scan;
    char head_room[CONTENT_HEAD_BYTES];
    char piece[16 * 1024 + DECODER_SPARE];
};

/* wants: content_want. What was not wanted is not set. */
void content_read(struct content *content, struct source *source, const struct entity *entity,
                  struct digest *digest, unsigned wants);
void content_release(struct content *content);
/* SHA-256 of raw bytes of the message. */
bool content_digest_raw(struct source *source, uint64_t at, uint64_t end, struct digest *digest,
                        uint8_t sha256[DIGEST_BYTES]);

#endif
