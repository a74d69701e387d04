/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_TRIAL_H
#define KHATM_SEAL_TRIAL_H

/* Every key of a new ring that seems usable is encrypted to once, before the ring comes into force: something
 * small, the way a message is sealed, checked as that is. What gpg lists as good it may still refuse, or die
 * of. Many keys share one gpg; where that fails the culprits are searched for in ever smaller groups, each of
 * which has a deadline of its own. A key fails by itself: because gpg refuses what is in it, or because gpg
 * does not seal to it, twice, and does seal to another one right afterwards. Without such another one the
 * fault may as well lie with gpg, and then nothing is said of any key. One thread. */

#include "config/config.h"
#include "seal/client.h"

struct trial_place {
    const struct sealing_settings *settings;
    const char *ring;               /* finished */
    struct helper_process *process; /* on that ring; started anew where it has to be */
    struct wire_frame *frame;
    struct key_table *table; /* not shared yet */
};

/* RESULT_OK: the table says of each key whether it can be encrypted to. RESULT_TRY_LATER: it could not be
 * tried, *problem says why; then the table says it of none. */
enum result trial_run(const struct trial_place *place, struct problem *problem) MUST_USE;

#endif
