/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_DOMAIN_H
#define KHATM_POLICY_DOMAIN_H

/* Domain names in the one form in which they are compared: IDNA 2008 A-labels (RFC 5891, by libidn2), lower
 * case, no trailing dot. Comparison is label by label, never a suffix of characters: evilgov.example is not
 * under gov.example. Thread-safe. */

#include "policy/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_ROOM = 256 };

/* Writes the canonical form. False: not a host name (empty label, label over 63, odd characters, not IDNA, an
 * address, a number as the last label …), or written with characters that one program maps to others and the
 * next does not (full-width letters and dots, soft hyphens, what cannot be seen). One trailing dot is taken
 * off; a single label is a name. */
bool domain_canonical(const char *domain, char out[DOMAIN_ROOM]) POLICY_MUST_USE;
/* domain is parent, or below it. Both canonical. */
bool domain_is_within(const char *domain, const char *parent);
/* The domain without its first label; NULL when one label is left. */
const char *domain_parent(const char *domain);

#endif
