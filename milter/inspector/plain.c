/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/plain.h"

#include "base/text.h"
#include "inspector/charset.h"
#include "inspector/coded.h"
#include "inspector/octets.h"
#include "inspector/rawscan.h"

#include <string.h>

bool plain_is_text(const char *bytes, size_t size)
{
    size_t controls = octets_count(bytes, size).controls;
    return controls <= TEXT_CONTROLS_MAX && !(controls && memchr(bytes, '\0', size));
}

/* Of one byte each. */
static const char *likely_charset(const char *bytes, size_t size)
{
    size_t high = 0, together = 0;
    for (size_t i = 0; i < size; i++) {
        bool is_high = (unsigned char)bytes[i] >= 0x80;
        high += is_high;
        together += is_high && i && (unsigned char)bytes[i - 1] >= 0x80;
    }
    return together * 2 > high ? "windows-1256" : "windows-1252";
}

struct pieces {
    struct reading *reading;
    bool stopped;
};

static void take_piece(void *context, const char *utf8, size_t size)
{
    struct pieces *pieces = context;
    pieces->stopped = pieces->stopped || !reading_text(pieces->reading, TEXT_BODY, utf8, size);
}

static void read_in(struct reading *reading, const char *charset)
{
    struct pieces pieces = {.reading = reading};
    struct charset_decoder *decoder = charset_decoder_new(charset);
    if (decoder)
        charset_decode(decoder, reading->bytes, reading->size, true, take_piece, &pieces);
    else
        reading_raise(reading, PART_UNREAD, "text in an unknown charset");
    charset_decoder_free(decoder);
}

/* Readers take an unknown charset for one that contains ASCII. */
static bool is_said(const struct reading *reading)
{
    const char *charset = reading->charset;
    if (!charset[0] || charset_is_utf8(charset))
        return false;
    return charset_is_known(charset) || octets_count(reading->bytes, reading->size).eight_bit;
}

static void read_plain(struct reading *reading)
{
    if (!plain_is_text(reading->bytes, reading->size))
        reading_raise(reading, PART_UNREAD, "not plain text");
    else if (is_said(reading))
        read_in(reading, reading->charset);
    else if (text_is_utf8(reading->bytes, reading->size))
        (void)reading_text(reading, TEXT_BODY, reading->bytes, reading->size);
    else
        read_in(reading, likely_charset(reading->bytes, reading->size));
    coded_read(reading);
}

/* Not all of text/: RTF, XML and HTML hold more than they show. */
static const char *const kinds[] = {
    "text/plain", "text/csv",         "text/tab-separated-values", "text/x-*",
    "text/troff", "application/json", "application/x-ndjson",      "application/x-empty",
    NULL};

const struct reader plain_reader = {.name = "plain text", .kinds = kinds, .read = read_plain};
