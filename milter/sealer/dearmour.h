/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_DEARMOUR_H
#define KHATM_SEALER_DEARMOUR_H

/* One ASCII-armoured OpenPGP message (RFC 4880, 6.2), from its first line to its last and nothing around it
 * but empty lines, as binary in pieces. Strict: our own reading is the only one, since gpg is given what
 * comes out. The checksum may be absent (RFC 9580, 6.1), never wrong. Memory: fixed. One thread. */

#include "sealer/span.h"

#include <stdbool.h>
#include <sys/types.h>

struct dearmour {
    struct span text;
    size_t at;
    const char *last; /* line */
    uint32_t bits, crc;
    uint32_t table[256]; /* of CRC-24 */
    unsigned n_bits, n_padding;
    bool ended;
    const char *why; /* what is wrong; NULL: nothing so far */
};

/* False: it does not begin as it must, and why says so. */
bool dearmour_begin(struct dearmour *armour, struct span text);
/* The same for a public key (RFC 4880, 6.2: "PGP PUBLIC KEY BLOCK"). */
bool dearmour_begin_key(struct dearmour *armour, struct span text);
/* Bytes written to `out`, 0 at the end, -1: armour->why; what came before that is handed out first. */
ssize_t dearmour_read(struct dearmour *armour, uint8_t *out, size_t room);
/* Where the next line "-----BEGIN PGP MESSAGE-----" begins at or after `at`; text.size: nowhere. */
size_t dearmour_find(struct span text, size_t at);

#endif
