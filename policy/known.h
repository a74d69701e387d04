/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_KNOWN_H
#define KHATM_POLICY_KNOWN_H

/* The domains worth feigning, and the endings they share (gov.example), so that of 20,000 only those few are
 * compared (policy/lookalike.h) of which the whole, a half or the letters without dots are the same.
 * Skeletons are made once, as domains are added. An ending counts when two known domains have it, one of them
 * government: what two clients of one host share says nothing. Immutable once shared: then thread-safe. */

#include "policy/lookalike.h"
#include "policy/status.h"

struct known;

struct known_likeness {
    const char *meant; /* borrowed: the known domain, or the ending; NULL: none */
    const char *how;   /* one phrase */
};

struct known *known_new(void); /* NULL: no memory */
void known_free(struct known *known);
/* domain: canonical, not added before; borrowed until known_free. government: its endings count too. */
enum policy_status known_add(struct known *known, const char *domain, bool government) POLICY_MUST_USE;
/* What this unlisted domain is taken for: the nearest known one, or one of `own` (NULL-terminated; NULL:
 * none), which wins a tie; an ending only when there is none. Nothing for a domain below a known one that
 * does not vouch for it: unlisted, but not feigned. */
struct known_likeness known_find(const struct known *known, const char *const *own, const char *domain);

#endif
