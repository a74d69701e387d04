/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_SECRET_TEST_H
#define KHATM_SEALER_SECRET_TEST_H

/* Whether the secret keys of a ring can be used, found out when it is made and not by the first message: a
 * few bytes are encrypted to them and must come back. */

#include "sealer/gpg.h"

/* directory: a ring to open with. secrets: where its secret keys lie, for the problem. RESULT_TRY_LATER:
 * there are none, or gpg cannot use them, say for want of a passphrase. */
enum result secret_test(const char *program, const char *directory, const char *secrets,
                        struct problem *problem) MUST_USE;
/* The same with a gpg that is open already. */
enum result secret_try(struct gpg *gpg, struct problem *problem) MUST_USE;

#endif
