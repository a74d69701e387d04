/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_WORD_H
#define KHATM_READERS_OLE_WORD_H

/* Text of Word 97 to 2003 by its piece table ([MS-DOC] 2.4.1), and of older Word where it is in one piece. */

#include "inspector/reader.h"
#include "readers/bytes.h"

/* Which of "0Table" and "1Table" belongs to the stream "WordDocument". */
const char *ole_word_table(struct bytes document);
void ole_word(struct reading *reading, struct bytes document, struct bytes table);

#endif
