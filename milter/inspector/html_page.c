/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html_page.h"

#include "base/buffer.h"
#include "base/text.h"
#include "inspector/html_css.h"
#include "inspector/html_data.h"
#include "inspector/html_script.h"
#include "inspector/html_tag.h"
#include "inspector/override.h"

#include <stdlib.h>
#include <string.h>

enum { OUT_ROOM = 4096, RUN_MAX = 1024, WITHIN_MAX = 4, VALUE_LEAST = 256 };

/* What a start tag means for the text. */
enum kind {
    KIND_INLINE,
    KIND_BREAK, /* a line of its own */
    KIND_CELL,
    KIND_PRE,   /* blanks and line ends stay */
    KIND_TITLE, /* no tags until its end */
    KIND_AREA,  /* the same */
    KIND_RAW,   /* neither tags nor references; not shown */
    KIND_STYLE,
    KIND_SCRIPT,
};

/* Read at the page's end, since people see one line where these stand within it. */
enum aside_kind { ASIDE_PAGE, ASIDE_STYLES, ASIDE_TEXT };
struct aside {
    const char *at;
    size_t size;
    enum aside_kind kind;
};

struct page {
    struct reading *reading;
    struct buffer asides;
    const char *end;
    unsigned within; /* comments and documents around this one */
    bool stopped, mute;
    enum text_place place;      /* of what is in `out` */
    bool blank, line;           /* a blank waits; something stands in the line */
    unsigned pre;               /* depth */
    unsigned hidden;            /* open elements of the name below, since one of them hid its content */
    char hider[HTML_NAME_ROOM]; /* "" when nothing is hidden */
    size_t used;
    char out[OUT_ROOM];
    struct html_tag tag;
};

static enum kind kind_of_tag(const char *name)
{
    static const struct {
        const char *name;
        enum kind kind;
    } kinds[] = {
        {"address", KIND_BREAK},    {"article", KIND_BREAK}, {"aside", KIND_BREAK},
        {"blockquote", KIND_BREAK}, {"body", KIND_BREAK},    {"br", KIND_BREAK},
        {"caption", KIND_BREAK},    {"center", KIND_BREAK},  {"dd", KIND_BREAK},
        {"details", KIND_BREAK},    {"dir", KIND_BREAK},     {"div", KIND_BREAK},
        {"dl", KIND_BREAK},         {"dt", KIND_BREAK},      {"fieldset", KIND_BREAK},
        {"figcaption", KIND_BREAK}, {"figure", KIND_BREAK},  {"footer", KIND_BREAK},
        {"form", KIND_BREAK},       {"h1", KIND_BREAK},      {"h2", KIND_BREAK},
        {"h3", KIND_BREAK},         {"h4", KIND_BREAK},      {"h5", KIND_BREAK},
        {"h6", KIND_BREAK},         {"head", KIND_BREAK},    {"header", KIND_BREAK},
        {"hr", KIND_BREAK},         {"iframe", KIND_RAW},    {"legend", KIND_BREAK},
        {"li", KIND_BREAK},         {"listing", KIND_PRE},   {"main", KIND_BREAK},
        {"menu", KIND_BREAK},       {"nav", KIND_BREAK},     {"noembed", KIND_RAW},
        {"noframes", KIND_RAW},     {"ol", KIND_BREAK},      {"option", KIND_BREAK},
        {"p", KIND_BREAK},          {"plaintext", KIND_PRE}, {"pre", KIND_PRE},
        {"script", KIND_SCRIPT},    {"section", KIND_BREAK}, {"select", KIND_BREAK},
        {"style", KIND_STYLE},      {"summary", KIND_BREAK}, {"table", KIND_BREAK},
        {"tbody", KIND_BREAK},      {"td", KIND_CELL},       {"text", KIND_BREAK},
        {"textarea", KIND_AREA},    {"tfoot", KIND_BREAK},   {"th", KIND_CELL},
        {"thead", KIND_BREAK},      {"title", KIND_TITLE},   {"tr", KIND_BREAK},
        {"ul", KIND_BREAK},         {"xmp", KIND_AREA},
    };
    size_t low = 0, high = sizeof kinds / sizeof *kinds;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, kinds[middle].name);
        if (!order)
            return kinds[middle].kind;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return KIND_INLINE;
}

/* --- what is said */

static void flush(struct page *page)
{
    if (page->used && !page->stopped && !page->mute)
        page->stopped = !reading_text(page->reading, page->place, page->out, page->used);
    page->used = 0;
}

static void put_bytes(struct page *page, const char *bytes, size_t size)
{
    if (page->used + size > OUT_ROOM)
        flush(page);
    memcpy(page->out + page->used, bytes, size);
    page->used += size;
}

static void put_break(struct page *page)
{
    if (page->line)
        put_bytes(page, "\n", 1);
    page->line = page->blank = false;
}

static void set_place(struct page *page, enum text_place place)
{
    if (page->within || page->hider[0])
        place = TEXT_HIDDEN;
    if (place == page->place)
        return;
    put_break(page);
    flush(page);
    page->place = place;
}

/* One character, or a piece of one. */
static void put(struct page *page, const char *bytes, size_t size)
{
    bool space = size == 1 && strchr(" \t\n\f\r", *bytes);
    if (space && page->pre) {
        put_bytes(page, bytes, 1);
        page->line = *bytes != '\n';
        return;
    }
    if (space) {
        page->blank = page->line;
        return;
    }
    if (page->blank)
        put_bytes(page, " ", 1);
    page->blank = false;
    page->line = true;
    put_bytes(page, bytes, size);
}

/* Bytes that stand for themselves. */
static size_t run_of(const char *at, const char *end)
{
    size_t size = 0, most = (size_t)(end - at) < RUN_MAX ? (size_t)(end - at) : RUN_MAX;
    while (size < most && (unsigned char)at[size] > ' ' && at[size] != '&')
        size++;
    return size;
}

static void put_text(struct page *page, const char *at, const char *end, bool references)
{
    char utf8[HTML_REFERENCE_ROOM];
    while (at < end && !page->stopped) {
        size_t size = 0, run = run_of(at, end);
        const char *after = references && *at == '&' ? html_reference(at, end, utf8, &size) : at;
        if (after > at)
            put(page, utf8, size);
        else if (*at)
            put(page, at, run ? run : 1);
        at = after > at ? after : at + (run ? run : 1);
    }
}

static void say(struct page *page, enum text_place place, const char *text, size_t size)
{
    enum text_place before = page->place;
    set_place(page, place);
    put_text(page, text, text + size, false);
    put_break(page);
    set_place(page, before);
}

/* What the source of the page says and no program shows, line by line. */
static void say_hidden(struct page *page, const char *text, size_t size)
{
    enum text_place before = page->place;
    set_place(page, TEXT_HIDDEN);
    page->pre++;
    put_text(page, text, text + size, false);
    page->pre--;
    put_break(page);
    set_place(page, before);
}

static void keep_aside(struct page *page, const char *at, size_t size, enum aside_kind kind)
{
    const struct aside aside = {.at = at, .size = size, .kind = kind};
    if (size)
        buffer_append(&page->asides, &aside, sizeof aside);
}

static void say_styles(struct page *page, const char *css, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        reading_raise(page->reading, PART_UNREAD, "no memory to read it");
    else
        say_hidden(page, text, html_css_text(css, size, text));
    free(text);
}

/* --- attributes */

static void begin_hidden(struct page *page)
{
    const struct html_attribute *style = html_tag_find(&page->tag, "style");
    bool hides = html_tag_find(&page->tag, "hidden") || !strcmp(page->tag.name, "template") ||
                 (style && html_style_hides(style->value, style->size));
    if (page->hider[0])
        page->hidden += !strcmp(page->hider, page->tag.name);
    else if (hides && !html_tag_is_empty(&page->tag)) {
        set_place(page, TEXT_HIDDEN);
        memcpy(page->hider, page->tag.name, sizeof page->hider);
        page->hidden = 1;
    }
}

static void end_hidden(struct page *page)
{
    if (strcmp(page->hider, page->tag.name) != 0 || !page->hider[0] || --page->hidden)
        return;
    page->hider[0] = '\0';
    set_place(page, TEXT_BODY);
}

static void read_inner(struct page *page, const char *html, size_t size);

static void raise_script(struct page *page, const char *script, size_t size)
{
    const char *why = html_script_why(script, size, page->reading->conversation);
    if (why)
        reading_raise(page->reading, PART_UNREAD | PART_MACRO, why);
}

static void read_attribute(struct page *page, const struct html_attribute *attribute)
{
    bool link =
        memchr(attribute->value, ':', attribute->size) || memchr(attribute->value, '&', attribute->size);
    bool inner = !strcmp(attribute->name, "srcdoc"), shown = html_tag_shows(&page->tag, attribute->name);
    bool handler = !strncmp(attribute->name, "on", 2); /* "onload" and its kin */
    if (!attribute->size || (!link && !inner && !shown && !handler))
        return;
    char *value = malloc(attribute->size + VALUE_LEAST);
    if (!value) {
        reading_raise(page->reading, PART_UNREAD, "no memory to read it");
        return;
    }
    size_t size = html_value(attribute, value, attribute->size + VALUE_LEAST);
    if (handler || html_script_is_link(value, size))
        raise_script(page, value, size);
    if (inner)
        read_inner(page, value, size);
    else if (shown)
        say(page, TEXT_SHAPE, value, size);
    if (link)
        page->stopped |= !html_data_read(page->reading, value, size);
    free(value);
}

/* <meta name="…" content="…"> */
static void read_meta(struct page *page)
{
    const struct html_attribute *name = html_tag_find(&page->tag, "name"),
                                *content = html_tag_find(&page->tag, "content");
    char names[VALUE_LEAST], value[4 * VALUE_LEAST];
    if (!page->mute && name && content && html_value(name, names, sizeof names) &&
        html_value(content, value, sizeof value))
        reading_property(page->reading, names, value);
}

/* --- markup */

static bool ends_element(const char *at, const char *end, const char *name)
{
    size_t size = strlen(name);
    return (size_t)(end - at) > size + 2 && at[1] == '/' && text_starts_nocase(at + 2, name) &&
           strchr(" \t\n\f\r/>", at[2 + size]);
}

/* Where "</name" stands; `end` when nowhere. */
static const char *find_end(const struct page *page, const char *at, const char *name)
{
    while ((at = memchr(at, '<', (size_t)(page->end - at))) != NULL) {
        if (ends_element(at, page->end, name))
            return at;
        at++;
    }
    return page->end;
}

/* JSON for search engines is data that nobody runs or shows. */
static bool is_data(const struct html_tag *tag)
{
    const struct html_attribute *type = html_tag_find(tag, "type");
    return type && type->size >= 4 && text_starts_nocase(type->value + type->size - 4, "json");
}

static void read_script(struct page *page, const char *script, size_t size)
{
    bool elsewhere = html_tag_find(&page->tag, "src") != NULL;
    if (size || (elsewhere && !page->reading->conversation))
        raise_script(page, script, size);
}

static enum text_place place_of(enum kind kind)
{
    return kind == KIND_TITLE ? TEXT_TITLE : kind == KIND_AREA ? TEXT_BODY : TEXT_HIDDEN;
}

/* Content that holds no tags. Returns where it ends. */
static const char *read_until_end(struct page *page, const char *at, enum kind kind)
{
    const char *close = find_end(page, at, page->tag.name);
    size_t size = (size_t)(close - at);
    if (kind == KIND_STYLE) {
        page->stopped |= !html_data_read(page->reading, at, size);
        keep_aside(page, at, size, ASIDE_STYLES);
    } else if (kind == KIND_SCRIPT) {
        if (!is_data(&page->tag))
            read_script(page, at, size);
        if (html_tag_find(&page->tag, "type"))
            keep_aside(page, at, size, ASIDE_TEXT);
    } else {
        enum text_place before = page->place;
        bool references = kind <= KIND_AREA && strcmp(page->tag.name, "xmp") != 0;
        set_place(page, place_of(kind));
        page->pre += kind == KIND_AREA;
        put_text(page, at, close, references);
        page->pre -= kind == KIND_AREA;
        put_break(page);
        set_place(page, before);
    }
    return close;
}

static const char *read_start(struct page *page, const char *at)
{
    enum kind kind = kind_of_tag(page->tag.name);
    if (kind == KIND_CELL && page->line)
        put_bytes(page, "\t", 1);
    else if (kind != KIND_INLINE && kind != KIND_SCRIPT && kind != KIND_STYLE)
        put_break(page);
    begin_hidden(page);
    if (html_tag_turns(&page->tag))
        put(page, OVERRIDE_BEGINS, sizeof OVERRIDE_BEGINS - 1);
    if (!strcmp(page->tag.name, "meta"))
        read_meta(page);
    for (size_t i = 0; i < page->tag.n_attributes && !page->stopped; i++)
        read_attribute(page, &page->tag.attributes[i]);
    if (kind == KIND_PRE)
        page->pre++;
    return kind >= KIND_TITLE ? read_until_end(page, at, kind) : at;
}

static const char *read_end(struct page *page, const char *at)
{
    enum kind kind = kind_of_tag(page->tag.name);
    if (kind == KIND_PRE && page->pre)
        page->pre--;
    if (!strcmp(page->tag.name, "bdo"))
        put(page, OVERRIDE_ENDS, sizeof OVERRIDE_ENDS - 1);
    if (kind == KIND_BREAK || kind == KIND_PRE)
        put_break(page);
    end_hidden(page);
    return at;
}

/* "[if gte mso 9]>" */
static const char *behind_condition(const char *at, const char *end)
{
    const char *close =
        end - at > 3 && !memcmp(at, "[if", 3) ? memmem(at, (size_t)(end - at), "]>", 2) : NULL;
    return close ? close + 2 : at;
}

/* What stands in a comment is shown by some programs ("[if mso]") and found by whoever looks for it. */
static const char *read_comment(struct page *page, const char *at)
{
    if (at < page->end && *at == '>')
        return at + 1;
    at = behind_condition(at, page->end);
    for (const char *close = at; close + 2 < page->end; close++)
        if (close[0] == '-' && close[1] == '-' &&
            (close[2] == '>' || (close[2] == '!' && close + 3 < page->end && close[3] == '>'))) {
            keep_aside(page, at, (size_t)(close - at), ASIDE_PAGE);
            return close + (close[2] == '>' ? 3 : 4);
        }
    keep_aside(page, at, (size_t)(page->end - at), ASIDE_PAGE);
    return page->end;
}

/* At "<". */
static const char *read_markup(struct page *page, const char *at)
{
    const char *end = page->end, *next = at + 1;
    char c = next < end ? *next : '\0';
    if ((size_t)(end - at) >= 4 && !memcmp(at, "<!--", 4))
        return read_comment(page, at + 4);
    if (c == '!' || c == '?' || (c == '/' && next + 1 < end && next[1] == '>')) {
        const char *close = memchr(at, '>', (size_t)(end - at)), *stop = close ? close : end;
        if (c != '/' && next + 1 < stop && next[1] != '[' &&
            !(stop - next > 8 && text_starts_nocase(next, "!doctype")))
            keep_aside(page, next + 1, (size_t)(stop - next - 1), ASIDE_TEXT);
        return close ? close + 1 : end;
    }
    bool is_end = c == '/';
    next += is_end;
    char letter = next < end ? text_lower(*next) : '\0';
    if (letter < 'a' || letter > 'z') {
        put(page, at, 1);
        return at + 1;
    }
    next = html_tag_read(next, end, &page->tag);
    return is_end ? read_end(page, next) : read_start(page, next);
}

static void read_asides(struct page *page)
{
    const struct aside *asides = (const struct aside *)page->asides.bytes;
    for (size_t i = 0; i < page->asides.size / sizeof *asides && !page->stopped; i++)
        if (asides[i].kind == ASIDE_PAGE)
            read_inner(page, asides[i].at, asides[i].size);
        else if (asides[i].kind == ASIDE_STYLES)
            say_styles(page, asides[i].at, asides[i].size);
        else
            say_hidden(page, asides[i].at, asides[i].size);
    if (page->asides.failed)
        reading_raise(page->reading, PART_UNREAD, "too many comments");
}

static void read_all(struct page *page, const char *at)
{
    unsigned pieces = 0;
    while (at < page->end && !page->stopped) {
        const char *markup = memchr(at, '<', (size_t)(page->end - at));
        put_text(page, at, markup ? markup : page->end, true);
        at = markup ? read_markup(page, markup) : page->end;
        if (++pieces % 256 == 0 && !budget_time(page->reading->budget))
            page->stopped = true;
    }
    put_break(page);
    read_asides(page);
    flush(page);
}

static void read_page(struct reading *reading, const char *html, size_t size, unsigned within, bool mute)
{
    struct page *page = malloc(sizeof *page);
    if (!page) {
        reading_raise(reading, PART_UNREAD, "no memory to read it");
        return;
    }
    memset(page, 0, offsetof(struct page, out));
    page->reading = reading;
    page->end = html + size;
    page->within = within;
    page->mute = mute;
    page->place = within ? TEXT_HIDDEN : TEXT_BODY;
    buffer_init(&page->asides, 0);
    read_all(page, html);
    buffer_free(&page->asides);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    free(page);
}

/* Another page within this one, whose text is not where this one's goes on. */
static void read_inner(struct page *page, const char *html, size_t size)
{
    if (page->within >= WITHIN_MAX) {
        reading_raise(page->reading, PART_UNREAD, "pages in pages");
        return;
    }
    put_break(page);
    flush(page);
    read_page(page->reading, html, size, page->within + 1, page->mute);
}

void html_page_read(struct reading *reading, const char *utf8, size_t size, bool hidden)
{
    read_page(reading, utf8, size, hidden, false);
}

void html_page_files(struct reading *reading, const char *utf8, size_t size)
{
    read_page(reading, utf8, size, 0, true);
}
