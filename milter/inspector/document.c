/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/document.h"

#include "base/text.h"
#include "helper/pages.h"
#include "inspector/code_mix.h"
#include "inspector/html.h"
#include "inspector/notes.h"
#include "inspector/packets.h"
#include "inspector/plain.h"
#include "inspector/polyglot.h"
#include "inspector/rawscan.h"
#include "inspector/sniff.h"
#include "inspector/text_sink.h"
#include "inspector/unseen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While its reader runs. */
struct opened {
    struct opener *opener;
    const struct document *document;
    struct text_sink *sink;
    struct code_mix mix; /* of text that the raw scan has not seen as people see it: of HTML */
    bool scans_text;
    struct unseen unseen;
    unsigned flags;
    const char *why, *kind;
    unsigned embedded, files; /* files: embedded, and no small pictures */
};

static void raise(struct opened *opened, unsigned flags, const char *why)
{
    opened->flags |= flags;
    if (!opened->why)
        opened->why = why;
}

static void on_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    struct opened *opened = context;
    if (opened->scans_text)
        code_mix_feed(&opened->mix, utf8, size);
    if (opened->document->conversation)
        unseen_feed(&opened->unseen, utf8, size);
    text_sink_text(opened->sink, place, utf8, size);
}

static void on_property(void *context, const char *name, const char *value)
{
    const struct opened *opened = context;
    text_sink_property(opened->sink, name, value);
}

/* A reader cannot call something opaque: that is a claim about packets, and lets mail pass. */
static void on_raise(void *context, unsigned flags, const char *why)
{
    unsigned allowed = flags & (PART_UNREAD | PART_AMBIGUOUS | PART_MACRO);
    raise(context, flags & ~allowed ? allowed | PART_UNREAD : allowed, why);
}

static void on_kind(void *context, const char *kind)
{
    struct opened *opened = context;
    opened->kind = kind;
}

static void inherit(struct opened *opened, unsigned flags)
{
    if (flags & (PART_UNREAD | PART_AMBIGUOUS))
        raise(opened, flags & (PART_UNREAD | PART_AMBIGUOUS), "something in it cannot be read");
    opened->flags |= flags & PART_MACRO;
}

static void on_closed(void *context, const char *name, unsigned flags, const char *why)
{
    struct opened *opened = context;
    char path[INNER_PATH_ROOM], clean[NAME_ROOM];
    unsigned raised = PART_DOCUMENT | PART_UNREAD | (flags & (PART_AMBIGUOUS | PART_MACRO));
    opened->embedded++;
    opened->files++;
    inherit(opened, raised);
    if (!inner_path(&opened->opener->paths, opened->document->path, name, path, clean))
        return;
    const struct part_finding part = {
        .path = path, .name = clean[0] ? clean : NULL, .why = why, .flags = raised};
    report_part(opened->opener->report, &part);
}

static bool is_small_picture(struct opener *opener, const void *bytes, size_t size)
{
    const char *magic = rawscan_magic(bytes, size);
    return magic && !strncmp(magic, "image/", 6) && !picture_judge(&opener->pictures, bytes, size, true);
}

/* Bytes that are a reader's own have no NUL behind them. */
static unsigned read_inner(struct opener *opener, struct document *document)
{
    if (!budget_enter(&opener->budget)) {
        const struct part_finding part = {
            .path = document->path, .why = "packed too deep", .flags = PART_UNREAD | PART_READ};
        report_part(opener->report, &part);
        return PART_UNREAD;
    }
    unsigned flags = PART_UNREAD;
    char *copy = malloc(document->size + 1);
    if (copy) {
        memcpy(copy, document->bytes, document->size);
        copy[document->size] = '\0';
        document->bytes = copy;
        flags = document_read(opener, document);
    }
    free(copy);
    budget_leave(&opener->budget);
    return flags;
}

struct noted {
    struct buffer text;
    const char *why; /* it is no conversation; NULL */
};

static const char *scan_notes(const struct buffer *text)
{
    struct rawscan scan;
    rawscan_init(&scan);
    rawscan_feed(&scan, buffer_text(text), text->size);
    rawscan_finish(&scan);
    return scan.found;
}

/* False: nothing that is worth reading. buffer_free its text after either. */
static bool take_notes(struct noted *noted, const char *kind, const void *bytes, size_t size)
{
    noted->why = NULL;
    buffer_init(&noted->text, NOTES_MAX);
    if (!strncmp(kind, "image/", 6))
        noted->why = notes_of_picture(bytes, size, &noted->text);
    else
        notes_of_bytes(bytes, size, &noted->text);
    if (!noted->why && noted->text.size >= NOTES_LEAST)
        noted->why = scan_notes(&noted->text);
    return noted->why || noted->text.size >= NOTES_LEAST;
}

static unsigned read_text_of_notes(struct opener *opener, const char *path, const struct buffer *notes)
{
    struct buffer text;
    buffer_init(&text, 2 * (size_t)NOTES_MAX);
    notes_without_markup(buffer_text(notes), notes->size, &text);
    const struct document document = {.path = path,
                                      .bytes = text.failed ? NULL : buffer_text(&text),
                                      .size = text.size,
                                      .kind = "text/plain",
                                      .charset = "utf-8",
                                      .conversation = true};
    unsigned flags = document_read(opener, &document);
    buffer_free(&text);
    return flags;
}

static unsigned read_notes(struct opener *opener, const char *path, const char *kind,
                           const struct noted *noted, const void *bytes, size_t size)
{
    unsigned flags = noted->why ? PART_DOCUMENT | PART_UNREAD : 0U;
    if (noted->text.size >= NOTES_LEAST)
        flags |= read_text_of_notes(opener, path, &noted->text);
    if (!flags)
        return 0;
    struct part_finding part = {
        .path = path, .kind = kind, .why = noted->why, .flags = flags | PART_READ, .size_bytes = size};
    digest_update(opener->digest, bytes, size);
    part.has_sha256 = digest_finish(opener->digest, part.sha256) == RESULT_OK;
    report_part(opener->report, &part);
    return flags;
}

unsigned document_read_notes(struct opener *opener, const char *path, const char *kind, const void *bytes,
                             size_t size)
{
    struct noted noted;
    unsigned flags = 0;
    if (take_notes(&noted, kind, bytes, size))
        flags = read_notes(opener, path, kind, &noted, bytes, size);
    buffer_free(&noted.text);
    return flags;
}

unsigned document_read_inner_notes(struct opener *opener, const char *outer, const char *name,
                                   const void *bytes, size_t size)
{
    const char *kind = rawscan_magic(bytes, size);
    char path[INNER_PATH_ROOM], clean[NAME_ROOM];
    struct noted noted;
    unsigned flags = 0;
    if (take_notes(&noted, kind, bytes, size)) {
        flags = PART_UNREAD;
        if (inner_path(&opener->paths, outer, name, path, clean))
            flags = read_notes(opener, path, kind, &noted, bytes, size);
    }
    buffer_free(&noted.text);
    return flags;
}

/* Of the text of a message: a portrait on its card, a logo. */
static void read_small_picture(struct opened *opened, const char *name, const void *bytes, size_t size)
{
    const struct document *document = opened->document;
    if (!document->conversation && !document->maybe)
        return;
    unsigned flags = document_read_inner_notes(opened->opener, document->path, name, bytes, size);
    opened->files += flags != 0;
    inherit(opened, flags);
}

static void on_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    struct opened *opened = context;
    struct opener *opener = opened->opener;
    char path[INNER_PATH_ROOM], clean[NAME_ROOM], kind[INSPECT_TYPE_MAX + 1];
    opened->embedded++;
    if (is_small_picture(opener, bytes, size)) {
        read_small_picture(opened, name, bytes, size);
        return;
    }
    opened->files++;
    if (!inner_path(&opener->paths, opened->document->path, name, path, clean)) {
        raise(opened, PART_UNREAD, "no memory for what is in it");
        return;
    }
    (void)snprintf(kind, sizeof kind, "%s", document_kind(opener, bytes, size, size));
    struct document document = {.path = path,
                                .name = clean[0] ? clean : NULL,
                                .bytes = bytes,
                                .size = size,
                                .kind = kind,
                                .charset = ""};
    struct part_finding part = {.path = path,
                                .name = document.name,
                                .kind = kind,
                                .why = "packed in a document",
                                .flags = PART_DOCUMENT | PART_WANTED,
                                .size_bytes = size};
    digest_update(opener->digest, bytes, size);
    part.has_sha256 = digest_finish(opener->digest, part.sha256) == RESULT_OK;
    report_part(opener->report, &part);
    inherit(opened, read_inner(opener, &document));
}

static const struct reading_listener listener = {.text = on_text,
                                                 .property = on_property,
                                                 .embedded = on_embedded,
                                                 .closed = on_closed,
                                                 .raise = on_raise,
                                                 .kind = on_kind};

/* Browsers and mail programs take a text of such a name for a page, which may show another text. */
static bool is_named_page(const struct document *document)
{
    static const char *const ends[] = {".html", ".htm", ".xhtml", ".shtml", ".hta"};
    size_t size = document->name ? strlen(document->name) : 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (size >= strlen(ends[i]) && text_starts_nocase(document->name + size - strlen(ends[i]), ends[i]))
            return true;
    return false;
}

static void run_reader(struct opened *opened, const struct reader *reader)
{
    const struct document *document = opened->document;
    struct opener *opener = opened->opener;
    struct reading reading = {.bytes = document->bytes,
                              .size = document->size,
                              .kind = document->kind,
                              .charset = document->charset,
                              .name = document->name,
                              .conversation = document->conversation,
                              .budget = &opener->budget,
                              .recognise = opener->recognise,
                              .listener = &listener,
                              .context = opened};
    opened->scans_text = document->conversation && !strcmp(document->kind, "text/html");
    pages_rest_beside(document->size); /* what said its kind has done its work */
    if (!opener->budget.exhausted)
        reader->read(&reading);
    if (reader == &plain_reader && is_named_page(document) && !opener->budget.exhausted)
        html_reader.read(&reading);
    if (opener->budget.exhausted)
        raise(opened, PART_UNREAD, opener->budget.exhausted);
    code_mix_end(&opened->mix);
    if (opened->mix.found)
        raise(opened, PART_UNREAD, "base64 in pieces");
    if (unseen_found(&opened->unseen))
        raise(opened, PART_UNREAD, unseen_found(&opened->unseen));
    if (!document->conversation && !document->maybe && document->size && !opened->embedded &&
        !text_sink_letters(opened->sink))
        raise(opened, PART_UNREAD, "no text in it");
}

static void read_text(struct opened *opened, const struct reader *reader)
{
    const struct document *document = opened->document;
    const struct text_about about = {.kind = document->kind,
                                     .name = document->name,
                                     .conversation = document->conversation || document->maybe};
    struct text_finding finding;
    opened->sink = text_sink_open(&about);
    if (!opened->sink) {
        raise(opened, PART_UNREAD, "no memory for its text");
        return;
    }
    if (document->name) {
        text_sink_text(opened->sink, TEXT_NAME, document->name, strlen(document->name));
        text_sink_text(opened->sink, TEXT_NAME, "\n", 1);
    }
    if (reader)
        run_reader(opened, reader);
    text_sink_close(opened->sink, &finding);
    if (finding.administrative && (document->conversation || document->maybe))
        raise(opened, PART_DOCUMENT, "the text of an administrative document");
    /* Nobody knows what the rest of it says. */
    if (document->conversation && (opened->flags & PART_UNREAD))
        raise(opened, PART_DOCUMENT, NULL);
    if (document->maybe && (opened->files || opened->flags))
        raise(opened, PART_DOCUMENT, "more in it than the text of a message");
    report_text(opened->opener->report, document->path, &finding);
}

static void open_message(struct opened *opened)
{
    const struct document *document = opened->document;
    struct opener *opener = opened->opener;
    const char *why = NULL;
    unsigned flags = opener->message(opener->context, document->path, document->bytes, document->size, &why);
    raise(opened, flags, why);
}

static void report_opened(const struct opened *opened)
{
    const struct document *document = opened->document;
    const struct part_finding part = {
        .path = document->path, .kind = opened->kind, .why = opened->why, .flags = opened->flags | PART_READ};
    if (opened->flags || !document->conversation)
        report_part(opened->opener->report, &part);
}

unsigned document_read(struct opener *opener, const struct document *document)
{
    struct opened opened = {.opener = opener, .document = document};
    const struct reader *reader = reader_find(opener->readers, document->kind);
    bool message = !strcmp(document->kind, "message/rfc822");
    if (!reader && !message && !document->conversation && !opener->last) {
        const struct part_finding part = {.path = document->path, .flags = PART_WANTED};
        report_part(opener->report, &part);
        return 0;
    }
    /* What was said so far must not be lost with a process that a reader takes along. */
    if (!document->conversation)
        report_flush(opener->report);
    const char *polyglot =
        document->bytes ? polyglot_why(document->kind, document->bytes, document->size) : NULL;
    if (polyglot)
        raise(&opened, PART_UNREAD | PART_AMBIGUOUS, polyglot);
    if (!document->bytes)
        raise(&opened, PART_UNREAD, "too large to be read");
    else if (message)
        open_message(&opened);
    else if (!reader && !document->conversation)
        raise(&opened, PART_UNREAD, "of a kind that nobody here reads");
    read_text(&opened, document->bytes && !message ? reader : NULL);
    report_opened(&opened);
    return opened.flags;
}

const char *document_kind(const struct opener *opener, const char *head, size_t head_size, uint64_t size)
{
    const char *text = sniff_text(head, head_size);
    if (text)
        return text;
    if (cms_peek((const uint8_t *)head, head_size, size) == CMS_READABLE)
        return "application/pkcs7-mime";
    return opener->kind_of ? opener->kind_of(opener->kind, head, head_size) : "application/octet-stream";
}
