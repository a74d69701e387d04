/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_JOB_H
#define KHATM_SEALER_JOB_H

/* Seals one message: feeds gpg the protected payload (inner header section, empty line, body: bytes
 * untouched), reads back every byte it writes, and lays the armoured result out as the new body. The message
 * itself is never parsed. What was written to the output file counts only with RESULT_OK. Reused from message
 * to message. */

#include "sealer/gpg.h"

struct job;
struct resident;

/* Who encrypts. Borrowed. */
struct job_engines {
    struct gpg *gpg;
    struct resident *resident; /* asked first; NULL: none */
};

struct job_request {
    int message_fd, inner_fd, output_fd; /* borrowed */
    uint64_t body_offset, body_size;
    char boundary[SEAL_BOUNDARY_MAX + 1];
    bool hide_key_ids;
    char fingerprints[SEAL_RECIPIENTS_MAX][SEAL_FINGERPRINT_SIZE + 1];
    size_t n_fingerprints;
    uint64_t key_ids[SEAL_RECIPIENTS_MAX]; /* that the ciphertext must name, all different */
    size_t n_key_ids;
    char signer[SEAL_FINGERPRINT_SIZE + 1]; /* "": nobody signs */
};

struct job_outcome {
    uint64_t body_size, ciphertext_size;
    uint8_t sha256[32];
    const uint64_t *key_ids; /* until the next job_seal */
    size_t n_key_ids;
};

/* NULL: no memory. */
struct job *job_new(void);
void job_free(struct job *job);

/* RESULT_BAD_INPUT: the request is nonsense. RESULT_TRY_LATER: anything else that went wrong. */
enum result job_seal(struct job *job, const struct job_engines *engines, const struct job_request *request,
                     struct job_outcome *outcome_out, struct problem *problem) MUST_USE;

#endif
