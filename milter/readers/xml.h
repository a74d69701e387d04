/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_XML_H
#define KHATM_READERS_XML_H

/* XML as a stream of elements and text, by libxml2's push parser: the only place that sees it. No tree is
 * built, nothing outside the bytes is ever loaded, and a document type (which OPC forbids and ODF does not
 * use) ends the reading, so that there are no entities beyond the five of XML. Encodings are UTF-8, UTF-16,
 * ASCII and Latin 1: others would make the library look for files. Depth is limited to XML_DEPTH_MAX. */

#include "base/result.h"
#include "inspector/reader.h"

enum { XML_DEPTH_MAX = 250, XML_VALUE_ROOM = 1024 };

struct xml;

/* Valid within the call only. */
struct xml_element {
    const char
        *name; /* without its prefix; the same pointer for the same name, as long as the reading lasts */
    const char *namespace; /* its URI; "" */
    const void *attributes;
    int n_attributes;
};

/* What one part of a document is read by. All may be NULL. */
struct xml_handler {
    void (*start)(void *context, const struct xml_element *element);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *utf8, size_t size);
};

/* In the template. */
enum result xml_prepare(struct problem *problem) MUST_USE;

/* NULL: no memory. */
struct xml *xml_open(const struct xml_handler *handler, void *context);
/* False: the reading ended early; xml_close says why. */
bool xml_feed(struct xml *xml, const void *bytes, size_t size);
/* Nothing more is wanted, which is no error. */
void xml_stop(struct xml *xml);
/* NULL: read to its end; else why not. */
const char *xml_close(struct xml *xml);
/* The attribute's value by its name without prefix, copied and cut at a character; "" when there is none. */
void xml_value(const struct xml_element *element, const char *name, char value[XML_VALUE_ROOM]);
/* The element's attributes from 0: the name without prefix, the value as above. NULL behind the last. */
const char *xml_attribute(const struct xml_element *element, int at, char value[XML_VALUE_ROOM]);
bool xml_is(const char *a, const char *b);

#endif
