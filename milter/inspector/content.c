/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/content.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PIECE = 16 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

/* RFC 3629 as a machine: how many bytes must follow, and what range the next may have. */
static void begin_sequence(struct content *content, unsigned char c)
{
    content->utf8_left = 0;
    if (c >= 0xc2 && c <= 0xf4)
        content->utf8_left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    content->not_utf8 += !content->utf8_left;
    content->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    content->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
}

/* False: the byte does not continue a sequence. */
static bool continue_sequence(struct content *content, unsigned char c)
{
    bool good = c >= content->utf8_low && c <= content->utf8_high;
    content->not_utf8 += !good;
    content->utf8_left = good ? content->utf8_left - 1 : 0;
    content->utf8_low = 0x80;
    content->utf8_high = 0xbf;
    return good;
}

static void check_utf8(struct content *content, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (content->utf8_left && continue_sequence(content, bytes[i]))
            continue;
        if (bytes[i] >= 0x80)
            begin_sequence(content, bytes[i]);
    }
}

static void take_packets(struct content *content, const char *bytes, size_t size)
{
    /* The first bit of a packet is set, armour is ASCII. */
    if (content->size == 0 && size)
        content->armoured = !(bytes[0] & 0x80);
    if (content->armoured)
        packets_armour_feed(&content->armour, bytes, size);
    else
        packets_feed(&content->binary, bytes, size);
}

/* The decoded size is not known before: the raw one is never less. Pages that are not written cost nothing.
 */
static void prepare_whole(struct content *content, uint64_t raw_size)
{
    if (raw_size >= CONTENT_WHOLE_MAX)
        return;
    content->whole_room = (size_t)raw_size + DECODER_SPARE + 1;
    if (content->whole_room < HUGE_PAGE) {
        content->whole = malloc(content->whole_room);
        return;
    }
    /* Measured: a fifth of the time that reading 10 MB takes is faults on small pages. */
    content->whole = aligned_alloc(HUGE_PAGE, (content->whole_room + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (content->whole)
        (void)madvise(content->whole, content->whole_room, MADV_HUGEPAGE);
}

/* `bytes` may be there already. */
static void take_whole(struct content *content, const char *bytes, size_t size)
{
    if (size >= content->whole_room - (size_t)content->size) {
        memcpy(content->head_room, content->whole, content->head_size);
        free(content->whole);
        content->whole = NULL;
        content->head = content->head_room;
        return;
    }
    char *to = content->whole + content->size;
    if (bytes != to)
        memcpy(to, bytes, size);
    to[size] = '\0';
}

void content_release(struct content *content)
{
    free(content->whole);
    content->whole = NULL;
    content->head = content->head_room;
    content->head_size = 0;
}

/* A second copy of the first bytes would be as many pages again for a child to be given. */
static void take_head(struct content *content, const char *bytes, size_t size)
{
    size_t room = CONTENT_HEAD_BYTES - content->head_size, more = size < room ? size : room;
    if (!content->whole)
        memcpy(content->head_room + content->head_size, bytes, more);
    content->head_size += more;
}

static void take(struct content *content, const char *bytes, size_t size, struct digest *digest,
                 unsigned wants)
{
    if (content->whole)
        take_whole(content, bytes, size);
    take_head(content, bytes, size);
    if (wants & WANT_DIGEST)
        digest_update(digest, bytes, size);
    if (wants & WANT_PACKETS)
        take_packets(content, bytes, size);
    if (wants & WANT_TEXT) {
        rawscan_feed(&content->text, bytes, size);
        if (content->text.eight_bit)
            check_utf8(content, (const unsigned char *)bytes, size);
    }
    if (wants & WANT_REFERENCES)
        reference_scan_feed(&content->reference_scan, bytes, size, content->references);
    content->size += size;
}

static void begin(struct content *content)
{
    content_release(content);
    content->size = 0;
    content->odd = NULL;
    content->digested = content->failed = false;
    content->not_utf8 = 0;
    content->packets = PACKETS_OTHER;
    content->utf8_left = 0;
    content->armoured = false;
    rawscan_init(&content->text);
    packets_init(&content->binary);
    packets_armour_init(&content->armour);
    reference_scan_init(&content->reference_scan);
}

/* For what `size` bytes decode to: where it will stay, if there is such a place. */
static char *decoding_room(struct content *content, size_t size)
{
    bool fits = content->whole && size + DECODER_SPARE < content->whole_room - (size_t)content->size;
    return fits ? content->whole + content->size : content->piece;
}

void content_read(struct content *content, struct source *source, const struct entity *entity,
                  struct digest *digest, unsigned wants)
{
    struct decoder decoder;
    begin(content);
    if (wants & WANT_WHOLE)
        prepare_whole(content, entity->end_at - entity->body_at + 4);
    if (content->whole)
        content->head = content->whole;
    decoder_init(&decoder, entity->fields.encoding);
    const char *bytes;
    size_t size;
    for (uint64_t at = entity->body_at; (size = source_view(source, at, entity->end_at, &bytes)) > 0;
         at += size) {
        if (size > PIECE)
            size = PIECE;
        /* What is not encoded need not be copied. */
        bool plain = decoder.encoding == ENCODING_IDENTITY || decoder.encoding == ENCODING_UNKNOWN;
        char *out = decoding_room(content, size);
        size_t decoded = plain ? size : decoder_feed(&decoder, bytes, size, out);
        take(content, plain ? bytes : out, decoded, digest, wants);
    }
    char *out = decoding_room(content, 0);
    take(content, out, decoder_finish(&decoder, out), digest, wants);
    content->odd = decoder.odd;
    rawscan_finish(&content->text);
    content->not_utf8 += content->utf8_left > 0;
    if (content->armoured)
        packets_armour_finish(&content->armour);
    content->packets =
        content->armoured ? packets_armour_kind(&content->armour) : packets_kind(&content->binary);
    if (wants & WANT_DIGEST) {
        content->digested = digest_finish(digest, content->sha256) == RESULT_OK;
        content->failed = !content->digested;
    }
}

bool content_digest_raw(struct source *source, uint64_t at, uint64_t end, struct digest *digest,
                        uint8_t sha256[DIGEST_BYTES])
{
    const char *bytes;
    for (size_t size; (size = source_view(source, at, end, &bytes)) > 0; at += size)
        digest_update(digest, bytes, size);
    return digest_finish(digest, sha256) == RESULT_OK;
}
