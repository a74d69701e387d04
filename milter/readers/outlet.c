/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/outlet.h"

#include "inspector/charset.h"

#include <stdio.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd };

void outlet_open(struct outlet *outlet, struct reading *reading, enum text_place place)
{
    *outlet = (struct outlet){.reading = reading, .place = place};
}

void outlet_flush(struct outlet *outlet)
{
    if (outlet->high) {
        outlet->high = 0;
        outlet_put(outlet, REPLACEMENT);
    }
    if (outlet->size && !outlet->stopped)
        outlet->stopped = !reading_text(outlet->reading, outlet->place, outlet->bytes, outlet->size);
    outlet->size = 0;
}

void outlet_place(struct outlet *outlet, enum text_place place)
{
    if (place == outlet->place)
        return;
    outlet_flush(outlet);
    outlet->place = place;
}

/* At least 4 bytes of room. */
static size_t encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

void outlet_put(struct outlet *outlet, uint32_t character)
{
    bool bad = character == 0 || (character >= 0xd800 && character < 0xe000) || character > 0x10ffff;
    if (outlet->size + 4 > sizeof outlet->bytes) {
        uint32_t high = outlet->high;
        outlet->high = 0;
        outlet_flush(outlet);
        outlet->high = high;
    }
    outlet->size += encode(bad ? REPLACEMENT : character, outlet->bytes + outlet->size);
}

void outlet_put_utf16(struct outlet *outlet, uint16_t unit)
{
    uint32_t high = outlet->high;
    outlet->high = 0;
    if (high && unit >= 0xdc00 && unit < 0xe000) {
        outlet_put(outlet, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00U));
        return;
    }
    if (high)
        outlet_put(outlet, REPLACEMENT);
    if (unit >= 0xd800 && unit < 0xdc00)
        outlet->high = unit;
    else
        outlet_put(outlet, unit);
}

uint32_t outlet_latin(uint8_t byte)
{
    static const uint16_t from_80[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                         0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                         0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                         0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
    return byte >= 0x80 && byte < 0xa0 ? from_80[byte - 0x80] : byte;
}

/* NULL: unknown. */
static struct charset_decoder *open_codepage(unsigned codepage)
{
    char name[32];
    if (codepage == 936 || codepage == 54936)
        return charset_decoder_new("gb18030");
    if (codepage == 950)
        return charset_decoder_new("big5");
    if (codepage == 932)
        return charset_decoder_new("shift_jis");
    if (codepage == 949)
        return charset_decoder_new("euc-kr");
    if (codepage == 20866)
        return charset_decoder_new("koi8-r");
    if (codepage >= 28591 && codepage <= 28605)
        (void)snprintf(name, sizeof name, "iso-8859-%u", codepage - 28590);
    else
        (void)snprintf(name, sizeof name, "windows-%u", codepage);
    return charset_decoder_new(name);
}

struct put_utf8 {
    void (*take)(void *context, const char *utf8, size_t size);
    void *context;
};

static void plain(const char *bytes, size_t size, bool latin, struct put_utf8 put)
{
    char one[4];
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        put.take(put.context, one,
                 encode(latin         ? outlet_latin(byte)
                        : byte < 0x80 ? byte
                                      : REPLACEMENT,
                        one));
    }
}

/* False: an unknown codepage. */
static bool convert_codepage(const char *bytes, size_t size, unsigned codepage, struct put_utf8 put)
{
    if (codepage == CODEPAGE_UTF8) {
        put.take(put.context, bytes, size);
        return true;
    }
    bool latin = codepage == CODEPAGE_LATIN || codepage == 0;
    bool ascii = codepage == 20127;
    struct charset_decoder *decoder = latin || ascii ? NULL : open_codepage(codepage);
    if (!decoder) {
        plain(bytes, size, latin, put);
        return latin || ascii;
    }
    charset_decode(decoder, bytes, size, true, put.take, put.context);
    charset_decoder_free(decoder);
    return true;
}

static void to_reading(void *context, const char *utf8, size_t size)
{
    struct outlet *outlet = context;
    if (size && !outlet->stopped)
        outlet->stopped = !reading_text(outlet->reading, outlet->place, utf8, size);
}

void outlet_codepage(struct outlet *outlet, unsigned codepage, const void *bytes, size_t size)
{
    outlet_flush(outlet);
    if (codepage == CODEPAGE_UTF16) {
        const uint8_t *at = bytes;
        for (size_t i = 0; i + 1 < size; i += 2)
            outlet_put_utf16(outlet, (uint16_t)(at[i] | at[i + 1] << 8));
        return;
    }
    const struct put_utf8 put = {to_reading, outlet};
    if (size && !convert_codepage(bytes, size, codepage, put))
        reading_raise(outlet->reading, PART_UNREAD, "text in an unknown codepage");
}

struct string {
    char *utf8;
    size_t size, room;
};

static void to_string(void *context, const char *utf8, size_t size)
{
    struct string *string = context;
    if (size >= string->room - string->size)
        size = string->room - string->size - 1;
    memcpy(string->utf8 + string->size, utf8, size);
    string->size += size;
}

static void string_utf16(const uint8_t *bytes, size_t size, struct string *string)
{
    char one[4];
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t unit = (uint32_t)(bytes[i] | bytes[i + 1] << 8);
        uint32_t next = i + 3 < size ? (uint32_t)(bytes[i + 2] | bytes[i + 3] << 8) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
            i += 2;
        }
        to_string(string, one, encode(unit >= 0xd800 && unit < 0xe000 ? REPLACEMENT : unit, one));
    }
}

void outlet_string(const void *bytes, size_t size, unsigned codepage, char *utf8, size_t room)
{
    struct string string = {.utf8 = utf8, .room = room};
    const struct put_utf8 put = {to_string, &string};
    if (codepage == CODEPAGE_UTF16)
        string_utf16(bytes, size, &string);
    else
        (void)convert_codepage(bytes, size, codepage, put);
    utf8[string.size] = '\0';
}

enum result outlet_prepare(struct problem *problem)
{
    char arabic[8];
    outlet_string("\xd3", 1, 1256, arabic, sizeof arabic);
    if (strcmp(arabic, "\xd8\xb3") != 0)
        return problem_set(problem, RESULT_TRY_LATER, "readers: windows-1256 cannot be converted");
    return RESULT_OK;
}
