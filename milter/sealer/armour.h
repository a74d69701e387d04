/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_ARMOUR_H
#define KHATM_SEALER_ARMOUR_H

/* ASCII armour of an OpenPGP message (RFC 4880, 6): 76 columns, CRLF, CRC-24, no header lines. Our own
 * because gpg's makes the whole encryption 2.6 to 4 times slower. Feed it binary in pieces of any size. One
 * thread. */

#include "sealer/output.h"

struct armour;

/* NULL: no memory. Reusable: begin, feed..., end, begin... */
struct armour *armour_new(void);
void armour_free(struct armour *armour);

void armour_begin(struct armour *armour, struct output *output);
void armour_feed(struct armour *armour, const uint8_t *bytes, size_t size);
void armour_end(struct armour *armour);

#endif
