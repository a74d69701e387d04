/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_PACKET_H
#define KHATM_SEALER_PACKET_H

/* The packets of an OpenPGP key that is in memory as a whole (RFC 4880, 4.2): old and new headers, definite
 * lengths only, since a key has no others. Everything points into the caller's bytes. */

#include "sealer/span.h"

#include <stdbool.h>

/* Big-endian; at most 8 octets. */
uint64_t packet_number(const uint8_t *bytes, size_t octets);
/* Cuts `length` bytes off the front. False: there are fewer. */
bool packet_cut(struct span *from, uint64_t length, struct span *out);
/* A length as new-format packets and subpackets write it. */
bool packet_length(struct span *from, uint64_t *length_out);
/* The next packet. False: there is none, or it is not whole. */
bool packet_take(struct span *from, unsigned *tag_out, struct span *body);

#endif
