/* SPDX-License-Identifier: Apache-2.0 */
/* The last registry accepted: it comes back as it was written, and what is not whole never does. */
#include "base/fd.h"
#include "config/kept.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define AUTHORITY "0123456789ABCDEF0123456789ABCDEF01234567"

enum { FILE_ROOM = 4096 };

static const char registry[] = "serial = 7\ndomain \"x.gov.example\" { }\n";
static const char signature[] = "\x88\x75\x04\0\n\0\xff";
static char top[] = "/tmp/khatm-unit-XXXXXX", state[64], path[96];

static void keep(void)
{
    const struct kept kept = {.authority = AUTHORITY,
                              .serial = 4000000000,
                              .registry = {"r", registry, sizeof registry - 1},
                              .signature = {"s", signature, sizeof signature - 1}};
    struct problem problem = {""};
    if (kept_write(state, &kept, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
}

static size_t load(char *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, bytes, FILE_ROOM);
    fd_close(&fd);
    assert_true(size > 0 && size < FILE_ROOM);
    return (size_t)size;
}

static void store(const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(fd_write_all(fd, bytes, size), RESULT_OK);
    fd_close(&fd);
}

static enum result read_back(struct problem *problem)
{
    struct kept kept;
    struct arena *arena = arena_new(0);
    enum result result = kept_read(arena, state, &kept, problem);
    if (result == RESULT_OK) {
        assert_int_equal(kept.serial, 4000000000);
        assert_string_equal(kept.authority, AUTHORITY);
        assert_int_equal(kept.registry.size, sizeof registry - 1);
        assert_memory_equal(kept.registry.text, registry, sizeof registry);
        assert_int_equal(kept.signature.size, sizeof signature - 1);
        assert_memory_equal(kept.signature.text, signature, sizeof signature - 1);
    }
    arena_free(arena);
    return result;
}

static void it_comes_back(void **unused)
{
    struct problem problem = {""};
    struct stat status;
    assert_int_equal(read_back(&problem), RESULT_NOT_FOUND);
    keep();
    keep(); /* over the one before */
    assert_int_equal(read_back(&problem), RESULT_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(state, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void what_is_cut_or_longer_does_not(void **unused)
{
    char bytes[FILE_ROOM];
    struct problem problem = {""};
    keep();
    size_t size = load(bytes);
    bytes[size] = 'x';
    for (size_t i = 0; i <= size + 1; i++) {
        store(bytes, i);
        if (read_back(&problem) != (i == size ? RESULT_OK : RESULT_BAD_INPUT))
            fail_msg("%zu bytes of %zu", i, size);
    }
    assert_non_null(strstr(problem.text, "is damaged, so nobody knows the last serial: "));
}

static void no_byte_of_head_or_registry_changes_unseen(void **unused)
{
    char bytes[FILE_ROOM];
    struct problem problem = {""};
    keep();
    size_t size = load(bytes), covered = size - (sizeof signature - 1);
    const char *serial = strstr(bytes, "\nserial ");
    assert_non_null(serial);
    for (size_t i = 0; i < covered; i++) {
        /* Authority and serial are texts of their own: another value is another value. */
        bool own = &bytes[i] >= strstr(bytes, AUTHORITY) && &bytes[i] < strstr(bytes, "sha256");
        bytes[i] ^= 1;
        store(bytes, size);
        bytes[i] ^= 1;
        if (!own && read_back(&problem) == RESULT_OK)
            fail_msg("byte %zu", i);
    }
}

static void it_says_where_it_cannot_be_kept(void **unused)
{
    const struct kept kept = {.authority = AUTHORITY, .registry = {"r", "", 0}, .signature = {"s", "", 0}};
    struct problem problem = {""};
    assert_int_equal(kept_write("/nowhere/at/all", &kept, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "/nowhere/at/all: cannot be made: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(what_is_cut_or_longer_does_not),
        cmocka_unit_test(no_byte_of_head_or_registry_changes_unseen),
        cmocka_unit_test(it_says_where_it_cannot_be_kept),
    };
    if (!mkdtemp(top))
        return 1;
    (void)snprintf(state, sizeof state, "%s/state", top);
    (void)snprintf(path, sizeof path, "%s/registry.accepted", state);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests_name("kept", tests, NULL, NULL);
    (void)unlink(path);
    (void)rmdir(state);
    (void)rmdir(top);
    return failed;
}
