/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_PACKAGE_H
#define KHATM_READERS_PACKAGE_H

/* Office packages: OOXML (ISO 29500) and OpenDocument (ISO 26300), which are ZIP files of XML. Every entry is
 * read for what it is by its root element, in an order in which a person would meet it; what is no XML is
 * handed on as an embedded file. Nothing in the package can leave itself out by not being referred to. */

#include "inspector/reader.h"
#include "readers/zip.h"

/* What the first entry of an ODF package may say, without a line end. */
#define PACKAGE_ODF_KINDS                                                                                    \
    "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template",           \
        "application/vnd.oasis.opendocument.text-master", "application/vnd.oasis.opendocument.text-web",     \
        "application/vnd.oasis.opendocument.spreadsheet",                                                    \
        "application/vnd.oasis.opendocument.spreadsheet-template",                                           \
        "application/vnd.oasis.opendocument.presentation",                                                   \
        "application/vnd.oasis.opendocument.presentation-template",                                          \
        "application/vnd.oasis.opendocument.graphics",                                                       \
        "application/vnd.oasis.opendocument.graphics-template",                                              \
        "application/vnd.oasis.opendocument.formula", "application/vnd.oasis.opendocument.chart",            \
        "application/vnd.oasis.opendocument.database", "application/vnd.sun.xml.writer",                     \
        "application/vnd.sun.xml.calc", "application/vnd.sun.xml.impress"

/* Has the entries that make it one. */
bool package_is_office(const struct zip *zip);
void package_read(struct reading *reading, const struct zip *zip);

#endif
