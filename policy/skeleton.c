/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/skeleton.h"

#include <idn2.h>
#include <string.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

/* The letters, A-labels decoded. */
static bool decode(const char *domain, struct skeleton *out)
{
    char *shown = NULL;
    int32_t length = 0;
    UErrorCode error = U_ZERO_ERROR;
    if (idn2_to_unicode_8z8z(domain, &shown, 0) == IDN2_OK)
        u_strFromUTF8(out->letters, SKELETON_ROOM, &length, shown, -1, &error);
    idn2_free(shown);
    out->n_letters = U_SUCCESS(error) && length > 0 ? (size_t)length : 0;
    return out->n_letters > 0;
}

static bool map_confusables(struct skeleton *out)
{
    UErrorCode error = U_ZERO_ERROR;
    USpoofChecker *checker = uspoof_open(&error);
    int32_t length = uspoof_getSkeleton(checker, 0, out->letters, (int32_t)out->n_letters, out->text,
                                        SKELETON_ROOM, &error);
    uspoof_close(checker);
    out->length = U_SUCCESS(error) && length > 0 ? (size_t)length : 0;
    return out->length > 0;
}

/* ASCII needs none of that. */
static bool copy_plain(const char *domain, struct skeleton *out)
{
    size_t length = strlen(domain);
    if (length > SKELETON_ROOM)
        return false;
    for (size_t i = 0; i < length; i++)
        out->letters[i] = out->text[i] = (unsigned char)domain[i];
    out->n_letters = out->length = length;
    return true;
}

/* Marks that are read over: the combining diacritics, and what rides on an alif. The dots of Arabic letters,
 * which the confusables also write as marks, tell one letter from another and stay. */
static bool is_read_over(uint16_t unit)
{
    return (unit >= 0x300 && unit <= 0x36f) || (unit >= 0x653 && unit <= 0x655) || unit == 0x674;
}

/* First what the confusables already do to ASCII, so that a name comes out the same by either way. */
static uint16_t fold_first(uint16_t unit)
{
    if (unit >= 'A' && unit <= 'Z')
        return (uint16_t)(unit + ('a' - 'A'));
    return unit == '0' ? 'o' : unit == '1' ? 'l' : unit;
}

static uint16_t fold_last(uint16_t unit)
{
    static const char from[] = "i345789", to[] = "leastbg";
    const char *found = unit && unit < 0x80 ? strchr(from, (char)unit) : NULL;
    return found ? (uint16_t)to[found - from] : unit;
}

/* The letter that these two look like together; 0: none. */
static uint16_t fold_pair(uint16_t first, uint16_t second)
{
    static const char pairs[][3] = {"rnm", "vvw", "cld"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (first == (uint16_t)pairs[i][0] && second == (uint16_t)pairs[i][1])
            return (uint16_t)pairs[i][2];
    return 0;
}

static void fold(struct skeleton *skeleton)
{
    uint16_t *text = skeleton->text;
    size_t n = 0, used = 0;
    for (size_t i = 0; i < skeleton->length; i++)
        if (!is_read_over(text[i]))
            text[n++] = fold_first(text[i]);
    for (size_t i = 0; i < n; i++) {
        uint16_t both = i + 1 < n ? fold_pair(text[i], text[i + 1]) : 0;
        i += both != 0;
        text[used++] = both ? both : fold_last(text[i]);
    }
    skeleton->length = used;
}

bool skeleton_make(const char *domain, struct skeleton *out)
{
    bool plain = !strstr(domain, "xn--");
    out->length = out->n_letters = 0;
    if (plain ? !copy_plain(domain, out) : !decode(domain, out) || !map_confusables(out))
        return false;
    fold(out);
    return true;
}
