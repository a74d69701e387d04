/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/charset.h"

#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>
#include <stddef.h>
#include <string.h>

/* By name: the converter that is loaded for it, a superset where one serves several (a library less to map in
 * every child: each costs about 1 % of a fork). NULL: text in it can be judged, file names in it stay unread.
 */
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
    {"iso-8859-3", NULL},
    {"iso-8859-4", NULL},
    {"iso-8859-5", NULL},
    {"iso-8859-7", NULL},
    {"iso-8859-8", NULL},
    {"iso-8859-13", NULL},
    {"windows-1253", NULL},
    {"windows-1255", NULL},
    {"windows-1257", NULL},
    {"windows-1258", NULL},
    {"koi8-u", NULL},
    {"iso-2022-jp", NULL},
    {"shift_jis", NULL},
    {"euc-jp", NULL},
    {"euc-kr", NULL},
    {"big5", NULL},
};

enum { CHARSETS = sizeof charsets / sizeof *charsets };

typedef iconv_t (*iconv_open_function)(const char *to, const char *from);

/* Set once by the template. The process's one iconv_open is state by nature. */
static iconv_open_function real_open;
/* Both ways, never closed: a converter that nobody uses is unloaded again. */
static iconv_t held[CHARSETS][2];

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
    return text_starts_nocase(name, "utf-7") || text_starts_nocase(name, "utf-16") ||
           text_starts_nocase(name, "utf-32") || text_starts_nocase(name, "ucs-");
}

static const char *converter_of(const char *name)
{
    /* "//TRANSLIT" and "//IGNORE" need a converter of their own. */
    const char *suffix = strstr(name, "//");
    if (suffix && suffix[2])
        return NULL;
    size_t at = find(name, suffix ? (size_t)(suffix - name) : strlen(name));
    return at < CHARSETS ? charsets[at].converter : NULL;
}

/* Takes the place of the C library's for everything linked into the program. */
iconv_t iconv_open(const char *to, const char *from)
{
    const char *real_to = converter_of(to), *real_from = converter_of(from);
    if (real_open && real_to && real_from)
        return real_open(real_to, real_from);
    errno = EINVAL;
    return (iconv_t)-1;
}

enum result charset_load(struct problem *problem)
{
    void *symbol = dlsym(RTLD_NEXT, "iconv_open");
    if (!symbol)
        return problem_set(problem, RESULT_BUG, "charsets: the C library has no iconv_open");
    memcpy(&real_open, &symbol, sizeof real_open);
    for (size_t i = 0; i < CHARSETS; i++) {
        if (!charsets[i].converter)
            continue;
        held[i][0] = real_open("utf-8", charsets[i].converter);
        held[i][1] = real_open(charsets[i].converter, "utf-8");
        if (held[i][0] == (iconv_t)-1 || held[i][1] == (iconv_t)-1)
            return problem_set(problem, RESULT_TRY_LATER, "charsets: the C library cannot convert %s: %s",
                               charsets[i].converter, strerror(errno));
    }
    return RESULT_OK;
}

void charset_unload(void)
{
    for (size_t i = 0; i < 2 * (size_t)CHARSETS; i++) {
        iconv_t *one = &held[i / 2][i % 2];
        if (*one && *one != (iconv_t)-1)
            (void)iconv_close(*one);
        *one = NULL;
    }
}
