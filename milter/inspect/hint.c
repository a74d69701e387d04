/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/hint.h"

#include "base/fd.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* PIECE_BYTES: a short message has all its header sections in the first. LOOK_BYTES: a long letter, twice,
 * before the first document. */
enum { PIECE_BYTES = 16 * 1024, LOOK_BYTES = 128 * 1024 };

static const char field_name[] = "Content-Type", media[] = "application/";

/* What is no document by itself. */
static const struct {
    const char *subtype;
    enum hint hint;
} known[] = {{"pgp-encrypted", HINT_SEALED},
             {"pkcs7-mime", HINT_SEALED},
             {"x-pkcs7-mime", HINT_SEALED},
             {"pgp-signature", HINT_NONE},
             {"pkcs7-signature", HINT_NONE},
             {"x-pkcs7-signature", HINT_NONE},
             {"pgp-keys", HINT_NONE},
             {"ics", HINT_NONE},
             {"vcard", HINT_NONE}};

static bool starts(const char *text, size_t size, const char *with, size_t length)
{
    return size >= length && !strncasecmp(text, with, length);
}

static bool names_field(const char *text, const char *colon)
{
    const size_t length = sizeof field_name - 1;
    if ((size_t)(colon - text) < length || strncasecmp(colon - length, field_name, length) != 0)
        return false;
    return colon - length == text || colon[-(ptrdiff_t)length - 1] == '\n';
}

static bool ends_word(const char *text, size_t size)
{
    return !size || strchr("; \t\r\n", *text);
}

static enum hint hint_of_value(const char *text, size_t size)
{
    while (size && strchr(" \t\r\n", *text) && *text) {
        text++;
        size--;
    }
    if (!starts(text, size, media, sizeof media - 1))
        return HINT_NONE;
    text += sizeof media - 1;
    size -= sizeof media - 1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].subtype);
        if (starts(text, size, known[i].subtype, length) && ends_word(text + length, size - length))
            return known[i].hint;
    }
    return HINT_DOCUMENT;
}

enum hint hint_in(const char *text, size_t size)
{
    const char *end = text + size, *colon;
    enum hint hint = HINT_NONE;
    for (const char *at = text;
         hint == HINT_NONE && at < end && (colon = memchr(at, ':', (size_t)(end - at))); at = colon + 1)
        if (names_field(text, colon))
            hint = hint_of_value(colon + 1, (size_t)(end - colon) - 1);
    return hint;
}

/* Up to the last line that is whole; all of a line that is longer. */
static size_t whole_lines(const char *text, size_t size)
{
    const char *last = memrchr(text, '\n', size);
    return last && last > text ? (size_t)(last - text) : size;
}

bool hint_document(int message_fd, uint64_t message_size)
{
    uint64_t most = message_size < LOOK_BYTES ? message_size : LOOK_BYTES, at = 0;
    char *piece = malloc(PIECE_BYTES);
    enum hint hint = HINT_NONE;
    while (piece && hint == HINT_NONE && at < most) {
        size_t size = most - at < PIECE_BYTES ? (size_t)(most - at) : PIECE_BYTES;
        if (fd_read_at(message_fd, piece, size, at) != RESULT_OK)
            break;
        hint = hint_in(piece, size);
        at += at + size < most ? whole_lines(piece, size) : size;
    }
    free(piece);
    return hint == HINT_DOCUMENT;
}
