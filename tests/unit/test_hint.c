/* SPDX-License-Identifier: Apache-2.0 */

/* What hints at a document that khatm-reader would open, and how far into a message it is looked for. */

#include "base/fd.h"
#include "inspect/hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static const struct {
    const char *name, *text;
    enum hint hint;
} rows[] = {
    {"nothing", "", HINT_NONE},
    {"a letter", "Subject: Note\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n", HINT_NONE},
    {"the whole message", "Content-Type: application/pdf\r\n\r\n%PDF", HINT_DOCUMENT},
    {"a part", "Subject: x\r\n\r\n--b\r\nContent-Type: application/msword; name=a.doc\r\n", HINT_DOCUMENT},
    {"any case, bare LF", "\n\nCONTENT-type:APPLICATION/Zip\n", HINT_DOCUMENT},
    {"folded", "Content-Type:\r\n application/pdf\r\n", HINT_DOCUMENT},
    {"unknown bytes", "Content-Type: application/octet-stream\r\n", HINT_DOCUMENT},
    {"the end of the text", "Content-Type: application/x", HINT_DOCUMENT},
    {"the name alone", "Content-Type:", HINT_NONE},
    {"half a type", "Content-Type: applicat", HINT_NONE},
    {"a signature, then a document",
     "Content-Type: application/pgp-signature; name=s\r\n\r\nContent-Type: application/pdf\r\n",
     HINT_DOCUMENT},
    {"a signature", "Content-Type: application/pkcs7-signature\r\n", HINT_NONE},
    {"an invitation", "Content-Type: application/ics; name=\"invite.ics\"\r\n", HINT_NONE},
    {"more than the name of one", "Content-Type: application/icsx\r\n", HINT_DOCUMENT},
    {"ciphertext",
     "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: "
     "application/octet-stream\r\n",
     HINT_SEALED},
    {"within a line", "see Content-Type: application/pdf\r\n", HINT_NONE},
    {"of another name", "X-Content-Type: application/pdf\r\n", HINT_NONE},
    {"a picture", "Content-Type: image/png\r\n", HINT_NONE},
};

static void lines_that_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = strlen(rows[i].text);
        char *text = malloc(size + 1); /* nothing readable behind it */
        memcpy(text, rows[i].text, size);
        enum hint hint = hint_in(text, size);
        free(text);
        if (hint != rows[i].hint)
            fail_msg("%s: %d", rows[i].name, (int)hint);
    }
}

static void a_nul_is_a_character_like_others(void **state)
{
    static const char text[] = "a\0:\nContent-Type: \0application/pdf\nContent-Type: application/pdf";
    (void)state;
    assert_int_equal(hint_in(text, 36), HINT_NONE);
    assert_int_equal(hint_in(text, sizeof text - 1), HINT_DOCUMENT);
}

static bool hint_behind(size_t bytes, size_t line_bytes, const char *last)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    size_t size = bytes + strlen(last);
    char *text = malloc(size + 1);
    memset(text, 'a', bytes);
    for (size_t at = line_bytes; at <= bytes; at += line_bytes)
        text[at - 1] = '\n';
    if (bytes)
        text[bytes - 1] = '\n';
    memcpy(text + bytes, last, strlen(last) + 1);
    assert_int_equal(fd_write_all(fd, text, size), RESULT_OK);
    bool hint = hint_document(fd, size);
    free(text);
    fd_close(&fd);
    return hint;
}

/* Wherever the line lies to the pieces in which the message is read. */
static void it_is_looked_for_near_the_beginning(void **state)
{
    static const char field[] = "Content-Type: application/pdf\r\n\r\n";
    (void)state;
    for (size_t bytes = 0; bytes < 100 * 1024; bytes += 1009)
        if (!hint_behind(bytes, 77, field) || !hint_behind(bytes, 1 << 20, field))
            fail_msg("%zu bytes", bytes);
    for (size_t bytes = 16 * 1024 - 40; bytes < 16 * 1024 + 4; bytes++)
        if (!hint_behind(bytes, 77, field))
            fail_msg("%zu bytes", bytes);
    assert_false(hint_behind(200 * 1024, 77, field));
    assert_false(hint_behind(100 * 1024, 77, "Content-Type: text/html\r\n"));
}

static void what_cannot_be_read_hints_at_nothing(void **state)
{
    (void)state;
    assert_false(hint_document(-1, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_hint),
        cmocka_unit_test(a_nul_is_a_character_like_others),
        cmocka_unit_test(it_is_looked_for_near_the_beginning),
        cmocka_unit_test(what_cannot_be_read_hints_at_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
