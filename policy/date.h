/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_DATE_H
#define KHATM_POLICY_DATE_H

/* Calendar days as written in the registry (ISO 8601, "2026-11-21", UTC) and seconds since 1970, without the
 * C library's clock, zone or locale. Years 1970 to 9999. Thread-safe. */

#include "policy/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { DATE_ROOM = 11, DAY_SECONDS = 86400 };

/* The first second of that day. False: not a day that exists, or written in another way. */
bool date_parse(const char *text, int64_t *seconds_out) POLICY_MUST_USE;
/* "-" outside the years above. */
void date_format(int64_t seconds, char out[DATE_ROOM]);

#endif
