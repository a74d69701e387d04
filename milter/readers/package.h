/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_PACKAGE_H
#define KHATM_READERS_PACKAGE_H

/* Office packages: OOXML (ISO 29500) and OpenDocument (ISO 26300), which are ZIP files of XML. Every entry is
 * read for what it is by its root element, in an order in which a person would meet it; what is no XML is
 * handed on as an embedded file. Nothing in the package can leave itself out by not being referred to. */

#include "inspector/reader.h"
#include "readers/zip.h"

/* Has the entries that make it one. */
bool package_is_office(const struct zip *zip);
void package_read(struct reading *reading, const struct zip *zip);

#endif
