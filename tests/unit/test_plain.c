/* SPDX-License-Identifier: Apache-2.0 */

/* Plain text in the charset that is said, or that it looks like. */

#include "inspector/charset.h"
#include "inspector/plain.h"
#include "inspector/sniff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "reading_list.h"

static void text_is_read_in_its_charset(void **state)
{
    static const struct {
        const char *name, *charset, *bytes, *expected;
    } rows[] = {
        {"ASCII", "", "Note\n", "text body: Note\\n\n"},
        {"UTF-8", "utf-8", "\xd8\xb3\xd8\xb1\xd9\x8a", "text body: \xd8\xb3\xd8\xb1\xd9\x8a\n"},
        {"UTF-8 that nobody announced", "", "\xc3\xa9t\xc3\xa9", "text body: \xc3\xa9t\xc3\xa9\n"},
        {"Latin", "iso-8859-1", "\xe9t\xe9", "text body: \xc3\xa9t\xc3\xa9\n"},
        {"Arabic", "windows-1256", "\xd3\xd1\xed", "text body: \xd8\xb3\xd8\xb1\xd9\x8a\n"},
        {"Latin that says it is UTF-8", "utf-8", "l'\xe9t\xe9 d'hier",
         "text body: l'\xc3\xa9t\xc3\xa9 d'hier\n"},
        {"Arabic that nobody announced", "", "\xd3\xd1\xed \xe1\xe1\xdb\xc7\xed\xc9",
         "text body: \xd8\xb3\xd8\xb1\xd9\x8a "
         "\xd9\x84\xd9\x84\xd8\xba\xd8\xa7\xd9\x8a\xd8\xa9\n"},
        {"ASCII in an unknown charset", "x-nobody", "Note", "text body: Note\n"},
        {"unknown charset", "x-nobody", "\xe9t\xe9", "raise U: text in an unknown charset\n"},
        {"empty", "", "", "text body: \n"},
        {"control characters", "", "\1\2\3\4\5\6\7\x08\x0e", "raise U: not plain text\n"},
    };
    (void)state;
    assert_int_equal(charset_load(NULL), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer list;
        reading_list(&plain_reader, rows[i].bytes, strlen(rows[i].bytes), "text/plain", rows[i].charset,
                     &list);
        if (strcmp(buffer_text(&list), rows[i].expected) != 0)
            fail_msg("%s: %s", rows[i].name, buffer_text(&list));
        buffer_free(&list);
    }
    charset_unload();
}

/* What is not plainly text goes to libmagic. */
static void plain_text_is_told_by_its_first_bytes(void **state)
{
    static const struct {
        const char *bytes, *expected;
    } rows[] = {
        {"", "application/x-empty"},
        {"Bonjour, voici.\r\n", "text/plain"},
        {"\xef\xbb\xbf\xd8\xb3\xd8\xb1\xd9\x8a", "text/plain"},
        {"nom;ville\na;b\n", "text/plain"},
        {"{\"a\": 1}", "text/plain"},
        {"Return-Path: <a@b.example>\r\n", "message/rfc822"},
        {"From: a@b.example\r\n", "message/rfc822"},
        {"From here on, all is well.", NULL},
        {"BEGIN:VCARD\r\n", "text/vcard"},
        {"begin:vcalendar\r\n", "text/calendar"},
        {"From a@b.example Sat Nov 21 10:00:00 2026\n", NULL},
        {"  <html>", NULL},
        {"<?xml version=\"1.0\"?>", NULL},
        {"{\\rtf1 x}", NULL},
        {"%!PS-Adobe-3.0", NULL},
        {"%PDF-1.4", NULL},
        {"-----BEGIN PGP MESSAGE-----", NULL},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour\n", "text/plain"},
        {"begin 644 a.pdf", NULL},
        {"\xe9t\xe9", NULL},
        {"a\1b", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *kind = sniff_text(rows[i].bytes, strlen(rows[i].bytes));
        if ((!kind) != (!rows[i].expected) || (kind && strcmp(kind, rows[i].expected) != 0))
            fail_msg("%s: %s", rows[i].bytes, kind ? kind : "not text");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_is_read_in_its_charset),
                                       cmocka_unit_test(plain_text_is_told_by_its_first_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
