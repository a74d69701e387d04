/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/charset.h"

#include "base/text.h"
#include "inspector/charset_converter.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/udata.h>
#include <unicode/ustring.h>

/* By name: ICU's converter for it, a superset where senders mean one. */
static const struct {
    const char *name, *converter;
} charsets[] = {
    {"us-ascii", "us-ascii"},
    {"ascii", "us-ascii"},
    {"utf-8", "utf-8"},
    {"utf8", "utf-8"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"windows-1252", "windows-1252"},
    {"cp1252", "windows-1252"},
    {"iso-8859-15", "iso-8859-15"},
    {"iso-8859-6", "iso-8859-6"},
    {"windows-1256", "windows-1256"},
    {"cp1256", "windows-1256"},
    {"iso-8859-9", "windows-1254"},
    {"windows-1254", "windows-1254"},
    {"cp1254", "windows-1254"},
    {"iso-8859-2", "iso-8859-2"},
    {"windows-1250", "windows-1250"},
    {"cp1250", "windows-1250"},
    {"windows-1251", "windows-1251"},
    {"cp1251", "windows-1251"},
    {"koi8-r", "koi8-r"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"gb18030", "gb18030"},
    {"iso-8859-3", "iso-8859-3"},
    {"iso-8859-4", "iso-8859-4"},
    {"iso-8859-5", "iso-8859-5"},
    {"iso-8859-7", "iso-8859-7"},
    {"iso-8859-8", "iso-8859-8"},
    {"iso-8859-13", "iso-8859-13"},
    {"windows-1253", "windows-1253"},
    {"windows-1255", "windows-1255"},
    {"windows-1257", "windows-1257"},
    {"windows-1258", "windows-1258"},
    {"koi8-u", "koi8-u"},
    {"iso-2022-jp", "iso-2022-jp"},
    {"shift_jis", "windows-31j"},
    {"euc-jp", "euc-jp"},
    {"euc-kr", "windows-949"},
    {"big5", "windows-950"},
    {"windows-31j", "windows-31j"},
    {"ks_c_5601-1987", "windows-949"},
    {"cp949", "windows-949"},
    {"windows-874", "windows-874"},
    {"tis-620", "windows-874"},
    {"iso-8859-11", "windows-874"},
    {"iso_8859-1", "windows-1252"},
    /* Where letters run is the reader's business (RFC 1555, RFC 1556). */
    {"iso-8859-6-i", "iso-8859-6"},
    {"iso-8859-6-e", "iso-8859-6"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"asmo-708", "iso-8859-6"},
    /* Of DOS and the old Macintosh. */
    {"cp437", "ibm-437"},
    {"ibm437", "ibm-437"},
    {"cp850", "ibm-850"},
    {"ibm850", "ibm-850"},
    {"cp866", "ibm-866"},
    {"ibm866", "ibm-866"},
    {"macintosh", "macintosh"},
};

/* What libraries ask for themselves: strings in PDF are UTF-16. Text of a message in it stays unknown. */
static const char internal[] = "utf-16be";

enum { CHARSETS = sizeof charsets / sizeof *charsets, PIECE_UNITS = 1024, UTF8_OF_UNIT_MAX = 3 };

/* Set once by the template: what one program has loaded is state by nature. */
static UConverter *held[CHARSETS], *held_internal;

struct charset_decoder {
    UConverter *converter;
    UChar units[PIECE_UNITS];
    char utf8[PIECE_UNITS * UTF8_OF_UNIT_MAX];
};

/* CHARSETS when it is not there. */
static size_t find(const char *name, size_t size)
{
    size_t at = 0;
    for (; at < CHARSETS; at++) {
        size_t k = 0;
        while (k < size && text_lower(name[k]) == charsets[at].name[k])
            k++;
        if (k == size && charsets[at].name[k] == '\0')
            break;
    }
    return at;
}

bool charset_is_known(const char *name)
{
    return find(name, strlen(name)) < CHARSETS;
}

bool charset_is_same(const char *one, const char *other)
{
    size_t a = find(one, strlen(one)), b = find(other, strlen(other));
    return a < CHARSETS && b < CHARSETS && !strcmp(charsets[a].converter, charsets[b].converter);
}

bool charset_is_utf8(const char *name)
{
    static const char *const same[] = {"", "utf-8", "utf8", "us-ascii", "ascii"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (text_equal_nocase(name, same[i]))
            return true;
    return false;
}

bool charset_hides_text(const char *name)
{
    /* By the start of their names: what writes other letters in bytes of ASCII, or text in none. */
    static const char *const hiding[] = {
        "utf-7",  "utf-16", "utf-32",         "ucs-",        "unicode-1-1-", "unicode-2-0-",
        "utf7",   "utf16",  "csunicode11",    "csutf7",      "cp65000",      "x-cp65000",
        "65000",  "hz",     "iso-2022-kr",    "iso-2022-cn", "csiso2022kr",  "csiso2022cn",
        "x-imap", "imap-",  "x-unicode-2-0-", "scsu",        "bocu-1",       "utf-ebcdic"};
    for (size_t i = 0; i < sizeof hiding / sizeof *hiding; i++)
        if (text_starts_nocase(name, hiding[i]))
            return true;
    return false;
}

UConverter *charset_converter(const char *name, size_t name_size)
{
    UErrorCode error = U_ZERO_ERROR;
    size_t at = find(name, name_size);
    return at < CHARSETS && held[at] ? ucnv_clone(held[at], &error) : NULL;
}

UConverter *charset_converter_for_libraries(const char *name, size_t name_size)
{
    UErrorCode error = U_ZERO_ERROR;
    if (held_internal && name_size == sizeof internal - 1 && text_starts_nocase(name, internal))
        return ucnv_clone(held_internal, &error);
    return charset_converter(name, name_size);
}

/* Also what makes the linker take inspector/iconv.c: shared libraries' calls alone would not. */
static bool iconv_works(void)
{
    char arabic[] = "\xd3", utf8[8], *in = arabic, *out = utf8;
    size_t in_left = 1, out_left = sizeof utf8;
    iconv_t conversion = iconv_open("utf-8", "windows-1256");
    if (conversion == (iconv_t)-1)
        return false;
    size_t failed = iconv(conversion, &in, &in_left, &out, &out_left);
    (void)iconv_close(conversion);
    return !failed && !memcmp(utf8, "\xd8\xb3", 2);
}

enum result charset_load(struct problem *problem)
{
    UErrorCode error = U_ZERO_ERROR;
    /* All that ICU needs is linked in: it never looks for a file, whatever it is asked for. */
    udata_setFileAccess(UDATA_NO_FILES, &error);
    for (size_t i = 0; i < CHARSETS; i++) {
        held[i] = ucnv_open(charsets[i].converter, &error);
        if (U_FAILURE(error))
            return problem_set(problem, RESULT_TRY_LATER, "charsets: ICU cannot convert %s: %s",
                               charsets[i].converter, u_errorName(error));
    }
    held_internal = ucnv_open(internal, &error);
    if (U_FAILURE(error) || !iconv_works())
        return problem_set(problem, RESULT_BUG, "charsets: iconv does not convert");
    return RESULT_OK;
}

void charset_unload(void)
{
    ucnv_close(held_internal);
    held_internal = NULL;
    for (size_t i = 0; i < CHARSETS; i++) {
        ucnv_close(held[i]);
        held[i] = NULL;
    }
}

struct charset_decoder *charset_decoder_new(const char *name)
{
    struct charset_decoder *decoder = malloc(sizeof *decoder);
    if (!decoder)
        return NULL;
    decoder->converter = charset_converter(name, strlen(name));
    if (!decoder->converter) {
        free(decoder);
        return NULL;
    }
    return decoder;
}

void charset_decoder_free(struct charset_decoder *decoder)
{
    if (!decoder)
        return;
    ucnv_close(decoder->converter);
    free(decoder);
}

/* Always succeeds: there is room, and no converter makes half a surrogate pair (what would be one is given as
 * U+FFFD). */
static size_t encode(const UChar *units, size_t n, char *utf8)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t size = 0;
    (void)u_strToUTF8WithSub(utf8, PIECE_UNITS * UTF8_OF_UNIT_MAX, &size, units, (int32_t)n, 0xfffd, NULL,
                             &error);
    return (size_t)size;
}

void charset_decode(struct charset_decoder *decoder, const char *bytes, size_t size, bool last,
                    void (*text)(void *context, const char *utf8, size_t size), void *context)
{
    const char *end = bytes + size;
    UErrorCode error;
    do {
        UChar *to = decoder->units;
        error = U_ZERO_ERROR;
        ucnv_toUnicode(decoder->converter, &to, decoder->units + PIECE_UNITS, &bytes, end, NULL, last,
                       &error);
        size_t n = (size_t)(to - decoder->units);
        if (n)
            text(context, decoder->utf8, encode(decoder->units, n, decoder->utf8));
    } while (error == U_BUFFER_OVERFLOW_ERROR);
}
