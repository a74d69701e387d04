/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are one public key, told from packets that are written out here. */

#include "sealer/key_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KEY         "\xc6\x02k1"
#define UID         "\xcd\x02u1"
#define SIG         "\xc2\x02s1"
#define SUB         "\xce\x02k2"
#define OLD         "\x98\x02k1" /* the same tag in an old header */
#define BYTES(text) text, sizeof text - 1

static const struct row {
    const char *name, *bytes;
    size_t size;
    const char *why; /* NULL: it is one */
} rows[] = {
    {"key, user id, subkey", BYTES(KEY UID SIG SUB SIG), NULL},
    {"old header", BYTES(OLD UID SIG), NULL},
    {"picture of its owner", BYTES(KEY UID SIG "\xd1\x02pp" SIG), NULL},
    {"length of two octets",
     BYTES("\xc6\xc0\x00" /* 192 */ "0123456789012345678901234567890123456789012345678901234567890123"
           "0123456789012345678901234567890123456789012345678901234567890123"
           "0123456789012345678901234567890123456789012345678901234567890123" UID SIG),
     NULL},
    {"nothing", BYTES(""), "empty"},
    {"text", BYTES("Bonjour"), "no OpenPGP public key"},
    {"two keys", BYTES(KEY UID SIG KEY UID SIG), "more than one key"},
    {"two keys, the second old", BYTES(KEY UID SIG OLD UID SIG), "more than one key"},
    {"secret key", BYTES("\xc5\x02k1" UID SIG), "secret"},
    {"secret key, old header", BYTES("\x94\x02k1" UID SIG), "secret"},
    {"secret subkey behind a public key", BYTES(KEY UID SIG "\xc7\x02k2" SIG), "secret"},
    {"secret key behind a public key", BYTES(KEY UID SIG "\xc5\x02k2"), "secret"},
    {"signature", BYTES(SIG), "a signature or a revocation"},
    {"user id first", BYTES(UID SIG KEY), "does not begin with a key"},
    {"message", BYTES("\xc1\x02k1\xd2\x02zz"), "no OpenPGP public key"},
    {"literal data behind it", BYTES(KEY UID SIG "\xcb\x02zz"), "more than a public key"},
    {"trust packet", BYTES(KEY "\xcc\x02tt" UID SIG), "more than a public key"},
    {"partial length", BYTES(KEY UID SIG "\xc2\xe0s\x01x"), "cut off or damaged"},
    {"partial length in the first", BYTES("\xc6\xe1kk\x01k" UID SIG), "no OpenPGP public key"},
    {"no length",
     BYTES("\x9b"
           "k1"),
     "no OpenPGP public key"},
    {"cut off", BYTES(KEY UID "\xc2\x05s1"), "cut off or damaged"},
    {"a byte behind it", BYTES(KEY UID SIG "\x01"), "cut off or damaged"},
    {"armour",
     BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgJrMc0CdTHCAnMx\n-----END PGP PUBLIC KEY BLOCK-----\n"),
     NULL},
    {"armour, CRLF",
     BYTES("\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\nComment: x\r\n\r\nxgJrMc0CdTHCAnMx\r\n"
           "-----END PGP PUBLIC KEY BLOCK-----\r\n\r\n"),
     NULL},
    {"armour of a message",
     BYTES("-----BEGIN PGP MESSAGE-----\n\nxgJrMc0CdTHCAnMx\n-----END PGP MESSAGE-----\n"),
     "no OpenPGP public key"},
    {"armour that ends as a message",
     BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgJrMc0CdTHCAnMx\n"
           "-----END PGP MESSAGE-----\n"),
     "not base64"},
    {"secret key in a public armour",
     BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxQJrMc0CdTHCAnMx\n"
           "-----END PGP PUBLIC KEY BLOCK-----\n"),
     "secret"},
    {"armour of a secret key beside it",
     BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgJrMc0CdTHCAnMx\n"
           "-----END PGP PUBLIC KEY BLOCK-----\n"
           "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
     "secret"},
    {"words before the armour",
     BYTES("see below\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgJrMc0CdTHCAnMx\n"
           "-----END PGP PUBLIC KEY BLOCK-----\n"),
     "does not begin as a public key"},
    {"armour without end", BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgJrMc0CdTHCAnMx\n"),
     "ends in the middle"},
};

static void files_are_judged(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct problem problem = {""};
        struct buffer key;
        buffer_init(&key, 0);
        enum result result =
            key_file_read((struct span){(const uint8_t *)rows[i].bytes, rows[i].size}, &key, &problem);
        if (result != (rows[i].why ? RESULT_BAD_INPUT : RESULT_OK) ||
            (rows[i].why && !strstr(problem.text, rows[i].why)))
            fail_msg("%s: %s: '%s'", rows[i].name, result_name(result), problem.text);
        buffer_free(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_are_judged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
