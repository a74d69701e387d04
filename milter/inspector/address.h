/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_ADDRESS_H
#define KHATM_INSPECTOR_ADDRESS_H

/* Who a message says it is from and to (RFC 5322 3.6.2, 3.6.3), and the marks of forwarding in its header
 * section. GMime's address parser does the reading. From is also read narrowly (inspector/from.h), and has
 * one mailbox only where both agree; else it can be read in two ways, and whatever in it looks like an
 * address is reported, since somebody may read it so. */

#include "inspector/report.h"

#include <stddef.h>

/* section: the message's own header section. At most INSPECT_ADDRESSES_MAX addresses are reported; more is a
 * limit. */
void address_read(const char *section, size_t size, struct report *report);

#endif
