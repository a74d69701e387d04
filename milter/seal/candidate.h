/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_CANDIDATE_H
#define KHATM_SEAL_CANDIDATE_H

/* A key that somebody wants to be taken in, held apart until it is judged: read from a file into a throw-away
 * ring by a khatm-sealer of its own. Nothing is taken in before candidate_take; whether the key may be is the
 * caller's to decide, by its fingerprint. One thread. */

#include "policy/registry.h"
#include "seal/seal.h"

struct candidate;

/* settings->work_directory: exists or can be made. RESULT_BAD_INPUT: the bytes are not one public key;
 * *problem is a phrase to put behind the file's name. */
enum result candidate_open(const struct sealing_settings *settings, const struct registry *registry,
                           const char *bytes, size_t size, struct candidate **candidate_out,
                           struct problem *problem) MUST_USE;
void candidate_free(struct candidate *candidate);

/* Upper case; lives as long as the candidate. */
const char *candidate_fingerprint(const struct candidate *candidate);
/* Every address in it that one of the registry's certifiers vouches for now. */
void candidate_each_person(const struct candidate *candidate, int64_t now,
                           void (*visit)(void *context, const char *address, const char *certifier,
                                         const struct key_info *info),
                           void *context);
/* Merges it into settings->homedir, which exists and may be written by this user. */
enum result candidate_take(struct candidate *candidate, struct problem *problem) MUST_USE;

#endif
