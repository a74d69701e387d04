/* SPDX-License-Identifier: Apache-2.0 */

/* What a PDF says about itself, and the files in it. XMP (ISO 16684-1) is RDF: a property is an element or an
 * attribute of rdf:Description, its value the text below, wherever rdf:Alt, rdf:Bag and rdf:li put it. */

#include "base/buffer.h"
#include "readers/pdf_parts.h"
#include "readers/xml.h"

#include <string.h>

#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

enum { VALUE_MAX = 64 * 1024, NAME_ROOM_BYTES = 128 };

struct xmp {
    struct reading *reading;
    char name[NAME_ROOM_BYTES]; /* of the innermost element that is no RDF */
    struct buffer value;
};

static void say_property(struct reading *reading, const char *name, char *value)
{
    if (value && *value)
        reading_property(reading, name, value);
    g_free(value);
}

static void tell(struct xmp *xmp)
{
    const char *value = buffer_text(&xmp->value);
    if (xmp->name[0] && value[strspn(value, " \t\r\n")])
        reading_property(xmp->reading, xmp->name, value);
    if (xmp->value.failed)
        reading_raise(xmp->reading, PART_UNREAD, "a property that is too long");
    buffer_clear(&xmp->value);
}

static void start(void *context, const struct xml_element *element)
{
    struct xmp *xmp = context;
    char value[XML_VALUE_ROOM];
    const char *name;
    if (!xml_is(element->namespace, RDF)) {
        tell(xmp);
        (void)g_strlcpy(xmp->name, element->name, sizeof xmp->name);
    }
    if (!xml_is(element->name, "Description"))
        return;
    for (int i = 0; (name = xml_attribute(element, i, value)) != NULL; i++)
        if (value[0])
            reading_property(xmp->reading, name, value);
}

static void text(void *context, const char *utf8, size_t size)
{
    buffer_append(&((struct xmp *)context)->value, utf8, size);
}

static void end(void *context, const char *name)
{
    struct xmp *xmp = context;
    tell(xmp);
    if (xml_is(name, xmp->name))
        xmp->name[0] = '\0';
}

static void read_xmp(struct reading *reading, const char *packet)
{
    static const struct xml_handler handler = {.start = start, .end = end, .text = text};
    struct xmp xmp = {.reading = reading};
    struct xml *xml = xml_open(&handler, &xmp);
    buffer_init(&xmp.value, VALUE_MAX);
    if (!xml) {
        reading_raise(reading, PART_UNREAD, "no memory to read it");
        return;
    }
    (void)xml_feed(xml, packet, strlen(packet));
    if (xml_close(xml))
        reading_raise(reading, PART_UNREAD, "properties that cannot be read");
    buffer_free(&xmp.value);
}

void pdf_read_properties(struct reading *reading, PopplerDocument *document)
{
    say_property(reading, "Title", poppler_document_get_title(document));
    say_property(reading, "Author", poppler_document_get_author(document));
    say_property(reading, "Subject", poppler_document_get_subject(document));
    say_property(reading, "Keywords", poppler_document_get_keywords(document));
    char *xmp = poppler_document_get_metadata(document);
    if (xmp && *xmp)
        read_xmp(reading, xmp);
    g_free(xmp);
}

struct unpacking {
    struct reading *reading;
    struct buffer bytes;
};

/* FALSE ends it, without a GError too. */
static gboolean take(const gchar *bytes, gsize size, gpointer context, GError **error)
{
    struct unpacking *unpacking = context;
    (void)error;
    if (!budget_bytes(unpacking->reading->budget, size))
        return FALSE;
    buffer_append(&unpacking->bytes, bytes, size);
    return !unpacking->bytes.failed;
}

void pdf_read_attachment(struct reading *reading, PopplerAttachment *attachment)
{
    struct unpacking unpacking = {.reading = reading};
    const char *name = attachment->name && *attachment->name ? attachment->name : NULL;
    GError *error = NULL;
    buffer_init(&unpacking.bytes, BUDGET_DOCUMENT_MAX);
    if (poppler_attachment_save_to_callback(attachment, take, &unpacking, &error))
        (void)reading_embedded(reading, name, buffer_text(&unpacking.bytes), unpacking.bytes.size);
    else
        (void)reading_closed(reading, name, PART_UNREAD,
                             reading->budget->exhausted ? reading->budget->exhausted : "too big to unpack");
    g_clear_error(&error);
    buffer_free(&unpacking.bytes);
}
