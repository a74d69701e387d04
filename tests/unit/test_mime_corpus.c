/* SPDX-License-Identifier: Apache-2.0 */

/* Every message of tests/corpus/mime through the real khatm-inspector, compared with what stands beside it.
 * The format is told in tests/corpus/mime/make, which writes both. */

#include "base/buffer.h"
#include "base/fd.h"
#include "inspect/inspector.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define CORPUS KHATM_SOURCE_DIR "/tests/corpus/mime/"

enum { ROWS_LEAST = 120, EXPECTED_MAX = 4096 };

static const struct inspector_settings settings = {.program = KHATM_BUILD_DIR "/khatm-inspector",
                                                   .reader = KHATM_BUILD_DIR "/khatm-reader",
                                                   .workers = 2,
                                                   .deadline_ms = 20 * 1000,
                                                   .memory = (uint64_t)256 << 20,
                                                   .depth = 64,
                                                   .parts = 1000};

static void put_flags(struct buffer *text, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *letter;
    } letters[] = {{PART_DOCUMENT, "D"},  {PART_UNREAD, "U"},    {PART_OPAQUE, "O"},
                   {PART_AMBIGUOUS, "A"}, {PART_SIGNATURE, "S"}, {PART_NESTED, "N"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (flags & letters[i].flag)
            buffer_puts(text, letters[i].letter);
    if (!flags)
        buffer_puts(text, "-");
}

static void put_findings(struct buffer *text, const struct findings *findings)
{
    buffer_puts(text, findings->complete ? "message" : "message incomplete");
    if (findings->n_from != 1)
        buffer_printf(text, " from=%u", findings->n_from);
    buffer_puts(text, findings->from_odd ? " odd" : "");
    buffer_puts(text, findings->ambiguous ? " ambiguous" : "");
    buffer_puts(text, findings->resent ? " resent" : "");
    buffer_puts(text, findings->nested ? " nested" : "");
    buffer_puts(text, findings->auto_forwarded ? " forwarded\n" : "\n");
    for (size_t i = 0; i < findings->n_parts; i++) {
        const struct part_finding *part = &findings->parts[i];
        buffer_printf(text, "%s ", part->path);
        put_flags(text, part->flags);
        buffer_printf(text, " %s", part->kind ? part->kind : "?");
        if (part->name)
            buffer_printf(text, " \"%s\"", part->name);
        buffer_puts(text, "\n");
    }
    for (size_t i = 0; i < findings->n_addresses; i++)
        if (findings->addresses[i].field == ADDRESS_REPLY)
            buffer_printf(text, "reply %s\n", findings->addresses[i].address);
        else if (findings->addresses[i].field == ADDRESS_FROM &&
                 strstr(findings->addresses[i].address, "xn--"))
            buffer_printf(text, "from %s\n", findings->addresses[i].address);
}

static bool is_message(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && !strcmp(dot, ".eml");
}

static int keep(const struct dirent *entry)
{
    return is_message(entry);
}

static void read_expected(const char *message, char expected[EXPECTED_MAX])
{
    char path[512];
    int stem = (int)(strrchr(message, '.') - message);
    (void)snprintf(path, sizeof path, CORPUS "%.*s.expected", stem, message);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s: missing", path);
    size_t size = fread(expected, 1, EXPECTED_MAX - 1, file);
    expected[size] = '\0';
    (void)fclose(file);
}

/* A document without a digest could not be found again; a "why" tells the admin. */
static const char *what_is_missing(const struct findings *findings)
{
    for (size_t i = 0; i < findings->n_parts; i++) {
        const struct part_finding *part = &findings->parts[i];
        bool raw = strchr(part->path, ':') != NULL;
        if ((part->flags & PART_DOCUMENT) && !raw && !part->has_sha256)
            return "a document without a digest";
        if ((part->flags & PART_DOCUMENT) && !part->why)
            return "a document without a reason";
    }
    return findings->ambiguous && !findings->ambiguous_why ? "ambiguous without a reason" : NULL;
}

static bool row_is_right(struct inspector *inspector, const char *name)
{
    char path[512], expected[EXPECTED_MAX];
    struct findings *findings = NULL;
    struct problem problem = {{0}};
    struct stat about;
    struct buffer text;
    struct arena *arena = arena_new(0);
    (void)snprintf(path, sizeof path, CORPUS "%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &about) == 0);
    if (inspector_run(inspector, fd, (uint64_t)about.st_size, arena, &findings, &problem) != RESULT_OK)
        fail_msg("%s: %s", name, problem.text);
    buffer_init(&text, 0);
    put_findings(&text, findings);
    read_expected(name, expected);
    bool right = !strcmp(buffer_text(&text), expected);
    if (!right)
        fprintf(stderr, "%s:\n--- expected\n%s--- got (%s; %s)\n%s\n", name, expected,
                findings->incomplete_why ? findings->incomplete_why : "",
                findings->ambiguous_why ? findings->ambiguous_why : "", buffer_text(&text));
    const char *missing = what_is_missing(findings);
    if (missing)
        fprintf(stderr, "%s: %s\n", name, missing);
    buffer_free(&text);
    arena_free(arena);
    fd_close(&fd);
    return right && !missing;
}

static void every_message_is_found_to_be_what_it_is(void **state)
{
    (void)state;
    struct inspector *inspector = NULL;
    struct problem problem = {{0}};
    struct dirent **rows = NULL;
    int wrong = 0, count = scandir(CORPUS, &rows, keep, alphasort);
    if (inspector_new(&settings, &inspector, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    for (int i = 0; i < count; i++) {
        wrong += !row_is_right(inspector, rows[i]->d_name);
        free(rows[i]);
    }
    free(rows);
    inspector_free(inspector);
    assert_true(count >= ROWS_LEAST);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_message_is_found_to_be_what_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
