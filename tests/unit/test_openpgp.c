/* SPDX-License-Identifier: Apache-2.0 */

/* The reader of gpg's output: real ciphertexts pass; cut anywhere, changed in their structure or followed by
 * anything, they do not. Fed whole, byte by byte and in odd pieces, the answer is the same. */

#include "sealer/openpgp.h"

#include "gpg_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ROOM = 300 * 1024 };

struct sample {
    const char *name, *command;
    size_t n_key_ids;
    uint8_t *bytes;
    size_t size;
};

struct world {
    struct gpg_home at;
    struct openpgp *scan;
    struct sample *samples;
};

#define ENCRYPT "gpg --batch --quiet --trust-model always --no-encrypt-to --compress-algo none --encrypt "

#define TO_ALL_CURVES                                                                                        \
    "-r curve -r =nistp256 -r =nistp384 -r =nistp521 -r =brainpoolP256r1 -r =brainpoolP384r1 "               \
    "-r =brainpoolP512r1 -r =secp256k1"

/* What gpg writes: definite and partial lengths, session keys of each algorithm. */
static struct sample samples[] = {
    {"cv25519, 4 kB", "head -c 4096 /dev/urandom | " ENCRYPT "-r curve", 1, NULL, 0},
    {"rsa, 4 kB", "head -c 4096 /dev/urandom | " ENCRYPT "-r rsa", 1, NULL, 0},
    {"elgamal, empty", ENCRYPT "-r elgamal </dev/null", 1, NULL, 0},
    {"three recipients, 100 kB", "head -c 100000 /dev/urandom | " ENCRYPT "-r curve -r rsa -r elgamal", 3,
     NULL, 0},
    {"hidden, from a file",
     "head -c 9000 /dev/urandom >plain; " ENCRYPT "--throw-keyids -r curve -r rsa -o - plain", 2, NULL, 0},
    {"every curve, AES-128", ENCRYPT "--cipher-algo AES " TO_ALL_CURVES " </dev/null", 8, NULL, 0},
    {"every curve, AES-192", ENCRYPT "--cipher-algo AES192 " TO_ALL_CURVES " </dev/null", 8, NULL, 0},
    {"every curve, AES-256", ENCRYPT "--cipher-algo AES256 " TO_ALL_CURVES " </dev/null", 8, NULL, 0},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

/* What gpg 2.2 knows besides Curve25519. */
static const char *const curves[] = {"nistp256",        "nistp384",        "nistp521", "brainpoolP256r1",
                                     "brainpoolP384r1", "brainpoolP512r1", "secp256k1"};

static bool read_sample(const struct gpg_home *at, struct sample *sample)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/sample", at->directory);
    if (shell(at, "{ %s ; } >sample", sample->command) != 0)
        return false;
    FILE *file = fopen(path, "rb");
    sample->bytes = malloc(ROOM);
    if (file && sample->bytes)
        sample->size = fread(sample->bytes, 1, ROOM, file);
    if (file)
        (void)fclose(file);
    return sample->size > 0;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    char unused[41];
    *state = world;
    if (!world || !gpg_home_open(&world->at) ||
        !gpg_home_make_key(&world->at, "curve", "ed25519", "cv25519", "never", "", unused) ||
        !gpg_home_make_key(&world->at, "rsa", "rsa2048", "rsa2048", "never", "", unused) ||
        !gpg_home_make_key(&world->at, "elgamal", "ed25519", "elg1024", "never", "", unused))
        return -1;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (!gpg_home_make_key(&world->at, curves[i], curves[i], curves[i], "never", "", unused))
            return -1;
    world->scan = openpgp_new();
    world->samples = samples;
    for (size_t i = 0; i < SAMPLES; i++)
        if (!read_sample(&world->at, &samples[i]))
            return -1;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < SAMPLES; i++)
        free(samples[i].bytes);
    openpgp_free(world->scan);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

static bool passes(struct openpgp *scan, const uint8_t *bytes, size_t size, size_t piece)
{
    struct problem problem;
    openpgp_begin(scan);
    for (size_t at = 0; at < size; at += piece)
        (void)openpgp_feed(scan, bytes + at, size - at < piece ? size - at : piece);
    return openpgp_end(scan, &problem) == RESULT_OK;
}

static void whole_messages_pass(void **state)
{
    static const size_t pieces[] = {ROOM, 1, 7, 512, 4096};
    struct world *world = *state;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            size_t n = 0;
            print_message("# %s in pieces of %zu\n", samples[i].name, pieces[p]);
            assert_true(passes(world->scan, samples[i].bytes, samples[i].size, pieces[p]));
            const uint64_t *ids = openpgp_key_ids(world->scan, &n);
            assert_int_equal(n, samples[i].n_key_ids);
            assert_int_equal(ids[0] == 0, strncmp(samples[i].name, "hidden", 6) == 0);
            assert_int_equal(openpgp_size(world->scan), samples[i].size);
            assert_true(openpgp_data_size(world->scan) < samples[i].size);
        }
}

/* Fed in whatever pieces, the ids are told, and of the bytes nothing but them is changed. */
static void key_ids_are_taken_out(void **state)
{
    static const size_t pieces[] = {ROOM, 1, 7, 512};
    static uint8_t bytes[ROOM];
    struct world *world = *state;
    const struct sample *sample = &samples[3];
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        size_t n = 0, changed = 0;
        openpgp_begin(world->scan);
        memcpy(bytes, sample->bytes, sample->size);
        for (size_t at = 0; at < sample->size; at += pieces[p])
            assert_true(openpgp_feed_hiding(world->scan, bytes + at,
                                            sample->size - at < pieces[p] ? sample->size - at : pieces[p]));
        assert_null(openpgp_why(world->scan));
        const uint64_t *ids = openpgp_key_ids(world->scan, &n);
        assert_int_equal(n, 3);
        for (size_t i = 0; i < n; i++)
            for (size_t octet = 0; octet < 8; octet++)
                changed += (ids[i] >> 8 * octet & 255) != 0;
        for (size_t at = 0; at < sample->size; at++) {
            changed -= bytes[at] != sample->bytes[at];
            assert_true(bytes[at] == sample->bytes[at] || !bytes[at]);
        }
        assert_int_equal(changed, 0);
        assert_true(passes(world->scan, bytes, sample->size, ROOM));
        assert_int_equal(openpgp_key_ids(world->scan, &n)[2], 0);
    }
}

static void cut_anywhere_is_refused(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < SAMPLES; i++) {
        print_message("# %s\n", samples[i].name);
        size_t step = samples[i].size > 20000 ? 97 : 1;
        for (size_t size = 0; size < samples[i].size; size += step)
            assert_false(passes(world->scan, samples[i].bytes, size, ROOM));
        assert_false(passes(world->scan, samples[i].bytes, samples[i].size - 1, ROOM));
    }
}

static void anything_after_is_refused(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t *longer = malloc(2 * samples[i].size);
        assert_non_null(longer);
        memcpy(longer, samples[i].bytes, samples[i].size);
        memcpy(longer + samples[i].size, samples[i].bytes, samples[i].size);
        for (int octet = 0; octet < 256; octet++) {
            longer[samples[i].size] = (uint8_t)octet;
            assert_false(passes(world->scan, longer, samples[i].size + 1, ROOM));
        }
        longer[samples[i].size] = samples[i].bytes[0];
        assert_false(passes(world->scan, longer, 2 * samples[i].size, ROOM));
        free(longer);
    }
}

/* Every other value of every octet that is structure: the message is refused, or the key id differs from the
 * one wanted. What is left is the encrypted session key itself, which only the recipient can judge. */
static void changed_session_key_packets_show(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name;
        size_t sample, structure; /* octets of the first packet that are not number contents */
    } rows[] = {{"cv25519", 0, 2 + 10 + 2}, {"rsa", 1, 3 + 10 + 2}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct sample *sample = &samples[rows[r].sample];
        size_t n = 0;
        assert_true(passes(world->scan, sample->bytes, sample->size, ROOM));
        uint64_t wanted = openpgp_key_ids(world->scan, &n)[0];
        for (size_t at = 0; at < rows[r].structure; at++)
            for (int octet = 0; octet < 256; octet++) {
                uint8_t kept = sample->bytes[at];
                /* The same packet in other words: a new-format header, RSA's second number. */
                bool same = at == 0 ? octet == 0xc1 : kept == 1 && octet == 2 && rows[r].sample == 1;
                if (octet == kept || same)
                    continue;
                sample->bytes[at] = (uint8_t)octet;
                bool good = passes(world->scan, sample->bytes, sample->size, ROOM);
                good = good && openpgp_key_ids(world->scan, &n)[0] == wanted;
                sample->bytes[at] = kept;
                if (good)
                    fail_msg("%s: octet %zu may be %02x", rows[r].name, at, (unsigned)octet);
            }
    }
}

/* Hand-made messages. S: a session-key packet for key 1; D: the shortest data packet. */
#define S      "\xc1\x0e\x03\0\0\0\0\0\0\0\1\1\0\x09\x01\xff"
#define FILL32 "0123456789abcdef0123456789abcdef"
#define D      "\xd2\x21\1" FILL32

/* A session key for Curve25519, by AES-256: a point of 263 bits, then 48 octets. In these the octet 25 stands
 * 25 before their end. */
#define KEY_ID "\0\0\0\0\0\0\0\1"
#define WRAPPED                                                                                              \
    "\x30"                                                                                                   \
    "0123456789abcdef012345"                                                                                 \
    "\x19"                                                                                                   \
    "0123456789abcdef012345678"
#define ECDH(bits, point)    "\xc1\x5e\x03" KEY_ID "\x12\x01" bits point FILL32 WRAPPED
#define SIZE_OF_ECDH_MESSAGE (2 + 0x5e + sizeof D - 1)

static const struct {
    const char *name, *bytes;
    size_t size;
    bool good;
} rows[] = {
    {"Curve25519", ECDH("\x07", "\x40") D, SIZE_OF_ECDH_MESSAGE, true},
    /* A longer number that ends before an octet that counts what is left. */
    {"Curve25519, point longer by 23 octets", ECDH("\xbf", "\x40") D, SIZE_OF_ECDH_MESSAGE, false},
    {"Curve25519, point uncompressed", ECDH("\x03", "\x04") D, SIZE_OF_ECDH_MESSAGE, false},
    {"shortest", S D, sizeof S D - 1, true},
    {"nothing", "", 0, false},
    {"data for nobody", D, sizeof D - 1, false},
    {"session key alone", S, sizeof S - 1, false},
    {"data twice", S D D, sizeof S D D - 1, false},
    {"session key after data", S D S, sizeof S D S - 1, false},
    {"five-octet length", S "\xd2\xff\0\0\0\x21\1" FILL32, sizeof S + 7 + 32 - 1, true},
    {"five-octet length beyond the end", S "\xd2\xff\xff\xff\xff\xff\1" FILL32, sizeof S + 7 + 32 - 1, false},
    {"old format, two octets", S "\xc9" FILL32, sizeof S + 1 + 32 - 1, false},
    {"partial length too short at first", S "\xd2\xe5\1" FILL32 "\0", sizeof S + 3 + 32, false},
    {"session key in parts", "\xc1\xe3" S D, sizeof S D + 1, false},
    {"data of version 2", S "\xd2\x21\2" FILL32, sizeof S D - 1, false},
    {"data without MDC (tag 9)", S "\xc9\x21\1" FILL32, sizeof S D - 1, false},
    {"AEAD data (tag 20)", S "\xd4\x21\1" FILL32, sizeof S D - 1, true},
    {"data too short", S "\xd2\x05\1abcd", sizeof S + 7 - 1, false},
    {"empty data", S "\xd2\0", sizeof S + 2 - 1, false},
    {"passphrase packet first", "\xc3\x04\4\7\0\2" S D, sizeof S D + 6 - 1, false},
    {"marker packet first", "\xca\3PGP" S D, sizeof S D + 5 - 1, false},
    {"literal data in clear",
     "\xcb\x08"
     "b\0\0\0\0\0hi",
     10, false},
    {"armour", "-----BEGIN PGP MESSAGE-----\n", 28, false},
    {"session key of version 6", "\xc1\x0e\x06\0\0\0\0\0\0\0\1\1\0\x09\x01\xff" D, sizeof S D - 1, false},
    {"session key of unknown algorithm", "\xc1\x0e\x03\0\0\0\0\0\0\0\1\x19\0\x09\x01\xff" D, sizeof S D - 1,
     false},
    {"number with a wrong bit count", "\xc1\x0e\x03\0\0\0\0\0\0\0\1\1\0\x0a\x01\xff" D, sizeof S D - 1,
     false},
    {"number past its packet", "\xc1\x0e\x03\0\0\0\0\0\0\0\1\1\0\x11\x01\xff" D, sizeof S D - 1, false},
    {"number of no bits", "\xc1\x0e\x03\0\0\0\0\0\0\0\1\1\0\0\x01\xff" D, sizeof S D - 1, false},
    {"something behind the number", "\xc1\x0f\x03\0\0\0\0\0\0\0\1\1\0\x09\x01\xff\0" D, sizeof S D, false},
    {"packet without body", "\xc1\0" D, sizeof D + 1, false},
    {"old format without end", "\x87\x03" D, sizeof D + 1, false},
    {"old format, session key", "\x84\x0e\x03\0\0\0\0\0\0\0\1\1\0\x09\x01\xff" D, sizeof S D - 1, true},
    {"old format, session key, four octets", "\x86\0\0\0\x0e\x03\0\0\0\0\0\0\0\1\1\0\x09\x01\xff" D,
     sizeof S D + 2, true},
};

static void rows_say(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < ROOM; piece *= 3)
            if (passes(world->scan, (const uint8_t *)rows[i].bytes, rows[i].size, piece) != rows[i].good)
                fail_msg("%s in pieces of %zu: %s", rows[i].name, piece, rows[i].good ? "refused" : "passed");
}

/* More recipients than there is room for, and a data packet in very many parts: bounded, and the right
 * answer. */
static void limits_hold(void **state)
{
    struct world *world = *state;
    struct problem problem;
    static uint8_t part[513];
    for (int extra = 0; extra < 2; extra++) {
        openpgp_begin(world->scan);
        for (int i = 0; i < OPENPGP_RECIPIENTS_MAX + extra; i++)
            (void)openpgp_feed(world->scan, (const uint8_t *)S, sizeof S - 1);
        (void)openpgp_feed(world->scan, (const uint8_t *)D, sizeof D - 1);
        assert_int_equal(openpgp_end(world->scan, &problem), extra ? RESULT_BAD_INPUT : RESULT_OK);
    }
    openpgp_begin(world->scan);
    (void)openpgp_feed(world->scan, (const uint8_t *)S "\xd2", sizeof S);
    part[0] = 0xe9; /* 512 octets and more to come */
    for (int i = 0; i < 100000; i++) {
        part[1] = 1;
        assert_true(openpgp_feed(world->scan, part, sizeof part));
    }
    assert_int_equal(openpgp_end(world->scan, &problem), RESULT_BAD_INPUT);
    assert_true(openpgp_feed(world->scan, (const uint8_t *)"\0", 1));
    assert_int_equal(openpgp_end(world->scan, &problem), RESULT_OK);
    assert_int_equal(openpgp_data_size(world->scan), 512U * 100000U);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole_messages_pass),
    cmocka_unit_test(key_ids_are_taken_out),
    cmocka_unit_test(cut_anywhere_is_refused),
    cmocka_unit_test(anything_after_is_refused),
    cmocka_unit_test(changed_session_key_packets_show),
    cmocka_unit_test(rows_say),
    cmocka_unit_test(limits_hold),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
