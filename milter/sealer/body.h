/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_BODY_H
#define KHATM_SEALER_BODY_H

/* The body of a multipart/encrypted message (RFC 3156, 4) around an armoured ciphertext that is still to
 * come: what stands before it and after it. CRLF, 7-bit, no line over 76 octets given a boundary of at
 * most 70. The Content-Type that names the boundary is the caller's. */

#include "sealer/output.h"

#include <stdbool.h>

/* Characters and length that RFC 2046, 5.1.1 allows, and no space, which mail agents trim. */
bool body_boundary_is_good(const char *boundary);
void body_begin(struct output *output, const char *boundary);
void body_end(struct output *output, const char *boundary);

#endif
