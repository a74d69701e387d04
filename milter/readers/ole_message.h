/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_MESSAGE_H
#define KHATM_READERS_OLE_MESSAGE_H

/* Mail as Outlook saves it ([MS-OXMSG]): subject, text, attachments. */

#include "readers/cfb.h"

bool ole_message_is(const struct cfb *storage);
/* The storage itself or one within an attachment. */
void ole_message(struct reading *reading, const struct cfb *storage);

#endif
