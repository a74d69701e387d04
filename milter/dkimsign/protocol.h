/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGN_PROTOCOL_H
#define KHATM_DKIMSIGN_PROTOCOL_H

/* What khatmd and khatm-dkim-signer say to each other, over helper/wire.h: DKIMSIGN_READY or DKIMSIGN_FAILED
 * once, then one DKIMSIGN_JOB, one DKIMSIGN_REPLY, and so on until the socket closes.
 * docs/helper-protocol.md specifies frames and tags for a second implementation. Numbers of frames and tags
 * are never reused. */

enum dkimsign_frame {
    /* One message. Descriptors: the fields to be signed, body; both only read. FIELDS_SIZE, BODY_OFFSET,
     * BODY_SIZE, DOMAIN, BUDGET. */
    DKIMSIGN_JOB = 1,
    DKIMSIGN_READY = 64, /* started, tested, in its sandbox; for each key KEY, KIND, BITS, PUBLIC */
    DKIMSIGN_REPLY = 65, /* a SIGNATURE for each key of the domain; or WHY or UNSIGNABLE, and none was made */
    DKIMSIGN_FAILED = 66, /* WHY: it cannot start */
};

enum dkimsign_tag {
    DKIMSIGN_TAG_FIELDS_SIZE = 1, /* bytes, from the start of the first descriptor */
    DKIMSIGN_TAG_BODY_OFFSET = 2, /* of the second */
    DKIMSIGN_TAG_BODY_SIZE = 3,
    DKIMSIGN_TAG_DOMAIN = 4,
    DKIMSIGN_TAG_BUDGET = 5,     /* milliseconds */
    DKIMSIGN_TAG_SIGNATURE = 16, /* value of a DKIM-Signature field, folds as LF */
    DKIMSIGN_TAG_WHY = 17,
    DKIMSIGN_TAG_UNSIGNABLE = 18, /* why there is none and never will be for this header section */
    DKIMSIGN_TAG_KEY = 32,        /* name of its record; begins a key */
    DKIMSIGN_TAG_KIND = 33,       /* enum dkimsign_kind */
    DKIMSIGN_TAG_BITS = 34,
    DKIMSIGN_TAG_PUBLIC = 35, /* p= of its record */
};

enum dkimsign_kind { DKIMSIGN_RSA = 1, DKIMSIGN_ED25519 = 2 };

enum {
    DKIMSIGN_DOMAIN_MAX = 253,
    DKIMSIGN_SIGNATURE_MAX = 8000,
    DKIMSIGN_PUBLIC_MAX = 2800, /* RSA of 16384 bits */
    DKIMSIGN_WHY_MAX = 400,
    DKIMSIGN_FIELDS_MAX = 64, /* in one signature; more cannot be listed */
    DKIMSIGN_BUDGET_MAX_MS = 600 * 1000,
};

#endif
