/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_SIGNING_H
#define KHATM_DAEMON_SIGNING_H

/* What the daemon has to say of the key that signs: that it cannot, once, and that it can again; 60, 30 and
 * 7 days ahead and each day of the last week, when it ends; that the registry pins another one for this
 * house. Housekeeping's own: one thread. */

#include "base/result.h"
#include "seal/outlook.h"

#include <stdint.h>

struct generation;

struct signing_news {
    struct problem said;      /* the last trouble that was told; empty: none */
    enum outlook_stage stage; /* when its end was told last */
    int64_t warned_day;
};

/* When a generation comes into force. */
void signing_begin(struct signing_news *news, const struct generation *generation);
/* After each look at the keys. */
void signing_look(struct signing_news *news, const struct generation *generation);

#endif
