/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIM_BODY_HASH_H
#define KHATM_DKIM_BODY_HASH_H

/* SHA-256 of a body in its canonical forms (RFC 6376, 3.4.3 and 3.4.4), and how long these are. libopendkim
 * makes such hashes too, an octet at a time and with faults in lines that have a bare LF; here a line at a
 * time, and the stranger's bytes stay away from it. Fed in blocks of any size; lines may be of any length.
 * One thread; may be used for one body after the other. */

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum body_form { BODY_SIMPLE, BODY_RELAXED, BODY_FORMS };

struct body_hash;

/* NULL: no memory. */
struct body_hash *body_hash_new(void);
void body_hash_free(struct body_hash *hash);

/* A new body, of which the forms with wanted[form] are hashed, as far as `limit` octets of each. */
enum { BODY_WHOLE = -1 };
void body_hash_begin(struct body_hash *hash, const bool wanted[BODY_FORMS], int64_t limit);
/* Of the body that was begun: a CR or LF that ends no line is an octet like any other. */
void body_hash_take_bare(struct body_hash *hash);
void body_hash_add(struct body_hash *hash, const void *bytes, size_t size);

enum { BODY_HASH_BASE64 = 45 };
struct body_result {
    uint8_t digest[DIGEST_BYTES];
    char base64[BODY_HASH_BASE64]; /* as bh= has it */
    uint64_t size;                 /* of the whole canonical form, bytes */
};
/* RESULT_BAD_INPUT: a CR or LF that is no line end is in it (RFC 6376, 5.3 has them turned into line ends
 * before anything is signed). RESULT_TRY_LATER: no memory. Forms that were not wanted are left alone. */
enum result body_hash_finish(struct body_hash *hash, struct body_result out[BODY_FORMS]) MUST_USE;

#endif
