/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_XML_DOCUMENT_H
#define KHATM_READERS_XML_DOCUMENT_H

/* Documents that are one XML file: flat OpenDocument, Word's "flat OPC" and its format of 2003, drawings of
 * SVG, and XML of whatever kind, whose characters are all text. */

#include "inspector/reader.h"

extern const struct reader xml_document_reader;

#endif
