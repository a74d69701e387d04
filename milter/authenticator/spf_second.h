/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_SPF_SECOND_H
#define KHATM_AUTHENTICATOR_SPF_SECOND_H

/* libspf2 as a second opinion on an SPF "pass", the only place that sees it. Its DNS layer is the resolver,
 * which remembers the answers that the first opinion was made from. Alone it is not to be believed: of the
 * 203 cases of the RFC 7208 suite it gives six a "pass" that are none. It has had memory errors
 * (CVE-2021-20314, CVE-2021-33912, CVE-2021-33913, CVE-2023-42118): it is asked only about records whose
 * every character our grammar knows, in the sandbox. One thread. */

#include "authenticator/spf_eval.h"

enum spf_opinion { SPF_OPINION_PASS, SPF_OPINION_OTHER, SPF_OPINION_TROUBLE };

struct spf_second;

/* Made before the sandbox closes: libspf2 wants to know the host's name. NULL: no memory. */
struct spf_second *spf_second_new(void);
void spf_second_free(struct spf_second *second);
enum spf_opinion spf_second_opinion(struct spf_second *second, const struct spf_question *question);

#endif
