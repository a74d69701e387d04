/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MTA_MACROS_H
#define KHATM_MTA_MACROS_H

/* What the MTA says in macros and socket addresses, as text of our own (malloc; the caller frees; NULL:
 * unknown), unless it says otherwise. */

#include "base/arena.h"

#include <libmilter/mfapi.h>

char *macros_copy(SMFICTX *ctx, const char *name);
/* Who logged in, in *login_out, from the arena; NULL: nobody. Sendmail's xtext (RFC 3461, 4) is undone, what
 * is no xtext stays as it is. RESULT_TRY_LATER: no memory, which is not "nobody". */
enum result macros_login(SMFICTX *ctx, struct arena *arena, const char **login_out) MUST_USE;
/* "192.0.2.1" or "2001:db8::1"; an IPv4-mapped IPv6 address as IPv4. NULL for anything else. */
char *macros_client_address(const _SOCK_ADDR *address);

#endif
