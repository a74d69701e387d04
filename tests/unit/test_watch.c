/* SPDX-License-Identifier: Apache-2.0 */

/* Changes of the configuration's files as khatmd sees them, with a clock of the test's own; and that no file
 * is read which is not looked at. */

#include "config/config.h"
#include "config/files.h"
#include "daemon/watch.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define AUTHORITY "authority = \"0123456789ABCDEF0123456789ABCDEF01234567\"\n"

enum { TEXT_MAX = 200000, PATH_ROOM = 300 };

static char folder[] = "/tmp/khatm-test-watch-XXXXXX";
static const struct {
    const char *name, *from;
} files[] = {
    {"khatm.conf", "contrib/khatm/khatm.conf"},
    {"government.domains", "policy/registry/government.domains"},
    {"khatm.rules", "policy/rules/khatm.rules"},
    {"lists/consumer.domains", "policy/lists/consumer.domains"},
    {"markings/markings", "policy/markings/markings"},
    {"markings/headings", "policy/markings/headings"},
    {"markings/references", "policy/markings/references"},
    {"markings/personal", "policy/markings/personal"},
    {"markings/labels", "policy/markings/labels"},
    {"notices/fr/replies", "policy/notices/fr/replies"},
    {"notices/en/replies", "policy/notices/en/replies"},
};

static const char *at(const char *name)
{
    static char paths[4][PATH_ROOM];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, PATH_ROOM, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *text, const char *mode)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void copy(const char *from, const char *to)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    write_file(to, text, "w");
}

/* Every test begins with the shipped files, a pinned authority, English replies and logins. */
static int fresh(void **state)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", KHATM_SOURCE_DIR, files[i].from);
        (void)unlink(at(files[i].name));
        copy(path, at(files[i].name));
    }
    write_file(at("khatm.conf"), AUTHORITY "logins = logins\n", "a");
    write_file(at("logins"), "agent: agent@interieur.gov.example\n", "w");
    write_file(at("government.domains.asc"), "signature\n", "w");
    write_file(at("authority.asc"), "key\n", "w");
    static char conf[PATH_ROOM];
    (void)snprintf(conf, sizeof conf, "%s", at("khatm.conf"));
    struct watch *watch = watch_new(conf);
    assert_int_equal(watch_note(watch), RESULT_OK);
    watch_accept(watch);
    *state = watch;
    return 0;
}

static int done(void **state)
{
    watch_free(*state);
    return 0;
}

static const char *const names[] = {"khatm.conf",         "government.domains", "government.domains.asc",
                                    "authority.asc",      "khatm.rules",        "lists/consumer.domains",
                                    "notices/fr/replies", "markings/labels",    "logins"};

/* From the first look at a change: unsettled until it was quiet for so long. */
static void assert_settles(struct watch *watch, int64_t begin_ms, int64_t quiet_ms)
{
    assert_int_equal(watch_look(watch, begin_ms), WATCH_UNSETTLED);
    assert_int_equal(watch_look(watch, begin_ms + quiet_ms - 1), WATCH_UNSETTLED);
    assert_int_equal(watch_look(watch, begin_ms + quiet_ms), WATCH_CHANGED);
}

static void nothing_changed(void **state)
{
    for (int64_t ms = 0; ms < 10000; ms += 1000)
        assert_int_equal(watch_look(*state, ms), WATCH_SAME);
}

static void every_file_counts(void **state)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_file(at(names[i]), "# more\n", "a");
        assert_settles(*state, 0, WATCH_QUIET_MS);
        assert_int_equal(watch_note(*state), RESULT_OK);
        assert_int_equal(watch_look(*state, 9000), WATCH_SAME);
    }
}

static void a_change_starts_the_wait_anew(void **state)
{
    write_file(at("khatm.rules"), "# one\n", "a");
    assert_int_equal(watch_look(*state, 1000), WATCH_UNSETTLED);
    write_file(at("khatm.rules"), "# two, half wri", "a");
    assert_int_equal(watch_look(*state, 1900), WATCH_UNSETTLED);
    assert_int_equal(watch_look(*state, 2800), WATCH_UNSETTLED);
    assert_int_equal(watch_look(*state, 2900), WATCH_CHANGED);
}

static void what_is_renamed_over_it_is_a_change(void **state)
{
    copy(at("khatm.rules"), at("beside"));
    assert_int_equal(watch_look(*state, 0), WATCH_SAME);
    assert_int_equal(rename(at("beside"), at("khatm.rules")), 0);
    assert_settles(*state, 1000, WATCH_QUIET_MS);
}

static void a_link_that_points_elsewhere_is_a_change(void **state)
{
    copy(at("khatm.rules"), at("one.rules"));
    copy(at("khatm.rules"), at("two.rules"));
    (void)unlink(at("khatm.rules"));
    assert_int_equal(symlink("one.rules", at("khatm.rules")), 0);
    assert_int_equal(watch_note(*state), RESULT_OK);
    assert_int_equal(watch_look(*state, 0), WATCH_SAME);
    assert_int_equal(symlink("two.rules", at("link")), 0);
    assert_int_equal(rename(at("link"), at("khatm.rules")), 0);
    assert_settles(*state, 1000, WATCH_QUIET_MS);
}

static void permissions_count(void **state)
{
    assert_int_equal(chmod(at("khatm.rules"), 0600), 0);
    assert_settles(*state, 1000, WATCH_QUIET_MS);
}

static void what_is_gone_is_waited_for_longer(void **state)
{
    (void)unlink(at("khatm.rules"));
    assert_settles(*state, 1000, WATCH_GONE_MS);
}

static void what_comes_back_is_waited_for_no_longer(void **state)
{
    copy(at("khatm.rules"), at("beside"));
    (void)unlink(at("khatm.rules"));
    assert_int_equal(watch_look(*state, 1000), WATCH_UNSETTLED);
    assert_int_equal(watch_look(*state, 4000), WATCH_UNSETTLED);
    assert_int_equal(rename(at("beside"), at("khatm.rules")), 0);
    assert_settles(*state, 4100, WATCH_QUIET_MS);
}

static void files_that_are_named_anew_are_looked_at(void **state)
{
    write_file(at("khatm.conf"), "rules = \"new.rules\"\n", "a");
    /* A setting given twice is wrong: then only khatm.conf itself can mend it. */
    assert_settles(*state, 0, WATCH_QUIET_MS);
    assert_int_equal(watch_note(*state), RESULT_OK);
    write_file(at("khatm.rules"), "# more\n", "a");
    assert_int_equal(watch_look(*state, 5000), WATCH_SAME);
    copy(KHATM_SOURCE_DIR "/contrib/khatm/khatm.conf", at("khatm.conf"));
    assert_settles(*state, 6000, WATCH_QUIET_MS);
    assert_int_equal(watch_note(*state), RESULT_OK);
    write_file(at("khatm.rules"), "# still more\n", "a");
    assert_settles(*state, 9000, WATCH_QUIET_MS);
}

static void half_a_pair_is_told_by_its_contents(void **state)
{
    struct watch *watch = *state;
    assert_false(watch_pair_is_half(watch));
    write_file(at("government.domains"), "# more\n", "a");
    assert_int_equal(watch_note(watch), RESULT_OK);
    assert_true(watch_pair_is_half(watch));
    write_file(at("government.domains.asc"), "more\n", "a");
    assert_int_equal(watch_note(watch), RESULT_OK);
    assert_false(watch_pair_is_half(watch));
    watch_accept(watch);
    copy(at("government.domains"), at("beside"));
    assert_int_equal(rename(at("beside"), at("government.domains")), 0); /* the same once more */
    write_file(at("government.domains.asc"), "other\n", "w");
    assert_int_equal(watch_note(watch), RESULT_OK);
    assert_true(watch_pair_is_half(watch));
    (void)unlink(at("government.domains.asc"));
    assert_int_equal(watch_note(watch), RESULT_OK);
    assert_true(watch_pair_is_half(watch));
}

static void without_authority_there_is_no_pair(void **state)
{
    copy(KHATM_SOURCE_DIR "/contrib/khatm/khatm.conf", at("khatm.conf"));
    assert_int_equal(watch_note(*state), RESULT_OK);
    watch_accept(*state);
    write_file(at("government.domains"), "# more\n", "a");
    assert_int_equal(watch_note(*state), RESULT_OK);
    assert_false(watch_pair_is_half(*state));
}

static enum result believe(const struct config_trust *trust, const struct config *config,
                           const struct registry_claim *claim, struct signature_times *times,
                           struct problem *problem)
{
    *times = (struct signature_times){0, 0, 0};
    return RESULT_OK;
}

static bool is_listed(const struct files *list, const char *directory, const char *name)
{
    char path[2 * PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/%s", at(directory), name);
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->paths[i], path) || (!*directory && !strcmp(list->paths[i], at(name))))
            return true;
    return false;
}

/* inotify(7) sees each open. */
static void nothing_is_read_that_is_not_looked_at(void **state)
{
    static const char *const directories[] = {"", "lists", "markings", "notices/fr", "notices/en"};
    _Alignas(struct inotify_event) char events[8192];
    int watches[5], seen = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    const struct config *config = NULL;
    struct problem problem = {""};
    struct files list;
    const struct config_trust trust = {.verify = believe, .is_guest = true};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < 5; i++)
        watches[i] = inotify_add_watch(seen, at(directories[i]), IN_OPEN);
    if (config_load_trusted(at("khatm.conf"), &trust, &config, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    ssize_t size = read(seen, events, sizeof events);
    assert_int_equal(files_list(at("khatm.conf"), arena, &list), RESULT_OK);
    size_t opened = 0;
    for (ssize_t at_byte = 0; at_byte < size;) {
        const struct inotify_event *event = (const struct inotify_event *)(events + at_byte);
        at_byte += (ssize_t)(sizeof *event + event->len);
        if (!event->len || event->mask & IN_ISDIR)
            continue;
        for (size_t i = 0; i < 5; i++)
            if (watches[i] == event->wd && !is_listed(&list, directories[i], event->name))
                fail_msg("%s/%s is read and not looked at", directories[i], event->name);
        opened++;
    }
    assert_int_equal(opened, list.n);
    config_unref(config);
    arena_free(arena);
    (void)close(seen);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    return remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_changed, fresh, done),
        cmocka_unit_test_setup_teardown(every_file_counts, fresh, done),
        cmocka_unit_test_setup_teardown(a_change_starts_the_wait_anew, fresh, done),
        cmocka_unit_test_setup_teardown(what_is_renamed_over_it_is_a_change, fresh, done),
        cmocka_unit_test_setup_teardown(a_link_that_points_elsewhere_is_a_change, fresh, done),
        cmocka_unit_test_setup_teardown(permissions_count, fresh, done),
        cmocka_unit_test_setup_teardown(what_is_gone_is_waited_for_longer, fresh, done),
        cmocka_unit_test_setup_teardown(what_comes_back_is_waited_for_no_longer, fresh, done),
        cmocka_unit_test_setup_teardown(files_that_are_named_anew_are_looked_at, fresh, done),
        cmocka_unit_test_setup_teardown(half_a_pair_is_told_by_its_contents, fresh, done),
        cmocka_unit_test_setup_teardown(without_authority_there_is_no_pair, fresh, done),
        cmocka_unit_test_setup_teardown(nothing_is_read_that_is_not_looked_at, fresh, done),
    };
    if (!mkdtemp(folder) || mkdir(at("lists"), 0700) != 0 || mkdir(at("notices"), 0700) != 0 ||
        mkdir(at("markings"), 0700) != 0 || mkdir(at("notices/fr"), 0700) != 0 ||
        mkdir(at("notices/en"), 0700) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return failed;
}
