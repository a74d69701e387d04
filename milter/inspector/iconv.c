/* SPDX-License-Identifier: Apache-2.0 */

/* The C library's iconv (POSIX.1-2017, iconv_open(3)), by ICU and for the charsets of charset.c only, and
 * UTF-16. These three take the place of the C library's for everything linked into the program: GMime, GLib,
 * libxml2. One character at a time: names and header fields go this way; charset_decode is for texts. */

#include "inspector/charset_converter.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A character, with the escape sequences that ISO-2022 wants around it. */
enum { UNITS_MAX = 16, PENDING_MAX = 64 };

struct conversion {
    UConverter *from, *to;
    bool stateful; /* `from` cannot go back to the start of a character */
    size_t n_pending;
    char pending[PENDING_MAX]; /* one character that was read and not written yet */
};

/* "//" may end a name; "//TRANSLIT" and "//IGNORE" ask for other characters than there are. */
static UConverter *converter_of(const char *name)
{
    const char *suffix = strstr(name, "//");
    if (suffix && suffix[2])
        return NULL;
    return charset_converter_for_libraries(name, suffix ? (size_t)(suffix - name) : strlen(name));
}

static void close_conversion(struct conversion *conversion)
{
    ucnv_close(conversion->from);
    ucnv_close(conversion->to);
    free(conversion);
}

static bool stop_at_errors(struct conversion *conversion)
{
    UErrorCode error = U_ZERO_ERROR;
    ucnv_setToUCallBack(conversion->from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
    ucnv_setFromUCallBack(conversion->to, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
    return U_SUCCESS(error);
}

iconv_t iconv_open(const char *to, const char *from)
{
    struct conversion *conversion = calloc(1, sizeof *conversion);
    errno = ENOMEM;
    if (!conversion)
        return (iconv_t)-1;
    conversion->from = converter_of(from);
    conversion->to = converter_of(to);
    if (!conversion->from || !conversion->to || !stop_at_errors(conversion)) {
        close_conversion(conversion);
        errno = EINVAL;
        return (iconv_t)-1;
    }
    conversion->stateful = ucnv_getType(conversion->from) == UCNV_ISO_2022;
    return conversion;
}

int iconv_close(iconv_t handle)
{
    close_conversion(handle);
    return 0;
}

static size_t fail(int why)
{
    errno = why;
    return (size_t)-1;
}

static bool write_pending(struct conversion *conversion, char **out, size_t *out_left)
{
    size_t size = conversion->n_pending;
    if (!size)
        return true;
    if (!out || !*out || *out_left < size)
        return false;
    memcpy(*out, conversion->pending, size);
    *out += size;
    *out_left -= size;
    conversion->n_pending = 0;
    return true;
}

/* False: the target has no such character. */
static bool encode(struct conversion *conversion, const UChar *units, const UChar *end, bool last)
{
    UErrorCode error = U_ZERO_ERROR;
    char *to = conversion->pending;
    ucnv_fromUnicode(conversion->to, &to, conversion->pending + PENDING_MAX, &units, end, NULL, last, &error);
    conversion->n_pending = U_SUCCESS(error) ? (size_t)(to - conversion->pending) : 0;
    if (U_FAILURE(error))
        ucnv_resetFromUnicode(conversion->to);
    return U_SUCCESS(error);
}

/* How many bytes the next character is made of, itself to units. 0: no character, errno says why. */
static size_t decode(struct conversion *conversion, const char *bytes, size_t size, UChar *units,
                     size_t *n_units_out)
{
    UErrorCode error = U_ZERO_ERROR;
    const char *at = bytes;
    UChar *to = units;
    for (size_t n = 1; n <= size; n++) {
        ucnv_toUnicode(conversion->from, &to, units + UNITS_MAX, &at, bytes + n, NULL, false, &error);
        *n_units_out = (size_t)(to - units);
        bool whole = U_SUCCESS(error) && (*n_units_out || !ucnv_toUCountPending(conversion->from, &error));
        if (whole)
            return n;
        if (U_FAILURE(error))
            break;
    }
    /* Whoever comes back with the rest brings the start of the character again. */
    if (!conversion->stateful)
        ucnv_resetToUnicode(conversion->from);
    else if (U_SUCCESS(error))
        return size;
    errno = U_SUCCESS(error) ? EINVAL : EILSEQ;
    return 0;
}

static size_t reset(struct conversion *conversion, char **out, size_t *out_left)
{
    if (!write_pending(conversion, out, out_left))
        return out && *out ? fail(E2BIG) : 0;
    if (out && *out) {
        const UChar nothing = 0;
        (void)encode(conversion, &nothing, &nothing, true);
        if (!write_pending(conversion, out, out_left))
            return fail(E2BIG);
    }
    conversion->n_pending = 0;
    ucnv_reset(conversion->from);
    ucnv_reset(conversion->to);
    return 0;
}

size_t iconv(iconv_t handle, char **restrict in, size_t *restrict in_left, char **restrict out,
             size_t *restrict out_left)
{
    struct conversion *conversion = handle;
    UChar units[UNITS_MAX];
    if (!in || !*in)
        return reset(conversion, out, out_left);
    for (;;) {
        size_t n_units = 0;
        if (!write_pending(conversion, out, out_left))
            return fail(E2BIG);
        if (!*in_left)
            return 0;
        size_t size = decode(conversion, *in, *in_left, units, &n_units);
        if (!size)
            return (size_t)-1;
        if (n_units && !encode(conversion, units, units + n_units, false))
            return fail(EILSEQ);
        *in += size;
        *in_left -= size;
    }
}
