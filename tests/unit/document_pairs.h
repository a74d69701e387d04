/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_DOCUMENT_PAIRS_H
#define KHATM_TESTS_DOCUMENT_PAIRS_H

/* Files of tests/corpus/documents through the real helper programs, attached to a message (NAME.eml: as the
 * message), compared with a table beside them. A row is a test. Include in one file of a program. */

#include "base/buffer.h"
#include "cases.h"
#include "inspector_fixture.h"
#include "markings_world.h"
#include "policy/names.h"

#include <openssl/evp.h>

#define CORPUS KHATM_SOURCE_DIR "/tests/corpus/documents/files/"

enum { ROWS_MAX = 2000, FILE_MAX = 1 << 20, WORDS_MAX = 64, LINE_BYTES = 57 };

static const char top[] = "From: agent@interieur.gov.example\r\nTo: x@gmail.com\r\nSubject: Document\r\n"
                          "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
                          "--b\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n--b\r\n";

static struct markings_world world;
static struct fixture *fixture;
static struct case_row rows[ROWS_MAX];

static inline bool is_message(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && !strcmp(dot, ".eml");
}

static inline void put_encoded(const unsigned char *bytes, size_t size)
{
    unsigned char line[LINE_BYTES * 2];
    for (size_t at = 0; at < size; at += LINE_BYTES) {
        size_t left = size - at;
        (void)EVP_EncodeBlock(line, bytes + at, (int)(left < LINE_BYTES ? left : LINE_BYTES));
        (void)fprintf(fixture->message, "%s\r\n", (const char *)line);
    }
}

/* What is done to files before they are sent; share: of the file, a hundredth. */
static enum { SPOIL_NOT, SPOIL_CUT, SPOIL_FLIP } spoil;
static size_t spoil_share;

static inline size_t spoiled(unsigned char *bytes, size_t size)
{
    size_t at = size * spoil_share / 100;
    if (spoil == SPOIL_FLIP)
        for (size_t i = at; i < size && i < at + 4; i++)
            bytes[i] ^= 0x55;
    return spoil == SPOIL_CUT && at > 8 ? at : size;
}

/* The name says nothing, so that the bytes must. */
static inline void put_file(const char *name)
{
    static unsigned char bytes[FILE_MAX];
    char path[1024];
    (void)snprintf(path, sizeof path, CORPUS "%s", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: cannot be read", path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_true(size > 0 && size < sizeof bytes);
    size = spoiled(bytes, size);
    rewrite(fixture, "");
    if (is_message(name)) {
        assert_true(fwrite(bytes, 1, size, fixture->message) == size);
        return;
    }
    put(fixture, top);
    put(fixture, "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                 "Content-Disposition: attachment; filename=\"piece\"\r\n\r\n");
    put_encoded(bytes, size);
    put(fixture, "--b--\r\n");
}

/* Words of one sort, each once. */
struct words {
    char *word[WORDS_MAX];
    size_t n;
};

static inline int in_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void add(struct words *words, const char *text, size_t size)
{
    assert_true(words->n < WORDS_MAX);
    char *word = strndup(text, size);
    for (size_t i = 0; i < words->n; i++)
        if (!strcmp(words->word[i], word)) {
            free(word);
            return;
        }
    words->word[words->n++] = word;
}

static inline void show(struct buffer *out, struct words *words, const char *format)
{
    qsort(words->word, words->n, sizeof *words->word, in_order);
    for (size_t i = 0; i < words->n; i++) {
        buffer_puts(out, format[0] == '[' ? " [" : " ref ");
        buffer_puts(out, words->word[i]);
        buffer_puts(out, format[0] == '[' ? "]" : "");
        free(words->word[i]);
    }
}

/* Of the attachment and what is packed in it; a message's own text is its part 1. */
struct summary {
    unsigned flags, level, caveats;
    bool has_level;
    const char *kind;
    struct words references, markings;
};

static inline void sum_up(const struct findings *findings, const char *part, struct summary *summary)
{
    for (size_t i = 0; i < findings->n_parts; i++) {
        const struct part_finding *found = &findings->parts[i];
        if (strncmp(found->path, part, strlen(part)) != 0)
            continue;
        if (!strcmp(found->path, part))
            summary->kind = found->kind;
        summary->flags |= found->flags;
        summary->has_level |= found->has_level;
        summary->caveats |= found->caveats;
        if (found->has_level && found->level > summary->level)
            summary->level = found->level;
        for (const char *const *one = found->references; one && *one; one++)
            add(&summary->references, *one, strlen(*one));
        /* Where it stood is for the reader: formats differ in what is header, line or box. */
        for (const char *const *one = found->markings; one && *one; one++) {
            const char *place = strstr(*one, " (");
            add(&summary->markings, *one, place ? (size_t)(place - *one) : strlen(*one));
        }
    }
}

static inline void tell(struct summary *summary, struct buffer *out)
{
    char caveats[128] = "";
    const char *what = summary->flags & PART_UNREAD     ? "unread"
                       : summary->flags & PART_DOCUMENT ? "document"
                                                        : "conversation";
    buffer_printf(out, "%s%s %s", what, summary->flags & PART_AMBIGUOUS ? " ambiguous" : "",
                  summary->kind ? summary->kind : "?");
    size_t before = out->size;
    if (summary->has_level)
        buffer_printf(out, " %u", summary->level);
    if (summary->caveats) {
        caveat_names(summary->caveats, caveats, sizeof caveats);
        buffer_printf(out, " %s", caveats);
    }
    show(out, &summary->references, "ref");
    show(out, &summary->markings, "[");
    if (out->size == before)
        buffer_puts(out, " nothing");
}

static inline void pair_row(void **state)
{
    const struct case_row *row = *state;
    struct summary summary = {0};
    struct buffer told;
    put_file(row->given);
    const struct findings *findings = run(fixture);
    if (!findings->complete)
        fail_msg("%s: incomplete: %s", row->given, findings->incomplete_why);
    sum_up(findings, is_message(row->given) ? "1" : "2", &summary);
    buffer_init(&told, 0);
    tell(&summary, &told);
    bool right = !strcmp(buffer_text(&told), row->expected);
    if (!right)
        print_error("%s: found '%s', expected '%s'\n", row->given, buffer_text(&told), row->expected);
    buffer_free(&told);
    assert_true(right);
}

static inline int open_world(void **state)
{
    markings_world_open(&world);
    settings.pack = world.bytes;
    settings.pack_size = world.size;
    return set_up((void **)&fixture);
}

static inline int close_world(void **state)
{
    int result = tear_down((void **)&fixture);
    markings_world_close(&world);
    return result;
}

/* The rows of tests/corpus/documents/TABLE.cases; *quiet_out: how many of them show nothing. */
static inline size_t pairs_read(const char *table, struct CMUnitTest *tests, size_t *quiet_out)
{
    size_t n = case_read_in("corpus/documents", table, rows, 0, ROWS_MAX);
    *quiet_out = 0;
    for (size_t i = 0; i < n; i++) {
        const char *end = rows[i].expected + strlen(rows[i].expected);
        *quiet_out += end - rows[i].expected > 7 && !strcmp(end - 7, "nothing");
        tests[i] =
            (struct CMUnitTest){.name = rows[i].given, .test_func = pair_row, .initial_state = &rows[i]};
    }
    return n;
}

#endif
