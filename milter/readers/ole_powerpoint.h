/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_POWERPOINT_H
#define KHATM_READERS_OLE_POWERPOINT_H

/* Text of PowerPoint 97 to 2003 ([MS-PPT]): every text that the stream has, of earlier saves too, in its
 * order; objects and pictures that it holds. */

#include "inspector/reader.h"
#include "readers/bytes.h"

void ole_powerpoint(struct reading *reading, struct bytes document);

#endif
