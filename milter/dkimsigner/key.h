/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGNER_KEY_H
#define KHATM_DKIMSIGNER_KEY_H

/* A private key of DKIM: RSA of 2048 bits or more (RFC 8301 3.2 recommends them) or Ed25519 (RFC 8463), in a
 * PEM file that nobody else may read. Its name is that of the DNS record of its other half:
 * SELECTOR._domainkey.DOMAIN. Owns what it points to. One thread. */

#include "base/result.h"
#include "dkimsign/protocol.h"

struct signing_key {
    const char *name, *file; /* borrowed */
    char *selector, *domain;
    enum dkimsign_kind kind;
    unsigned bits;
    char *pem;         /* PKCS #8: what libopendkim reads */
    char *public_text; /* as p= has it */
};

/* What is wrong is said with the file's name and what to do about it. */
enum result signing_key_read(const char *name, const char *file, struct signing_key *key_out,
                             struct problem *problem) MUST_USE;
/* Wipes it. */
void signing_key_free(struct signing_key *key);

#endif
