/* SPDX-License-Identifier: Apache-2.0 */

/* Every document of tests/corpus/readers through its reader, inside the real sandbox and under its limit of
 * memory, compared with NAME.expected beside it: a line for each thing that the reader says, as
 * reading_list.h has it, with the first characters of what is embedded. The reader is chosen as in the
 * program, by its bytes. The makers in the folders tell the rows. A document named "bomb-…" must be done
 * within BOMB_MS. */

#include "helper/sandbox.h"
#include "inspector/charset.h"
#include "inspector/document.h"
#include "inspector/kind.h"
#include "readers/readers.h"
#include "reading_list.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CORPUS KHATM_SOURCE_DIR "/tests/corpus/readers"

enum {
    FILE_MAX = 8 * 1024 * 1024,
    LIST_MAX = 48 * 1024 * 1024,
    SHOWN = 24,
    LINE_SHOWN = 160, /* bytes of a line; of what is longer, how many more there are */
    WALL_MS = 20 * 1000,
    BOMB_MS = 5 * 1000,
    ROWS_LEAST = 40,
};

static const uint64_t memory = (uint64_t)256 << 20;

/* What the child said, in memory that it shares with the test. */
struct answer {
    size_t size;
    char list[LIST_MAX];
};

struct row {
    char path[1024];
    const char *name;
    char *bytes, *expected;
    size_t size, expected_size;
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static struct sandbox *sandbox;
static struct kind *kind;
static struct answer *answer;
static unsigned rows, failures;

/* What the child says, lines of text put together. */
struct listing {
    struct buffer list;
    enum text_place place;
    bool in_line;
    size_t line_bytes;
};

static void end_line(struct listing *listing)
{
    if (listing->line_bytes > LINE_SHOWN)
        buffer_printf(&listing->list, "+%zu", listing->line_bytes - LINE_SHOWN);
    if (listing->in_line)
        buffer_puts(&listing->list, "\n");
    listing->in_line = false;
    listing->line_bytes = 0;
}

static void show_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    static const char *const places[] = {"body", "header", "footer", "title",   "cell",
                                         "note", "shape",  "hidden", "subject", "name"};
    struct listing *listing = context;
    if (place != listing->place)
        end_line(listing);
    listing->place = place;
    for (size_t i = 0; i < size; i++) {
        if (utf8[i] == '\n' || utf8[i] == '\r') {
            end_line(listing);
            continue;
        }
        if (!listing->in_line)
            buffer_printf(&listing->list, "%s: ", places[place]);
        listing->in_line = true;
        if (++listing->line_bytes > LINE_SHOWN)
            continue;
        if (utf8[i] == '\t' || utf8[i] == '\f')
            buffer_puts(&listing->list, utf8[i] == '\t' ? "\\t" : "\\f");
        else
            buffer_append(&listing->list, utf8 + i, 1);
    }
}

static void show_property(void *context, const char *name, const char *value)
{
    end_line(context);
    list_property(&((struct listing *)context)->list, name, value);
}

static void show_closed(void *context, const char *name, unsigned flags, const char *why)
{
    end_line(context);
    list_closed(&((struct listing *)context)->list, name, flags, why);
}

static void show_raise(void *context, unsigned flags, const char *why)
{
    end_line(context);
    list_raise(&((struct listing *)context)->list, flags, why);
}

static void show_kind(void *context, const char *type)
{
    end_line(context);
    list_kind(&((struct listing *)context)->list, type);
}

static void show_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    const char *text = bytes;
    struct buffer *list = &((struct listing *)context)->list;
    end_line(context);
    buffer_printf(list, "embedded %s %zu ", name ? name : "-", size);
    for (size_t i = 0; i < size && i < SHOWN; i++)
        buffer_append(list, text[i] > ' ' && text[i] < 0x7f ? &text[i] : ".", 1);
    buffer_puts(list, "\n");
}

static const struct reading_listener listener = {show_text,   show_property, show_embedded,
                                                 show_closed, show_raise,    show_kind};

/* In the child: never returns. */
static void read_caged(const struct row *row, const char *type)
{
    const struct sandbox_limits limits = {.memory_bytes = memory, .wall_ms = WALL_MS};
    struct listing listing = {.place = TEXT_BODY};
    struct budget budget;
    const struct reader *reader = reader_find(readers_all, type);
    buffer_init(&listing.list, LIST_MAX);
    if (sandbox_enter(sandbox, &limits) != RESULT_OK)
        _exit(126);
    budget_open(&budget, row->size, LISTED_ENTRIES, BUDGET_DEPTH_MAX, clock_monotonic_ms() + WALL_MS / 2);
    struct reading reading = {.bytes = row->bytes,
                              .size = row->size,
                              .kind = type,
                              .charset = "",
                              .name = row->name,
                              .budget = &budget,
                              .listener = &listener,
                              .context = &listing};
    if (reader)
        reader->read(&reading);
    else
        buffer_printf(&listing.list, "nobody reads %s\n", type);
    end_line(&listing);
    if (listing.list.failed)
        _exit(4);
    memcpy(answer->list, buffer_text(&listing.list), listing.list.size);
    answer->size = listing.list.size;
    _exit(0);
}

static char *read_whole(const char *path, size_t most, size_t *size_out)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(most + 1);
    if (!file || !bytes)
        fail_msg("%s: cannot be read", path);
    size_t size = fread(bytes, 1, most, file);
    (void)fclose(file);
    bytes[size] = '\0';
    *size_out = size;
    /* Of the exact size, so that a sanitizer sees a read behind it. */
    return realloc(bytes, size + 1);
}

/* The first line that differs. */
static void show_difference(const char *expected, const char *got)
{
    while (*expected && *got) {
        size_t a = strcspn(expected, "\n"), b = strcspn(got, "\n");
        if (a != b || memcmp(expected, got, a) != 0)
            break;
        expected += a + (expected[a] == '\n');
        got += b + (got[b] == '\n');
    }
    (void)fprintf(stderr, "# expected: %.*s\n# got:      %.*s\n", (int)strcspn(expected, "\n"), expected,
                  (int)strcspn(got, "\n"), got);
}

static void compare(const struct row *row, const char *type, int status, int64_t took_ms)
{
    bool same = answer->size == row->expected_size && !memcmp(answer->list, row->expected, answer->size);
    bool late = strncmp(row->name, "bomb-", 5) == 0 && took_ms > BOMB_MS;
    rows++;
    if (status == 0 && same && !late)
        return;
    failures++;
    print_message("# %s (%s)\n", row->path, type);
    if (WIFSIGNALED(status))
        print_message("# ended by signal %d\n", WTERMSIG(status));
    else if (status)
        print_message("# ended with %d\n", WEXITSTATUS(status));
    else if (late)
        print_message("# took %d ms\n", (int)took_ms);
    else
        show_difference(row->expected, answer->list);
}

static void read_row(struct row *row)
{
    const struct opener opener = {.kind_of = kind_of, .kind = kind};
    char type[INSPECT_TYPE_MAX + 1];
    (void)snprintf(type, sizeof type, "%s", document_kind(&opener, row->bytes, row->size, row->size));
    int64_t start_ms = clock_monotonic_ms();
    int status = 0;
    answer->size = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        read_caged(row, type);
    assert_int_equal(waitpid(child, &status, 0), child);
    answer->list[answer->size] = '\0';
    compare(row, type, status, clock_monotonic_ms() - start_ms);
}

static void read_folder(const char *folder)
{
    static const char suffix[] = ".expected";
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct row row;
        size_t length = strlen(entry->d_name);
        if (length < sizeof suffix || strcmp(entry->d_name + length - (sizeof suffix - 1), suffix) != 0 ||
            (SANITIZED && !strncmp(entry->d_name, "memory-", 7)))
            continue;
        (void)snprintf(row.path, sizeof row.path, "%s/%s", folder, entry->d_name);
        row.expected = read_whole(row.path, LIST_MAX - 1, &row.expected_size);
        row.path[strlen(row.path) - (sizeof suffix - 1)] = '\0';
        row.name = strrchr(row.path, '/') + 1;
        row.bytes = read_whole(row.path, FILE_MAX, &row.size);
        read_row(&row);
        free(row.bytes);
        free(row.expected);
    }
    (void)closedir(directory);
}

static void every_document_is_read_as_expected(void **state)
{
    (void)state;
    DIR *directory = opendir(CORPUS);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char folder[512];
        if (entry->d_name[0] == '.' || strchr(entry->d_name, '_') || strchr(entry->d_name, '.'))
            continue;
        (void)snprintf(folder, sizeof folder, "%s/%s", CORPUS, entry->d_name);
        read_folder(folder);
    }
    (void)closedir(directory);
    print_message("# %u documents\n", rows);
    assert_int_equal(failures, 0);
    assert_true(rows >= ROWS_LEAST);
}

static void try_strange(const struct reader *reader, const char *type, const char *start)
{
    char bytes[4096] = {0};
    int status = 0;
    memcpy(bytes, start, strlen(start));
    const struct row row = {.name = "a", .bytes = bytes, .size = sizeof bytes - 1};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        read_caged(&row, type);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status)
        fail_msg("%s, %s, %s: %x", reader->name, type, start, (unsigned)status);
}

/* What would make libarchive start lrzip, lzop, grzip or a decoder if that were not off, and bytes that are
 * nothing: whatever the reader takes them for, it must live. */
static void no_reader_starts_a_program(void **state)
{
    static const char *const starts[] = {"LRZI",
                                         "\x89LZO",
                                         "GRZipII",
                                         "begin 644 a\n#86)C\n`\nend\n",
                                         "\xed\xab\xee\xdb",
                                         "#mtree\n./a type=file\n",
                                         "PK\x03\x04",
                                         "PK\x05\x06",
                                         "7z\xbc\xaf\x27\x1c",
                                         "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                                         "{\\rtf1",
                                         "<?xml version=\"1.0\"?>"};
    (void)state;
    for (size_t i = 0; readers_all[i]; i++)
        for (const char *const *type = readers_all[i]->kinds; *type; type++)
            for (size_t k = 0; k < sizeof starts / sizeof *starts; k++)
                try_strange(readers_all[i], *type, starts[k]);
}

static int set_up(void **state)
{
    (void)state;
    struct problem problem;
    (void)setlocale(LC_ALL, "C.UTF-8");
    answer = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum result result = answer == MAP_FAILED ? RESULT_TRY_LATER : charset_load(&problem);
    for (size_t i = 0; readers_all[i] && result == RESULT_OK; i++)
        if (readers_all[i]->prepare)
            result = readers_all[i]->prepare(&problem);
    if (result == RESULT_OK)
        result = kind_new(&kind, &problem);
    return result == RESULT_OK && sandbox_new(&sandbox, &problem) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    kind_free(kind);
    sandbox_free(sandbox);
    charset_unload();
    (void)munmap(answer, sizeof *answer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_document_is_read_as_expected),
                                       cmocka_unit_test(no_reader_starts_a_program)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
