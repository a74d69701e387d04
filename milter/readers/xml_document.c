/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/xml_document.h"

#include "inspector/html_page.h"
#include "readers/part.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 * 1024 };

static const char *const kinds[] = {"text/xml",
                                    "application/xml",
                                    "image/svg+xml",
                                    "application/vnd.oasis.opendocument.text-flat-xml",
                                    "application/vnd.oasis.opendocument.spreadsheet-flat-xml",
                                    "application/vnd.oasis.opendocument.presentation-flat-xml",
                                    NULL};

static void feed_all(struct part *part, struct reading *reading)
{
    for (size_t at = 0; at < reading->size && budget_time(reading->budget); at += PIECE) {
        size_t left = reading->size - at;
        if (!part_feed(part, reading->bytes + at, left < PIECE ? left : PIECE))
            return;
    }
}

/* Browsers show drawings, pages and whatever says that it is one, and run their scripts. */
static void read_as_page(struct reading *reading)
{
    bool office = strncmp(reading->kind, "application/vnd.", 16) == 0;
    if (office || reading->budget->exhausted)
        return;
    if (!memchr(reading->bytes, '\0', reading->size))
        html_page_files(reading, reading->bytes, reading->size);
    else
        reading_raise(reading, PART_UNREAD, "XML in UTF-16, which may be a page");
}

static void read_xml(struct reading *reading)
{
    struct package package = {.reading = reading, .alone = true};
    struct part *part = malloc(sizeof *part);
    if (!part) {
        reading_raise(reading, PART_UNREAD, "no memory to read it");
        return;
    }
    const char *why = part_open(part, &package);
    if (!why)
        feed_all(part, reading);
    bool stopped = part->stopped || why;
    const char *xml_why = part_close(part);
    if (!stopped)
        why = xml_why;
    if (why || reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, why ? why : reading->budget->exhausted);
    free(part);
    read_as_page(reading);
}

const struct reader xml_document_reader = {
    .name = "xml", .kinds = kinds, .prepare = xml_prepare, .read = read_xml};
