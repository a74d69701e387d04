/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_CHECK_H
#define KHATM_SEALER_CHECK_H

/* One check of a detached signature in a throw-away home: reads the three files whole, so that what is
 * verified is what was sent, and lets sealer/gpg_verify.h judge. */

#include "sealer/gpg_verify.h"

struct check_request {
    int data_fd, signature_fd, key_fd; /* borrowed */
    const char *fingerprint;
};

/* Results as gpg_verify's. ring: empty, private, for this call alone. */
enum result check_signature(const char *program, const char *ring, const struct check_request *request,
                            struct gpg_verified *verified_out, struct problem *problem) MUST_USE;

#endif
