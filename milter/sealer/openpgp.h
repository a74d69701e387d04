/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_OPENPGP_H
#define KHATM_SEALER_OPENPGP_H

/* Reads what gpg wrote, to its last byte, as it comes: session-key packets (tag 1, version 3), then exactly
 * one encrypted data packet (tag 18 version 1, or gpg's tag 20), every length complete, partial lengths
 * ending in a definite one, nothing after (RFC 4880, 4.2 and 11.3). Needed because GPGME reports success with
 * half a message when gpg is killed midway. Structure only: it cannot tell whether a session key or the data
 * was altered (the MDC inside tells the recipient), so the bytes must come from our own gpg. A passphrase
 * packet (tag 3), a marker, a compressed or signed message in clear are refused. Memory: fixed. One thread.
 */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPENPGP_RECIPIENTS_MAX = 1024 };

struct openpgp;

struct openpgp *openpgp_new(void);
void openpgp_free(struct openpgp *scan);

void openpgp_begin(struct openpgp *scan);
/* False once it cannot become good any more; further bytes are ignored. */
bool openpgp_feed(struct openpgp *scan, const uint8_t *bytes, size_t size);
/* The same, and makes every key id in the bytes zero, which names nobody (RFC 4880, 5.1). */
bool openpgp_feed_hiding(struct openpgp *scan, uint8_t *bytes, size_t size);
/* RESULT_OK: whole and nothing else. RESULT_BAD_INPUT: *problem says what is wrong. */
enum result openpgp_end(const struct openpgp *scan, struct problem *problem) MUST_USE;

/* What is wrong with it; NULL: whole and nothing else. */
const char *openpgp_why(const struct openpgp *scan);

/* Key ids in the order of their packets, as they were fed; 0 is a hidden one. Borrowed until the next begin.
 */
const uint64_t *openpgp_key_ids(const struct openpgp *scan, size_t *n_out);
/* Protected by AEAD (LibrePGP's tag 20), not by an MDC. */
bool openpgp_is_aead(const struct openpgp *scan);
/* Bytes in the encrypted data packet, without its header and lengths. */
uint64_t openpgp_data_size(const struct openpgp *scan);
/* All bytes fed. */
uint64_t openpgp_size(const struct openpgp *scan);

#endif
