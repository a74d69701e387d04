/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_PROPERTIES_H
#define KHATM_READERS_OLE_PROPERTIES_H

/* Property sets of compound files ([MS-OLEPS]): the two summaries and custom properties, where labels of
 * confidentiality are kept. */

#include "inspector/reader.h"
#include "readers/bytes.h"

void ole_properties(struct reading *reading, struct bytes stream);

#endif
