/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OLE_EXCEL_H
#define KHATM_READERS_OLE_EXCEL_H

/* Cells, sheet names, page headers, text boxes and comments of Excel 97 to 2003 (BIFF8, [MS-XLS]), and
 * strings of BIFF5. */

#include "inspector/reader.h"
#include "readers/bytes.h"

void ole_excel(struct reading *reading, struct bytes workbook);

#endif
