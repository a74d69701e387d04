/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_TNEF_H
#define KHATM_READERS_TNEF_H

/* winmail.dat ([MS-OXTNEF]): a message as Outlook sends it to itself: subject and text (plain, compressed RTF
 * or HTML), files, messages within. Read by ourselves, since libytnef writes to stdout about what it
 * dislikes, and checks neither sums nor what stands behind the end: programs stop at different places in a
 * damaged stream, so that is ambiguous. Of several forms of the text the best is told as such, the others as
 * hidden. What nobody shows (addresses, times, keys, icons) may be 16 KiB, and hold no first bytes of a file:
 * such a file is conversation when there is nothing but text in it. */

#include "inspector/reader.h"

extern const struct reader tnef_reader;

#endif
