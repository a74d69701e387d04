/* SPDX-License-Identifier: Apache-2.0 */

/* Charsets: which are known, how they are converted compared with the C library, and that what GLib and GMime
 * ask of iconv reaches ours. In the sandbox they are met through tests/corpus/mime (name-in-*). */

#include "inspector/charset.h"

#include "base/buffer.h"

#include <dlfcn.h>
#include <errno.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NO_CONVERSION ((iconv_t)-1)

enum { OUT_MAX = 256 };

static int set_up(void **state)
{
    struct problem problem = {{0}};
    (void)state;
    g_mime_init();
    if (charset_load(&problem) == RESULT_OK)
        return 0;
    fprintf(stderr, "%s\n", problem.text);
    return -1;
}

static int tear_down(void **state)
{
    (void)state;
    charset_unload();
    return 0;
}

/* Every name of the list with a letter of it: what it is in UTF-8. */
static const struct {
    const char *name, *bytes, *utf8;
} samples[] = {
    {"us-ascii", "a", "a"},
    {"ascii", "a", "a"},
    {"utf-8", "\xd8\xb3", "س"},
    {"utf8", "\xd8\xb3", "س"},
    {"iso-8859-1", "\xe9", "é"},
    {"iso-8859-1", "\x80", "€"},
    {"iso8859-1", "\xe9", "é"},
    {"latin1", "\xe9", "é"},
    {"windows-1252", "\xe9\x9c", "éœ"},
    {"cp1252", "\xe9", "é"},
    {"iso-8859-15", "\xa4", "€"},
    {"iso-8859-6", "\xd3", "س"},
    {"windows-1256", "\xd3\x81", "سپ"},
    {"cp1256", "\xd3", "س"},
    {"iso-8859-9", "\xfe", "ş"},
    {"windows-1254", "\xfe", "ş"},
    {"cp1254", "\xfe", "ş"},
    {"iso-8859-2", "\xb1", "ą"},
    {"windows-1250", "\xb9", "ą"},
    {"cp1250", "\xb9", "ą"},
    {"windows-1251", "\xe6", "ж"},
    {"cp1251", "\xe6", "ж"},
    {"koi8-r", "\xd6", "ж"},
    {"gb2312", "\xd6\xd0", "中"},
    {"gbk", "\xd6\xd0", "中"},
    {"gb18030", "\xd6\xd0\x81\x30\x81\x30", "中\xc2\x80"},
    {"iso-8859-3", "\xb1", "ħ"},
    {"iso-8859-4", "\xb1", "ą"},
    {"iso-8859-5", "\xd6", "ж"},
    {"iso-8859-7", "\xe1", "α"},
    {"iso-8859-8", "\xe0", "א"},
    {"iso-8859-13", "\xe0", "ą"},
    {"windows-1253", "\xe1", "α"},
    {"windows-1255", "\xe0", "א"},
    {"windows-1257", "\xe0", "ą"},
    {"windows-1258", "\xd0", "Đ"},
    {"koi8-u", "\xd6\xa4", "жє"},
    {"iso-2022-jp", "\x1b$B\x46|\x1b(Ba", "日a"},
    {"shift_jis", "\x93\xfa", "日"},
    {"euc-jp", "\xc6\xfc", "日"},
    {"euc-kr", "\xc7\xd1", "한"},
    {"big5", "\xa4\xa4", "中"},
};

enum { SAMPLES = sizeof samples / sizeof *samples };

/* All of it, ended and NUL-terminated. Returns errno, 0 when all went well. */
static int convert(const char *to, const char *from, const char *bytes, size_t size, char out[OUT_MAX])
{
    char *at = out, *in = (char *)(uintptr_t)bytes;
    size_t left = OUT_MAX - 1;
    int error = 0;
    iconv_t conversion = iconv_open(to, from);
    if (conversion == NO_CONVERSION)
        return errno;
    if (iconv(conversion, &in, &size, &at, &left) == (size_t)-1 ||
        iconv(conversion, NULL, NULL, &at, &left) == (size_t)-1)
        error = errno;
    *at = '\0';
    assert_int_equal(iconv_close(conversion), 0);
    return error;
}

static void every_known_name_converts(void **state)
{
    char out[OUT_MAX], loud[32];
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const char *name = samples[i].name;
        size_t k = 0;
        for (; name[k]; k++)
            loud[k] = (char)g_ascii_toupper(name[k]);
        loud[k] = '\0';
        assert_true(charset_is_known(name));
        assert_true(charset_is_known(loud));
        int error = convert("utf-8", loud, samples[i].bytes, strlen(samples[i].bytes), out);
        if (error || strcmp(out, samples[i].utf8) != 0)
            fail_msg("%s: %s, \"%s\"", name, strerror(error), out);
    }
}

static void what_is_not_listed_is_unknown(void **state)
{
    static const char *const names[] = {
        "utf-7",   "utf-16",      "ucs-4",         "x-unknown",    "",
        "cp720",   "ibm-1252",    "iso-2022-kr",   "hz-gb-2312",   "utf-8//TRANSLIT",
        "latin-1", "windows-125", "windows-12522", "utf-8//IGNORE"};
    char out[OUT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(charset_is_known(names[i]));
        assert_int_equal(convert("utf-8", names[i], "a", 1, out), EINVAL);
        assert_int_equal(convert(names[i], "utf-8", "a", 1, out), EINVAL);
        assert_null(charset_decoder_new(names[i]));
    }
    assert_int_equal(convert("utf-8//", "windows-1256//", "a", 1, out), 0);
}

/* POSIX: where it stopped, and why. */
static void errors_say_where(void **state)
{
    static const struct {
        const char *to, *from, *bytes;
        int error;
        const char *out;
        size_t left;
    } rows[] = {
        {"utf-8", "utf-8",
         "ab\xff"
         "cd",
         EILSEQ, "ab", 3},
        {"utf-8", "utf-8", "ab\xc3(", EILSEQ, "ab", 2},
        {"utf-8", "utf-8", "ab\xed\xa0\x80", EILSEQ, "ab", 3},
        {"utf-8", "utf-8", "ab\xd8", EINVAL, "ab", 1},
        {"utf-8", "utf-8", "ab\xf0\x9f\x98", EINVAL, "ab", 3},
        {"utf-8", "us-ascii", "a\xe9", EILSEQ, "a", 1},
        {"utf-8", "iso-8859-6", "\xd3\xa1", EILSEQ, "س", 1},
        {"utf-8", "gbk", "\xd6\xd0\xd6", EINVAL, "中", 1},
        {"utf-8", "gbk", "\xd6\xd0\xd6 ", EILSEQ, "中", 2},
        {"utf-8", "shift_jis", "\x93\xfa\x93", EINVAL, "日", 1},
        {"us-ascii", "utf-8", "a\xd8\xb3", EILSEQ, "a", 2},
        {"windows-1256", "utf-8", "\xd8\xb3", 0, "\xd3", 0},
        {"iso-2022-jp", "utf-8", "\xe6\x97\xa5", 0, "\x1b$BF|", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[OUT_MAX], *at = out, *in = (char *)(uintptr_t)rows[i].bytes;
        size_t room = sizeof out, left = strlen(in);
        iconv_t conversion = iconv_open(rows[i].to, rows[i].from);
        assert_ptr_not_equal(conversion, NO_CONVERSION);
        int error = iconv(conversion, &in, &left, &at, &room) == (size_t)-1 ? errno : 0;
        *at = '\0';
        if (error != rows[i].error || left != rows[i].left || strcmp(out, rows[i].out) != 0)
            fail_msg("row %zu: %s, %zu left, \"%s\"", i, strerror(error), left, out);
        /* What came before goes on: the caller skips a byte, or brings the rest. */
        if (error == EILSEQ && rows[i].bytes[0] == 'a') {
            char more[] = "z", *next = more;
            size_t one = 1;
            assert_int_equal(iconv(conversion, &next, &one, &at, &room), 0);
            assert_int_equal(at[-1], 'z');
        }
        (void)iconv_close(conversion);
    }
}

/* However small the room and however cut the input, the same comes out, and a character is never cut. */
static void room_and_cuts_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t room = 1; room <= 8; room++) {
            char out[OUT_MAX], *at = out, *in = (char *)(uintptr_t)samples[i].bytes;
            size_t left = strlen(in);
            bool flushed = false;
            iconv_t conversion = iconv_open("utf-8", samples[i].name);
            while (left || !flushed) {
                size_t have = room, before = left;
                size_t result = left ? iconv(conversion, &in, &left, &at, &have)
                                     : iconv(conversion, NULL, NULL, &at, &have);
                flushed = !before && result != (size_t)-1;
                if (result != (size_t)-1)
                    continue;
                assert_int_equal(errno, E2BIG);
                /* No progress: there is no room for the next character at all. */
                if (have == room && left == before)
                    break;
            }
            *at = '\0';
            assert_true(g_utf8_validate(out, -1, NULL));
            assert_true(g_str_has_prefix(samples[i].utf8, out));
            if (room >= 4)
                assert_string_equal(out, samples[i].utf8);
            (void)iconv_close(conversion);
        }
}

/* The C library's own, which ours hides. */
struct library {
    iconv_t (*open)(const char *to, const char *from);
    size_t (*convert)(iconv_t, char **, size_t *, char **, size_t *);
    int (*close)(iconv_t);
};

static void load_library(struct library *library)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW);
    assert_non_null(libc);
    *(void **)&library->open = dlsym(libc, "iconv_open");
    *(void **)&library->convert = dlsym(libc, "iconv");
    *(void **)&library->close = dlsym(libc, "iconv_close");
    assert_non_null(*(void **)&library->open);
    assert_ptr_not_equal(*(void **)&library->open, (void *)(uintptr_t)iconv_open);
}

/* Returns the character, or "" where the library has none. */
static void one_byte(const struct library *library, const char *from, unsigned char byte, char out[16])
{
    char in[1] = {(char)byte}, *at = in, *to = out;
    size_t left = 1, room = 15;
    iconv_t conversion = library->open("UTF-8", from);
    assert_ptr_not_equal(conversion, NO_CONVERSION);
    (void)library->convert(conversion, &at, &left, &to, &room);
    *to = '\0';
    (void)library->close(conversion);
}

/* Byte by byte as the C library. Where that has no character ICU may have the one that browsers show. */
static void single_bytes_are_as_the_c_library_has_them(void **state)
{
    static const char *const names[] = {
        "windows-1252", "iso-8859-15",  "iso-8859-6",  "windows-1256", "windows-1254", "iso-8859-2",
        "windows-1250", "windows-1251", "koi8-r",      "iso-8859-3",   "iso-8859-4",   "iso-8859-5",
        "iso-8859-7",   "iso-8859-8",   "iso-8859-13", "windows-1253", "windows-1257", "koi8-u"};
    struct library library;
    (void)state;
    load_library(&library);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            char theirs[16], own[OUT_MAX], in[1] = {(char)byte};
            one_byte(&library, names[i], (unsigned char)byte, theirs);
            (void)convert("utf-8", names[i], in, 1, own);
            if (strcmp(theirs, own) != 0 && (theirs[0] || !byte))
                fail_msg("%s, byte %02x: \"%s\" instead of \"%s\"", names[i], byte, own, theirs);
        }
}

/* A library that asks the C library would get UTF-16. */
static void glib_and_gmime_ask_ours(void **state)
{
    (void)state;
    assert_ptr_equal(g_iconv_open("utf-8", "utf-16"), (GIConv)-1);
    assert_ptr_equal(g_mime_iconv_open("utf-8", "utf-16"), NO_CONVERSION);
    char *text = g_convert("\xd3\xd1\xed", 3, "utf-8", "windows-1256", NULL, NULL, NULL);
    assert_string_equal(text, "سري");
    g_free(text);
    static const struct {
        const char *raw, *shown;
    } words[] = {
        {"=?windows-1256?Q?=D3=D1=ED?=", "سري"},
        {"=?iso-8859-6?B?09Hq?=", "سري"},
        {"=?iso-2022-jp?B?GyRCRnwbKEI=?=", "日"},
        {"=?koi8-u?Q?=D6?=", "ж"},
        {"=?gb2312?B?1tA=?=", "中"},
        {"=?big5?B?pKQ=?=", "中"},
        {"=?windows-1256?Q?=D3?= =?iso-8859-1?Q?=E9?=", "سé"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *shown = g_mime_utils_header_decode_text(NULL, words[i].raw);
        assert_string_equal(shown, words[i].shown);
        g_free(shown);
    }
}

static void take(void *context, const char *utf8, size_t size)
{
    assert_true(g_utf8_validate(utf8, (gssize)size, NULL));
    buffer_append(context, utf8, size);
}

static void texts_decode_whatever_the_pieces(void **state)
{
    static const struct {
        const char *charset, *bytes, *utf8;
    } rows[] = {
        {"windows-1256", "\xd3\xd1\xed", "سري"},
        {"utf-8",
         "a\xd8\xb3\xff"
         "b\xd8",
         "aس\xef\xbf\xbd"
         "b\xef\xbf\xbd"},
        {"iso-2022-jp", "\x1b$BF|\x1b(Ba", "日a"},
        {"gb18030", "\x81\x30\x81\x30\xd6\xd0", "\xc2\x80中"},
        {"us-ascii", "\xe9t", "\xef\xbf\xbdt"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut <= strlen(rows[i].bytes); cut++) {
            struct buffer text;
            buffer_init(&text, OUT_MAX);
            struct charset_decoder *decoder = charset_decoder_new(rows[i].charset);
            assert_non_null(decoder);
            charset_decode(decoder, rows[i].bytes, cut, false, take, &text);
            charset_decode(decoder, rows[i].bytes + cut, strlen(rows[i].bytes) - cut, true, take, &text);
            assert_string_equal(buffer_text(&text), rows[i].utf8);
            charset_decoder_free(decoder);
            buffer_free(&text);
        }
    charset_decoder_free(NULL);
}

static void a_long_text_decodes(void **state)
{
    static char bytes[100001];
    struct buffer text;
    (void)state;
    memset(bytes, 0xd3, sizeof bytes);
    buffer_init(&text, 4 * sizeof bytes);
    struct charset_decoder *decoder = charset_decoder_new("windows-1256");
    charset_decode(decoder, bytes, sizeof bytes, true, take, &text);
    assert_int_equal(text.size, 2 * sizeof bytes);
    charset_decoder_free(decoder);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_name_converts),
        cmocka_unit_test(what_is_not_listed_is_unknown),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(room_and_cuts_do_not_matter),
        cmocka_unit_test(single_bytes_are_as_the_c_library_has_them),
        cmocka_unit_test(glib_and_gmime_ask_ours),
        cmocka_unit_test(texts_decode_whatever_the_pieces),
        cmocka_unit_test(a_long_text_decodes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
