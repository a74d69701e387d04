/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_H
#define KHATM_READERS_OLE_H

/* What is in a compound file: Word, Excel and PowerPoint up to 2003, whatever an object embeds, mail that
 * Outlook saved, and the envelope of encrypted office packages ([MS-OFFCRYPTO]). Every stream is looked at
 * for what its name says it is, wherever it stands. */

#include "inspector/reader.h"
#include "readers/bytes.h"

extern const struct reader ole_reader;

/* "\1Ole10Native" and what RTF keeps of an object: a file with its name ([MS-OLEDS] 2.3.6). */
void ole_native(struct reading *reading, struct bytes stream);

#endif
