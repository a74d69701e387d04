/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/charset.h"

#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>
#include <stddef.h>
#include <string.h>

/* Without a converter of their own (C library) first. */
static const char *const names[] = {
    "us-ascii",     "ascii",        "utf-8",        "utf8",         "iso-8859-1",   "latin1",
    "iso8859-1",    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",
    "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-13",  "iso-8859-15",  "windows-1250",
    "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258", "cp1250",       "cp1251",       "cp1252",       "cp1254",
    "cp1256",       "koi8-r",       "koi8-u",       "iso-2022-jp",  "shift_jis",    "euc-jp",
    "euc-kr",       "gb2312",       "gbk",          "gb18030",      "big5",         "utf-16",
    "utf-16le",     "utf-16be",     "utf-7",
};

enum { NAMES = sizeof names / sizeof *names, SUFFIX_MAX = 32, NAME_MAX_BYTES = 64 };

typedef iconv_t (*iconv_open_function)(const char *to, const char *from);

/* Set once by the template. The process's one iconv_open is state by nature. */
static iconv_open_function real_open;
static bool loaded;

static bool in_table(const char *name, size_t size)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strlen(names[i]) == size) {
            size_t k = 0;
            while (k < size && text_lower(name[k]) == names[i][k])
                k++;
            if (k == size)
                return true;
        }
    return false;
}

bool charset_is_known(const char *name)
{
    return in_table(name, strlen(name));
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

static bool allowed(const char *name)
{
    const char *suffix = strstr(name, "//");
    size_t size = suffix ? (size_t)(suffix - name) : strlen(name);
    return in_table(name, size) &&
           (!suffix || !strcmp(suffix, "//") || !strcmp(suffix, "//TRANSLIT") || !strcmp(suffix, "//IGNORE"));
}

/* Takes the place of the C library's for everything linked into the program. */
iconv_t iconv_open(const char *to, const char *from)
{
    if (real_open && (!loaded || (allowed(to) && allowed(from))))
        return real_open(to, from);
    errno = EINVAL;
    return (iconv_t)-1;
}

enum result charset_load(struct problem *problem)
{
    void *symbol = dlsym(RTLD_NEXT, "iconv_open");
    if (!symbol)
        return problem_set(problem, RESULT_BUG, "charsets: the C library has no iconv_open");
    memcpy(&real_open, &symbol, sizeof real_open);
    for (size_t i = 0; i < NAMES; i++) {
        /* Both ways, and never closed: a converter that nobody uses is unloaded again. */
        iconv_t from = real_open("utf-8", names[i]), to = real_open(names[i], "utf-8");
        if (from == (iconv_t)-1 || to == (iconv_t)-1)
            return problem_set(problem, RESULT_TRY_LATER, "charsets: the C library cannot convert %s: %s",
                               names[i], strerror(errno));
    }
    loaded = true;
    return RESULT_OK;
}
