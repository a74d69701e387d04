/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RTF_OBJECT_H
#define KHATM_READERS_RTF_OBJECT_H

/* Objects in RTF: an OLE 1.0 envelope ([MS-OLEDS] 2.2.5) in hexadecimal. */

#include "base/buffer.h"
#include "inspector/reader.h"
#include "readers/bytes.h"

/* Appends the bytes that the digits stand for; what is no digit is read over, as Word does. *half: what is
 * left of a byte between calls, 0 at first. */
void rtf_hex(unsigned *half, struct bytes digits, struct buffer *out);
void rtf_object(struct reading *reading, struct bytes data);

#endif
