/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_FORGED_H
#define KHATM_SENDER_FORGED_H

/* Header fields that only we may write, in mail from outside: whoever reads them behind us believes them.
 * Authentication-Results counts as ours when some reader might take its authserv-id for our name (RFC 8601,
 * 5): comments, quotes, folds, case, final dots, a version number, a missing ";", invisible and encoded
 * characters do not hide it, and where it cannot be said it is ours. Those of other names are not ours to
 * touch, nor are those without a name, as Exchange writes them, unless ours stands in them. Pure, linear,
 * thread-safe. */

#include <stdbool.h>

/* node: our authserv-id in canonical form (policy/domain.h). value: what follows the colon. */
bool forged_claims_us(const char *name, const char *value, const char *node);
/* A field by whose name only we speak, whatever it says. */
bool forged_is_ours(const char *name);

#endif
