/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/from.h"

#include "base/text.h"
#include "inspector/encoded_word.h"

#include <string.h>

struct cursor {
    const char *at, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* RFC 5322 3.2.3, and the dot. */
static bool is_atom(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && is_blank(*cursor->at))
        cursor->at++;
}

/* Printable ASCII in lines of which each says something: some readers end the header at one that does not. */
static bool bytes_are_plain(const char *value, size_t size)
{
    bool says_nothing = false; /* a continued line, so far */
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        bool fold = c == '\n' || (c == '\r' && i + 1 < size && value[i + 1] == '\n');
        if (c >= 0x7f || (c < 0x20 && c != '\t' && !fold))
            return false;
        if (c == '\n' && says_nothing)
            return false;
        says_nothing = c == '\n' || (says_nothing && is_blank((char)c));
    }
    return !says_nothing;
}

/* '@' of any width, what sets an address off, and what ends a line. */
static bool text_names_address(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || strchr("@<>", c))
            return true;
    }
    return memmem(text, size, "\xef\xbc\xa0", 3) || memmem(text, size, "\xef\xb9\xab", 3);
}

static bool words_hide_nothing(const char *value, size_t size)
{
    struct encoded_word word;
    for (size_t at = 0; encoded_word_next(value, size, &at, &word);)
        if (word.odd || text_names_address(word.text, word.size))
            return false;
    return true;
}

/* At its '"'; moves behind the closing one. */
static bool skip_quoted(struct cursor *cursor)
{
    for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++)
        if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
            cursor->at++;
    return cursor->at < cursor->end && *cursor->at++ == '"';
}

/* At its '('; moves behind the ')'. What a reader who knows no comments would take for an address or a quoted
 * string may not stand in it, nor another comment, which not all readers count. */
static bool skip_comment(struct cursor *cursor)
{
    for (cursor->at++; cursor->at < cursor->end && *cursor->at != ')'; cursor->at++)
        if (strchr("(@<>\"\\", *cursor->at))
            return false;
    return cursor->at < cursor->end && *cursor->at++ == ')';
}

/* touches: the first may follow without a blank; behind a word it could be taken for a part of it. *found:
 * whether there was one. */
static bool skip_comments(struct cursor *cursor, bool touches, bool *found)
{
    const char *word_end = cursor->at;
    for (skip_blanks(cursor); cursor->at < cursor->end && *cursor->at == '('; skip_blanks(cursor)) {
        if ((!touches && cursor->at == word_end) || !skip_comment(cursor))
            return false;
        *found = touches = true;
    }
    return true;
}

static bool dots_are_plain(const char *text, size_t size)
{
    return size && text[0] != '.' && text[size - 1] != '.' && !memmem(text, size, "..", 2);
}

static bool is_dot_atom(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_atom(text[i]))
            return false;
    return dots_are_plain(text, size) && !memmem(text, size, "=?", 2);
}

static bool are_of(const char *text, size_t size, const char *also)
{
    for (size_t i = 0; i < size; i++) {
        char lower = text_lower(text[i]);
        bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (!plain && (!lower || !strchr(also, lower)))
            return false;
    }
    return true;
}

/* A host name, or an address in brackets, which is nobody's in the registry. */
static bool domain_is_plain(const char *domain, size_t size)
{
    if (size > 2 && domain[0] == '[' && domain[size - 1] == ']')
        return are_of(domain + 1, size - 2, ".:-");
    return dots_are_plain(domain, size) && are_of(domain, size, ".-_");
}

/* dot-atom @ domain. Quotation marks around the one say nothing, nor does a dot behind the other; they are
 * left out. */
static bool take_address(const char *text, size_t size, char address_out[FROM_ADDRESS_ROOM])
{
    const char *at = memchr(text, '@', size);
    if (!at || size >= FROM_ADDRESS_ROOM)
        return false;
    size_t local = (size_t)(at - text), domain = size - local - 1;
    if (local > 2 && text[0] == '"' && at[-1] == '"') {
        text++;
        local -= 2;
    }
    domain -= domain > 1 && at[domain] == '.';
    if (!is_dot_atom(text, local) || !domain_is_plain(at + 1, domain))
        return false;
    memcpy(address_out, text, local);
    memcpy(address_out + local, at, domain + 1);
    address_out[local + 1 + domain] = '\0';
    return true;
}

/* What stands before an angle bracket, or all there is. */
struct front {
    unsigned words;
    bool comment;
    char address[FROM_ADDRESS_ROOM]; /* the one outside quotation marks; "" none */
};

/* A word of a name, or an address. */
static bool read_word(struct cursor *cursor, struct front *front)
{
    const char *start = cursor->at;
    if (*start == '"' && !skip_quoted(cursor))
        return false;
    const char *tail = cursor->at;
    while (cursor->at < cursor->end && (is_atom(*cursor->at) || strchr("@[]:", *cursor->at)))
        cursor->at++;
    size_t size = (size_t)(cursor->at - start), tail_size = (size_t)(cursor->at - tail);
    if (memchr(tail, '@', tail_size))
        return !front->address[0] && !front->comment && take_address(start, size, front->address);
    front->words++;
    for (; tail < cursor->at; tail++)
        if (!is_atom(*tail))
            return false;
    return size > 0;
}

static bool read_front(struct cursor *cursor, struct front *front)
{
    *front = (struct front){.words = 0};
    for (bool first = true; skip_comments(cursor, first, &front->comment); first = false) {
        if (cursor->at == cursor->end || *cursor->at == '<')
            return !front->address[0] || !front->words;
        if (!read_word(cursor, front))
            return false;
    }
    return false;
}

static bool read_angle(struct cursor *cursor, char address_out[FROM_ADDRESS_ROOM])
{
    const char *start = cursor->at + 1, *close = memchr(start, '>', (size_t)(cursor->end - start));
    bool comment = false;
    if (!close || !take_address(start, (size_t)(close - start), address_out))
        return false;
    cursor->at = close + 1;
    return skip_comments(cursor, true, &comment) && cursor->at == cursor->end;
}

bool from_read(const char *value, size_t size, char address_out[FROM_ADDRESS_ROOM])
{
    struct cursor cursor = {value, value + size};
    struct front front;
    if (size && value[size - 1] == '\n')
        size -= size > 1 && value[size - 2] == '\r' ? 2 : 1;
    cursor.end = value + size;
    if (!bytes_are_plain(value, size) || !words_hide_nothing(value, size) || !read_front(&cursor, &front))
        return false;
    if (cursor.at == cursor.end) {
        memcpy(address_out, front.address, sizeof front.address);
        return front.address[0] != '\0';
    }
    /* "a@b.example <a@b.example>" is wrong, but common, and says the same twice. */
    return read_angle(&cursor, address_out) &&
           (!front.address[0] || text_equal_nocase(front.address, address_out));
}

static bool is_part_of_address(char c)
{
    return (unsigned char)c > 0x20 && c != 0x7f && !strchr("@<>()[],;:\"\\", c);
}

bool from_next_address(const char *value, size_t size, size_t *at, char address_out[FROM_ADDRESS_ROOM])
{
    for (const char *sign; *at < size && (sign = memchr(value + *at, '@', size - *at));) {
        size_t from = (size_t)(sign - value), to = from + 1;
        *at = to;
        while (from > 0 && is_part_of_address(value[from - 1]))
            from--;
        while (to < size && is_part_of_address(value[to]))
            to++;
        if (to - from >= FROM_ADDRESS_ROOM || to == *at)
            continue;
        memcpy(address_out, value + from, to - from);
        address_out[to - from] = '\0';
        return true;
    }
    return false;
}
