/* SPDX-License-Identifier: Apache-2.0 */

/* The file of the keys of tickets: what is refused, and who may read it. */

#include "config/load.h"

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

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define KEY_A        "0f00000000000000000000000000000000000000000000000000000000000000"
#define KEY_B        "00000000000000000000000000000000000000000000000000000000000000ff"

static const struct row {
    const char *text;
    unsigned mode;
    const char *says;
} refused[] = {
    {"a " KEY_A "\n", 0644, ": everybody may read the keys of tickets: chmod 640 "},
    {"# none\n\n", 0600, ": no key at all"},
    {"", 0600, ": no key at all"},
    {"a " KEY_A "\na " KEY_B "\n", 0600, ":2: key a is there twice"},
    {"a " KEY_A "0\n", 0600, ":1: not a key of tickets"},
    {"A " KEY_A "\n", 0600, ":1: not a key of tickets"},
    {"a " KEY_A " b\n", 0600, ":1: not a key of tickets"},
    {"a\n", 0600, ":1: not a key of tickets"},
    {"a2345678901234567 " KEY_A "\n", 0600, ":1: not a key of tickets"},
    {"a " KEY_A "\nb " KEY_A "\nc " KEY_A "\nd " KEY_A "\ne " KEY_A "\n", 0600, ":5: more than 4 keys"},
};

static enum result load(struct arena *arena, const char *text, unsigned mode, struct config *config,
                        struct problem *problem)
{
    char path[] = "/tmp/khatm-test-keys-XXXXXX";
    struct source source;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
    memset(config, 0, sizeof *config);
    enum result result = source_read(arena, path, SOURCE_SMALL, true, NULL, &source, problem);
    if (result == RESULT_OK)
        result = load_tickets(arena, &source, config, problem);
    (void)unlink(path);
    return result;
}

static void what_is_wrong_is_named(void **state)
{
    struct config config;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct arena *arena = arena_new(0);
        struct problem problem = {""};
        assert_int_equal(load(arena, refused[i].text, refused[i].mode, &config, &problem), RESULT_BAD_INPUT);
        if (!strstr(problem.text, refused[i].says))
            fail_msg("expected '%s', got '%s'", refused[i].says, problem.text);
        arena_free(arena);
    }
}

static void nobody_else_writes_it(void **state)
{
    struct arena *arena = arena_new(0);
    struct config config;
    struct problem problem = {""};
    assert_int_equal(load(arena, "a " KEY_A "\n", 0660, &config, &problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "may be written by its group"));
    arena_free(arena);
}

static void keys_are_read_in_their_order(void **state)
{
    struct arena *arena = arena_new(0);
    struct config config;
    struct problem problem = {""};
    assert_int_equal(load(arena, "# x\nb " KEY_B "\r\n\n\ta\t" KEY_A, 0640, &config, &problem), RESULT_OK);
    assert_int_equal(config.tickets.n_keys, 2);
    assert_string_equal(config.tickets.keys[0].id, "b");
    assert_int_equal(config.tickets.keys[0].bytes[31], 0xff);
    assert_string_equal(config.tickets.keys[1].id, "a");
    assert_int_equal(config.tickets.keys[1].bytes[0], 0x0f);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(nobody_else_writes_it),
        cmocka_unit_test(keys_are_read_in_their_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("keys of tickets", tests, NULL, NULL);
}
