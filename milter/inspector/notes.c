/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/notes.h"

#include "inspector/html_tag.h"
#include "inspector/image.h"
#include "inspector/polyglot.h"
#include "policy/fold.h"

#include <string.h>
#include <zlib.h>

enum { PIECE = 16 * 1024, TAG_NAMES_MAX = 100, BLANKS_MAX = 8 };

enum form { FORM_BYTES, FORM_LITTLE, FORM_BIG };

struct span {
    const uint8_t *start, *end;
};

struct notes {
    struct buffer *text;
    size_t unpacked;
    const char *why;
};

static bool is_plain(uint32_t code)
{
    return (code >= 0x20 && code < 0x7f) || code == '\t' || code == '\n' || code == '\r';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_latin_word(uint8_t c)
{
    return is_letter(c) || c == ' ' || c == '\'';
}

/* UTF-8, or a letter of Latin 1 between others. */
static size_t read_high_byte(const struct span *span, const uint8_t *at, uint32_t *code_out)
{
    size_t size = 0;
    *code_out = fold_next((const char *)at, (size_t)(span->end - at), &size);
    if (*code_out >= 0xa0 && *code_out != 0xfffd)
        return size;
    bool within = at > span->start && at + 1 < span->end && is_latin_word(at[-1]) && is_latin_word(at[1]);
    *code_out = *at;
    return within && *at >= 0xa0 ? 1 : 0;
}

/* Of these a run in UTF-16 consists here: Latin, Arabic and quotation marks, since any two bytes are a
 * character, and two of ASCII one from U+2020 on. */
static bool is_usual(uint32_t code)
{
    return is_plain(code) || (code >= 0xa0 && code < 0x250) || (code >= 0x600 && code < 0x700) ||
           (code >= 0x200c && code < 0x2020);
}

/* How many bytes the character of text at `at` has; 0: there is none. */
static size_t read_sign(enum form form, const struct span *span, const uint8_t *at, uint32_t *code_out)
{
    if (form == FORM_BYTES) {
        *code_out = *at;
        return is_plain(*at) ? 1 : *at >= 0x80 ? read_high_byte(span, at, code_out) : 0;
    }
    if (span->end - at < 2)
        return 0;
    *code_out = form == FORM_BIG ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
    return is_usual(*code_out) ? 2 : 0;
}

/* XMP is padded with thousands of blanks. */
static void put_run(struct buffer *text, enum form form, const struct span *span, const uint8_t *at,
                    const uint8_t *stop)
{
    size_t blanks = 0;
    while (at < stop) {
        char utf8[4];
        uint32_t code = 0;
        at += read_sign(form, span, at, &code);
        blanks = code == ' ' ? blanks + 1 : 0;
        if (blanks <= BLANKS_MAX)
            buffer_append(text, utf8, fold_put(code == '\r' ? '\n' : code, utf8));
    }
    buffer_append(text, "\n", 1);
}

/* Among the pixels most runs are pixels: of text they have words in lines of many. */
static bool is_prose(const uint8_t *at, const uint8_t *stop)
{
    size_t size = (size_t)(stop - at), letters = 0, blanks = 0;
    for (; at < stop; at++) {
        blanks += *at == ' ' || *at == '\n';
        letters += is_letter(*at) || *at >= 0x80;
    }
    return size >= NOTES_LEAST && letters * 2 >= size && blanks * 20 >= size && blanks * 3 <= size;
}

/* False: no character of text begins here, nor goes on. */
static bool may_be_text(enum form form, const uint8_t *at)
{
    if (form == FORM_BYTES)
        return is_plain(*at) || (*at >= 0x80 && *at < 0xf5);
    return is_usual(form == FORM_BIG ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0]);
}

/* To where a run may begin: looked at from the end that it would have at least, most of it is never seen. */
static const uint8_t *skip_chance(enum form form, const struct span *span, const uint8_t *at)
{
    size_t unit = form == FORM_BYTES ? 1 : 2, left;
    while ((size_t)(span->end - at) >= NOTES_RUN_LEAST * unit) {
        for (left = NOTES_RUN_LEAST; left && may_be_text(form, at + (left - 1) * unit);)
            left--;
        if (!left)
            return at;
        at += left * unit;
    }
    return span->end;
}

/* The next run from *at on. False: there is none. */
static bool find_run(enum form form, const struct span *span, const uint8_t **at, const uint8_t **stop_out)
{
    while ((*at = skip_chance(form, span, *at)) < span->end) {
        const uint8_t *stop = *at;
        size_t signs = 0, step;
        uint32_t code;
        while (stop < span->end && (step = read_sign(form, span, stop, &code)) > 0) {
            stop += step;
            signs++;
        }
        *stop_out = stop;
        if (signs >= NOTES_RUN_LEAST)
            return true;
        *at = stop < span->end ? stop + 1 : stop;
    }
    return false;
}

/* prose: only of what is plainly words. */
static void take_runs(struct buffer *text, enum form form, bool prose, const uint8_t *bytes, size_t size)
{
    const struct span span = {bytes, bytes + size};
    for (const uint8_t *at = bytes, *stop; find_run(form, &span, &at, &stop); at = stop)
        if (!prose || is_prose(at, stop))
            put_run(text, form, &span, at, stop);
}

/* And no table, preview or certificate, in which runs are chance, too. */
static bool is_mostly_text(const uint8_t *bytes, size_t size)
{
    const struct span span = {bytes, bytes + size};
    size_t text = 0;
    for (const uint8_t *at = bytes, *stop; find_run(FORM_BYTES, &span, &at, &stop); at = stop)
        text += (size_t)(stop - at);
    return text * 2 >= size;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const uint8_t *skip_line(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return stop ? stop + 1 : end;
}

/* ImageMagick's and GIMP's "Raw profile type exif": a line end, a name, a size, then hexadecimal. Returns
 * where that begins, NULL when this is none. */
static const uint8_t *find_raw_profile(const uint8_t *bytes, const uint8_t *end)
{
    static const char named[] = "Raw profile type ";
    bool keyword = end - bytes > (ptrdiff_t)sizeof named && !memcmp(bytes, named, sizeof named - 1);
    const uint8_t *nul = keyword ? memchr(bytes, 0, (size_t)(end - bytes)) : NULL,
                  *at = nul ? nul + 1 : bytes;
    if (at == end || *at != '\n')
        return NULL;
    const uint8_t *size = skip_line(at + 1, end), *hex = skip_line(size, end);
    while (size < hex && (*size == ' ' || hex_value(*size) >= 0 || *size == '\n'))
        size++;
    return size == hex && hex < end && hex_value(*hex) >= 0 ? hex : NULL;
}

/* Characters of UTF-16 begin at any second byte. */
static void take_forms(struct buffer *text, const uint8_t *bytes, size_t size)
{
    take_runs(text, FORM_BYTES, !is_mostly_text(bytes, size), bytes, size);
    for (size_t first = 0; first < 2 && first < size; first++) {
        take_runs(text, FORM_LITTLE, false, bytes + first, size - first);
        take_runs(text, FORM_BIG, false, bytes + first, size - first);
    }
}

/* Returns where the hexadecimal ends. */
static const uint8_t *take_hex(struct buffer *text, const uint8_t *at, const uint8_t *end)
{
    struct buffer bytes;
    int high = -1;
    buffer_init(&bytes, NOTES_MAX);
    for (; at < end && (hex_value(*at) >= 0 || *at == '\n'); at++) {
        int value = hex_value(*at);
        if (value >= 0 && high >= 0) {
            char byte = (char)(high * 16 + value);
            buffer_append(&bytes, &byte, 1);
            high = -1;
        } else
            high = value;
    }
    take_forms(text, (const uint8_t *)buffer_text(&bytes), bytes.size);
    text->failed |= bytes.failed;
    buffer_free(&bytes);
    return at;
}

void notes_of_bytes(const void *bytes, size_t size, struct buffer *text)
{
    const uint8_t *start = bytes, *end = start + size;
    const uint8_t *hex = find_raw_profile(start, end);
    take_forms(text, start, hex ? (size_t)(hex - start) : size);
    if (hex) {
        const uint8_t *rest = take_hex(text, hex, end);
        take_forms(text, rest, (size_t)(end - rest));
    }
}

/* What is damaged is read as far as it goes: no viewer gets further. */
static void unpack(struct notes *notes, const uint8_t *packed, size_t size, struct buffer *unpacked)
{
    uint8_t piece[PIECE];
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)packed, .avail_in = (uInt)size};
    int status = inflateInit(&stream);
    while (status == Z_OK && !notes->why) {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        status = inflate(&stream, Z_NO_FLUSH);
        buffer_append(unpacked, piece, sizeof piece - stream.avail_out);
        if (notes->unpacked + unpacked->size > NOTES_UNPACKED_MAX)
            notes->why = "picture with too much beside its pixels";
    }
    notes->unpacked += unpacked->size;
    (void)inflateEnd(&stream);
}

static void take_packed(struct notes *notes, const uint8_t *packed, size_t size)
{
    struct buffer unpacked;
    buffer_init(&unpacked, NOTES_UNPACKED_MAX + PIECE);
    unpack(notes, packed, size, &unpacked);
    if (!notes->why && polyglot_holds_file(buffer_text(&unpacked), unpacked.size))
        notes->why = "picture that holds another file";
    notes_of_bytes(buffer_text(&unpacked), unpacked.size, notes->text);
    notes->text->failed |= unpacked.failed;
    buffer_free(&unpacked);
}

/* XMP stands in a GIF as it is, and is taken for sizes and blocks only. */
static void take_blocks(struct notes *notes, const uint8_t *bytes, size_t size)
{
    struct buffer joined;
    buffer_init(&joined, NOTES_MAX);
    for (size_t at = 0; at < size && bytes[at]; at += bytes[at] + 1U)
        buffer_append(&joined, bytes + at + 1, bytes[at]);
    notes_of_bytes(buffer_text(&joined), joined.size, notes->text);
    if (size > 9 && !memcmp(bytes, "\x0bXMP Data", 9))
        notes_of_bytes(bytes, size, notes->text);
    notes->text->failed |= joined.failed;
    buffer_free(&joined);
}

static void on_piece(void *context, enum image_piece piece, const uint8_t *bytes, size_t size)
{
    struct notes *notes = context;
    switch (piece) {
    case IMAGE_PIXELS:
        take_runs(notes->text, FORM_BYTES, true, bytes, size);
        break;
    case IMAGE_ASIDE:
        notes_of_bytes(bytes, size, notes->text);
        break;
    case IMAGE_PACKED:
        take_packed(notes, bytes, size);
        break;
    case IMAGE_BLOCKS:
        take_blocks(notes, bytes, size);
        break;
    }
}

/* A preview in XMP, which is base64 of a JPEG in lines, and no text. */
static void blank_previews(char *text, size_t size)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=&#;\n";
    char *end = text + size, *at = text;
    while ((at = memmem(at, (size_t)(end - at), "GImg:image", 10)) != NULL) {
        at += 10;
        at += strspn(at, "=\">");
        size_t preview = strncmp(at, "/9j/", 4) ? 0 : strspn(at, base64);
        memset(at, ' ', preview);
    }
}

const char *notes_of_picture(const void *bytes, size_t size, struct buffer *text)
{
    struct notes notes = {.text = text};
    const struct image_listener listener = {on_piece, &notes};
    image_tell(bytes, size, &listener);
    if (text->size)
        blank_previews(text->bytes, text->size);
    return !notes.why && text->failed ? "no memory for what stands in a picture" : notes.why;
}

static bool is_said(const char *at, const char *end)
{
    bool digit = false, blank = false;
    for (; at < end; at++) {
        digit |= *at >= '0' && *at <= '9';
        blank |= *at == ' ';
    }
    return blank || !digit;
}

static void put_value(struct buffer *text, const char *at, const char *end)
{
    char utf8[HTML_REFERENCE_ROOM];
    if (!is_said(at, end))
        return;
    for (const char *mark; (mark = memchr(at, '&', (size_t)(end - at))) != NULL;) {
        size_t size;
        const char *after = html_reference(mark, end, utf8, &size);
        buffer_append(text, at, (size_t)(mark - at));
        buffer_append(text, size ? utf8 : "&", size ? size : 1);
        at = size ? after : mark + 1;
    }
    buffer_append(text, at, (size_t)(end - at));
    buffer_append(text, "\n", 1);
}

static void put_names(struct buffer *text, const char *at, const char *end)
{
    if (end - at > TAG_NAMES_MAX)
        put_value(text, at, end);
}

/* From behind "<" to behind ">": values of attributes, and what is too long to be names of them. */
static const char *put_tag(struct buffer *text, const char *at, const char *end)
{
    const char *names = at;
    while (at < end && *at != '>') {
        const char *close = *at == '"' || *at == '\'' ? memchr(at + 1, *at, (size_t)(end - at) - 1) : NULL;
        if (close) {
            put_names(text, names, at);
            put_value(text, at + 1, close);
            names = close + 1;
        }
        at = close ? close + 1 : at + 1;
    }
    put_names(text, names, at);
    return at < end ? at + 1 : end;
}

/* From "<rdf:RDF" to its end. */
static const char *put_markup(struct buffer *text, const char *at, const char *end)
{
    static const char last[] = "</rdf:RDF>";
    const char *close = memmem(at, (size_t)(end - at), last, sizeof last - 1);
    for (const char *stop = close ? close : end; at < stop;) {
        const char *tag = memchr(at, '<', (size_t)(stop - at)), *said = tag ? tag : stop;
        if (at + strspn(at, " \t\n") < said)
            put_value(text, at, said);
        at = tag ? put_tag(text, tag + 1, stop) : stop;
    }
    return at;
}

void notes_without_markup(const char *notes, size_t size, struct buffer *text)
{
    const char *at = notes, *end = notes + size, *markup;
    while ((markup = memmem(at, (size_t)(end - at), "<rdf:RDF", 8)) != NULL) {
        buffer_append(text, at, (size_t)(markup - at));
        at = put_markup(text, markup, end);
    }
    buffer_append(text, at, (size_t)(end - at));
}
