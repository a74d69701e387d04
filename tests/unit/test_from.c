/* SPDX-License-Identifier: Apache-2.0 */

/* What the real khatm-inspector makes of From: whose it is, or that it can be read in two ways and whom it
 * then names. An honest form stands beside each trick. */

#include "base/buffer.h"
#include "base/fd.h"
#include "inspect/inspector.h"
#include "inspector/from.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static const struct inspector_settings settings = {.program = KHATM_BUILD_DIR "/khatm-inspector",
                                                   .reader = KHATM_BUILD_DIR "/khatm-reader",
                                                   .workers = 2,
                                                   .deadline_ms = 20 * 1000,
                                                   .memory = (uint64_t)256 << 20,
                                                   .depth = 64,
                                                   .parts = 1000};

#define A "agent@interieur.gov.example"
#define M "ministre@finances.gov.example"
#define X "x@gmail.com"

/* expected: the addresses found; "odd" in front when From can be read in two ways; "-": there is none. */
struct row {
    const char *name, *header;
    size_t size;
    const char *expected;
};
#define ROW(name, header, expected)                                                                          \
    {                                                                                                        \
        name, header, sizeof(header) - 1, expected                                                           \
    }

static const struct row rows[] = {
    /* one mailbox */
    ROW("address alone", "From: " A "\r\n", A),
    ROW("angle brackets alone", "From: <" A ">\r\n", A),
    ROW("name", "From: Jean Dupont <" A ">\r\n", A),
    ROW("name without blank", "From: Jean<" A ">\r\n", A),
    ROW("no blank after the colon", "From:" A "\r\n", A),
    ROW("upper case name of the field", "FROM: " A "\r\n", A),
    ROW("initials", "From: J. P. Dupont <" A ">\r\n", A),
    ROW("quoted name", "From: \"Dupont, Jean\" <" A ">\r\n", A),
    ROW("quoted quotation marks", "From: \"Jean \\\"le chef\\\" Dupont\" <" A ">\r\n", A),
    ROW("quoted brackets", "From: \"Jean <chef> Dupont\" <" A ">\r\n", A),
    ROW("empty quoted name", "From: \"\" <" A ">\r\n", A),
    ROW("encoded name", "From: =?utf-8?q?Pr=C3=A9fet?= <" A ">\r\n", A),
    ROW("encoded name in base64", "From: =?UTF-8?B?UHLDqWZldA==?= <" A ">\r\n", A),
    ROW("encoded Arabic", "From: =?utf-8?B?2YjYstin2LHYqQ==?= <" A ">\r\n", A),
    ROW("encoded in an old Arabic charset", "From: =?windows-1256?Q?=E6=D2=C7=D1=C9?= <" A ">\r\n", A),
    ROW("encoded with its language", "From: =?utf-8*fr?q?Pr=C3=A9fet?= <" A ">\r\n", A),
    ROW("encoded comma", "From: =?utf-8?q?Dupont=2C_Ren=C3=A9?= <" A ">\r\n", A),
    ROW("encoded within quotation marks", "From: \"=?utf-8?q?Pr=C3=A9fet?=\" <" A ">\r\n", A),
    ROW("two encoded words", "From: =?utf-8?q?Jean?= =?utf-8?q?_Ren=C3=A9?= <" A ">\r\n", A),
    ROW("comment behind", "From: " A " (Jean Dupont)\r\n", A),
    ROW("comment behind angle brackets", "From: Jean <" A "> (Rabat)\r\n", A),
    ROW("comment that touches angle brackets", "From: Jean <" A ">(Rabat)\r\n", A),
    ROW("comment in front of angle brackets", "From: (Jean) <" A ">\r\n", A),
    ROW("comment in the name", "From: Jean Dupont (DGI, Rabat) <" A ">\r\n", A),
    ROW("encoded comment", "From: " A " (=?utf-8?q?Ren=C3=A9?=)\r\n", A),
    ROW("fold in the name", "From: Jean\r\n Dupont\r\n\t<" A ">\r\n", A),
    ROW("fold in front", "From:\r\n " A "\r\n", A),
    ROW("blanks at the end", "From: " A "  \r\n", A),
    ROW("says it twice", "From: " A " <" A ">\r\n", A),
    ROW("its own address as its quoted name", "From: \"" A "\" <" A ">\r\n", A),
    ROW("apostrophe and tag", "From: o'brien+dossier@interieur.gov.example\r\n",
        "o'brien+dossier@interieur.gov.example"),
    ROW("A-label", "From: x@xn--prfecture-c4a.example\r\n", "x@xn--prfecture-c4a.example"),
    ROW("quotation marks without a reason", "From: \"agent\"@interieur.gov.example\r\n", A),
    ROW("the same in angle brackets", "From: Jean <\"agent\"@interieur.gov.example>\r\n", A),
    ROW("dot behind the domain", "From: Jean <" A ".>\r\n", A),
    ROW("address literal", "From: x@[192.0.2.1]\r\n", "x@[192.0.2.1]"),
    ROW("address literal of IPv6", "From: <x@[IPv6:2001:db8::1]>\r\n", "x@[IPv6:2001:db8::1]"),
    ROW("another address as a quoted name", "From: \"" M "\" <" X ">\r\n", X),
    ROW("a list's way to name the author", "From: \"" M " via Liste\" <liste@asso.example>\r\n",
        "liste@asso.example"),
    ROW("Resent-From is not From", "Resent-From: " M "\r\nFrom: " A "\r\n", A),
    ROW("nor is X-From", "X-From: " M "\r\nFrom: " A "\r\nFromage: " M "\r\n", A),
    ROW("line ends of Unix", "From: Jean\n\t<" A ">\n", A),

    /* nobody's */
    ROW("no From", "Subject: x\r\n", "-"),
    ROW("only Resent-From", "Resent-From: " A "\r\n", "-"),
    ROW("empty", "From:\r\n", "odd"),
    ROW("blanks", "From: \t \r\n", "odd"),
    ROW("only a name", "From: Jean Dupont\r\n", "odd"),
    ROW("empty angle brackets", "From: Jean <>\r\n", "odd"),
    ROW("only a comment", "From: (Jean)\r\n", "odd"),
    ROW("nothing before the @", "From: @gmail.com\r\n", "odd @gmail.com"),
    ROW("nothing behind the @", "From: jean@\r\n", "odd"),

    /* two or more */
    ROW("two fields", "From: " A "\r\nFrom: " X "\r\n", "odd " A " " X),
    ROW("the same field twice", "From: " A "\r\nFrom: " A "\r\n", "odd " A " " A),
    ROW("two mailboxes", "From: " A ", " X "\r\n", "odd " A " " X),
    ROW("two mailboxes with names", "From: Jean <" A ">, Ali <" X ">\r\n", "odd " A " " X),
    ROW("unquoted comma in a name", "From: Dupont, Jean <" A ">\r\n", "odd " A),
    ROW("semicolon", "From: " A "; " X "\r\n", "odd " A " " X),
    ROW("two in angle brackets", "From: <" X "><" A ">\r\n", "odd " X " " A),
    ROW("two in one pair", "From: <" X ", " A ">\r\n", "odd " X " " A),
    ROW("one before the brackets", "From: " M " <" X ">\r\n", "odd " X " " M),
    ROW("one behind the brackets", "From: <" X "> " M "\r\n", "odd " X " " M),
    ROW("brackets in brackets", "From: <" M "<" X ">>\r\n", "odd " M " " X),
    ROW("group", "From: cabinet: " M ", " X ";\r\n", "odd " M " " X),
    ROW("group of one", "From: cabinet:" M ";\r\n", "odd " M),
    ROW("empty group", "From: undisclosed-recipients:;\r\n", "odd"),

    /* comments and what they hide */
    ROW("comment within the address", "From: x@(c)finances.gov.example\r\n", "odd x@finances.gov.example"),
    ROW("comment before the @", "From: x(c)@finances.gov.example\r\n",
        "odd x@finances.gov.example @finances.gov.example"),
    ROW("comment within angle brackets", "From: <" X "(c)>\r\n", "odd " X),
    ROW("address in a comment", "From: " X " (" M ")\r\n", "odd " X " " M),
    ROW("address in a comment in front", "From: (" M ") <" X ">\r\n", "odd " X " " M),
    ROW("brackets in a comment", "From: " X " (<" M ">)\r\n", "odd " X " " M),
    ROW("quotation mark in a comment", "From: Jean (\") <" X "> (\")\r\n", "odd " X),
    ROW("backslash in a comment", "From: Jean (\\) <" M "> (\\) <" X ">\r\n", "odd " M " " X),
    ROW("comment in a comment", "From: " X " (Jean (chef))\r\n", "odd " X),
    ROW("comment that touches the address", "From: " X "(Jean)\r\n", "odd " X),
    ROW("comment in front of the address", "From: (Jean) " X "\r\n", "odd " X),
    ROW("open comment", "From: " X " (Jean\r\n", "odd " X),
    ROW("closing parenthesis alone", "From: Jean) <" X ">\r\n", "odd " X),

    /* encoding and what it hides */
    ROW("encoded address in front",
        "From: =?utf-8?q?=3C"
        "ministre=40finances.gov.example=3E?= <" X ">\r\n",
        "odd " X " " M),
    ROW("encoded address in base64", "From: =?utf-8?b?bWluaXN0cmVAZmluYW5jZXMuZ292LmV4YW1wbGU=?= <" X ">\r\n",
        "odd " X " " M),
    ROW("encoded address alone", "From: =?utf-8?b?bWluaXN0cmVAZmluYW5jZXMuZ292LmV4YW1wbGU=?=\r\n",
        "odd =?utf-8?b?bWluaXN0cmVAZmluYW5jZXMuZ292LmV4YW1wbGU=?= " M),
    ROW("encoded address in quotation marks",
        "From: \"=?utf-8?q?ministre=40finances.gov.example?=\" <" X ">\r\n", "odd " X " " M),
    ROW("encoded word in the address", "From: <=?utf-8?q?ministre?=@finances.gov.example>\r\n",
        "odd =?utf-8?q?ministre?=@finances.gov.example"),
    ROW("encoded @ in the address", "From: <ministre=?utf-8?q?=40?=finances.gov.example>\r\n",
        "odd ministre=?utf-8?q?=40?=finances.gov.example"),
    ROW("encoded line end", "From: =?utf-8?q?x=0D=0AFrom:_y?= <" X ">\r\n", "odd " X),
    ROW("encoded NUL", "From: =?utf-8?q?x=00?= <" X ">\r\n", "odd " X),
    ROW("encoded full-width @", "From: =?utf-8?q?ministre=EF=BC=A0finances.gov.example?= <" X ">\r\n",
        "odd " X),
    ROW("encoded in UTF-7", "From: =?utf-7?q?ministre+AEA-finances.gov.example?= <" X ">\r\n", "odd " X),
    ROW("encoded in UTF-16", "From: =?utf-16be?b?AHgAQAB5?= <" X ">\r\n", "odd " X),
    ROW("encoded in a charset nobody knows", "From: =?x-hidden?q?Jean?= <" X ">\r\n", "odd " X),
    ROW("base64 cut in two", "From: =?utf-8?b?eE?= =?utf-8?b?B5?= <" X ">\r\n", "odd " X),
    ROW("base64 without its padding", "From: =?utf-8?b?SmVhbg?= <" X ">\r\n", "odd " X),
    ROW("encoded word without end", "From: =?utf-8?q?Jean <" X ">\r\n", "odd " X),
    ROW("encoding nobody knows", "From: =?utf-8?x?Jean?= <" X ">\r\n", "odd " X),

    /* bytes, folds, syntax */
    ROW("UTF-8",
        "From: Pr\xc3\xa9"
        "fet <" X ">\r\n",
        "odd " X),
    ROW("Latin-1",
        "From: Pr\xe9"
        "fet <" X ">\r\n",
        "odd " X),
    ROW("UTF-8 in quotation marks",
        "From: \"Pr\xc3\xa9"
        "fet\" <" X ">\r\n",
        "odd " X),
    ROW("UTF-8 in a comment",
        "From: " X " (Pr\xc3\xa9"
        "fet)\r\n",
        "odd " X),
    ROW("UTF-8 in the address",
        "From: pr\xc3\xa9"
        "fet@gmail.com\r\n",
        "odd pr??fet@gmail.com"),
    ROW("U-label",
        "From: x@pr\xc3\xa9"
        "fecture.example\r\n",
        "odd x@xn--prfecture-c4a.example"),
    ROW("full-width @",
        "From: ministre\xef\xbc\xa0"
        "finances.gov.example <" X ">\r\n",
        "odd " X),
    ROW("zero-width space",
        "From: <ministre@fin\xe2\x80\x8b"
        "ances.gov.example>\r\n",
        "odd ministre@finances.gov.example"),
    ROW("NUL", "From: <" X ">\0<" M ">\r\n", "odd " X " " M),
    ROW("NUL in the address", "From: ministre@finances\0.gov.example\r\n", "odd ministre@finances"),
    ROW("escape", "From: Jean\x1b <" X ">\r\n", "odd " X),
    ROW("vertical tab", "From: Jean\x0b<" X ">\r\n", "odd " X),
    ROW("DEL", "From: Jean\x7f <" X ">\r\n", "odd " X),
    ROW("bare CR", "From: " X "\rFrom: " M "\r\n", "odd " X " " M),
    ROW("fold within the address", "From: x@\r\n gmail.com\r\n", "odd x@gmail.com"),
    ROW("fold within angle brackets", "From: <x@gmail.com\r\n >\r\n", "odd x@gmail.com"),
    ROW("fold of blanks", "From: Jean\r\n  \r\n <" X ">\r\n", "odd " X),
    ROW("fold of blanks at the end", "From: " X "\r\n \t\r\n", "odd " X),
    ROW("field in a fold", "From: " X "\r\n From: " M "\r\n", "odd " X " " M),
    ROW("blank before the colon", "From : " M "\r\nFrom: " X "\r\n", "odd " M " " X),
    ROW("fold before the colon", "From\r\n : " M "\r\nFrom: " X "\r\n", "odd " M " " X),
    ROW("blank before the name of the field", " From: " M "\r\nFrom: " X "\r\n", "odd " M " " X),
    ROW("byte before the colon", "From\x01: " M "\r\nFrom: " X "\r\n", "odd " M " " X),
    ROW("source route", "From: <@relais.example:" M ">\r\n", "odd " M " @relais.example"),
    ROW("two @", "From: x@gmail.com@finances.gov.example\r\n",
        "odd x@gmail.com gmail.com@finances.gov.example"),
    ROW("quoted local part with an @", "From: \"x@gmail.com\"@finances.gov.example\r\n",
        "odd \"x@gmail.com\"@finances.gov.example x@gmail.com @finances.gov.example"),
    ROW("quoted local part", "From: \"jean dupont\"@finances.gov.example\r\n",
        "odd \"jean dupont\"@finances.gov.example @finances.gov.example"),
    ROW("comment in an address literal", "From: x@[192.0.2.1(c)]\r\n", "odd x@[192.0.2.1(c)]"),
    ROW("colon in a name", "From: a:b <" X ">\r\n", "odd " X),
    ROW("quoted word against an address", "From: \"a b\"" X "\r\n", "odd " X),
    ROW("no closing bracket", "From: Jean <" X "\r\n", "odd " X),
    ROW("no opening bracket", "From: Jean " X ">\r\n", "odd " X),
    ROW("name behind the address", "From: " X " Jean\r\n", "odd " X " Jean"),
    ROW("name between twice the same", "From: " X " Jean <" X ">\r\n", "odd " X " " X),
    ROW("two dots in the domain", "From: x@gmail..com\r\n", "odd x@gmail..com"),
    ROW("hyphen and slash in the domain", "From: x@a-b/c.example\r\n", "odd x@a-b/c.example"),
    ROW("name and address without brackets", "From: Jean " X "\r\n", "odd " X),
    ROW("garbage behind", "From: Jean <" X "> etc\r\n", "odd " X " etc"),
    ROW("garbage behind without blank", "From: <" X ">x\r\n", "odd " X " x"),
    ROW("open quotation mark", "From: \"Jean <" X ">\r\n", "odd " X),
    ROW("blanks within angle brackets", "From: < " X " >\r\n", "odd " X),
    ROW("two dots behind the domain", "From: " X "..\r\n", "odd x@gmail.com.."),
    ROW("two dots", "From: x..y@gmail.com\r\n", "odd x..y@gmail.com"),
};

static bool row_is_right(struct inspector *inspector, const struct row *row)
{
    static const char rest[] = "To: y@gmail.com\r\n\r\nBonjour\r\n";
    struct findings *findings = NULL;
    struct problem problem = {{0}};
    struct buffer got;
    struct arena *arena = arena_new(0);
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(arena && fd >= 0 && fd_write_all(fd, row->header, row->size) == RESULT_OK &&
                fd_write_all(fd, rest, sizeof rest - 1) == RESULT_OK);
    if (inspector_run(inspector, fd, row->size + sizeof rest - 1, arena, &findings, &problem) != RESULT_OK)
        fail_msg("%s: %s", row->name, problem.text);
    buffer_init(&got, 0);
    unsigned count = 0;
    buffer_puts(&got, findings->from_odd ? "odd" : "");
    for (size_t i = 0; i < findings->n_addresses; i++) {
        if (findings->addresses[i].field != ADDRESS_FROM)
            continue;
        buffer_printf(&got, "%s%s", got.size ? " " : "", findings->addresses[i].address);
        count++;
    }
    const char *text = got.size ? buffer_text(&got) : "-";
    bool right = !strcmp(text, row->expected) && count == findings->n_from &&
                 (findings->complete || findings->from_odd);
    if (!right)
        (void)fprintf(stderr, "%s:\n  expected %s\n  got      %s (%u of %u)%s\n", row->name, row->expected,
                      text, count, findings->n_from, findings->complete ? "" : " incomplete");
    buffer_free(&got);
    arena_free(arena);
    fd_close(&fd);
    return right;
}

static void from_is_read_in_one_way_or_odd(void **state)
{
    struct inspector *inspector;
    struct problem problem = {{0}};
    unsigned wrong = 0;
    if (inspector_new(&settings, &inspector, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        wrong += !row_is_right(inspector, &rows[i]);
    inspector_free(inspector);
    assert_int_equal(wrong, 0);
}

/* Without GMime's objections. */
static void narrow_reading_alone_refuses(void **state)
{
    static const char *const values[] = {X " Jean",
                                         "Jean " X,
                                         X " Jean <" X ">",
                                         "<" X "> etc",
                                         "<" X "> <" X ">",
                                         X ", " X,
                                         "x@gmail..com",
                                         "x@gmail.com..",
                                         ".x@gmail.com",
                                         "x@.gmail.com",
                                         "@gmail.com",
                                         "x@",
                                         "<" X "> (a) b",
                                         "a: " X ";",
                                         "a: <" X ">",
                                         "<" X,
                                         "x@gmail.com>",
                                         "\"Jean <" X ">",
                                         "Jean\\ <" X ">",
                                         "x@gmail.com()",
                                         "x@gma(c)il.com",
                                         "\"x y\"@gmail.com",
                                         "",
                                         " "};
    char address[FROM_ADDRESS_ROOM];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (from_read(values[i], strlen(values[i]), address))
            fail_msg("%s", values[i]);
    assert_true(from_read(X, strlen(X), address) && !strcmp(address, X));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(from_is_read_in_one_way_or_odd),
                                       cmocka_unit_test(narrow_reading_alone_refuses)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("From", tests, NULL, NULL);
}
