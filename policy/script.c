/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/script.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

/* The character at *at, which moves behind it; -1: not UTF-8, one byte is skipped. (ICU's own macros for this
 * do not compile under -Wconversion.) */
static UChar32 next(const char *text, size_t size, size_t *at)
{
    unsigned char lead = (unsigned char)text[(*at)++];
    size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    UChar32 code = more ? lead & (0x3f >> more) : lead;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || more > size - *at)
        return -1;
    for (size_t i = 0; i < more; i++) {
        if (((unsigned char)text[*at + i] & 0xc0) != 0x80)
            return -1;
        code = code << 6 | ((unsigned char)text[*at + i] & 0x3f);
    }
    *at += more;
    return code;
}

static bool label_is_mixed(const char *label, size_t length, struct script_mix *mix)
{
    UScriptCode first = USCRIPT_COMMON;
    for (size_t i = 0; i < length;) {
        UErrorCode error = U_ZERO_ERROR;
        UChar32 code = next(label, length, &i);
        UScriptCode script = code < 0 ? USCRIPT_UNKNOWN : uscript_getScript(code, &error);
        if (script == USCRIPT_COMMON || script == USCRIPT_INHERITED)
            continue;
        if (first == USCRIPT_COMMON)
            first = script;
        if (script == first || (code >= 0 && uscript_hasScript(code, first)))
            continue;
        (void)snprintf(mix->label, sizeof mix->label, "%.*s", (int)length, label);
        (void)snprintf(mix->first, sizeof mix->first, "%s", uscript_getName(first));
        (void)snprintf(mix->second, sizeof mix->second, "%s", uscript_getName(script));
        return true;
    }
    return false;
}

bool script_is_mixed(const char *domain, struct script_mix *mix_out)
{
    char *shown = NULL;
    bool mixed = false;
    if (!strstr(domain, "xn--") || idn2_to_unicode_8z8z(domain, &shown, 0) != IDN2_OK)
        return false;
    for (const char *label = shown; !mixed && *label;) {
        size_t length = strcspn(label, ".");
        mixed = label_is_mixed(label, length, mix_out);
        label += length + (label[length] == '.');
    }
    idn2_free(shown);
    return mixed;
}

/* Blanks but the plain one, line separators, what formats or joins, and the fillers that are letters by name.
 */
static bool is_invisible(UChar32 code)
{
    if (code < 0x80)
        return false;
    int8_t kind = u_charType(code);
    return kind == U_SPACE_SEPARATOR || kind == U_LINE_SEPARATOR || kind == U_PARAGRAPH_SEPARATOR ||
           kind == U_FORMAT_CHAR || kind == U_CONTROL_CHAR ||
           u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

uint32_t script_find_invisible(const char *text, size_t *offset_out)
{
    for (size_t i = 0, size = strlen(text); i < size;) {
        size_t at = i;
        UChar32 code = next(text, size, &i);
        if (code < 0 || !is_invisible(code))
            continue;
        *offset_out = at;
        return (uint32_t)code;
    }
    return 0;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

enum { PLAIN_UNITS_MAX = 1024 }; /* of an address or a domain, decomposed */

/* Composed, so that two forms of one text can be compared; 0: it cannot be done. */
static int32_t normalize(const UNormalizer2 *normalizer, const UChar *text, int32_t length, UChar *out,
                         UErrorCode *error)
{
    int32_t n = unorm2_normalize(normalizer, text, length, out, PLAIN_UNITS_MAX, error);
    return U_SUCCESS(*error) ? n : 0;
}

bool script_is_plain(const char *text)
{
    UChar wide[PLAIN_UNITS_MAX], composed[PLAIN_UNITS_MAX], mapped[PLAIN_UNITS_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = 0;
    size_t at;
    if (is_ascii(text))
        return true;
    if (script_find_invisible(text, &at))
        return false;
    u_strFromUTF8(wide, PLAIN_UNITS_MAX, &length, text, -1, &error);
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error), *nfkc = unorm2_getNFKCInstance(&error);
    int32_t n = normalize(nfc, wide, length, composed, &error);
    int32_t m = normalize(nfkc, wide, length, mapped, &error);
    return U_SUCCESS(error) && n == m && u_memcmp(composed, mapped, n) == 0;
}

bool script_is_word(const char *text)
{
    for (size_t i = 0, size = strlen(text); i < size;) {
        UChar32 code = next(text, size, &i);
        if (code < 0)
            return false;
        uint32_t kind = U_GET_GC_MASK(code);
        if (code >= 0x80 && !(kind & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)))
            return false;
    }
    return true;
}

const char *script_invisible_name(uint32_t code, char room[16])
{
    static const struct {
        uint32_t first, last;
        const char *name;
    } names[] = {
        {0xa0, 0xa0, "a no-break space"},         {0xad, 0xad, "a soft hyphen"},
        {0x61c, 0x61c, "a direction mark"},       {0x2000, 0x200a, "a typographic space"},
        {0x200b, 0x200b, "a zero-width space"},   {0x200c, 0x200d, "a zero-width joiner"},
        {0x200e, 0x200f, "a direction mark"},     {0x2028, 0x2029, "a line separator"},
        {0x202a, 0x202e, "a direction mark"},     {0x202f, 0x202f, "a narrow no-break space"},
        {0x2060, 0x2060, "a word joiner"},        {0x2066, 0x2069, "a direction mark"},
        {0x3000, 0x3000, "an ideographic space"}, {0xfe00, 0xfe0f, "a variation selector"},
        {0xfeff, 0xfeff, "a byte order mark"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (code >= names[i].first && code <= names[i].last)
            return names[i].name;
    (void)snprintf(room, 16, "U+%04X", (unsigned)code);
    return room;
}
