/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_LZFU_H
#define KHATM_READERS_LZFU_H

/* Compressed RTF of Outlook ([MS-OXRTFCP]): the text of its messages. */

#include "base/buffer.h"
#include "readers/bytes.h"

/* Appends to out, whose limit bounds it. NULL: to its end, as long as it says and with the right checksum;
 * otherwise a phrase, and what came out so far counts. */
const char *lzfu_unpack(struct bytes packed, struct buffer *out);

#endif
