/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/normal.h"

#include <string.h>

enum { JOIN_LEAST = 3 };

/* Set once by the template: the process has one table as it has one locale. */
static const struct fold *the_fold;

/* For ASCII: what it becomes, 0 for what is dropped. */
static unsigned char ascii[128];

struct writing {
    char *out;
    size_t used, room;
    size_t letters; /* since the last blank */
    size_t singles; /* words of one character */
};

void normal_prepare(const struct fold *fold)
{
    the_fold = fold;
    for (unsigned c = 0; c < 128; c++)
        ascii[c] = (unsigned char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c < ' ' || c == 127 ? 0 : c);
    ascii['`'] = '\'';
    ascii['\t'] = ' ';
}

const struct fold *normal_fold(void)
{
    return the_fold;
}

bool normal_is_word(uint32_t code)
{
    if (code < 128)
        return (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z');
    return !the_fold || fold_class(the_fold, code) != FOLD_OTHER;
}

static void write_blank(struct writing *writing)
{
    writing->singles += writing->letters == 1;
    writing->letters = 0;
    if (writing->used && writing->out[writing->used - 1] != ' ' && writing->used + 1 < writing->room)
        writing->out[writing->used++] = ' ';
}

static void write_ascii(struct writing *writing, unsigned char c)
{
    unsigned char becomes = ascii[c];
    if (becomes == ' ') {
        write_blank(writing);
    } else if (becomes && writing->used + 1 < writing->room) {
        writing->out[writing->used++] = (char)becomes;
        writing->letters++;
    }
}

static void write_character(struct writing *writing, uint32_t code)
{
    uint32_t one[1];
    const uint32_t *becomes = one;
    size_t n = 1;
    one[0] = code;
    if (the_fold)
        n = fold_character(the_fold, code, one, &becomes);
    for (size_t i = 0; i < n; i++) {
        if (becomes[i] < 128) {
            write_ascii(writing, (unsigned char)becomes[i]);
        } else if (writing->used + 5 < writing->room) {
            writing->used += fold_put(becomes[i], writing->out + writing->used);
            writing->letters++;
        }
    }
}

static bool is_letter(uint32_t code)
{
    return normal_is_word(code) && !(code >= '0' && code <= '9');
}

/* The size of the one letter that is a word of its own at `at`; 0: there is none. */
static size_t single_at(const char *out, size_t size, size_t at)
{
    size_t end = at;
    if (at >= size || !is_letter(fold_next(out, size, &end)))
        return 0;
    return end == size || out[end] == ' ' ? end - at : 0;
}

/* How many such words follow each other from `at` on. */
static size_t count_singles(const char *out, size_t size, size_t at)
{
    size_t n = 0;
    for (size_t length; (length = single_at(out, size, at)) > 0; n++)
        at += length + 1;
    return n;
}

static size_t join_singles(char *out, size_t size)
{
    size_t to = 0;
    for (size_t at = 0; at < size;) {
        size_t run = count_singles(out, size, at), length;
        if (run < JOIN_LEAST) {
            const char *blank = memchr(out + at, ' ', size - at);
            length = blank ? (size_t)(blank - out) - at + 1 : size - at;
            memmove(out + to, out + at, length);
            to += length;
            at += length;
            continue;
        }
        for (; run; run--, at += length + 1) {
            length = single_at(out, size, at);
            memmove(out + to, out + at, length);
            to += length;
        }
        if (at < size)
            out[to++] = ' ';
    }
    return to;
}

/* Blanks and punctuation at both ends. */
static size_t trim(char *out, size_t size)
{
    size_t start = 0, end = 0;
    for (size_t at = 0; at < size;) {
        size_t from = at;
        if (!normal_is_word(fold_next(out, size, &at)))
            continue;
        start = from;
        break;
    }
    for (size_t at = size; at > start && !end;) {
        size_t from = at - 1, next;
        while (from > start && ((unsigned char)out[from] & 0xc0) == 0x80)
            from--;
        next = from;
        if (normal_is_word(fold_next(out, size, &next)))
            end = at;
        at = from;
    }
    if (!end)
        return 0;
    memmove(out, out + start, end - start);
    return end - start;
}

/* ASCII up to the next other byte; room was checked. Returns where it stopped. */
static size_t write_plain(struct writing *writing, const char *line, size_t size, size_t at)
{
    char *out = writing->out;
    size_t used = writing->used, letters = writing->letters, singles = writing->singles;
    for (; at < size && (unsigned char)line[at] < 128; at++) {
        unsigned char becomes = ascii[(unsigned char)line[at]];
        out[used] = (char)becomes;
        if (becomes > ' ') {
            used++;
            letters++;
        } else if (becomes) {
            singles += letters == 1;
            letters = 0;
            used += used && out[used - 1] != ' ';
        }
    }
    writing->used = used;
    writing->letters = letters;
    writing->singles = singles;
    return at;
}

size_t normal_line(const char *line, size_t size, char *out, size_t room)
{
    struct writing writing = {.out = out, .room = room};
    if (!ascii['A'])
        normal_prepare(NULL);
    for (size_t at = 0; at < size;) {
        unsigned char c = (unsigned char)line[at];
        if (c < 128 && writing.used + (size - at) < room)
            at = write_plain(&writing, line, size, at);
        else if (c < 128)
            write_ascii(&writing, (unsigned char)line[at++]);
        else
            write_character(&writing, fold_next(line, size, &at));
    }
    size_t used = writing.used;
    if (writing.singles + (writing.letters == 1) >= JOIN_LEAST)
        used = join_singles(out, used);
    used = trim(out, used);
    fold_order(out, used);
    out[used] = '\0';
    return used;
}
