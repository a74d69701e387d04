/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGNER_SIGN_H
#define KHATM_DKIMSIGNER_SIGN_H

/* DKIM signatures (RFC 6376) by libopendkim: relaxed/relaxed, over the whole body, over all fields that it is
 * given, and over one more of each name that it must watch for, so that none can be put in later
 * (RFC 6376 8.15). When these are more than a signature can list, over those alone that a message may have
 * once (RFC 5322 3.6, RFC 2045 3). The body comes as its hash. One thread. */

#include "dkim/body_hash.h"
#include "dkim/header.h"
#include "dkimsigner/key.h"

struct dkimsigner;

/* names: fields with colons between, watched for; lifetime_s: of a signature, 0: for ever. */
enum result dkimsigner_new(const char *names, uint64_t lifetime_s, struct dkimsigner **signer_out,
                           struct problem *problem) MUST_USE;
void dkimsigner_free(struct dkimsigner *signer);

/* value_out: of a DKIM-Signature field, folds as LF, without a leading blank. RESULT_BAD_INPUT: such a header
 * section cannot be signed, ever; *problem is one phrase. Else RESULT_TRY_LATER or RESULT_BUG. */
enum result dkimsigner_sign(struct dkimsigner *signer, const struct signing_key *key,
                            const struct header *header, const struct body_result *body,
                            char value_out[DKIMSIGN_SIGNATURE_MAX + 1], struct problem *problem) MUST_USE;

/* Before the sandbox closes: signs an example with the key and has libopendkim verify it, which loads what
 * OpenSSL loads late. */
enum result dkimsigner_try(struct dkimsigner *signer, const struct signing_key *key,
                           struct problem *problem) MUST_USE;

#endif
