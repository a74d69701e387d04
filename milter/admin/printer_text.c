/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/printer.h"

#include "base/clock.h"
#include "base/text.h"
#include "policy/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void printer_init(struct printer *printer, FILE *out)
{
    const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    *printer = (struct printer){.out = out};
    printer->colour =
        isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0 && !(no_colour && *no_colour);
}

/* Length of the well-formed UTF-8 sequence that starts here and its code point; 0 when there is none. */
static size_t decode(const char *text, size_t left, uint32_t *code_out)
{
    const unsigned char *u = (const unsigned char *)text;
    size_t length = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
    if (length > left || !text_is_utf8(text, length))
        return 0;
    uint32_t code = length == 1 ? u[0] : u[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (u[i] & 0x3f);
    *code_out = code;
    return length;
}

/* Controls, marks and overrides of direction, invisible characters, line separators, tags, private planes. */
static bool is_harmful(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},        {0x61c, 0x61c},   {0x180e, 0x180e},
        {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},    {0xe000, 0xf8ff}, {0xfeff, 0xfeff},
        {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

void printer_safe(struct buffer *out, const char *text, size_t most)
{
    size_t size = text ? strlen(text) : 0, left = size;
    if (!text) {
        buffer_puts(out, "-");
        return;
    }
    for (size_t shown = 0; left && shown < most; shown++) {
        uint32_t code = 0;
        size_t length = decode(text, left, &code);
        if (!length)
            buffer_printf(out, "\\x%02x", (unsigned char)*text);
        else if (is_harmful(code))
            buffer_printf(out, "<U+%04" PRIX32 ">", code);
        else
            buffer_append(out, text, length);
        text += length ? length : 1;
        left -= length ? length : 1;
    }
    if (left)
        buffer_printf(out, "... (%zu bytes)", size);
}

static int columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

void printer_column(const struct printer *printer, const char *text, int width, enum tint tint)
{
    static const char *const codes[] = {[TINT_GOOD] = "32", [TINT_BAD] = "1;31", [TINT_WARN] = "33",
                                        [TINT_FAINT] = "2", [TINT_HEAD] = "1",   [TINT_NONE] = NULL};
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, text, TEXT_SHOWN_MAX);
    const char *shown = buffer_text(&safe);
    int padding = width - columns(shown);
    if (printer->colour && codes[tint])
        (void)fprintf(printer->out, "\033[%sm%s\033[0m", codes[tint], shown);
    else
        (void)fputs(shown, printer->out);
    if (padding > 0)
        (void)fprintf(printer->out, "%*s", padding, "");
    buffer_free(&safe);
}

void printer_put(const struct printer *printer, const char *text)
{
    printer_column(printer, text, 0, TINT_NONE);
}

void printer_time(int64_t time_ms, char text[21])
{
    clock_format_utc(time_ms / 1000, text);
    if (strlen(text) == 20) {
        text[10] = ' ';
        text[19] = '\0';
    }
}

const char *printer_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return "passed";
    case VERDICT_SEAL:
        return "sealed";
    case VERDICT_UNSEAL:
        return "unsealed";
    case VERDICT_TRY_LATER:
        return "deferred";
    case VERDICT_REJECT:
        return "refused";
    }
    return "?";
}

const char *printer_reason(enum reason reason)
{
    static const char *const words[REASON_COUNT] = {
        [REASON_NONE] = "",
        [REASON_RECIPIENT] = "malformed recipient address",
        [REASON_LOOKALIKE] = "address that resembles a government domain",
        [REASON_SENDER] = "sender not proven",
        [REASON_LEVEL] = "marked too high for e-mail",
        [REASON_CIRCLE] = "recipient outside the circle of the marking",
        [REASON_REPLY_TO] = "replies would go to a consumer address",
        [REASON_FORWARD] = "administrative document sent on outside",
        [REASON_CONSUMER] = "consumer mail provider",
        [REASON_UNLISTED] = "domain that is in no registry",
        [REASON_UNREADABLE] = "content that could not be read",
        [REASON_NO_KEY] = "no usable key to seal to",
        [REASON_MIXED] = "in clear for one recipient, sealed for another",
        [REASON_AUTH] = "claimed domain not proven",
        [REASON_AUTH_DKIM] = "claimed domain not proven: DKIM",
        [REASON_AUTH_SPF] = "claimed domain not proven: SPF",
        [REASON_SEAL_BROKEN] = "seal damaged or by another key",
        [REASON_NOT_SEALED] = "should have been sealed",
        [REASON_TOO_BIG] = "too big",
        [REASON_UNSIGNABLE] = "header fields that cannot be signed",
        [REASON_UNDECIDED] = "no rule applied",
        [REASON_INTERNAL] = "something failed, asked to try later",
        [REASON_RETURN] = "given back to whom it came from",
    };
    return (size_t)reason < REASON_COUNT && words[reason] ? words[reason] : "";
}

enum tint printer_verdict_tint(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
    case VERDICT_SEAL:
    case VERDICT_UNSEAL:
        return TINT_GOOD;
    case VERDICT_TRY_LATER:
        return TINT_WARN;
    case VERDICT_REJECT:
        return TINT_BAD;
    }
    return TINT_NONE;
}

void printer_known(const struct printer *printer, enum known_by by, unsigned share, const char *reference)
{
    switch (by) {
    case KNOWN_BY_NOTHING:
        (void)fprintf(printer->out, "has %u %% of the text of a document of %s, too little to be it", share,
                      reference);
        return;
    case KNOWN_BY_BYTES:
        (void)fprintf(printer->out, "known by its bytes: the document of %s", reference);
        return;
    case KNOWN_BY_TEXT:
        (void)fprintf(printer->out, "known by its text: word for word that of %s", reference);
        return;
    case KNOWN_BY_SKETCH:
        (void)fprintf(printer->out, "known by much of its text: %u %% of the document of %s", share,
                      reference);
        return;
    }
}

enum tint printer_stage_tint(enum outlook_stage stage)
{
    switch (stage) {
    case OUTLOOK_GOOD:
        return TINT_GOOD;
    case OUTLOOK_NONE:
        return TINT_NONE;
    case OUTLOOK_UNKNOWN:
    case OUTLOOK_60:
    case OUTLOOK_30:
        return TINT_WARN;
    case OUTLOOK_7:
    case OUTLOOK_UNUSABLE:
        return TINT_BAD;
    }
    return TINT_NONE;
}
