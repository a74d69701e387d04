/* SPDX-License-Identifier: Apache-2.0 */

/* What a process hands back of the files it has mapped, and what it must not. */

#include "helper/pages.h"
#include "own_pages.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OTHER_ALLOCATOR 1
#elif defined(__has_feature)
#define OTHER_ALLOCATOR (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define OTHER_ALLOCATOR 0
#endif

/* BLOCK_BYTES: of the heap, and no mapping of its own. */
enum { BYTES = 1024 * 1024, BLOCKS = 256, BLOCK_BYTES = 32 * 1024, SORTED = 2000, RESTS = 200 };

static int file_of(char letter)
{
    char path[] = "/tmp/khatm-test-pages-XXXXXX", *bytes = malloc(BYTES);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && bytes);
    (void)unlink(path);
    memset(bytes, letter, BYTES);
    assert_int_equal(write(fd, bytes, BYTES), BYTES);
    free(bytes);
    return fd;
}

static char *map(int protection, int flags)
{
    int fd = file_of('a');
    char *bytes = mmap(NULL, BYTES, protection, flags, fd, 0);
    assert_true(bytes != MAP_FAILED);
    (void)close(fd);
    return bytes;
}

static bool all_are(const char *bytes, char letter)
{
    for (size_t i = 0; i < BYTES; i++)
        if (bytes[i] != letter)
            return false;
    return true;
}

/* The kB of a mapping that are in our memory. */
static unsigned long held_kb(const char *bytes)
{
    char line[4096], start[32];
    unsigned long kb = 0;
    bool here = false;
    FILE *smaps = fopen("/proc/self/smaps", "re");
    assert_non_null(smaps);
    (void)snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)bytes);
    while (fgets(line, sizeof line, smaps)) {
        if (strncmp(line, start, strlen(start)) == 0)
            here = true;
        else if (here && strncmp(line, "Rss:", 4) == 0) {
            kb = strtoul(line + 4, NULL, 10);
            break;
        }
    }
    (void)fclose(smaps);
    return kb;
}

/* Of the file that is mapped at `bytes`, as the kernel tells it, without folders. */
static void file_name(const char *bytes, char name[64])
{
    char line[4096], start[32];
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    (void)snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)bytes);
    name[0] = '\0';
    while (fgets(line, sizeof line, maps))
        if (strncmp(line, start, strlen(start)) == 0)
            (void)snprintf(name, 64, "%.*s", (int)strcspn(strrchr(line, '/') + 1, "\n"),
                           strrchr(line, '/') + 1);
    (void)fclose(maps);
    assert_true(name[0]);
}

static void what_was_only_read_is_handed_back(void **state)
{
    char *bytes = map(PROT_READ, MAP_PRIVATE);
    (void)state;
    assert_true(all_are(bytes, 'a'));
    assert_int_equal(held_kb(bytes), BYTES / 1024);
    pages_hand_back();
    assert_int_equal(held_kb(bytes), 0);
    assert_true(all_are(bytes, 'a'));
    (void)munmap(bytes, BYTES);
}

/* As relocated constants of programs are, and tables that a library sorts before it protects them. */
static void what_was_written_stays(void **state)
{
    char *bytes = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    (void)state;
    memset(bytes, 'b', BYTES);
    assert_int_equal(mprotect(bytes, BYTES, PROT_READ), 0);
    pages_hand_back();
    assert_true(all_are(bytes, 'b'));
    (void)munmap(bytes, BYTES);
}

static void one_page_that_was_written_keeps_them_all(void **state)
{
    char *bytes = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    (void)state;
    bytes[BYTES / 2] = 'b';
    assert_int_equal(mprotect(bytes, BYTES, PROT_READ), 0);
    pages_hand_back();
    assert_int_equal(bytes[BYTES / 2], 'b');
    (void)munmap(bytes, BYTES);
}

static void free_heap_and_code_are_given_back(void **state)
{
    char *blocks[BLOCKS];
    (void)state;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BLOCK_BYTES);
        assert_non_null(blocks[i]);
        memset(blocks[i], 'a', BLOCK_BYTES);
    }
    /* The last one stays, so that the heap cannot just be cut off behind it. */
    for (int i = 0; i < BLOCKS - 1; i++)
        free(blocks[i]);
    read_code();
    unsigned long heap_kb = own_kb("RssAnon:"), code_kb = own_kb("RssFile:");
    pages_rest();
    assert_true(own_kb("RssFile:") + BYTES / 2048 < code_kb);
    if (!OTHER_ALLOCATOR)
        assert_true(own_kb("RssAnon:") + BLOCKS * BLOCK_BYTES / 1024 * 3 / 4 < heap_kb);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        assert_int_equal(blocks[BLOCKS - 1][i], 'a');
    free(blocks[BLOCKS - 1]);
}

static void what_was_mapped_stays_as_it_is(void **state)
{
    char *read_only = map(PROT_READ, MAP_PRIVATE), *written = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *anonymous = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_true(anonymous != MAP_FAILED);
    memset(written, 'b', BYTES);
    memset(anonymous, 'c', BYTES);
    assert_int_equal(mprotect(written, BYTES, PROT_READ), 0);
    assert_int_equal(mprotect(anonymous, BYTES, PROT_READ), 0);
    pages_rest();
    assert_true(all_are(read_only, 'a'));
    assert_true(all_are(written, 'b'));
    assert_true(all_are(anonymous, 'c'));
    (void)munmap(read_only, BYTES);
    (void)munmap(written, BYTES);
    (void)munmap(anonymous, BYTES);
}

/* A file that a library has mapped and reads again and again. */
static void a_kept_file_is_handed_back_later_too(void **state)
{
    char *bytes = map(PROT_READ, MAP_PRIVATE);
    char name[64];
    (void)state;
    file_name(bytes, name);
    pages_keep(name);
    assert_true(all_are(bytes, 'a'));
    pages_rest();
    assert_int_equal(held_kb(bytes), 0);
    assert_true(all_are(bytes, 'a'));
    pages_keep(NULL);
    pages_rest();
    assert_true(held_kb(bytes) > 0);
    (void)munmap(bytes, BYTES);
}

static void a_kept_file_that_was_written_to_stays(void **state)
{
    char *bytes = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char name[64];
    (void)state;
    bytes[BYTES / 2] = 'b';
    assert_int_equal(mprotect(bytes, BYTES, PROT_READ), 0);
    file_name(bytes, name);
    pages_keep(name);
    pages_rest();
    assert_int_equal(bytes[BYTES / 2], 'b');
    pages_keep(NULL);
    (void)munmap(bytes, BYTES);
}

/* Another file takes the place of none: a name that is not there, and one that has it only as its end. */
static void no_other_file_is_taken_for_a_kept_one(void **state)
{
    char *bytes = map(PROT_READ, MAP_PRIVATE);
    char name[64];
    (void)state;
    file_name(bytes, name);
    assert_true(all_are(bytes, 'a'));
    pages_keep("no-such-file");
    pages_rest();
    assert_true(held_kb(bytes) > 0);
    pages_keep(name + 1);
    pages_rest();
    assert_true(held_kb(bytes) > 0);
    pages_keep(NULL);
    (void)munmap(bytes, BYTES);
}

static void only_beside_what_is_large(void **state)
{
    (void)state;
    read_code();
    unsigned long code_kb = own_kb("RssFile:");
    pages_rest_beside(PAGES_LARGE_BYTES - 1);
    assert_true(own_kb("RssFile:") + BYTES / 2048 > code_kb);
    pages_rest_beside(PAGES_LARGE_BYTES);
    assert_true(own_kb("RssFile:") + BYTES / 2048 < code_kb);
}

/* To find what to hand back means to read the start of each library. */
static void what_was_read_to_hand_back_goes_too(void **state)
{
    char line[4096];
    char *start = NULL;
    FILE *maps = fopen("/proc/self/maps", "re");
    (void)state;
    assert_non_null(maps);
    while (!start && fgets(line, sizeof line, maps))
        if (strstr(line, "/libcmocka"))
            start = (char *)strtoul(line, NULL, 16); /* NOLINT(performance-no-int-to-ptr) */
    (void)fclose(maps);
    assert_non_null(start);
    pages_rest();
    assert_int_equal(held_kb(start), 0);
}

static atomic_bool rested;

static int compare(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;
    return (a > b) - (a < b);
}

/* NULL: all went well. */
static void *sort_meanwhile(void *context)
{
    while (!atomic_load(&rested)) {
        int *numbers = malloc(SORTED * sizeof *numbers);
        for (int i = 0; numbers && i < SORTED; i++)
            numbers[i] = i * 7919 % SORTED;
        if (numbers)
            qsort(numbers, SORTED, sizeof *numbers, compare);
        for (int i = 0; numbers && i < SORTED; i++)
            if (numbers[i] != i)
                return context;
        free(numbers);
    }
    return NULL;
}

static void other_threads_do_not_notice(void **state)
{
    pthread_t threads[3];
    void *failed = NULL;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sort_meanwhile, &rested), 0);
    for (int i = 0; i < RESTS; i++)
        pages_rest();
    atomic_store(&rested, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_only_read_is_handed_back),
        cmocka_unit_test(what_was_written_stays),
        cmocka_unit_test(one_page_that_was_written_keeps_them_all),
        cmocka_unit_test(free_heap_and_code_are_given_back),
        cmocka_unit_test(what_was_mapped_stays_as_it_is),
        cmocka_unit_test(a_kept_file_is_handed_back_later_too),
        cmocka_unit_test(a_kept_file_that_was_written_to_stays),
        cmocka_unit_test(no_other_file_is_taken_for_a_kept_one),
        cmocka_unit_test(only_beside_what_is_large),
        cmocka_unit_test(what_was_read_to_hand_back_goes_too),
        cmocka_unit_test(other_threads_do_not_notice),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
