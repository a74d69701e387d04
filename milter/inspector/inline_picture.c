/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inline_picture.h"

#include "base/text.h"
#include "inspector/card_line.h"

#include <stdlib.h>
#include <string.h>

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

/* NULL: it is no small picture. */
static char *decode_small(const char *base64, size_t size, struct picture_allowance *allowance,
                          size_t *decoded_out)
{
    const char *odd;
    if (size > (size_t)PICTURE_BYTES_MAX * 4 / 3 + 4)
        return NULL;
    char *bytes = card_decode(base64, size, ENCODING_BASE64, decoded_out, &odd);
    if (bytes && !odd && !picture_judge(allowance, bytes, *decoded_out, true))
        return bytes;
    free(bytes);
    return NULL;
}

unsigned inline_pictures_blank(char *html, size_t size, struct picture_allowance *allowance,
                               void (*each)(void *context, const void *bytes, size_t size), void *context)
{
    static const char *const starts[] = {"data:image/png;base64,", "data:image/jpeg;base64,",
                                         "data:image/jpg;base64,", "data:image/gif;base64,"};
    char *end = html + size;
    unsigned blanked = 0;
    for (char *at = html; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++) {
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            size_t length = strlen(starts[i]);
            char *link = at - 4;
            if (at - html < 4 || (size_t)(end - link) < length || !text_starts_nocase(link, starts[i]))
                continue;
            char *base64 = link + length, *stop = base64;
            while (stop < end && is_base64(*stop))
                stop++;
            size_t decoded;
            char *picture = stop == end || !strchr("\"') >", *stop)
                                ? NULL
                                : decode_small(base64, (size_t)(stop - base64), allowance, &decoded);
            if (!picture)
                continue;
            each(context, picture, decoded);
            free(picture);
            memset(link, ' ', (size_t)(stop - link));
            blanked++;
        }
    }
    return blanked;
}
