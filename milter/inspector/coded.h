/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CODED_H
#define KHATM_INSPECTOR_CODED_H

/* Files that are written into plain text: uuencode and its base64 form (POSIX uuencode), yEnc (yenc-draft
 * 1.3), blocks of base64 and of hexadecimal digits by the thresholds of inspector/rawscan.h, all of these
 * also quoted ("> "). The raw scan says that there is one; here it comes out, for its digest and its kind.
 * What is damaged comes out as far as it goes. */

#include "inspector/reader.h"

/* Hands each on as an embedded file. */
void coded_read(struct reading *reading);

#endif
