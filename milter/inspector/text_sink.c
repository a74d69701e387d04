/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/text_sink.h"

#include "inspector/normal.h"
#include "inspector/octets.h"
#include "inspector/override.h"

#include <stdlib.h>
#include <string.h>

enum { CONSUMERS_MAX = 8, REPLACEMENT_BYTES = 3 };

struct text_sink {
    void *states[CONSUMERS_MAX];
    uint64_t letters;
    enum text_place place;
    unsigned number, page;
    bool after_blank, after_cr, continues;
    size_t size;
    unsigned char partial[4]; /* a character whose end has not come yet */
    size_t n_partial, wants;
    char line[TEXT_LINE_MAX + 1];
    char normal[TEXT_LINE_MAX * NORMAL_ROOM_FACTOR + 1];
};

enum result text_sink_prepare(const struct text_data *data, struct problem *problem)
{
    enum result result = RESULT_OK;
    normal_prepare(data ? data->fold : NULL);
    for (size_t i = 0; text_consumers[i] && result == RESULT_OK; i++)
        if (text_consumers[i]->prepare)
            result = text_consumers[i]->prepare(data, problem);
    return result;
}

bool text_sink_is_used(void)
{
    return text_consumers[0] != NULL;
}

struct text_sink *text_sink_open(const struct text_about *about)
{
    struct text_sink *sink = malloc(sizeof *sink);
    if (!sink)
        return NULL;
    /* All but the two lines, which are large and need not be cleared. */
    memset(sink, 0, offsetof(struct text_sink, line));
    sink->page = 1;
    sink->after_blank = true;
    for (size_t i = 0; i < CONSUMERS_MAX && text_consumers[i]; i++) {
        sink->states[i] = text_consumers[i]->open(about);
        if (!sink->states[i]) {
            struct text_finding nothing;
            text_sink_close(sink, &nothing);
            return NULL;
        }
    }
    return sink;
}

static bool is_blank(const char *line, size_t size)
{
    while (size && (*line == ' ' || *line == '\t')) {
        line++;
        size--;
    }
    return !size;
}

static void hand_on(struct text_sink *sink, size_t size)
{
    struct text_line line = {.place = sink->place,
                             .raw = sink->line,
                             .raw_size = size,
                             .normal = sink->normal,
                             .number = ++sink->number,
                             .page = sink->page,
                             .after_blank = sink->after_blank,
                             .continues = sink->continues};
    line.normal_size = normal_line(sink->line, size, sink->normal, sizeof sink->normal);
    for (size_t i = 0; i < CONSUMERS_MAX && text_consumers[i]; i++)
        if (text_consumers[i]->line)
            text_consumers[i]->line(sink->states[i], &line);
}

/* As it is written, and where that differs, as it is shown. */
static void end_line(struct text_sink *sink)
{
    size_t size = sink->size;
    sink->size = 0;
    if (is_blank(sink->line, size)) {
        sink->after_blank = true;
        return;
    }
    sink->line[size] = '\0';
    hand_on(sink, size);
    if (override_show(sink->line, size))
        hand_on(sink, size);
    sink->after_blank = sink->continues = false;
}

static void put(struct text_sink *sink, const void *character, size_t size)
{
    if (sink->size + size > TEXT_LINE_MAX) {
        end_line(sink);
        sink->continues = true;
    }
    memcpy(sink->line + sink->size, character, size);
    sink->size += size;
    sink->letters++;
}

static void put_unreadable(struct text_sink *sink)
{
    sink->n_partial = 0;
    put(sink, "\xef\xbf\xbd", REPLACEMENT_BYTES);
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool may_follow(const unsigned char *partial, size_t have, unsigned char next)
{
    unsigned char low = 0x80, high = 0xbf;
    if (have == 1) {
        low = partial[0] == 0xe0 ? 0xa0 : partial[0] == 0xf0 ? 0x90 : 0x80;
        high = partial[0] == 0xed ? 0x9f : partial[0] == 0xf4 ? 0x8f : 0xbf;
    }
    return next >= low && next <= high;
}

static void put_ascii(struct text_sink *sink, unsigned char c)
{
    if (c == '\n' || c == '\f' || c == '\r') {
        /* CRLF is one line end and no blank line. */
        if (c != '\n' || !sink->after_cr || sink->size)
            end_line(sink);
        sink->after_cr = c == '\r';
    } else if (c == ' ' || c == '\t' || c < 0x20 || c == 0x7f) {
        /* A control character between letters parts them for no reader. */
        if (c != ' ' && c != '\t')
            return;
        put(sink, &c, 1);
        sink->letters--;
    } else
        put(sink, &c, 1);
    if (c == '\f') {
        sink->page++;
        sink->after_blank = true;
    }
}

/* False: the byte does not continue the character, which is unreadable then. */
static bool continue_character(struct text_sink *sink, unsigned char c)
{
    if (!may_follow(sink->partial, sink->n_partial, c)) {
        put_unreadable(sink);
        return false;
    }
    sink->partial[sink->n_partial++] = c;
    if (sink->n_partial == sink->wants) {
        sink->n_partial = 0;
        put(sink, sink->partial, sink->wants);
    }
    return true;
}

/* Letters of ASCII and blanks between them, as many as there are and fit. */
static size_t put_plain(struct text_sink *sink, const char *utf8, size_t size)
{
    size_t blanks, room = TEXT_LINE_MAX - sink->size;
    size_t n = octets_plain(utf8, size < room ? size : room, &blanks);
    memcpy(sink->line + sink->size, utf8, n);
    sink->size += n;
    sink->letters += n - blanks;
    return n;
}

static void put_byte(struct text_sink *sink, unsigned char c)
{
    if (sink->n_partial && continue_character(sink, c))
        return;
    if (c < 0x80)
        put_ascii(sink, c);
    else if (c < 0xc2 || c > 0xf4)
        put_unreadable(sink);
    else {
        sink->wants = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        sink->partial[0] = c;
        sink->n_partial = 1;
    }
}

void text_sink_text(struct text_sink *sink, enum text_place place, const char *utf8, size_t size)
{
    if (!text_sink_is_used()) {
        for (size_t i = 0; i < size; i++)
            sink->letters += (unsigned char)utf8[i] > ' ';
        return;
    }
    if (place != sink->place) {
        if (sink->n_partial)
            put_unreadable(sink);
        end_line(sink);
        sink->place = place;
        sink->after_blank = true;
    }
    for (size_t i = 0; i < size;) {
        size_t plain = sink->n_partial ? 0 : put_plain(sink, utf8 + i, size - i);
        i += plain;
        if (!plain)
            put_byte(sink, (unsigned char)utf8[i++]);
    }
}

void text_sink_property(struct text_sink *sink, const char *name, const char *value)
{
    for (size_t i = 0; i < CONSUMERS_MAX && text_consumers[i]; i++)
        if (text_consumers[i]->property)
            text_consumers[i]->property(sink->states[i], name, value);
}

uint64_t text_sink_letters(const struct text_sink *sink)
{
    return sink->letters;
}

void text_sink_close(struct text_sink *sink, struct text_finding *finding_out)
{
    /* All but the lists: a child is given no page that it does not write. */
    memset(finding_out, 0, offsetof(struct text_finding, references));
    if (!sink)
        return;
    if (sink->n_partial)
        put_unreadable(sink);
    end_line(sink);
    for (size_t i = 0; i < CONSUMERS_MAX && text_consumers[i]; i++)
        if (text_consumers[i]->close && sink->states[i])
            text_consumers[i]->close(sink->states[i], finding_out);
    free(sink);
}
