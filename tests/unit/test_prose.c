/* SPDX-License-Identifier: Apache-2.0 */

/* No marking, no letterhead and no list of persons is found in what people write about anything else:
 * tests/prose/collect gives it from the packages of this machine. Each text is read as a document, and as the
 * text of a mail with the line ends of mail. */

#include "inspector/markings.h"
#include "inspector/normal.h"
#include "inspector/text_sink.h"
#include "markings_world.h"
#include "policy/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define BYTES_A_KIND "500000"
enum { TEXTS_LEAST = 500 };
#else
#define BYTES_A_KIND "8000000"
enum { TEXTS_LEAST = 5000 };
#endif

enum { NAME_MAX_BYTES = 400, REFERENCES_MOST = 40, SHOWN = 40 };

static struct markings_world world;

struct tally {
    unsigned texts, false_matches, with_references;
    uint64_t bytes;
};

static void show(const char *name, bool conversation, const struct text_finding *finding)
{
    char caveats[128] = "";
    caveat_names(finding->caveats, caveats, sizeof caveats);
    print_message("# %s, as a %s: level %d %s%s", name, conversation ? "mail" : "document",
                  finding->has_level ? (int)finding->level : -1, caveats,
                  finding->administrative ? " administrative" : "");
    for (unsigned i = 0; i < finding->n_markings; i++)
        print_message(" [%s]", finding->markings[i]);
    print_message("\n");
}

static void put_text(struct text_sink *sink, const char *text, size_t size, bool line_ends_of_mail)
{
    for (size_t at = 0; line_ends_of_mail && at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t some = end ? (size_t)(end - text) - at : size - at;
        text_sink_text(sink, TEXT_BODY, text + at, some);
        text_sink_text(sink, TEXT_BODY, "\r\n", 2);
        at += some + 1;
    }
    if (!line_ends_of_mail)
        text_sink_text(sink, TEXT_BODY, text, size);
}

static void read_as(const char *name, const char *text, size_t size, bool conversation, struct tally *tally)
{
    const struct text_about about = {.kind = "text/plain", .conversation = conversation};
    struct text_sink *sink = text_sink_open(&about);
    static struct text_finding finding;
    assert_non_null(sink);
    put_text(sink, text, size, conversation);
    text_sink_close(sink, &finding);
    tally->with_references += finding.n_references > 0;
    if (!finding.has_level && !finding.caveats && !finding.administrative)
        return;
    if (tally->false_matches++ < SHOWN)
        show(name, conversation, &finding);
}

static void read_all(FILE *prose, struct tally *tally)
{
    char name[NAME_MAX_BYTES + 1];
    size_t size;
    while (fscanf(prose, "%400s %zu", name, &size) == 2 && fgetc(prose) == '\n') {
        char *text = malloc(size + 1);
        assert_non_null(text);
        assert_int_equal(fread(text, 1, size, prose), size);
        text[size] = '\0';
        read_as(name, text, size, false, tally);
        read_as(name, text, size, true, tally);
        tally->texts++;
        tally->bytes += size;
        free(text);
    }
}

static void nothing_is_found_in_prose(void **state)
{
    struct tally tally = {0};
    (void)state;
    FILE *prose = popen(KHATM_SOURCE_DIR "/tests/prose/collect " BYTES_A_KIND, "r");
    assert_non_null(prose);
    read_all(prose, &tally);
    assert_int_equal(pclose(prose), 0);
    (void)fprintf(stderr,
                  "# %u texts, %llu bytes: %u false matches, %u with what looks like a reference number\n",
                  tally.texts, (unsigned long long)tally.bytes, tally.false_matches, tally.with_references);
    assert_true(tally.texts >= TEXTS_LEAST);
    assert_int_equal(tally.false_matches, 0);
    assert_true(tally.with_references <= REFERENCES_MOST);
}

static int open_world(void **state)
{
    (void)state;
    markings_world_open(&world);
    const struct text_data data = {world.fold, world.tables};
    return text_sink_prepare(&data, NULL) == RESULT_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    markings_forget();
    normal_prepare(NULL);
    markings_world_close(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_found_in_prose)};
    return cmocka_run_group_tests(tests, open_world, close_world);
}
