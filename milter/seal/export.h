/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_EXPORT_H
#define KHATM_SEAL_EXPORT_H

/* Public keys out of a home of gpg, as files that can be handed out. By a khatm-sealer of its own, which has
 * a copy of these keys alone. One thread. */

#include "base/buffer.h"
#include "config/config.h"
#include "seal/keys.h"
#include "seal/protocol.h"

struct seal_exporter;

struct export_key {
    const char *fingerprint; /* normalised, like the other */
    const char *certifier;   /* whose signatures on the address are kept; NULL: nobody's but its own */
    const char *address;     /* NULL: the whole key */
    bool armoured;           /* the whole key only; its addresses are not told then */
};

struct export_addresses {
    char addresses[SEAL_PERSONS_MAX][SEAL_ADDRESS_MAX + 1];
    size_t n;
};

/* settings->homedir is where the keys are looked for: fingerprints, normalised, n of them. RESULT_NOT_FOUND:
 * it has none of them. */
enum result seal_exporter_open(const struct sealing_settings *settings,
                               const char (*fingerprints)[FINGERPRINT_HEX], size_t n,
                               struct seal_exporter **exporter_out, struct problem *problem) MUST_USE;
void seal_exporter_free(struct seal_exporter *exporter);
/* Appends the key to `key`. addresses: of what was given; not with armour. RESULT_NOT_FOUND: it is not there,
 * or has no such address. After another failure the exporter is of no more use. */
enum result seal_exporter_give(struct seal_exporter *exporter, const struct export_key *wanted,
                               struct export_addresses *addresses, struct buffer *key,
                               struct problem *problem) MUST_USE;

/* The three for one whole key. */
enum result seal_export(const struct sealing_settings *settings, const char *fingerprint, bool armoured,
                        struct buffer *key, struct problem *problem) MUST_USE;

#endif
