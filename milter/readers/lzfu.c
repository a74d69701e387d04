/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/lzfu.h"

#include <string.h>
#include <zlib.h>

enum {
    HEADER = 16,
    COMPRESSED = 0x75465a4c,   /* "LZFu" */
    UNCOMPRESSED = 0x414c454d, /* "MELA" */
    WINDOW = 4096,
    LENGTH_LEAST = 2,
    SLACK = 16, /* bytes that nobody counts */
};

/* 2.1.2.1: what the window holds at the start. */
static const char prefix[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct window {
    char bytes[WINDOW];
    size_t at;
    struct buffer *out;
    uint32_t left; /* that may come out */
    struct bytes packed;
    uint64_t next; /* byte of it */
};

static void put(struct window *window, char c)
{
    window->bytes[window->at] = c;
    window->at = (window->at + 1) % WINDOW;
    if (window->left) {
        buffer_append(window->out, &c, 1);
        window->left--;
    }
}

/* A reference of 12 bits of place and 4 of length. False: it points at the window's end, which is the file's.
 */
static bool copy(struct window *window, unsigned reference)
{
    size_t from = reference >> 4, length = (reference & 15) + LENGTH_LEAST;
    if (from == window->at)
        return false;
    for (; length; length--, from = (from + 1) % WINDOW)
        put(window, window->bytes[from]);
    return true;
}

/* False: nothing more comes; *why_out says whether it should have. */
static bool step(struct window *window, bool reference, const char **why_out)
{
    unsigned size = reference ? 2 : 1;
    *why_out = window->out->failed ? "too big to unpack" : "cut off";
    if (window->out->failed || !bytes_hold(window->packed, window->next, size))
        return false;
    const uint8_t *at = window->packed.at + window->next;
    window->next += size;
    if (!reference) {
        put(window, (char)*at);
        return true;
    }
    *why_out = window->left ? "damaged" : NULL;
    return copy(window, (unsigned)(at[0] << 8 | at[1]));
}

/* Eight steps behind a byte that says what each is. */
static const char *unpack(struct window *window)
{
    const char *why = "cut off";
    while (window->next < window->packed.size) {
        unsigned control = window->packed.at[window->next++];
        for (unsigned bit = 0; bit < 8; bit++, control >>= 1)
            if (!step(window, control & 1, &why))
                return why;
    }
    return "cut off";
}

/* The CRC of ZIP without its turning over at start and end (2.1.3.2). */
static uint32_t checksum(struct bytes bytes)
{
    uLong crc = crc32_z(0xffffffffUL, bytes.at, bytes.size);
    return (uint32_t)~crc;
}

const char *lzfu_unpack(struct bytes packed, struct buffer *out)
{
    struct window window = {.out = out, .left = bytes_u32(packed, 4)};
    uint32_t size = bytes_u32(packed, 0), type = bytes_u32(packed, 8);
    bool whole = size >= HEADER - 4 && bytes_hold(packed, 4, size);
    if (!bytes_hold(packed, 0, HEADER))
        return "cut off";
    struct bytes body = bytes_cut(packed, HEADER, whole ? size - (HEADER - 4) : packed.size - HEADER);
    if (type == UNCOMPRESSED) {
        buffer_append(out, body.at, body.size < window.left ? body.size : window.left);
        if (body.size > (uint64_t)window.left + SLACK)
            return "bytes behind its end";
        return out->failed ? "too big to unpack" : body.size < window.left ? "cut off" : NULL;
    }
    if (type != COMPRESSED)
        return "damaged";
    memcpy(window.bytes, prefix, sizeof prefix - 1);
    window.at = sizeof prefix - 1;
    window.packed = body;
    const char *why = unpack(&window);
    if (!why && (window.next + SLACK < body.size || packed.size > (uint64_t)size + 4 + SLACK))
        return "bytes behind its end";
    return why ? why : !whole || checksum(body) != bytes_u32(packed, 12) ? "damaged" : NULL;
}
