/* SPDX-License-Identifier: Apache-2.0 */
/* An admin's texts of replies, as a file of an earlier version has them, beside those in the program. */
#include "config/shipped.h"
#include "policy/names.h"
#include "policy/notices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct arena *arena;
    struct notices *notices;
    const char *warning;
};

static void complete(struct world *world, const char *language, const char *text)
{
    world->arena = arena_new(0);
    world->notices = notices_new();
    assert_true(world->arena && world->notices);
    assert_int_equal(notices_parse(world->notices, language, text, strlen(text), NULL), POLICY_OK);
    assert_int_equal(shipped_complete(world->arena, "replies", language, world->notices, &world->warning),
                     RESULT_OK);
    assert_int_equal(notices_missing(world->notices, language, REASON_NONE), REASON_NONE);
}

static void forget(struct world *world)
{
    notices_free(world->notices);
    arena_free(world->arena);
}

static const char *what(const struct world *world, const char *language, const char *key)
{
    return notices_find(world->notices, language, key)->what;
}

static void a_reason_without_a_text_has_the_shipped_one(void **state)
{
    struct world world;
    complete(&world, "fr", "[CONSUMER]\nwhat: ours\nremedy: ours\n");
    assert_string_equal(what(&world, "fr", "CONSUMER"), "ours");
    assert_non_null(strstr(what(&world, "fr", "UNLISTED"), "n'est pas"));
    assert_non_null(strstr(what(&world, "fr", "NO-KEY.expired"), "{since}"));
    assert_memory_equal(world.warning, "replies: no text for [RECIPIENT], [LOOKALIKE], [SENDER], ", 56);
    assert_non_null(
        strstr(world.warning, ", [INTERNAL]: what this version ships serves: add what: and remedy:"));
    assert_null(strstr(world.warning, "CONSUMER"));
    forget(&world);
    complete(&world, "en", "");
    assert_non_null(strstr(what(&world, "en", "UNLISTED"), "is not in the registry"));
    forget(&world);
}

/* The shipped refinement of a reason that the file has would not fit the file's own words. */
static void a_reason_with_a_text_keeps_it_whole(void **state)
{
    struct world world;
    complete(&world, "fr",
             "[NO-KEY]\nwhat: ours\nremedy: ours\n[LEVEL.service]\nwhat: a machine\nremedy: ours\n");
    assert_string_equal(what(&world, "fr", "NO-KEY.expired"), "ours");
    assert_string_equal(what(&world, "fr", "LEVEL.service"), "a machine");
    assert_non_null(strstr(what(&world, "fr", "LEVEL"), "({level})"));
    assert_null(strstr(world.warning, "NO-KEY"));
    forget(&world);
}

static void what_is_shipped_lacks_nothing(void **state)
{
    static const char *const languages[] = {"fr", "en"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        char path[600], text[20000];
        struct world world;
        (void)snprintf(path, sizeof path, "%s/policy/notices/%s/replies", KHATM_SOURCE_DIR, languages[i]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        (void)fclose(file);
        complete(&world, languages[i], text);
        assert_null(world.warning);
        forget(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_without_a_text_has_the_shipped_one),
        cmocka_unit_test(a_reason_with_a_text_keeps_it_whole),
        cmocka_unit_test(what_is_shipped_lacks_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("shipped replies", tests, NULL, NULL);
}
