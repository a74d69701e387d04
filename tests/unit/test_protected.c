/* SPDX-License-Identifier: Apache-2.0 */

/* What of the header section inside a sealed message takes the place of what is outside. */

#include "base/buffer.h"
#include "sealer/protected.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUTER "From: a@x\r\nSubject: ...\r\nMIME-Version: 1.0\r\nContent-Type: multipart/encrypted\r\n"
#define MARKS "protected-headers=\"v1\"; hp=\"cipher\""

struct inside_case {
    const char *row;
    const char *inner;
    const char *expected; /* fields, "NAME:value|" each, "NAME-|" for one that vanishes */
};

static const struct inside_case inside_cases[] = {
    {"nothing marked", "Subject: s\r\nContent-Type: text/plain\r\n", "Content-Type: text/plain|"},
    {"both marks", "Subject: s\r\nContent-Type: text/plain; " MARKS "\r\n",
     "Subject: s|Content-Type: text/plain|"},
    {"the older alone", "Subject: s\r\nContent-Type: text/plain; protected-headers=v1\r\n",
     "Subject: s|Content-Type: text/plain|"},
    {"hp alone, in upper case", "Subject: s\r\nContent-Type: text/plain; HP = cipher\r\n",
     "Subject: s|Content-Type: text/plain|"},
    {"clear is no cipher, whatever the older says",
     "Subject: s\r\nContent-Type: text/plain; protected-headers=\"v1\"; hp=\"clear\"\r\n",
     "Content-Type: text/plain|"},
    {"another version", "Subject: s\r\nContent-Type: text/plain; protected-headers=\"v2\"\r\n",
     "Content-Type: text/plain|"},
    {"longer words", "Subject: s\r\nContent-Type: text/plain; xhp=cipher; hp=ciphers; hp2=cipher\r\n",
     "Content-Type: text/plain; xhp=cipher; hp2=cipher|"},
    {"a quote that does not end", "Subject: s\r\nContent-Type: text/plain; hp=\"cipher\r\n",
     "Content-Type: text/plain|"},
    {"a comment", "Subject: s\r\nContent-Type: text/plain (a \\) (b;) \"); " MARKS "\r\n",
     "Subject: s|Content-Type: text/plain (a \\) (b;) \")|"},
    {"in a comment", "Subject: s\r\nContent-Type: text/plain (; " MARKS ")\r\n",
     "Content-Type: text/plain (; " MARKS ")|"},
    {"in a quoted string", "Subject: s\r\nContent-Type: text/plain; name=\"a; hp=cipher; \\\"b\"\r\n",
     "Content-Type: text/plain; name=\"a; hp=cipher; \\\"b\"|"},
    {"a comment that does not end", "Subject: s\r\nContent-Type: text/plain; name=a(b; " MARKS "\r\n",
     "Subject: s|Content-Type: text/plain; name=a(b|"},
    {"pieces of RFC 2231", "Subject: s\r\nContent-Type: a/b; name*0=c; name*1*=d;\r\n " MARKS "\r\n",
     "Subject: s|Content-Type: a/b; name*0=c; name*1*=d|"},
    {"marked twice", "Subject: s\r\nContent-Type: a/b; hp=\"clear\"; " MARKS "\r\n",
     "Subject: s|Content-Type: a/b|"},
    {"a semicolon at the end", "Subject: s\r\nContent-Type: a/b;\r\n " MARKS ";\r\n",
     "Subject: s|Content-Type: a/b;|"},
    {"a version inside counts", "MIME-Version: 1.0 (b)\r\nContent-Type: a/b\r\n",
     "MIME-Version: 1.0 (b)|Content-Type: a/b|"},
    {"the way's fields do not", "Received: x\r\nBcc: y\r\nX-Khatm-A: z\r\nContent-Type: a/b; " MARKS "\r\n",
     "Content-Type: a/b|"},
    {"outside for the way alone", "HP-Outer: Subject: ...\r\nContent-Type: a/b; " MARKS "\r\n",
     "Content-Type: a/b|Subject-|"},
    {"outside and inside", "Subject: s\r\nHP-Outer: Subject: ...\r\nContent-Type: a/b; " MARKS "\r\n",
     "Subject: s|Content-Type: a/b|"},
    {"told by nobody", "HP-Outer: Subject: ...\r\nContent-Type: a/b\r\n", "Content-Type: a/b|"},
    {"what stays, whoever says it was for the way",
     "HP-Outer: From: a@x\r\nHP-Outer: Sender: a\r\nHP-Outer: Received: x\r\nHP-Outer: MIME-Version: 1.0\r\n"
     "HP-Outer: nothing\r\nContent-Type: a/b; " MARKS "\r\n",
     "Content-Type: a/b|"},
};

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* "NAME\0+value\0NAME\0-\0" as the rows have it. */
static void in_words(const struct buffer *fields, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t at = 0; at < fields->size;) {
        const char *name = fields->bytes + at, *value = name + strlen(name) + 1;
        used +=
            (size_t)snprintf(out + used, room - used, "%s%c%s|", name, *value == '+' ? ':' : '-', value + 1);
        at = (size_t)(value - fields->bytes) + strlen(value) + 1;
    }
}

static void test_each_header_section(void **state)
{
    for (size_t i = 0; i < sizeof inside_cases / sizeof *inside_cases; i++) {
        const struct inside_case *c = &inside_cases[i];
        struct buffer fields;
        size_t n = 0;
        char words[2000];
        buffer_init(&fields, 0);
        const char *why = protected_fields(span_of(OUTER), span_of(c->inner), true, &fields, &n);
        in_words(&fields, words, sizeof words);
        if (why || strcmp(words, c->expected) != 0)
            fail_msg("%s: %s, got %s", c->row, why ? why : "taken", words);
        buffer_free(&fields);
    }
}

static void test_marks_of_what_nobody_vouches_for(void **state)
{
    struct buffer fields;
    size_t n = 0;
    char words[200];
    buffer_init(&fields, 0);
    assert_null(protected_fields(span_of(OUTER),
                                 span_of("From: b@x\r\nSubject: s\r\nContent-Type: a/b; " MARKS "\r\n"),
                                 false, &fields, &n));
    in_words(&fields, words, sizeof words);
    assert_string_equal(words, "Content-Type: a/b|");
    buffer_free(&fields);
}

/* Time that grows with the square of what a stranger writes is not spent. */
static void test_long_ones_end(void **state)
{
    enum { LONG = 1000000 };
    char *inner = malloc(LONG + 200);
    struct buffer fields;
    size_t n = 0, at = (size_t)sprintf(inner, "Content-Type: a/b; hp=cipher; x=");
    assert_non_null(inner);
    memset(inner + at, '(', LONG);
    strcpy(inner + at + LONG, "\r\n");
    buffer_init(&fields, (size_t)4 << 20);
    assert_null(protected_fields(span_of(OUTER), span_of(inner), true, &fields, &n));
    assert_int_equal(n, 1);
    buffer_free(&fields);
    free(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_header_section),
        cmocka_unit_test(test_marks_of_what_nobody_vouches_for),
        cmocka_unit_test(test_long_ones_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
