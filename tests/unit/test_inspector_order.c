/* SPDX-License-Identifier: Apache-2.0 */

/* A hint of a document decides where a message goes first and changes nothing that is found in it: every
 * message of the corpora through khatm-inspector and khatm-reader in turn, and through khatm-reader at once;
 * all that the findings say is compared, to the last field. What the hint goes by is in test_hint.c. */

#include "document_pairs.h"

#include <dirent.h>
#include <ftw.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 6 }; /* a process of a sanitized build takes some ten times as long to start */
#else
enum { STEP = 1 };
#endif

enum { EVASIONS_LEAST = 200, MIME_LEAST = 120, DOCUMENTS_LEAST = 400, FUZZED_LEAST = 10 };

static struct fixture *orders[2]; /* in turn, at once */

static void put_texts(struct buffer *out, const char *what, const char *const *texts)
{
    for (; texts && *texts; texts++)
        buffer_printf(out, " %s=%s", what, *texts);
}

static void put_bytes(struct buffer *out, const char *what, const uint8_t *bytes, size_t size)
{
    buffer_printf(out, " %s=", what);
    for (size_t i = 0; i < size; i++)
        buffer_printf(out, "%02x", bytes[i]);
}

static void put_part(struct buffer *out, const struct part_finding *part)
{
    const char *const texts[] = {part->name, part->declared, part->kind, part->why};
    buffer_printf(out, "%s flags=%x size=%llu level=%d,%u caveats=%x", part->path, part->flags,
                  (unsigned long long)part->size_bytes, part->has_level, part->level, part->caveats);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buffer_printf(out, " %zu:%s", i, texts[i] ? texts[i] : "-");
    if (part->has_sha256)
        put_bytes(out, "sha256", part->sha256, DIGEST_BYTES);
    if (part->has_text_sha256)
        put_bytes(out, "text", part->text_sha256, DIGEST_BYTES);
    if (part->sketch)
        put_bytes(out, "sketch", part->sketch, part->sketch_size);
    put_texts(out, "marking", part->markings);
    put_texts(out, "reference", part->references);
    buffer_puts(out, "\n");
}

static void put_all(struct buffer *out, const struct findings *findings)
{
    buffer_printf(out, "complete=%d (%s) from=%u odd=%d ambiguous=%d (%s) limits=%x marks=%d%d%d\n",
                  findings->complete, findings->incomplete_why ? findings->incomplete_why : "-",
                  findings->n_from, findings->from_odd, findings->ambiguous,
                  findings->ambiguous_why ? findings->ambiguous_why : "-", findings->limits, findings->resent,
                  findings->nested, findings->auto_forwarded);
    for (size_t i = 0; i < findings->n_parts; i++)
        put_part(out, &findings->parts[i]);
    for (size_t i = 0; i < findings->n_addresses; i++)
        buffer_printf(out, "address %u %s\n", (unsigned)findings->addresses[i].field,
                      findings->addresses[i].address);
}

/* What is in `fixture`, both ways. */
static void compare(const char *name)
{
    struct buffer told[2];
    struct fixture *first = orders[0], *second = orders[1];
    second->fd = first->fd;
    second->message = first->message;
    for (size_t i = 0; i < 2; i++) {
        buffer_init(&told[i], 0);
        put_all(&told[i], run(orders[i]));
        assert_false(told[i].failed);
    }
    bool same = !strcmp(buffer_text(&told[0]), buffer_text(&told[1]));
    if (!same)
        print_error("%s\n--- in turn\n%s--- at once\n%s", name, buffer_text(&told[0]), buffer_text(&told[1]));
    buffer_free(&told[0]);
    buffer_free(&told[1]);
    assert_true(same);
}

static void put_message(const char *path)
{
    static char bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: cannot be read", path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    rewrite(fixture, "");
    assert_true(fwrite(bytes, 1, size, fixture->message) == size);
}

static int is_file(const struct dirent *entry)
{
    return entry->d_type == DT_REG;
}

static int is_mail(const struct dirent *entry)
{
    return is_file(entry) && is_message(entry->d_name);
}

static size_t compare_folder(const char *folder, int (*wanted)(const struct dirent *entry), bool attached)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, wanted, alphasort);
    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (i % STEP == 0) {
            if (attached)
                put_file(entries[i]->d_name);
            else
                put_message(path);
            compare(path);
        }
        free(entries[i]);
    }
    free(entries);
    return (size_t)count;
}

static void messages_of_many_shapes(void **state)
{
    (void)state;
    assert_true(compare_folder(KHATM_SOURCE_DIR "/tests/corpus/mime", is_mail, false) >= MIME_LEAST);
    assert_true(compare_folder(KHATM_SOURCE_DIR "/tests/corpus/fuzz/inspector", is_file, false) >=
                FUZZED_LEAST);
}

static void documents_of_all_kinds(void **state)
{
    (void)state;
    assert_true(compare_folder(CORPUS, is_file, true) >= DOCUMENTS_LEAST);
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *walk)
{
    (void)about;
    (void)type;
    (void)walk;
    return remove(path);
}

static void documents_that_hide(void **state)
{
    char folder[] = "/tmp/khatm-unit-XXXXXX", command[512];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(command, sizeof command,
                   "/usr/bin/python3 -B " KHATM_SOURCE_DIR "/tests/evasion/write_rows.py %s", folder);
    assert_int_equal(system(command), 0);
    assert_true(compare_folder(folder, is_mail, false) >= EVASIONS_LEAST);
    assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int open_orders(void **state)
{
    static struct inspector_settings own;
    if (open_world(state) != 0)
        return -1;
    orders[0] = fixture;
    orders[1] = calloc(1, sizeof *orders[1]);
    own = settings;
    own.order = ORDER_AT_ONCE;
    settings.order = ORDER_IN_TURN;
    orders[1]->arena = arena_new(0);
    return inspector_new(&own, &orders[1]->inspector, NULL) == RESULT_OK ? 0 : -1;
}

static int close_orders(void **state)
{
    inspector_free(orders[1]->inspector);
    arena_free(orders[1]->arena);
    free(orders[1]);
    return close_world(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages_of_many_shapes),
                                       cmocka_unit_test(documents_of_all_kinds),
                                       cmocka_unit_test(documents_that_hide)};
    return cmocka_run_group_tests(tests, open_orders, close_orders);
}
