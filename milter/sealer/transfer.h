/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_TRANSFER_H
#define KHATM_SEALER_TRANSFER_H

/* Content-Transfer-Encoding (RFC 2045, 6), for ciphertext that a relay encoded anew. Strict: what is damaged
 * is an error. Pure. */

#include "sealer/span.h"

#include <stdbool.h>

enum transfer { TRANSFER_NONE, TRANSFER_BASE64, TRANSFER_QUOTED, TRANSFER_UNKNOWN };

/* value: of the field. TRANSFER_NONE: 7bit, 8bit or binary. */
enum transfer transfer_of(struct span value);
/* out: room for as many bytes as `text` has. */
bool transfer_decode(enum transfer transfer, struct span text, uint8_t *out, size_t *size_out);

#endif
