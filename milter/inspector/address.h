/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_ADDRESS_H
#define KHATM_INSPECTOR_ADDRESS_H

/* Who a message says it is from and to (RFC 5322 3.6.2, 3.6.3), and the marks of forwarding in its header
 * section. GMime's address parser does the reading; what makes From readable in two ways is looked for in the
 * bytes. */

#include "inspector/report.h"

#include <stddef.h>

/* section: the message's own header section. At most INSPECT_ADDRESSES_MAX addresses are reported; more is a
 * limit. */
void address_read(const char *section, size_t size, struct report *report);

#endif
