/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/xml.h"

#include "base/text.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING,
    PIECE = 64 * 1024,
    HEAD_BYTES = 256, /* where the declaration must be */
    ATTRIBUTE_FIELDS = 5,
};

struct xml {
    xmlParserCtxtPtr parser;
    const struct xml_handler *handler;
    void *context;
    const char *why;
    bool stopped, checked;
    unsigned depth;
    size_t n_head;
    char head[HEAD_BYTES];
};

static void fail(struct xml *xml, const char *why)
{
    if (!xml->why)
        xml->why = why;
    xml->stopped = true;
    xmlStopParser(xml->parser);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                     const xmlChar **attributes)
{
    struct xml *xml = context;
    (void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
    if (xml->stopped)
        return;
    if (++xml->depth > XML_DEPTH_MAX) {
        fail(xml, "XML nested too deep");
        return;
    }
    const struct xml_element element = {.name = (const char *)name,
                                        .namespace = uri ? (const char *)uri : "",
                                        .attributes = attributes,
                                        .n_attributes = n_attributes};
    if (xml->handler->start)
        xml->handler->start(xml->context, &element);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml *xml = context;
    (void)prefix, (void)uri;
    if (xml->stopped)
        return;
    xml->depth--;
    if (xml->handler->end)
        xml->handler->end(xml->context, (const char *)name);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    struct xml *xml = context;
    if (!xml->stopped && xml->handler->text && size > 0)
        xml->handler->text(xml->context, (const char *)text, (size_t)size);
}

static void on_document_type(void *context, const xmlChar *name, const xmlChar *public, const xmlChar *system)
{
    (void)name, (void)public, (void)system;
    fail(context, "XML with a document type");
}

static void on_reference(void *context, const xmlChar *name)
{
    (void)name;
    fail(context, "XML with entities");
}

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url, (void)id, (void)parser;
    return NULL;
}

static void say_nothing(void *context, const char *format, ...)
{
    (void)context, (void)format;
}

static xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                            .internalSubset = on_document_type,
                            .reference = on_reference,
                            .startElementNs = on_start,
                            .endElementNs = on_end,
                            .characters = on_text,
                            .ignorableWhitespace = on_text,
                            .cdataBlock = on_text};

/* Names of encodings that libxml2 knows by itself. */
static bool is_known(const char *name, size_t size)
{
    static const char *const known[] = {"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == size && !strncasecmp(known[i], name, size))
            return true;
    return false;
}

/* The declaration is in the first line of a file that is ASCII so far. */
static bool encoding_is_known(const char *head, size_t size)
{
    static const char word[] = "encoding";
    const char *end = memchr(head, '>', size), *at = memmem(head, size, word, sizeof word - 1);
    if (size < 5 || memcmp(head, "<?xml", 5) != 0 || !end || !at || at > end)
        return true;
    at += sizeof word - 1;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n' || *at == '='))
        at++;
    char quote = *at++;
    const char *stop = at < end ? memchr(at, quote, (size_t)(end - at)) : NULL;
    return (quote == '"' || quote == '\'') && stop && is_known(at, (size_t)(stop - at));
}

/* By the first bytes, as XML 1.0 appendix F guesses. */
static bool head_is_known(const char *head, size_t size)
{
    if (size >= 3 && !memcmp(head, "\xef\xbb\xbf", 3))
        return encoding_is_known(head + 3, size - 3);
    if (size >= 4 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2)))
        return head[2] || head[3];
    if (size >= 4 && (!memcmp(head, "<\0", 2) || !memcmp(head, "\0<", 2)))
        return head[2] || head[3];
    return encoding_is_known(head, size);
}

struct xml *xml_open(const struct xml_handler *handler, void *context)
{
    struct xml *xml = calloc(1, sizeof *xml);
    if (!xml)
        return NULL;
    xml->handler = handler;
    xml->context = context;
    xml->parser = xmlCreatePushParserCtxt(&sax, xml, NULL, 0, NULL);
    if (!xml->parser) {
        free(xml);
        return NULL;
    }
    (void)xmlCtxtUseOptions(xml->parser, OPTIONS);
    return xml;
}

static bool parse(struct xml *xml, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size && !xml->stopped; at += PIECE) {
        size_t some = size - at < PIECE ? size - at : PIECE;
        if (xmlParseChunk(xml->parser, bytes + at, (int)some, 0) != XML_ERR_OK && !xml->stopped)
            fail(xml, "XML that is not well formed");
    }
    return !xml->stopped;
}

/* The parser gets nothing before it is known what it would do with it. */
static bool check_head(struct xml *xml)
{
    xml->checked = true;
    if (!strchr("< \t\r\n\xef\xff\xfe", xml->head[0]))
        fail(xml, "no XML");
    if (!head_is_known(xml->head, xml->n_head))
        fail(xml, "XML in an unusual encoding");
    return !xml->stopped && parse(xml, xml->head, xml->n_head);
}

bool xml_feed(struct xml *xml, const void *bytes, size_t size)
{
    const char *at = bytes;
    if (!xml->checked) {
        size_t some = size < HEAD_BYTES - xml->n_head ? size : HEAD_BYTES - xml->n_head;
        memcpy(xml->head + xml->n_head, at, some);
        xml->n_head += some;
        at += some;
        size -= some;
        if (xml->n_head < HEAD_BYTES)
            return true;
        if (!check_head(xml))
            return false;
    }
    return !xml->stopped && parse(xml, at, size);
}

void xml_stop(struct xml *xml)
{
    xml->stopped = true;
    xmlStopParser(xml->parser);
}

const char *xml_close(struct xml *xml)
{
    if (!xml->checked && xml->n_head)
        (void)check_head(xml);
    if (!xml->stopped && xmlParseChunk(xml->parser, NULL, 0, 1) != XML_ERR_OK && !xml->why)
        xml->why = "XML that is not well formed";
    const char *why = xml->why;
    xmlFreeParserCtxt(xml->parser);
    free(xml);
    return why;
}

static void copy_value(const xmlChar *const *fields, char value[XML_VALUE_ROOM])
{
    size_t size = (size_t)(fields[4] - fields[3]);
    if (size >= XML_VALUE_ROOM) {
        size = XML_VALUE_ROOM - 1;
        while (size && (fields[3][size] & 0xc0) == 0x80)
            size--;
    }
    memcpy(value, fields[3], size);
    value[size] = '\0';
}

void xml_value(const struct xml_element *element, const char *name, char value[XML_VALUE_ROOM])
{
    const xmlChar *const *fields = element->attributes;
    value[0] = '\0';
    for (int i = 0; i < element->n_attributes; i++, fields += ATTRIBUTE_FIELDS)
        if (strcmp((const char *)fields[0], name) == 0) {
            copy_value(fields, value);
            return;
        }
}

const char *xml_attribute(const struct xml_element *element, int at, char value[XML_VALUE_ROOM])
{
    const xmlChar *const *fields = element->attributes;
    if (at >= element->n_attributes)
        return NULL;
    fields += (size_t)at * ATTRIBUTE_FIELDS;
    copy_value(fields, value);
    return (const char *)fields[0];
}

bool xml_is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Both ways of writing, so that converters and tables are there. */
enum result xml_prepare(struct problem *problem)
{
    static const char plain[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b=\"&amp;\">\xc3\xa9<c/>&#233;</a>";
    static const char wide[] = "\xff\xfe<\0a\0>\0\xe9\0<\0/\0a\0>";
    static const char latin[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>";
    static const struct {
        const char *bytes;
        size_t size;
    } samples[] = {{plain, sizeof plain - 1}, {wide, sizeof wide}, {latin, sizeof latin - 1}};
    static const struct xml_handler nothing = {0};
    xmlInitParser();
    xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    xmlSetExternalEntityLoader(load_nothing);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct xml *xml = xml_open(&nothing, NULL);
        bool good = xml && xml_feed(xml, samples[i].bytes, samples[i].size);
        const char *why = xml ? xml_close(xml) : "no memory";
        if (!good || why)
            return problem_set(problem, RESULT_TRY_LATER, "libxml2 cannot read a document of our own: %s",
                               why ? why : "?");
    }
    return RESULT_OK;
}
