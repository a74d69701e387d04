/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_BER_H
#define KHATM_READERS_BER_H

/* A walk over ASN.1's Basic Encoding Rules (X.690 8.1), indefinite lengths and octet strings in pieces among
 * them. Tags of one byte, lengths below 4 GiB. Pure. */

#include "base/buffer.h"
#include "readers/bytes.h"

enum {
    BER_INTEGER = 0x02,
    BER_OCTETS = 0x04,
    BER_OCTETS_IN_PIECES = 0x24,
    BER_OID = 0x06,
    BER_SEQUENCE = 0x30,
    BER_SET = 0x31,
    BER_CONTEXT_0 = 0xa0,
};

struct ber_element {
    uint8_t tag;
    struct bytes value; /* without the two zeros that end the indefinite form */
};

/* Takes the next element off the front of `rest`. False: none, or damaged. */
bool ber_next(struct bytes *rest, struct ber_element *element_out);
/* The same, where only this tag may stand. */
bool ber_take(struct bytes *rest, uint8_t tag, struct bytes *value_out);
/* An octet string, the pieces of it put together. False: damaged, or `out` is full. */
bool ber_octets(const struct ber_element *element, struct buffer *out);

#endif
