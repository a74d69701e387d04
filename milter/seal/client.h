/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_CLIENT_H
#define KHATM_SEAL_CLIENT_H

/* The daemon's half of seal/protocol.h: one call, one request to one khatm-sealer, and its reply, checked.
 * Whatever goes wrong, the caller ends the process (helper_kill): a sealer that failed once is not asked
 * again. Every wait ends at deadline_ms (monotonic). One thread per process at a time. */

#include "helper/process.h"
#include "helper/wire.h"
#include "seal/check.h"
#include "seal/key_table.h"
#include "seal/protocol.h"
#include "seal/seal.h"
#include "seal/signer.h"

struct export_key; /* seal/export.h */
struct export_addresses;

struct client_ring {
    const char *source;                          /* the admin's home of public keys */
    const char (*fingerprints)[FINGERPRINT_HEX]; /* normalised */
    size_t n_fingerprints;
    const char (*certifiers)[FINGERPRINT_HEX]; /* whose word brings more keys along; among the fingerprints */
    size_t n_certifiers;
    const char *secrets; /* the home of the keys to open with; NULL: a ring to seal with */
};

/* frame: room for the exchange. *n_out: of a ring to seal with. */
enum result client_build_ring(struct helper_process *process, struct wire_frame *frame,
                              const struct client_ring *ring, int64_t deadline_ms, size_t *n_out,
                              struct problem *problem) MUST_USE;
/* Fills the table with all keys of the ring, which must be `expected` many; SIZE_MAX: nobody knows. */
enum result client_list(struct helper_process *process, struct wire_frame *frame, struct key_table *table,
                        size_t expected, int64_t deadline_ms, struct problem *problem) MUST_USE;
/* From then on the ring of this process signs, too. RESULT_BAD_INPUT: the key does not do, *problem says what
 * of it. */
enum result client_add_signer(struct helper_process *process, struct wire_frame *frame,
                              const struct signing_settings *signing, int64_t deadline_ms,
                              struct signer *signer_out, struct problem *problem) MUST_USE;
/* Keys, and of each the subkey that gpg must take; no id twice. */
struct client_wanted {
    char fingerprints[SEAL_RECIPIENTS_MAX][FINGERPRINT_HEX];
    uint64_t key_ids[SEAL_RECIPIENTS_MAX];
    size_t n;
};
/* request->fingerprints counts for nothing. */
enum result client_seal_to(struct helper_process *process, struct wire_frame *frame,
                           const struct client_wanted *wanted, const struct seal_request *request,
                           int64_t deadline_ms, struct seal_outcome *outcome_out,
                           struct problem *problem) MUST_USE;
/* To request->fingerprints, all usable now. table: of the ring the process runs on. now: seconds since 1970.
 */
enum result client_seal(struct helper_process *process, struct wire_frame *frame,
                        const struct key_table *table, const struct seal_request *request, int64_t now,
                        int64_t deadline_ms, struct seal_outcome *outcome_out,
                        struct problem *problem) MUST_USE;

/* Reads the key in `bytes` into the ring the process runs on, and ring->certifiers with it.
 * RESULT_BAD_INPUT: it is not one public key; *problem is a phrase. */
enum result client_read_key(struct helper_process *process, struct wire_frame *frame,
                            const struct client_ring *ring, const char *bytes, size_t size,
                            int64_t deadline_ms, char fingerprint_out[FINGERPRINT_HEX],
                            struct problem *problem) MUST_USE;
/* Merges what was read into `home`. */
enum result client_take_key(struct helper_process *process, struct wire_frame *frame, const char *home,
                            const char *fingerprint, int64_t deadline_ms, struct problem *problem) MUST_USE;

/* Writes a key of the ring to the file. addresses: of what was written; NULL with armour. RESULT_NOT_FOUND:
 * there is no such key, or it has no such address. */
enum result client_give_key(struct helper_process *process, struct wire_frame *frame,
                            const struct export_key *key, int file_fd, int64_t deadline_ms,
                            struct export_addresses *addresses, struct problem *problem) MUST_USE;

/* RESULT_BAD_INPUT: as sealer_unseal. The process must run on a ring to open with. */
enum result client_unseal(struct helper_process *process, struct wire_frame *frame,
                          const struct unseal_request *request, int64_t deadline_ms,
                          struct unseal_outcome *outcome_out, struct problem *problem) MUST_USE;

/* RESULT_BAD_INPUT: the signature or the key does not do. now: seconds since 1970. */
enum result client_check(struct helper_process *process, struct wire_frame *frame,
                         const struct seal_claim *claim, int64_t now, int64_t deadline_ms,
                         struct seal_checked *checked_out, struct problem *problem) MUST_USE;

#endif
