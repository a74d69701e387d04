/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/pdf.h"

#include "readers/pdf_parts.h"

#include <string.h>
#include <sys/resource.h>

enum { OUTLINE_DEPTH_MAX = 16, OUTLINE_ITEMS_MAX = 5000 };

static const char *const kinds[] = {"application/pdf", NULL};

/* One page of text, fields and all that makes poppler fill its tables. */
static const char sample[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 5 0 R/Annots[6 0 R 7 0 R]"
    "/Resources<</Font<</F 4 0 R>>>>>>endobj\n"
    "4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>endobj\n"
    "5 0 obj<</Length 41>>stream\nBT /F 12 Tf 20 100 Td (Note n\\2601) Tj ET \nendstream endobj\n"
    "6 0 obj<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/Rect[0 0 50 20]/P 3 0 R>>endobj\n"
    "7 0 obj<</Type/Annot/Subtype/Text/Contents(c)/Rect[0 30 20 50]>>endobj\n"
    "trailer<</Root 1 0 R/Info<</Title(t)>>>>\n%%EOF\n";

/* Where poppler's complaints go: it has one place for all of them. Set while a document is read. */
static struct reading *listening;

/* While one document is open, poppler keeps its tables: they are half of what a small document costs. */
static PopplerDocument *kept_open;

/* The first document that is read, and its last page, stay until the process ends, which is soon: to take
 * them apart is a fifteenth of what reading them costs. Those after it in an archive are freed. */
static PopplerDocument *left_open;
static PopplerPage *left_page;

static PopplerDocument *open_document(const char *bytes, size_t size, GError **error)
{
    GBytes *all = g_bytes_new_static(bytes, size);
    PopplerDocument *document = poppler_document_new_from_bytes(all, NULL, error);
    g_bytes_unref(all);
    return document;
}

void pdf_say(struct reading *reading, enum text_place place, const char *utf8)
{
    if (utf8 && *utf8 && reading_text(reading, place, utf8, strlen(utf8)))
        (void)reading_text(reading, place, "\n", 1);
}

void pdf_say_owned(struct reading *reading, enum text_place place, char *utf8)
{
    pdf_say(reading, place, utf8);
    g_free(utf8);
}

struct outline {
    struct reading *reading;
    unsigned items;
};

static char *title_of(PopplerAction *action)
{
    return action ? action->any.title : NULL;
}

static void walk_outline(struct outline *outline, PopplerIndexIter *iter, unsigned depth)
{
    do {
        if (depth > OUTLINE_DEPTH_MAX || ++outline->items > OUTLINE_ITEMS_MAX ||
            !budget_time(outline->reading->budget)) {
            reading_raise(outline->reading, PART_UNREAD, "an outline too large");
            return;
        }
        PopplerAction *action = poppler_index_iter_get_action(iter);
        pdf_say(outline->reading, TEXT_TITLE, title_of(action));
        if (action)
            poppler_action_free(action);
        PopplerIndexIter *child = poppler_index_iter_get_child(iter);
        if (child)
            walk_outline(outline, child, depth + 1);
        poppler_index_iter_free(child);
    } while (outline->items <= OUTLINE_ITEMS_MAX && poppler_index_iter_next(iter));
}

/* Headings of the outline. */
static void read_outline(struct reading *reading, PopplerDocument *document)
{
    struct outline outline = {.reading = reading};
    PopplerIndexIter *iter = poppler_index_iter_new(document);
    if (iter)
        walk_outline(&outline, iter, 1);
    poppler_index_iter_free(iter);
}

static void read_pages(struct reading *reading, PopplerDocument *document)
{
    int count = poppler_document_get_n_pages(document);
    if (count <= 0)
        reading_raise(reading, PART_UNREAD, "no page can be found");
    for (int i = 0; i < count && !reading->budget->exhausted; i++) {
        if (i >= PDF_PAGES_MAX) {
            reading_raise(reading, PART_UNREAD, "too many pages");
            return;
        }
        PopplerPage *page = budget_time(reading->budget) ? poppler_document_get_page(document, i) : NULL;
        if (!page) {
            reading_raise(reading, PART_UNREAD,
                          reading->budget->exhausted ? reading->budget->exhausted
                                                     : "a page that cannot be found");
            return;
        }
        pdf_read_page(reading, page);
        if (document == left_open && i == count - 1)
            left_page = page;
        else
            g_object_unref(page);
    }
}

static void read_attachments(struct reading *reading, PopplerDocument *document)
{
    GList *all =
        poppler_document_has_attachments(document) ? poppler_document_get_attachments(document) : NULL;
    for (GList *one = all; one && !reading->budget->exhausted; one = one->next)
        pdf_read_attachment(reading, one->data);
    g_list_free_full(all, g_object_unref);
}

static void read_document(struct reading *reading, PopplerDocument *document)
{
    reading_rest(reading);
    pdf_read_properties(reading, document);
    read_pages(reading, document);
    read_outline(reading, document);
    read_attachments(reading, document);
    if (!reading->budget->exhausted && poppler_document_has_javascript(document))
        reading_raise(reading, PART_MACRO, "a script");
}

/* Most of what it complains about a viewer does not show; text in a font that it has no letters of is not
 * said otherwise. */
static void on_complaint(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer context)
{
    static const char *const fonts[] = {"Missing language pack", "Unknown CMap",
                                        "Unknown character collection", "No font in show",
                                        "Couldn't create a font"};
    (void)domain;
    (void)level;
    (void)context;
    for (size_t i = 0; listening && i < sizeof fonts / sizeof *fonts; i++)
        if (strstr(text, fonts[i]))
            reading_raise(listening, PART_UNREAD, "text in a font that does not tell its letters");
}

static const char *why_not(const GError *error)
{
    if (error && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        return "password";
    return "damaged";
}

static void read_pdf(struct reading *reading)
{
    GError *error = NULL;
    struct reading *outer = listening;
    listening = reading;
    pdf_read_bytes(reading);
    PopplerDocument *document = open_document(reading->bytes, reading->size, &error);
    if (!left_open)
        left_open = document;
    if (document)
        read_document(reading, document);
    else
        reading_raise(reading, PART_UNREAD, why_not(error));
    if (document && document != left_open)
        g_object_unref(document);
    g_clear_error(&error);
    listening = outer;
}

/* Takes the texts of the sample to nowhere. */
static void ignore_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    (void)context;
    (void)place;
    (void)utf8;
    (void)size;
}

static void ignore_property(void *context, const char *name, const char *value)
{
    (void)context;
    (void)name;
    (void)value;
}

static void note_trouble(void *context, unsigned flags, const char *why)
{
    bool *trouble = context;
    (void)flags;
    (void)why;
    *trouble = true;
}

/* With no descriptor left, poppler finds no directory of maps, and nothing that it reads now can be one that
 * the sandbox would kill for later. */
static enum result prepare(struct problem *problem)
{
    static const struct reading_listener nowhere = {
        .text = ignore_text, .property = ignore_property, .raise = note_trouble};
    struct rlimit before, none;
    struct budget budget;
    bool trouble = false;
    if (getrlimit(RLIMIT_NOFILE, &before) != 0)
        return problem_set(problem, RESULT_BUG, "poppler: no limits to be had");
    (void)g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, on_complaint, NULL);
    none = before;
    none.rlim_cur = 0;
    (void)setrlimit(RLIMIT_NOFILE, &none);
    kept_open = open_document(sample, sizeof sample - 1, NULL);
    if (kept_open) {
        budget_open(&budget, sizeof sample, 1, 1, INT64_MAX);
        struct reading reading = {.bytes = sample,
                                  .size = sizeof sample - 1,
                                  .budget = &budget,
                                  .listener = &nowhere,
                                  .context = &trouble};
        read_document(&reading, kept_open);
    }
    (void)setrlimit(RLIMIT_NOFILE, &before);
    if (!kept_open || trouble)
        return problem_set(problem, RESULT_TRY_LATER, "poppler: cannot read a document of our own");
    return RESULT_OK;
}

const struct reader pdf_reader = {.name = "pdf", .kinds = kinds, .prepare = prepare, .read = read_pdf};
