/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/pins.h"

#include <stdlib.h>

static bool make_room(struct pins *pins, size_t n)
{
    *pins = (struct pins){.fingerprints = calloc(2 * n + 1, sizeof *pins->fingerprints),
                          .certifiers = calloc(n + 1, sizeof *pins->certifiers)};
    if (pins->fingerprints && pins->certifiers)
        return true;
    pins_clear(pins);
    return false;
}

bool pins_copy(struct pins *pins, const char *const *fingerprints, size_t n)
{
    if (!make_room(pins, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (fingerprint_normalise(fingerprints[i], pins->fingerprints[pins->n_fingerprints]))
            pins->n_fingerprints++;
    return true;
}

static void add(struct pins *pins, const struct registry_entry *entry, bool signers)
{
    if (signers && entry->signing_fingerprint &&
        fingerprint_normalise(entry->signing_fingerprint, pins->fingerprints[pins->n_fingerprints]))
        pins->n_fingerprints++;
    if (!entry->key_fingerprint ||
        !fingerprint_normalise(entry->key_fingerprint, pins->fingerprints[pins->n_fingerprints]))
        return;
    pins->n_fingerprints++;
    if (entry->user_keys != USER_KEYS_NEVER)
        (void)fingerprint_normalise(entry->key_fingerprint, pins->certifiers[pins->n_certifiers++]);
}

bool pins_of_entries(struct pins *pins, const struct registry_entry *const *entries, size_t n, bool signers)
{
    if (!make_room(pins, n))
        return false;
    for (size_t i = 0; i < n; i++)
        add(pins, entries[i], signers);
    return true;
}

bool pins_of(struct pins *pins, const struct registry *registry, bool signers)
{
    size_t n = registry_count(registry);
    if (!make_room(pins, n))
        return false;
    for (size_t i = 0; i < n; i++)
        add(pins, registry_get(registry, i), signers);
    return true;
}

void pins_clear(struct pins *pins)
{
    free(pins->fingerprints);
    free(pins->certifiers);
    *pins = (struct pins){.fingerprints = NULL};
}

struct client_ring pins_ring(const struct pins *pins, const struct sealing_settings *settings)
{
    return (struct client_ring){.source = settings->homedir,
                                .fingerprints = (const char(*)[FINGERPRINT_HEX])pins->fingerprints,
                                .n_fingerprints = pins->n_fingerprints,
                                .certifiers = (const char(*)[FINGERPRINT_HEX])pins->certifiers,
                                .n_certifiers = settings->secrets ? 0 : pins->n_certifiers,
                                .secrets = settings->secrets};
}
