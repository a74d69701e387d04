/* SPDX-License-Identifier: Apache-2.0 */

/* Armour against the vectors of RFC 4648 and against gpg --dearmor, for every length around a line and a
 * block, in pieces of any size. */

#include "base/digest.h"
#include "base/fd.h"
#include "sealer/armour.h"

#include "gpg_home.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { ROOM = 1 << 20 };

struct world {
    struct gpg_home at;
    struct armour *armour;
    struct output output;
    uint8_t bytes[ROOM];
    char text[2 * ROOM];
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    if (!world || !gpg_home_open(&world->at))
        return -1;
    world->armour = armour_new();
    return world->armour && random_bytes(world->bytes, sizeof world->bytes) == RESULT_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *world = *state;
    armour_free(world->armour);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

/* Armours `size` bytes in pieces into world->text; its length. */
static size_t make(struct world *world, const uint8_t *bytes, size_t size, size_t piece)
{
    int fd = memfd_create("armour", MFD_CLOEXEC);
    assert_true(fd >= 0);
    output_begin(&world->output, fd);
    armour_begin(world->armour, &world->output);
    for (size_t at = 0; at < size; at += piece)
        armour_feed(world->armour, bytes + at, size - at < piece ? size - at : piece);
    armour_end(world->armour);
    assert_int_equal(output_flush(&world->output), RESULT_OK);
    ssize_t length = pread(fd, world->text, sizeof world->text - 1, 0);
    fd_close(&fd);
    assert_true(length > 0);
    assert_int_equal(length, world->output.total);
    world->text[length] = '\0';
    return (size_t)length;
}

static const struct {
    const char *name, *bytes, *lines; /* base64 and checksum line */
} vectors[] = {
    {"nothing", "", "=twTO\r\n"},
    {"f", "f", "Zg==\r\n"},
    {"fo", "fo", "Zm8=\r\n"},
    {"foo", "foo", "Zm9v\r\n"},
    {"foob", "foob", "Zm9vYg==\r\n"},
    {"fooba", "fooba", "Zm9vYmE=\r\n"},
    {"foobar", "foobar", "Zm9vYmFy\r\n"},
    {"one line", "012345678901234567890123456789012345678901234567012345678",
     "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3MDEyMzQ1Njc4\r\n="},
    {"a line and one", "0123456789012345678901234567890123456789012345670123456789",
     "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3MDEyMzQ1Njc4\r\nOQ==\r\n="},
};

static void vectors_match(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char expected[256];
        (void)make(world, (const uint8_t *)vectors[i].bytes, strlen(vectors[i].bytes), 5);
        (void)snprintf(expected, sizeof expected, "-----BEGIN PGP MESSAGE-----\r\n\r\n%s", vectors[i].lines);
        if (strncmp(world->text, expected, strlen(expected)) != 0)
            fail_msg("%s: %s", vectors[i].name, world->text);
        assert_non_null(strstr(world->text, "\r\n-----END PGP MESSAGE-----\r\n"));
    }
}

/* The octet-by-octet definition of RFC 4880, 6.1. */
static uint32_t plain_crc24(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0xb704ce;
    while (size--) {
        crc ^= (uint32_t)*bytes++ << 16;
        for (int i = 0; i < 8; i++) {
            crc <<= 1;
            if (crc & 0x1000000)
                crc ^= 0x1864cfb;
        }
    }
    return crc;
}

static unsigned value_of(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(alphabet, c);
    assert_non_null(at);
    return (unsigned)(at - alphabet);
}

static void checksum_is_the_rfc_s(void **state)
{
    struct world *world = *state;
    for (size_t size = 0; size < 300; size++) {
        uint32_t crc = 0;
        (void)make(world, world->bytes, size, 1 + size % 13);
        const char *sum = strstr(world->text, "\r\n=");
        assert_non_null(sum);
        for (int i = 0; i < 4; i++)
            crc = crc << 6 | value_of(sum[3 + i]);
        assert_int_equal(crc, plain_crc24(world->bytes, size));
    }
}

static void lines_are_short(void **state)
{
    struct world *world = *state;
    size_t length = make(world, world->bytes, ROOM, 65536);
    const char *line = world->text;
    for (const char *end; (end = strstr(line, "\r\n")); line = end + 2) {
        assert_true(end - line <= 76);
        for (const char *p = line; p < end; p++)
            assert_true(*p >= 0x20 && *p < 0x7f);
    }
    assert_int_equal(line - world->text, length);
}

static void gpg_reads_it_back(void **state)
{
    static const size_t sizes[] = {1,    2,    3,     56,    57,    58,    113,   114, 115,
                                   4095, 4096, 47880, 47881, 65535, 65536, 65537, ROOM};
    static const size_t pieces[] = {1, 56, 57, 58, 1000, 65536};
    struct world *world = *state;
    char path[128];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *first = NULL;
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            size_t length = make(world, world->bytes, sizes[i], pieces[p]);
            if (!first)
                first = strdup(world->text);
            assert_string_equal(world->text, first);
            assert_int_equal(length, strlen(first));
        }
        (void)snprintf(path, sizeof path, "%s/armour", world->at.directory);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        (void)fputs(first, file);
        assert_int_equal(fclose(file), 0);
        free(first);
        (void)snprintf(path, sizeof path, "%s/binary", world->at.directory);
        file = fopen(path, "wb");
        assert_non_null(file);
        (void)fwrite(world->bytes, 1, sizes[i], file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(shell(&world->at, "gpg --batch --dearmor <armour | cmp - binary"), 0);
    }
}

static void full_disk_is_told(void **state)
{
    struct world *world = *state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    output_begin(&world->output, fd);
    armour_begin(world->armour, &world->output);
    for (int i = 0; i < 4; i++)
        armour_feed(world->armour, world->bytes, ROOM);
    armour_end(world->armour);
    assert_int_equal(output_flush(&world->output), RESULT_TRY_LATER);
    fd_close(&fd);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(vectors_match),     cmocka_unit_test(checksum_is_the_rfc_s),
    cmocka_unit_test(lines_are_short),   cmocka_unit_test(gpg_reads_it_back),
    cmocka_unit_test(full_disk_is_told),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
