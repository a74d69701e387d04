/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_CONTEXT_H
#define KHATM_SEALER_GPG_CONTEXT_H

/* What is inside a `struct gpg`, for the files that carry out its operations: one GPGME context, the loop it
 * runs in, and what gpg's status lines said during the operation in progress. One operation at a time. */

#include "sealer/gpg.h"
#include "sealer/loop.h"

/* How often gpg said what during a decryption. */
struct decrypt_status {
    unsigned layers, begun, ended, okay, whole, failed, no_key, plaintexts, odd;
    unsigned signatures, good, bad, unknown, expired, revoked;
    bool binary, has_length; /* plaintext that is given out as it is; how long it should be */
    uint64_t length;
    unsigned key_error; /* why there was no session key; a gpgme_error_t */
    char validsig[256];
};

struct gpg {
    gpgme_ctx_t ctx;
    const char *program;
    struct loop loop;
    struct {
        bool end_encryption, export_end;
        bool refused; /* gpg says itself that it cannot encrypt to one of the keys */
        unsigned long exported;
        unsigned signatures;
        char signed_as[128]; /* what gpg said of the last one */
        char trouble[128];
    } status;
    struct decrypt_status decrypt;
};

/* Before each operation. RESULT_TRY_LATER: gpg is gone. */
enum result gpg_begin(struct gpg *gpg, struct problem *problem) MUST_USE;
/* One status line; sealer/gpg_decrypt.c. */
void gpg_decrypt_status(struct gpg *gpg, const char *keyword, const char *args);
/* The same; sealer/gpg_sign.c. */
void gpg_sign_status(struct gpg *gpg, const char *keyword, const char *args);
/* With a buffer of the size at which GPGME is fast. */
gpgme_error_t gpg_open_stream(gpgme_data_t *data, struct gpgme_data_cbs *callbacks, void *context);
/* "gpg: DOING: …", RESULT_TRY_LATER. */
enum result gpg_problem(const struct gpg *gpg, const char *doing, gpgme_error_t error,
                        struct problem *problem);

#endif
