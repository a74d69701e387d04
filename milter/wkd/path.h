/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_WKD_PATH_H
#define KHATM_WKD_PATH_H

/* Where the key of an address is found in a Web Key Directory (draft-koch-openpgp-webkey-service, 3.1). Pure.
 * In the local part only ASCII letters are made small: what else two ways of writing it have in common is
 * nobody's business but that domain's. */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Of a local part (RFC 5321, 4.5.3.1.1); of a path with its query. */
enum { WKD_LOCAL_MAX = 64, WKD_NAME_ROOM = 33, WKD_PATH_ROOM = 640 };

/* "hu/NAME": SHA-1 of the local part in z-base-32. RESULT_TRY_LATER: no memory. */
enum result wkd_name(const char *local, char name[WKD_NAME_ROOM]) MUST_USE;

/* Path and query of the key: of the advanced method, for the host openpgpkey.DOMAIN, else of the direct one,
 * for DOMAIN. domain: A-labels, lower case. RESULT_BAD_INPUT: the local part is empty or too long. */
enum result wkd_path(const char *local, const char *domain, bool advanced, char path[WKD_PATH_ROOM]) MUST_USE;

#endif
