/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/labels.h"

#include "base/buffer.h"
#include "inspector/fields.h"
#include "inspector/text_sink.h"

#include <gmime/gmime.h>
#include <string.h>

enum { VALUE_MAX = 8 * 1024, NESTED_SECTION_MAX = 64 * 1024 };

static const char *const labels[] = {"X-Protective-Marking", "SIO-Label", "Sensitivity",  "msip_labels",
                                     "X-Classification",     "Keywords",  "X-Sensitivity"};

/* A field's value as it is shown: without folds, encoded words decoded. g_free it. NULL: nothing. */
static char *shown(const struct field *field)
{
    char raw[VALUE_MAX + 1];
    size_t size = field->value_size < VALUE_MAX ? field->value_size : VALUE_MAX, used = 0;
    for (size_t i = 0; i < size; i++)
        if (field->value[i] != '\r' && field->value[i] != '\n' && field->value[i])
            raw[used++] = field->value[i];
    raw[used] = '\0';
    return used ? g_mime_utils_header_decode_text(NULL, raw) : NULL;
}

static void show(struct text_sink *sink, const struct field *field)
{
    const char *label = NULL;
    bool subject = field_is(field, "subject");
    for (size_t i = 0; !subject && !label && i < sizeof labels / sizeof *labels; i++)
        if (field_is(field, labels[i]))
            label = labels[i];
    char *value = subject || label ? shown(field) : NULL;
    if (value && subject) {
        text_sink_text(sink, TEXT_SUBJECT, value, strlen(value));
        text_sink_text(sink, TEXT_SUBJECT, "\n", 1);
    } else if (value)
        text_sink_property(sink, label, value);
    g_free(value);
}

bool labels_read(const char *section, size_t size, const char *path, struct report *report)
{
    static const struct text_about about = {.kind = "message/rfc822", .conversation = true};
    struct text_finding finding;
    struct field field;
    size_t at = 0;
    if (!text_sink_is_used())
        return false;
    struct text_sink *sink = text_sink_open(&about);
    if (!sink) {
        report_incomplete(report, "no memory for its header section");
        return false;
    }
    while (field_next(section, size, &at, &field))
        if (field.name)
            show(sink, &field);
    text_sink_close(sink, &finding);
    /* A digest and a sketch of a subject would be found everywhere. */
    finding.has_sha256 = false;
    finding.sketch_size = 0;
    report_text(report, path, &finding);
    return finding.administrative;
}

bool labels_read_at(struct source *source, uint64_t at, uint64_t end, const char *path, struct report *report)
{
    struct buffer section;
    const char *bytes;
    if (!text_sink_is_used())
        return false;
    buffer_init(&section, NESTED_SECTION_MAX);
    for (size_t size; section.size < NESTED_SECTION_MAX && (size = source_view(source, at, end, &bytes)) > 0;
         at += size) {
        size_t room = NESTED_SECTION_MAX - section.size;
        buffer_append(&section, bytes, size < room ? size : room);
    }
    const char *text = buffer_text(&section), *stop = memmem(text, section.size, "\r\n\r\n", 4);
    const char *bare = memmem(text, section.size, "\n\n", 2);
    if (!stop || (bare && bare < stop))
        stop = bare;
    bool marked = labels_read(text, stop ? (size_t)(stop - text) + 1 : section.size, path, report);
    buffer_free(&section);
    return marked;
}
