/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/field_scan.h"

#include "base/text.h"
#include "inspector/code_mix.h"
#include "inspector/decode.h"
#include "inspector/fields.h"
#include "inspector/packets.h"
#include "inspector/rawscan.h"

#include <stdint.h>
#include <string.h>

enum {
    WORD_ROOM = 256, /* of an encoded word, or of the first bytes of a file */
    WORD_LEAST = 24, /* fewer characters of base64 are no file */
};

/* Up to WORD_ROOM bytes of what the base64 holds. */
static size_t decode_start(const char *base64, size_t size, char out[WORD_ROOM])
{
    struct decoder decoder;
    size_t most = (WORD_ROOM - 4) / 4 * 4;
    decoder_init(&decoder, ENCODING_BASE64);
    return decoder_feed(&decoder, base64, size < most ? size : most, out);
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

static bool has_control(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        /* ISO 2022 writes with ESC. */
        if (c < 0x20 && c != '\t' && c != '\r' && c != '\n' && c != 0x1b)
            return true;
    }
    return false;
}

/* Of "=?charset?B?text?=": where the text begins; NULL when none begins at `at`. */
static const char *encoded_word(const char *at, const char *end)
{
    const char *charset = end - at > 8 && at[0] == '=' && at[1] == '?' ? at + 2 : NULL;
    const char *mark = charset ? memchr(charset, '?', (size_t)(end - charset)) : NULL;
    return mark && end - mark > 3 && text_lower(mark[1]) == 'b' && mark[2] == '?' ? mark + 3 : NULL;
}

static size_t base64_size(const char *at, const char *end)
{
    size_t size = 0;
    while (at + size < end && is_base64(at[size]))
        size++;
    return size;
}

/* What the base64 holds that begins here. `word`: it says that this is text. */
static const char *look_at_base64(const char *at, size_t size, bool word)
{
    char bytes[WORD_ROOM];
    if (size < (word ? 2 : WORD_LEAST))
        return NULL;
    size_t decoded = decode_start(at, size, bytes);
    if (size >= WORD_LEAST && rawscan_magic(bytes, decoded))
        return "a file in a header field";
    return word && has_control(bytes, decoded) ? "an encoded word that is no text" : NULL;
}

/* Encoded words are asked what they hold; all else is fed to `mix`, too. */
static const char *look_at_value(struct code_mix *mix, const struct field *field)
{
    const char *at = field->value, *end = at + field->value_size, *fed = at, *why = NULL;
    while (at < end && !why) {
        const char *word = encoded_word(at, end);
        size_t size = base64_size(word ? word : at, end);
        if (word) {
            code_mix_feed(mix, fed, (size_t)(at - fed));
            code_mix_end(mix);
            fed = word + size;
        }
        if (size)
            why = look_at_base64(word ? word : at, size, word);
        at = (word ? word : at) + (size || word ? size : 1);
    }
    code_mix_feed(mix, fed, (size_t)(end - fed));
    code_mix_end(mix);
    return why;
}

/* autocrypt.org, level 1: "keydata=" and a public key, folded. */
static bool is_public_key(const struct field *field)
{
    char piece[512], bytes[sizeof piece];
    struct packets packets;
    struct decoder decoder;
    const char *at = memmem(field->value, field->value_size, "keydata=", 8);
    const char *end = field->value + field->value_size;
    bool named = field_is(field, "autocrypt") || field_is(field, "autocrypt-gossip");
    if (!named || !at)
        return false;
    packets_init(&packets);
    decoder_init(&decoder, ENCODING_BASE64);
    for (at += 8; at < end;) {
        size_t size = (size_t)(end - at) < sizeof piece ? (size_t)(end - at) : sizeof piece;
        packets_feed(&packets, bytes, decoder_feed(&decoder, at, size, bytes));
        at += size;
    }
    packets_feed(&packets, bytes, decoder_finish(&decoder, bytes));
    return !decoder.odd && packets_kind(&packets) == PACKETS_PUBLIC_KEYS &&
           field->value_size <= KEY_IN_TEXT_BYTES_MAX * 3 / 2;
}

static bool is_exchange(const struct field *field)
{
    return field->name_size > 5 && (text_starts_nocase(field->name, "x-ms-") ||
                                    text_starts_nocase(field->name, "x-microsoft-antispam") ||
                                    text_starts_nocase(field->name, "x-forefront-antispam"));
}

const char *field_scan(const char *section, size_t size)
{
    struct code_mix mix = {0};
    struct field field;
    size_t at = 0;
    while (field_next(section, size, &at, &field)) {
        struct code_mix before = mix;
        const char *why = look_at_value(&mix, &field);
        if (why)
            return why;
        if (mix.found && !before.found && (is_exchange(&field) || is_public_key(&field)))
            mix = before;
        if (mix.found)
            return "base64 in header fields";
    }
    return NULL;
}
