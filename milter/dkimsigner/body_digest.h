/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGNER_BODY_DIGEST_H
#define KHATM_DKIMSIGNER_BODY_DIGEST_H

/* libopendkim has no way to be told the hash of a body: it wants the body, and takes it an octet at a time
 * (85 ms for 10 MB, dkim/body_hash.h: 10). It is given none instead, and asks OpenSSL for the digest of
 * nothing, which in the relaxed form is what an empty body is. This stands in front of OpenSSL's function of
 * the name, for this program, and answers that one question with the digest that is laid ready. Whoever signs
 * compares bh= in what comes out, so that a libopendkim that asks in another way makes no signature. One
 * thread. */

#include "base/digest.h"

/* For the next digest of nothing. */
void body_digest_lay(const uint8_t digest[DIGEST_BYTES]);
/* RESULT_BUG: nobody asked for it. */
enum result body_digest_taken(void) MUST_USE;
/* Before the sandbox closes: finds OpenSSL's own. */
enum result body_digest_warm(void) MUST_USE;

#endif
