/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_PINS_H
#define KHATM_SEAL_PINS_H

/* Which keys a ring is to hold: by name those that a registry pins, and by the word of some of these the keys
 * of persons (government.domains(5), user-keys). Only this folder uses it. */

#include "policy/registry.h"
#include "seal/client.h"

#include <stdbool.h>

struct pins {
    char (*fingerprints)[FINGERPRINT_HEX], (*certifiers)[FINGERPRINT_HEX];
    size_t n_fingerprints, n_certifiers;
};

/* What is not a fingerprint is left out: its key will be missing. False: no memory, and nothing to clear. */
bool pins_copy(struct pins *pins, const char *const *fingerprints, size_t n) MUST_USE;
/* signers: the keys that seals are signed with, too: whoever opens needs them. */
bool pins_of_entries(struct pins *pins, const struct registry_entry *const *entries, size_t n,
                     bool signers) MUST_USE;
bool pins_of(struct pins *pins, const struct registry *registry, bool signers) MUST_USE;
void pins_clear(struct pins *pins);

/* Borrows from both. */
struct client_ring pins_ring(const struct pins *pins, const struct sealing_settings *settings);

#endif
