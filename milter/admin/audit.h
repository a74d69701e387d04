/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_AUDIT_H
#define KHATM_ADMIN_AUDIT_H

/* How `khatm audit forwards` shows what it found: text for people, one line a forward, and JSON in the form
 * of docs/audit-forwards.schema.json. */

#include "admin/printer.h"
#include "forwards/forwards.h"

enum { AUDIT_EXIT_FOUND = 20, AUDIT_EXIT_UNREAD = 21, AUDIT_EXIT_FOUND_AND_UNREAD = 22 };

void audit_text(const struct printer *printer, const struct forwards_report *report);
/* RESULT_TRY_LATER: no memory. */
enum result audit_json(FILE *out, const struct forwards_report *report) MUST_USE;

#endif
