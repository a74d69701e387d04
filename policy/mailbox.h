/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_MAILBOX_H
#define KHATM_POLICY_MAILBOX_H

/* An envelope address taken apart (RFC 5321 4.1.2, RFC 6531 3.3). Well formed is what no server could take
 * for routing, a list, a command or a second address: a dot-atom; the same in quotation marks, which then say
 * nothing; blanks between the words of a quoted one; letters, marks and digits of any script, since none of
 * them is a sign to a server. Characters that normalisation turns into others (a full-width % or @) and those
 * that cannot be seen are refused. Length is that of a path, 254 octets: local parts of more than 64 are
 * common in bounce addresses, and no server reads them as another's. Pure; thread-safe. */

#include "policy/domain.h"

/* address: without <>. NULL: well formed, and `domain` is canonical; else why not, a static ASCII phrase. */
const char *mailbox_split(const char *address, char domain[DOMAIN_ROOM]);

#endif
