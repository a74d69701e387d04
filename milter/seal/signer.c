/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/signer.h"

#include "base/clock.h"

enum { DAY_TEXT = 10, TIME_ROOM = 21 };

enum result signer_check(const struct signer *signer, int64_t now, struct problem *problem)
{
    char day[TIME_ROOM];
    if (!signer->wanted)
        return RESULT_NOT_FOUND;
    if (!signer->fingerprint[0])
        return problem_set(problem, RESULT_TRY_LATER, "signing: %s", signer->trouble.text);
    if (!signer->expires || signer->expires > now)
        return RESULT_OK;
    clock_format_utc(signer->expires, day);
    return problem_set(problem, RESULT_TRY_LATER, "signing: %s: the key %s expired on %.*s: renew it there",
                       signer->home, signer->fingerprint, DAY_TEXT, day);
}
