/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_EXPORT_H
#define KHATM_SEAL_EXPORT_H

/* A public key out of a home of gpg, as a file that can be handed out. By a khatm-sealer of its own. */

#include "base/buffer.h"
#include "config/config.h"

/* Appends the key to `key`, armoured or binary. settings->homedir is where it is looked for.
 * RESULT_NOT_FOUND: it is not there. */
enum result seal_export(const struct sealing_settings *settings, const char *fingerprint, bool armoured,
                        struct buffer *key, struct problem *problem) MUST_USE;

#endif
