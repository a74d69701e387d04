/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of which only the text comes back: what the journal recognises of hundreds of letters, each
 * changed in many ways, that from its first letter on it takes none for another on the same stationery, and
 * whose texts it remembers at all. tests/fingerprint measures the same with a hundred thousand. */
#include "../fingerprint/change.c"
#include "../fingerprint/corpus.c"
#include "inspector/normal.h"
#include "journal_sample.h"
#include "policy/fold.h"

#include "inspector/text_sink.h"

enum { LETTERS = 300, UNSEEN = 1000, UNSEEN_FROM = 1 << 30, OFTEN = 4 };

static struct letter letter;

struct printed {
    struct text_finding finding;
    struct record_text text;
};

static const struct record_text *print(struct printed *printed, const char *text, size_t size)
{
    static const struct text_about about = {.kind = "text/plain"};
    struct text_sink *sink = text_sink_open(&about);
    assert_non_null(sink);
    text_sink_text(sink, TEXT_BODY, text, size);
    text_sink_close(sink, &printed->finding);
    const struct text_finding *finding = &printed->finding;
    printed->text = (struct record_text){.sha256 = finding->has_sha256 ? finding->sha256 : NULL,
                                         .sketch = finding->sketch_size ? finding->sketch : NULL,
                                         .sketch_size = finding->sketch_size};
    return &printed->text;
}

static const struct record_text *print_letter(struct printed *printed, uint64_t number, bool template,
                                              enum change change)
{
    size_t size;
    corpus_letter(&letter, number, template);
    char *text = change_print(&letter, change, number, &size);
    print(printed, text, size);
    free(text);
    return &printed->text;
}

static bool is_template(unsigned number)
{
    return number % 3 == 0;
}

static struct text_match match(struct journal *journal, const struct record_text *text)
{
    struct text_match match;
    journal_match_text(journal, text, &match);
    return match;
}

/* A record of one document, passed by staff unless said otherwise. Returns its reference. */
static void keep(struct journal *journal, const struct record_text *text, enum sender_class sender,
                 enum verdict verdict, char reference[REFERENCE_BYTES])
{
    struct sample sample;
    struct record_text with_match = *text;
    sample_make(&sample);
    sample.record.sender = sender;
    sample.record.verdict = verdict;
    sample.record.n_documents = 1;
    with_match.match = match(journal, text);
    sample.documents[0].sha256 = NULL;
    sample.documents[0].text = &with_match;
    (void)append(journal, &sample.record);
    memcpy(reference, sample.record.reference, REFERENCE_BYTES);
}

struct world {
    struct scratch scratch;
    struct journal *journal;
    struct fold *fold;
    char references[LETTERS][REFERENCE_BYTES];
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    size_t size = 0;
    assert_non_null(world);
    assert_int_equal(fold_make(&world->fold, &size), POLICY_OK);
    normal_prepare(world->fold);
    corpus_prepare();
    scratch_make(&world->scratch);
    /* The same key every time, so that the same letters are mistaken every time. */
    journal_close(open_journal(&world->scratch));
    change_store(world->scratch.path, "UPDATE meta SET value = zeroblob(32) WHERE name = 'secret'");
    world->journal = open_journal(&world->scratch);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    journal_close(world->journal);
    scratch_remove(&world->scratch);
    normal_prepare(NULL);
    fold_free(world->fold);
    free(world);
    return 0;
}

/* Half of a letter may be another letter's formulas: a fact, and no more. */
static bool is_half(enum change change)
{
    return change == CHANGE_FIRST || change == CHANGE_SECOND;
}

/* Each is looked up before it is kept: whatever is known then is a mistake. */
static void test_table(void **state)
{
    struct world *world = *state;
    struct printed printed;
    for (unsigned i = 0; i < LETTERS; i++) {
        const struct record_text *text = print_letter(&printed, i, is_template(i), CHANGE_NONE);
        const struct text_match before = match(world->journal, text);
        if (before.known != FACT_NO)
            fail_msg("%u is %u %% of %s", i, before.share, before.reference);
        keep(world->journal, text, SENDER_STAFF, VERDICT_SEAL, world->references[i]);
    }
    for (enum change change = 0; change < CHANGE_COUNT; change++) {
        unsigned found = 0;
        for (unsigned i = 0; i < LETTERS; i++) {
            const struct text_match known =
                match(world->journal, print_letter(&printed, i, is_template(i), change));
            found += known.known == FACT_YES && !strcmp(known.reference, world->references[i]);
        }
        if (is_half(change) ? found > 0 : found * 100 < LETTERS * 99)
            fail_msg("%s: %u of %u recognised", change_names[change], found, LETTERS);
    }
}

static void test_unseen(void **state)
{
    struct world *world = *state;
    struct printed printed;
    for (unsigned i = 0; i < UNSEEN; i++) {
        const struct text_match unseen =
            match(world->journal, print_letter(&printed, (uint64_t)UNSEEN_FROM + i, i % 2 == 0, CHANGE_NONE));
        if (unseen.known != FACT_NO)
            fail_msg("%u is %u %% of %s", i, unseen.share, unseen.reference);
    }
}

/* Weaker resemblance is told. */
static void test_half(void **state)
{
    struct world *world = *state;
    struct printed printed;
    char reference[REFERENCE_BYTES];
    keep(world->journal, print_letter(&printed, 9300, false, CHANGE_NONE), SENDER_STAFF, VERDICT_SEAL,
         reference);
    const struct text_match half = match(world->journal, print_letter(&printed, 9300, false, CHANGE_FIRST));
    assert_int_equal(half.known, FACT_NO);
    assert_int_equal(half.by, KNOWN_BY_NOTHING);
    assert_in_range(half.share, 40, 60);
    assert_string_equal(half.reference, reference);
}

/* The second implementation finds each hash where it should be, and under the store's key. */
static void test_format(void **state)
{
    const struct world *world = *state;
    struct printed printed;
    char sha256[DIGEST_HEX], *sketch, *command;
    const struct record_text *text = print_letter(&printed, 1, false, CHANGE_NONE);
    assert_non_null(sketch = malloc(2 * text->sketch_size + 1));
    hex_encode(text->sha256, DIGEST_BYTES, sha256);
    hex_encode(text->sketch, text->sketch_size, sketch);
    assert_true(asprintf(&command,
                         "/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py --text=%s:%s %s",
                         sha256, sketch, world->scratch.path) > 0);
    assert_int_equal(system(command), 0);
    free(command);
    free(sketch);
}

static const struct {
    const char *name;
    enum sender_class sender;
    enum verdict verdict;
    enum fact known;
} origins[] = {
    {"a citizen's letter", SENDER_OUTSIDER, VERDICT_PASS, FACT_NO},
    {"mail in a ministry's name without proof", SENDER_CLAIMED, VERDICT_PASS, FACT_NO},
    {"refused", SENDER_STAFF, VERDICT_REJECT, FACT_NO},
    {"deferred", SENDER_STAFF, VERDICT_TRY_LATER, FACT_NO},
    {"passed on for staff", SENDER_STAFF, VERDICT_PASS, FACT_YES},
    {"of a scanner", SENDER_SERVICE, VERDICT_SEAL, FACT_YES},
    {"came from a ministry", SENDER_GOVERNMENT, VERDICT_UNSEAL, FACT_YES},
};

static void test_origins(void **state)
{
    struct world *world = *state;
    struct printed printed;
    char reference[REFERENCE_BYTES];
    for (unsigned i = 0; i < sizeof origins / sizeof *origins; i++) {
        keep(world->journal, print_letter(&printed, 9000 + i, false, CHANGE_NONE), origins[i].sender,
             origins[i].verdict, reference);
        bool exact = match(world->journal, print_letter(&printed, 9000 + i, false, CHANGE_NONE)).known ==
                     origins[i].known;
        bool changed = match(world->journal, print_letter(&printed, 9000 + i, false, CHANGE_WORDS)).known ==
                       origins[i].known;
        if (!exact || !changed)
            fail_msg("%s", origins[i].name);
    }
}

/* Every hop records it again; that must not make its words common. */
static void test_often(void **state)
{
    struct world *world = *state;
    struct printed printed;
    char first[REFERENCE_BYTES], reference[REFERENCE_BYTES];
    keep(world->journal, print_letter(&printed, 9100, false, CHANGE_NONE), SENDER_STAFF, VERDICT_SEAL, first);
    for (unsigned i = 0; i < 100; i++) {
        enum change change = i % OFTEN == 0 ? CHANGE_DATE : CHANGE_NONE;
        keep(world->journal, print_letter(&printed, 9100, false, change), SENDER_STAFF, VERDICT_SEAL,
             reference);
    }
    const struct text_match known = match(world->journal, print_letter(&printed, 9100, false, CHANGE_WORDS));
    assert_int_equal(known.known, FACT_YES);
    assert_string_equal(known.reference, first);
    const struct text_match same = match(world->journal, print_letter(&printed, 9100, false, CHANGE_NONE));
    assert_int_equal(same.share, 100);
    assert_string_equal(same.reference, first);
}

static void test_short(void **state)
{
    struct world *world = *state;
    struct printed printed;
    char reference[REFERENCE_BYTES];
    static const char note[] =
        "Veuillez trouver ci-joint le rapport de la commission des marchés pour signature.";
    static const char other[] =
        "Veuillez trouver ci-joint le rapport de la commission des marchés pour avis.";
    keep(world->journal, print(&printed, note, sizeof note - 1), SENDER_STAFF, VERDICT_SEAL, reference);
    assert_int_equal(match(world->journal, print(&printed, note, sizeof note - 1)).known, FACT_YES);
    assert_int_equal(match(world->journal, print(&printed, other, sizeof other - 1)).known, FACT_NO);
}

/* A message's own short text: word for word, and not by its signature. */
static void test_exact_only(void **state)
{
    struct world *world = *state;
    struct printed printed;
    char reference[REFERENCE_BYTES];
    struct record_text text = *print_letter(&printed, 9500, false, CHANGE_NONE);
    text.exact_only = true;
    keep(world->journal, &text, SENDER_STAFF, VERDICT_SEAL, reference);
    assert_int_equal(match(world->journal, print_letter(&printed, 9500, false, CHANGE_NONE)).known, FACT_YES);
    assert_int_equal(match(world->journal, print_letter(&printed, 9500, false, CHANGE_DATE)).known, FACT_NO);
}

static int see_known(const struct record *record, void *context)
{
    *(unsigned *)context += 1;
    assert_int_equal(record->documents[0].known_by, KNOWN_BY_SKETCH);
    assert_int_equal(record->documents[0].share, 74);
    assert_string_equal(record->documents[0].known_from, "KH-7F3K-29QX");
    assert_int_equal(record->documents[1].known_by, KNOWN_BY_NOTHING);
    return 0;
}

/* By what a document was recognised is part of its record. */
static void test_told(void **state)
{
    struct world *world = *state;
    struct sample sample;
    unsigned n = 0;
    struct problem problem;
    sample_make(&sample);
    sample.documents[0].known_by = KNOWN_BY_SKETCH;
    sample.documents[0].share = 74;
    sample.documents[0].known_from = "KH-7F3K-29QX";
    (void)append(world->journal, &sample.record);
    const struct journal_query query = {.reference = sample.record.reference};
    assert_int_equal(journal_find(world->journal, &query, see_known, &n, &problem), RESULT_OK);
    assert_int_equal(n, 1);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", world->scratch.path);
}

/* Damage is not "no". */
static void test_unknown(void **state)
{
    struct world *world = *state;
    struct printed printed;
    struct record_text text = *print_letter(&printed, 5, false, CHANGE_NONE);
    const uint8_t odd[] = {1, 2, 3, 4, 5, 6, 7};
    text.sha256 = NULL;
    text.sketch = odd;
    text.sketch_size = sizeof odd;
    assert_int_equal(match(world->journal, &text).known, FACT_UNKNOWN);
}

/* A store without what a question needs has no answer, and takes nobody along. */
static void test_lost(void **state)
{
    struct scratch scratch;
    struct printed printed;
    struct text_match found;
    (void)state;
    scratch_make(&scratch);
    struct journal *journal = open_journal(&scratch);
    change_store(scratch.path, "ALTER TABLE text RENAME TO lost");
    found = match(journal, print_letter(&printed, 1, false, CHANGE_NONE));
    assert_false(found.same);
    journal_close(journal);
    scratch_remove(&scratch);
}

/* A journal of before there were these tables gets them when it is opened, and keeps what it had. */
static void test_older(void **state)
{
    struct scratch scratch;
    struct printed printed;
    char before[REFERENCE_BYTES], after[REFERENCE_BYTES];
    (void)state;
    scratch_make(&scratch);
    struct journal *journal = open_journal(&scratch);
    keep(journal, print_letter(&printed, 1, false, CHANGE_NONE), SENDER_STAFF, VERDICT_SEAL, before);
    journal_close(journal);
    change_store(scratch.path, "DROP TABLE text; DROP TABLE shingle; DROP TABLE document_number");
    journal = open_journal(&scratch);
    keep(journal, print_letter(&printed, 2, false, CHANGE_NONE), SENDER_STAFF, VERDICT_SEAL, after);
    struct text_match found = match(journal, print_letter(&printed, 2, false, CHANGE_NONE));
    assert_int_equal(found.known, FACT_YES);
    assert_string_equal(found.reference, after);
    const struct journal_query query = {.reference = before};
    assert_int_equal(find(journal, query, NULL, NULL), 1);
    journal_close(journal);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_unseen),     cmocka_unit_test(test_origins),
        cmocka_unit_test(test_often), cmocka_unit_test(test_short),      cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_half),  cmocka_unit_test(test_exact_only), cmocka_unit_test(test_format),
        cmocka_unit_test(test_told),  cmocka_unit_test(test_lost),       cmocka_unit_test(test_older),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
