/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_FIELD_SCAN_H
#define KHATM_INSPECTOR_FIELD_SCAN_H

/* Files in the fields of a header section, of the message or of a part: base64 in pieces, the first bytes of
 * a file in base64, encoded words (RFC 2047) that hold no text. Signatures, message identifiers, Autocrypt's
 * keys and what Exchange notes for itself pass. */

#include <stddef.h>

/* NULL, or what was found. */
const char *field_scan(const char *section, size_t size);

#endif
