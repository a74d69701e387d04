/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_DECODE_H
#define KHATM_INSPECTOR_DECODE_H

/* Transfer decoding in pieces (RFC 2045 6.7, 6.8). Our own and not GMime's, because it also has to notice
 * what one decoder skips and another stops at. Decodes as the most generous reader would. No allocation. */

#include "inspector/fields.h"

#include <stdint.h>

enum { DECODER_SPARE = 8 }; /* bytes of room that decoding needs beyond what goes in */

struct decoder {
    enum encoding encoding;
    uint32_t bits;
    unsigned have; /* base64: characters of a group; quoted-printable: bytes of "=XX" in `held` */
    char held[3];
    bool padded;
    const char *odd; /* what two decoders would take differently; NULL */
};

void decoder_init(struct decoder *decoder, enum encoding encoding);
/* `out` holds size + DECODER_SPARE bytes. Returns how many were written. */
size_t decoder_feed(struct decoder *decoder, const char *bytes, size_t size, char *out);
/* The rest; `out` holds DECODER_SPARE bytes. */
size_t decoder_finish(struct decoder *decoder, char *out);

#endif
