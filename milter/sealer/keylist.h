/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_KEYLIST_H
#define KHATM_SEALER_KEYLIST_H

/* The working ring's keys as SEAL_KEY frames. */

#include "helper/wire.h"
#include "sealer/gpg_keys.h"

/* certifiers: whose word on addresses is told, too; NULL: nobody's. frame: room to build in. *n_out: frames
 * sent. */
enum result keylist_send(struct gpg *gpg, int control, const struct gpg_certifiers *certifiers,
                         struct wire_frame *frame, size_t *n_out, struct problem *problem) MUST_USE;

#endif
