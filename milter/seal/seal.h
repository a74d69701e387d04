/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_SEAL_H
#define KHATM_SEAL_SEAL_H

/* The daemon's side of khatm-sealer: a pool of slots, each its own process (group) that runs gpg through
 * GPGME. A slot that misses its deadline, dies or answers nonsense is killed with all it started and
 * replaced. Sealing is PGP/MIME (RFC 3156) over the original bytes of the body. Nothing of a failed attempt
 * is ever used: the caller throws the output file away. Thread-safe.
 *
 * With settings->secrets it is one to open with instead: such a pool unseals and does not seal, and no
 * process that sees a secret key ever seals.
 *
 * Opening makes a private working ring (only the pinned keys, options that matter for speed and safety) under
 * settings->work_directory and fills the key cache; refreshing makes a new one and swaps it. */

#include "config/config.h"
#include "policy/registry.h"
#include "seal/keys.h"
#include "seal/signer.h"

struct sealer;

struct seal_request {
    int message_fd; /* header section, empty line, body; read at offsets of the sealer's own */
    uint64_t body_offset, body_size;
    const char *inner_header; /* header section of the protected payload, CRLF line ends, no empty line */
    size_t inner_header_size;
    const char *boundary; /* of the multipart/encrypted, as the outer Content-Type names it */
    const char *const *fingerprints;
    size_t n_fingerprints;
    bool hide_key_ids;  /* an envelope recipient is in no header */
    const char *signer; /* the sealer's own to fill in: the very key that signs; NULL: none */
    int output_fd; /* empty; receives the whole new body, CRLF line ends, 7-bit, lines of at most 76 octets */
};

struct seal_outcome {
    uint64_t body_size;       /* bytes in output_fd */
    uint64_t ciphertext_size; /* binary, before armour */
    uint8_t ciphertext_sha256[32];
    bool refused; /* it failed, since gpg refuses one of the keys for what is in it */
};

struct unseal_request {
    int message_fd; /* header section, empty line, body; read at offsets of the sealer's own */
    uint64_t size;
    uint64_t limit;     /* most bytes that may come out */
    const char *signer; /* fingerprint that the registry pins for the proven sender; NULL: none */
    int output_fd;      /* empty; receives what was inside: header section, empty line, body */
};

struct unseal_outcome {
    enum unseal_state { UNSEAL_NOT_OURS = 1, UNSEAL_UNSIGNED = 2, UNSEAL_SIGNED = 3 } state;
    uint64_t body_offset, size; /* in output_fd: the body begins there and ends it */
    char *fields; /* the header fields that count from now on: NAME, NUL, "+" value or "-", NUL … */
    size_t fields_size, n_fields;
    uint8_t ciphertext_sha256[32];
};

/* fingerprints: every key that may be wanted, n of them; copied. Fails only when the sealer cannot work at
 * all (no gpg, no ring): *problem says what to do. Missing or unusable keys are not failures; nor are keys
 * that could not be tried: sealer_trouble. */
enum result sealer_new(const struct sealing_settings *settings, const char *const *fingerprints,
                       size_t n_fingerprints, struct sealer **sealer_out, struct problem *problem) MUST_USE;
/* The same for all that a registry needs: every key that it pins, and the keys of persons that the keys of
 * those entries certify which allow that. */
enum result sealer_new_for(const struct sealing_settings *settings, const struct registry *registry,
                           struct sealer **sealer_out, struct problem *problem) MUST_USE;
/* The same for some of its entries. */
enum result sealer_new_for_entries(const struct sealing_settings *settings,
                                   const struct registry_entry *const *entries, size_t n,
                                   struct sealer **sealer_out, struct problem *problem) MUST_USE;
void sealer_free(struct sealer *sealer);
const struct keys *sealer_keys(const struct sealer *sealer);
/* RESULT_TRY_LATER: no key of the first ring could be tried, and *problem says why: each is KEY_UNKNOWN until
 * a refresh mends that. RESULT_OK: they were. */
enum result sealer_trouble(struct sealer *sealer, struct problem *problem) MUST_USE;
/* Rebuilds ring and cache; on failure the old ones stay. Called every refresh_ms by the daemon's
 * housekeeping. */
enum result sealer_refresh(struct sealer *sealer, struct problem *problem) MUST_USE;

/* Ends processes that have had nothing to do for idle_ms. The next message starts one, in a few ms. */
void sealer_retire(struct sealer *sealer, int64_t idle_ms);

/* False: the homes it was made from have changed since. A few stat(2). */
bool sealer_is_current(struct sealer *sealer);

/* Can it sign? RESULT_NOT_FOUND: it need not. RESULT_OK: yes, until *ends_out (seconds since 1970; 0: for
 * good). RESULT_TRY_LATER: no, and *problem says what to do; until then nothing is sealed. */
enum result sealer_can_sign(struct sealer *sealer, int64_t now, int64_t *ends_out,
                            struct problem *problem) MUST_USE;
/* What is known of the key that signs. */
void sealer_signer(struct sealer *sealer, struct signer *signer_out);

/* RESULT_OK only when the ciphertext was parsed to its last byte and is encrypted to exactly the keys wanted.
 * With settings->signing it is signed by that key. RESULT_TRY_LATER with *problem for anything else. */
enum result sealer_seal(struct sealer *sealer, const struct seal_request *request,
                        struct seal_outcome *outcome_out, struct problem *problem) MUST_USE;

/* RESULT_OK: it was opened whole, or state is UNSEAL_NOT_OURS. RESULT_BAD_INPUT: sealed for us and not to be
 * taken for it: *problem is one phrase of ours. RESULT_TRY_LATER for anything else. outcome_out->fields is
 * the caller's to free. What is in output_fd counts only when it was opened. */
enum result sealer_unseal(struct sealer *sealer, const struct unseal_request *request,
                          struct unseal_outcome *outcome_out, struct problem *problem) MUST_USE;

#endif
