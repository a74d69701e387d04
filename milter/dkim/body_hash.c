/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/body_hash.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 32 * 1024 };

static const char line_end[] = "\r\n";
enum { LINE_END = 2 };

/* One canonical form on its way into its digest. Empty lines wait until something follows: at the end of a
 * body they do not count. */
struct form {
    struct digest *digest;
    uint64_t size, empty_lines, limit;
    bool wanted;
    bool has_text;    /* on the line under way */
    bool blank_waits; /* relaxed: a run of blanks, which is one if something follows on its line */
    size_t used;
    char room[ROOM];
};

struct body_hash {
    struct form forms[BODY_FORMS];
    bool carriage_return; /* the last byte so far */
    bool bare, takes_bare;
};

struct body_hash *body_hash_new(void)
{
    struct body_hash *hash = calloc(1, sizeof *hash);
    for (unsigned i = 0; hash && i < BODY_FORMS; i++)
        hash->forms[i].digest = digest_new();
    if (hash && hash->forms[BODY_SIMPLE].digest && hash->forms[BODY_RELAXED].digest)
        return hash;
    body_hash_free(hash);
    return NULL;
}

void body_hash_free(struct body_hash *hash)
{
    for (unsigned i = 0; hash && i < BODY_FORMS; i++)
        digest_free(hash->forms[i].digest);
    free(hash);
}

void body_hash_begin(struct body_hash *hash, const bool wanted[BODY_FORMS], int64_t limit)
{
    uint8_t unused[DIGEST_BYTES];
    hash->carriage_return = hash->bare = hash->takes_bare = false;
    for (unsigned i = 0; i < BODY_FORMS; i++) {
        struct form *form = &hash->forms[i];
        /* What a body that was given up left there. */
        (void)!digest_finish(form->digest, unused);
        form->wanted = wanted[i];
        form->limit = limit < 0 ? UINT64_MAX : (uint64_t)limit;
        form->size = form->empty_lines = 0;
        form->used = 0;
        form->has_text = form->blank_waits = false;
    }
}

void body_hash_take_bare(struct body_hash *hash)
{
    hash->takes_bare = true;
}

static void flush(struct form *form)
{
    digest_update(form->digest, form->room, form->used);
    form->used = 0;
}

static void put(struct form *form, const char *bytes, size_t size)
{
    uint64_t left = form->size < form->limit ? form->limit - form->size : 0;
    form->size += size;
    size = size < left ? size : (size_t)left;
    while (size) {
        size_t part = ROOM - form->used < size ? ROOM - form->used : size;
        memcpy(form->room + form->used, bytes, part);
        form->used += part;
        bytes += part;
        size -= part;
        if (form->used == ROOM)
            flush(form);
    }
}

/* A part of a line. */
static void put_text(struct form *form, const char *bytes, size_t size)
{
    if (!size)
        return;
    for (; form->empty_lines; form->empty_lines--)
        put(form, line_end, LINE_END);
    form->has_text = true;
    put(form, bytes, size);
}

static void end_line(struct form *form)
{
    form->blank_waits = false;
    if (form->has_text)
        put(form, line_end, LINE_END);
    else
        form->empty_lines++;
    form->has_text = false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Runs of blanks become one space, those at the end of a line nothing. */
static void put_relaxed(struct form *form, const char *bytes, size_t size)
{
    bool plain = !memchr(bytes, ' ', size) && !memchr(bytes, '\t', size);
    for (size_t at = 0; at < size;) {
        size_t start = at;
        while (at < size && is_blank(bytes[at]))
            at++;
        form->blank_waits |= at > start;
        start = at;
        if (plain)
            at = size;
        while (at < size && !is_blank(bytes[at]))
            at++;
        if (at == start)
            continue;
        if (form->blank_waits)
            put_text(form, " ", 1);
        form->blank_waits = false;
        put_text(form, bytes + start, at - start);
    }
}

static void add_text(struct body_hash *hash, const char *bytes, size_t size)
{
    if (!size)
        return;
    hash->bare |= !hash->takes_bare && memchr(bytes, '\n', size) != NULL;
    if (hash->forms[BODY_SIMPLE].wanted)
        put_text(&hash->forms[BODY_SIMPLE], bytes, size);
    if (hash->forms[BODY_RELAXED].wanted)
        put_relaxed(&hash->forms[BODY_RELAXED], bytes, size);
}

static void add_line_end(struct body_hash *hash)
{
    end_line(&hash->forms[BODY_SIMPLE]);
    end_line(&hash->forms[BODY_RELAXED]);
}

/* What follows a CR; how many octets of it were taken. */
static size_t end_or_keep(struct body_hash *hash, char next)
{
    hash->carriage_return = false;
    if (next != '\n' && hash->takes_bare) {
        add_text(hash, "\r", 1);
        return 0;
    }
    hash->bare = next != '\n';
    add_line_end(hash);
    return 1;
}

void body_hash_add(struct body_hash *hash, const void *bytes, size_t size)
{
    const char *text = bytes;
    for (size_t at = 0; at < size && !hash->bare;) {
        if (hash->carriage_return) {
            at += end_or_keep(hash, text[at]);
            continue;
        }
        const char *end = memchr(text + at, '\r', size - at);
        size_t part = end ? (size_t)(end - text) - at : size - at;
        add_text(hash, text + at, part);
        at += part + (end ? 1 : 0);
        hash->carriage_return = end != NULL;
    }
}

static void encode(const uint8_t digest[DIGEST_BYTES], char out[BODY_HASH_BASE64])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;
    for (size_t i = 0; i < DIGEST_BYTES; i += 3) {
        unsigned left = DIGEST_BYTES - i < 3 ? DIGEST_BYTES - (unsigned)i : 3, group = 0;
        for (unsigned k = 0; k < 3; k++)
            group = group << 8 | (k < left ? digest[i + k] : 0U);
        for (unsigned k = 0; k < 4; k++)
            out[used++] = k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    out[used] = '\0';
}

enum result body_hash_finish(struct body_hash *hash, struct body_result out[BODY_FORMS])
{
    if (hash->carriage_return && hash->takes_bare)
        add_text(hash, "\r", 1);
    else if (hash->bare || hash->carriage_return)
        return RESULT_BAD_INPUT;
    for (unsigned i = 0; i < BODY_FORMS; i++) {
        struct form *form = &hash->forms[i];
        if (!form->wanted)
            continue;
        /* A last line without its end gets one; a body of nothing is a line end in the simple form. */
        if (form->has_text || (i == BODY_SIMPLE && !form->size))
            put(form, line_end, LINE_END);
        flush(form);
        if (digest_finish(form->digest, out[i].digest) != RESULT_OK)
            return RESULT_TRY_LATER;
        encode(out[i].digest, out[i].base64);
        out[i].size = form->size;
    }
    return RESULT_OK;
}
