/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_PERSONS_H
#define KHATM_SEALER_GPG_PERSONS_H

/* Whose key it is, by the word of those we ask: addresses in user ids that a certifier signed. Only
 * signatures that gpg verified in this very listing count, neither expired nor revoked by the same certifier
 * since. A user id that is not one plain address, bare or in <>, names nobody. GPGME names certifiers by
 * 64-bit ids alone, so two keys with one id must not be in the same home. */

#include "sealer/gpg_keys.h"

#include <gpgme.h>

/* Fills to->persons; at most SEAL_PERSONS_MAX. */
void gpg_persons_read(gpgme_key_t from, const struct gpg_certifiers *certifiers, struct gpg_key *to);
/* Has this key, or a subkey of it, the id of a certifier that it is not? */
bool gpg_persons_clash(gpgme_key_t key, const struct gpg_certifiers *certifiers);

/* The one address in a user id; false: none, or it could be read in two ways. */
bool gpg_persons_address(const char *user_id, char address[SEAL_ADDRESS_MAX + 1]);

#endif
