/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_NAME_H
#define KHATM_DNS_NAME_H

/* Domain names as SPF and DKIM use them: ASCII text without escapes, compared label by label and without
 * case. Pure. */

#include <stdbool.h>
#include <stddef.h>

enum { NAME_MAX_BYTES = 253, NAME_LABEL_MAX = 63 };

/* Labels of 1 to 63 octets, at most 253 in all, at least `labels` of them; one trailing dot is allowed. What
 * is in a label does not matter: DNS itself allows all. */
bool name_can_be_asked(const char *name, unsigned labels);
/* Letters, digits, hyphens and underscores only, two labels or more, no trailing dot: what mail domains, d=
 * and selectors (`labels` 1) look like. */
bool name_is_plain(const char *name, unsigned labels);
/* The name itself or below it. */
bool name_is_within(const char *name, const char *domain);
/* Lower case, without trailing dot. False: does not fit. */
bool name_normalise(const char *name, char *out, size_t room);

#endif
