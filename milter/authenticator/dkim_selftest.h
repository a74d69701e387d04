/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_DKIM_SELFTEST_H
#define KHATM_AUTHENTICATOR_DKIM_SELFTEST_H

/* The example of RFC 8463, appendix A: one message with an Ed25519 and an RSA signature, keys and all.
 * Verified once at start: a library that cannot is found out before the first message, and all that OpenSSL
 * loads late is loaded before the sandbox closes. */

#include "authenticator/dkim_library.h"

enum result dkim_selftest(struct dkim_library *library, struct problem *problem) MUST_USE;

#endif
