/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_FROM_H
#define KHATM_INSPECTOR_FROM_H

/* The value of a From field, read so narrowly that every reader finds the same one mailbox in it (RFC 5322
 * 3.6.2 and 3.4): a dot-atom and a domain, alone or in angle brackets behind a display name. A display name
 * may be words, quoted strings, encoded words and comments, and say what it likes; a comment may also follow
 * the address, not go before it. Not: another address outside quotation marks, in a comment or behind
 * encoding; anything within the address or behind it; routes, groups, lists; bytes beyond ASCII, control
 * characters, folds of nothing but blanks. That a name in quotation marks looks like another address is left
 * to the reader of the message: it is no identity. Pure. */

#include <stdbool.h>
#include <stddef.h>

enum { FROM_ADDRESS_ROOM = 512 };

/* value: as it stands in the section, folds and line end included. False: it can be read in two ways, or is
 * nobody's. Needless quotation marks around the dot-atom and a dot behind the domain are left out. */
bool from_read(const char *value, size_t size, char address_out[FROM_ADDRESS_ROOM]);

/* The next thing from *at on that looks like an address, whatever stands around it; *at moves behind its @.
 * For values that can be read in two ways: what else they may name. */
bool from_next_address(const char *value, size_t size, size_t *at, char address_out[FROM_ADDRESS_ROOM]);

#endif
