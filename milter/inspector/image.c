/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/image.h"

#include "inspector/polyglot.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SLACK_BYTES = 4096 };

static const char damaged[] = "picture that is damaged or of an unknown form";
static const char behind[] = "picture with something behind its end";
static const char beside[] = "picture with too much beside its pixels";

struct walk {
    const uint8_t *at, *end;
    size_t aside;
    const struct image_listener *listener;
};

static void tell(const struct walk *walk, enum image_piece piece, const uint8_t *bytes, size_t size)
{
    if (walk->listener && size)
        walk->listener->piece(walk->listener->context, piece, bytes, size);
}

/* table: needed to show it. They are small, and could be given a hundred times. */
static void put_aside(struct walk *walk, const uint8_t *bytes, size_t size, bool table)
{
    walk->aside += size;
    tell(walk, table ? IMAGE_PIXELS : IMAGE_ASIDE, bytes, size);
}

static size_t left(const struct walk *walk)
{
    return (size_t)(walk->end - walk->at);
}

static unsigned big16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static unsigned little16(const uint8_t *bytes)
{
    return (unsigned)bytes[1] << 8 | bytes[0];
}

static uint32_t big32(const uint8_t *bytes)
{
    return (uint32_t)big16(bytes) << 16 | big16(bytes + 2);
}

/* PNG (ISO/IEC 15948): chunks of length, type, data, CRC. */

static uint64_t png_pixels(const uint8_t *ihdr)
{
    static const uint8_t channels[8] = {1, 0, 3, 1, 2, 0, 4, 0};
    uint64_t bits = (uint64_t)ihdr[8] * channels[ihdr[9] & 7];
    uint64_t raw = (big32(ihdr) * bits / 8 + 2) * big32(ihdr + 4);
    /* Interlaced rows are padded each; what cannot be compressed grows a little. */
    return raw + raw / 8 + SLACK_BYTES;
}

/* Behind the next NUL; `end` when there is none. */
static const uint8_t *skip_string(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
    return nul ? nul + 1 : end;
}

/* 11.3.2.3, 11.3.3: a keyword, the method, and in iTXt whether there is one and two strings more. */
static void tell_packed(const struct walk *walk, const uint8_t *type, const uint8_t *body, size_t size)
{
    const uint8_t *end = body + size, *at = skip_string(body, end);
    if (!memcmp(type, "iTXt", 4) && at < end && *at == 1)
        at = skip_string(skip_string(at + 2, end), end);
    else if (!memcmp(type, "zTXt", 4) || !memcmp(type, "iCCP", 4))
        at++;
    else
        return;
    if (at < end)
        tell(walk, IMAGE_PACKED, at, (size_t)(end - at));
}

static const char *walk_png(struct walk *walk, struct image *image)
{
    enum { PNG_HEADER = 13, CHUNK_FRAME = 12 };
    uint64_t pixels = 0, data = 0;
    image->kind = "image/png";
    walk->at += 8;
    for (bool first = true; left(walk) >= CHUNK_FRAME; first = false) {
        uint32_t size = big32(walk->at);
        const uint8_t *type = walk->at + 4, *body = walk->at + 8;
        if (size > left(walk) - CHUNK_FRAME || first != !memcmp(type, "IHDR", 4))
            return damaged;
        walk->at = body + size + 4;
        if (first) {
            if (size != PNG_HEADER || big32(body) > INT16_MAX || big32(body + 4) > INT16_MAX || body[8] > 16)
                return damaged;
            image->width = big32(body);
            image->height = big32(body + 4);
            pixels = png_pixels(body);
        } else if (!memcmp(type, "IEND", 4)) {
            put_aside(walk, body, size, false);
            return !left(walk) ? (data <= pixels ? NULL : beside) : behind;
        } else if (!memcmp(type, "IDAT", 4)) {
            data += size;
            tell(walk, IMAGE_PIXELS, body, size);
        } else if (type[0] & 0x20 || !memcmp(type, "PLTE", 4)) {
            put_aside(walk, body, size, !(type[0] & 0x20));
            tell_packed(walk, type, body, size);
        } else
            return damaged;
    }
    return damaged;
}

/* JPEG (ITU-T T.81, annex B): markers, segments, entropy-coded data up to the next marker. */

enum { JPEG_DHT = 0xc4, JPEG_EOI = 0xd9, JPEG_SOS = 0xda, JPEG_DQT = 0xdb };

static bool is_jpeg_frame(uint8_t marker)
{
    return marker == 0xc0 || marker == 0xc1 || marker == 0xc2; /* baseline, extended, progressive */
}

static void skip_scan(struct walk *walk)
{
    while (left(walk) >= 2) {
        if (walk->at[0] == 0xff && walk->at[1] && !(walk->at[1] >= 0xd0 && walk->at[1] <= 0xd7))
            return;
        walk->at += walk->at[0] == 0xff ? 2 : 1;
    }
    walk->at = walk->end;
}

static const char *walk_jpeg(struct walk *walk, struct image *image)
{
    size_t scans = 0;
    image->kind = "image/jpeg";
    walk->at += 2;
    while (left(walk) >= 2 && walk->at[0] == 0xff) {
        uint8_t marker = walk->at[1];
        walk->at += 2;
        if (marker == JPEG_EOI) {
            if (left(walk))
                return behind;
            uint64_t pixels = (uint64_t)image->width * image->height * 4 + SLACK_BYTES;
            return image->width && scans ? (scans <= pixels ? NULL : beside) : damaged;
        }
        if (marker == 0xff) { /* padding */
            walk->at--;
            walk->aside++;
            continue;
        }
        if (left(walk) < 2 || big16(walk->at) < 2 || big16(walk->at) > left(walk))
            return damaged;
        unsigned size = big16(walk->at);
        if (is_jpeg_frame(marker)) {
            if (size < 8 || image->width)
                return damaged;
            image->height = big16(walk->at + 3);
            image->width = big16(walk->at + 5);
        } else if (marker != JPEG_SOS)
            put_aside(walk, walk->at, size, marker == JPEG_DHT || marker == JPEG_DQT);
        walk->at += size;
        if (marker == JPEG_SOS) {
            const uint8_t *start = walk->at;
            skip_scan(walk);
            scans += (size_t)(walk->at - start);
            tell(walk, IMAGE_PIXELS, start, (size_t)(walk->at - start));
        }
    }
    return damaged;
}

/* GIF89a: a screen, then extensions and pictures made of sub-blocks, then 0x3b. */

static bool skip_blocks(struct walk *walk, size_t *size)
{
    while (left(walk)) {
        size_t block = *walk->at++;
        if (!block)
            return true;
        if (block > left(walk))
            return false;
        walk->at += block;
        *size += block + 1;
    }
    return false;
}

static bool skip_colours(struct walk *walk, uint8_t packed)
{
    size_t size = packed & 0x80 ? 3U << ((packed & 7U) + 1U) : 0;
    if (size > left(walk))
        return false;
    walk->at += size;
    return true;
}

static const char *walk_gif_block(struct walk *walk, struct image *image)
{
    enum { GIF_PICTURE = 9 };
    uint8_t kind = *walk->at++;
    if (kind == 0x21 && left(walk)) {
        const uint8_t *start = ++walk->at;
        if (!skip_blocks(walk, &walk->aside))
            return damaged;
        tell(walk, IMAGE_BLOCKS, start, (size_t)(walk->at - start));
        return NULL;
    }
    if (kind != 0x2c || left(walk) < GIF_PICTURE)
        return damaged;
    unsigned width = little16(walk->at + 4), height = little16(walk->at + 6);
    uint8_t packed = walk->at[8];
    size_t data = 0;
    walk->at += GIF_PICTURE;
    if (!skip_colours(walk, packed) || !left(walk))
        return damaged;
    const uint8_t *start = ++walk->at;
    if (!skip_blocks(walk, &data))
        return damaged;
    tell(walk, IMAGE_PIXELS, start, (size_t)(walk->at - start));
    if (width > image->width || height > image->height)
        return damaged;
    return data <= (uint64_t)width * height * 2 + SLACK_BYTES ? NULL : beside;
}

static const char *walk_gif(struct walk *walk, struct image *image)
{
    enum { GIF_SCREEN = 13 };
    image->kind = "image/gif";
    if (left(walk) < GIF_SCREEN)
        return damaged;
    image->width = little16(walk->at + 6);
    image->height = little16(walk->at + 8);
    uint8_t packed = walk->at[10];
    walk->at += GIF_SCREEN;
    if (!skip_colours(walk, packed))
        return damaged;
    while (left(walk)) {
        if (*walk->at == 0x3b)
            return left(walk) == 1 ? NULL : behind;
        const char *why = walk_gif_block(walk, image);
        if (why)
            return why;
    }
    return damaged;
}

static const char *walk_all(struct walk *walk, struct image *image_out)
{
    size_t size = left(walk);
    *image_out = (struct image){0};
    if (size > 8 && !memcmp(walk->at, "\x89PNG\r\n\x1a\n", 8))
        return walk_png(walk, image_out);
    if (size > 3 && !memcmp(walk->at, "\xff\xd8\xff", 3))
        return walk_jpeg(walk, image_out);
    if (size > 6 && (!memcmp(walk->at, "GIF89a", 6) || !memcmp(walk->at, "GIF87a", 6)))
        return walk_gif(walk, image_out);
    return damaged;
}

const char *image_read(const void *bytes, size_t size, struct image *image_out)
{
    const uint8_t *start = bytes;
    struct walk walk = {.at = start, .end = start + size};
    const char *why = walk_all(&walk, image_out);
    if (why)
        return why;
    if (!image_out->width || !image_out->height)
        return damaged;
    if (walk.aside > IMAGE_ASIDE_MAX)
        return beside;
    return polyglot_holds_file(bytes, size) ? "picture that holds another file" : NULL;
}

void image_tell(const void *bytes, size_t size, const struct image_listener *listener)
{
    const uint8_t *start = bytes;
    struct walk walk = {.at = start, .end = start + size, .listener = listener};
    struct image image;
    (void)walk_all(&walk, &image);
}
