/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_CONTEXT_H
#define KHATM_SEALER_GPG_CONTEXT_H

/* What is inside a `struct gpg`, for the files that carry out its operations: one GPGME context, the loop it
 * runs in, and what gpg's status lines said during the operation in progress. One operation at a time. */

#include "sealer/gpg.h"
#include "sealer/loop.h"

struct gpg {
    gpgme_ctx_t ctx;
    const char *program;
    struct loop loop;
    struct {
        bool end_encryption, export_end;
        unsigned long exported;
        char trouble[128];
    } status;
};

/* Before each operation. RESULT_TRY_LATER: gpg is gone. */
enum result gpg_begin(struct gpg *gpg, struct problem *problem) MUST_USE;
/* "gpg: DOING: …", RESULT_TRY_LATER. */
enum result gpg_problem(const struct gpg *gpg, const char *doing, gpgme_error_t error,
                        struct problem *problem);

#endif
