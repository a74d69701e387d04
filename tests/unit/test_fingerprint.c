/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a text the same text: which layouts have one digest, and how much of a sketch survives what
 * people and programs do to a document. */
#include "inspector/fingerprint.h"
#include "inspector/normal.h"
#include "inspector/sketch.h"
#include "policy/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int load_fold(void **state)
{
    struct fold *fold = NULL;
    size_t size = 0;
    *state = NULL;
    assert_int_equal(fold_make(&fold, &size), POLICY_OK);
    normal_prepare(fold);
    *state = fold;
    return 0;
}

static int free_fold(void **state)
{
    normal_prepare(NULL);
    fold_free(*state);
    return 0;
}

static struct text_finding fingerprint_of(enum text_place place, const char *text)
{
    static const struct text_about about = {.kind = "text/plain"};
    struct text_finding finding;
    struct text_sink *sink = text_sink_open(&about);
    assert_non_null(sink);
    text_sink_text(sink, place, text, strlen(text));
    text_sink_close(sink, &finding);
    return finding;
}

#define LETTER "Le ministre décide que l'administration des archives reçoit chaque année les dossiers clos."

static const struct {
    const char *name, *text;
    bool same;
} rows[] = {
    {"itself", LETTER, true},
    {"other lines",
     "Le ministre décide que\nl'administration\ndes archives reçoit\r\nchaque année les dossiers clos.",
     true},
    {"blanks, tabs, pages",
     "Le  ministre\tdécide que\n\n\nl'administration des \f archives reçoit chaque année les dossiers "
     "clos.\n",
     true},
    {"quoted",
     "> Le ministre décide que l'administration des\n> archives reçoit chaque année\n>> les dossiers clos.",
     true},
    {"hyphens at line ends",
     "Le ministre décide que l'admi-\nnistration des archi-  \nves reçoit chaque année les "
     "dos\xc2\xad\nsiers clos.",
     true},
    {"soft hyphens within",
     "Le mi\xc2\xadnistre décide que l'administration des archives reçoit chaque année les dossiers clos.",
     true},
    {"ligatures, other apostrophe, no-break blanks",
     "Le ministre décide que l’administration des archives reçoit\xc2\xa0"
     "chaque année les dossiers clos.",
     true},
    {"capitals, no accents",
     "LE MINISTRE DECIDE QUE L'ADMINISTRATION DES ARCHIVES RECOIT CHAQUE ANNEE LES DOSSIERS CLOS", true},
    {"one word more",
     "Le ministre décide que l'administration des archives reçoit chaque année tous les dossiers clos.",
     false},
    {"a blank in a word",
     "Le ministre décide que l'adminis tration des archives reçoit chaque année les dossiers clos.", false},
    {"a dash is no hyphen",
     "Le ministre décide que l'adminis -\ntration des archives reçoit chaque année les dossiers clos.",
     false},
};

static void test_layouts(void **state)
{
    const struct text_finding letter = fingerprint_of(TEXT_BODY, LETTER);
    assert_true(letter.has_sha256);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct text_finding other = fingerprint_of(TEXT_BODY, rows[i].text);
        bool same = other.has_sha256 && !memcmp(letter.sha256, other.sha256, DIGEST_BYTES);
        if (same != rows[i].same)
            fail_msg("%s: %s text", rows[i].name, same ? "the same" : "another");
    }
}

/* docs/fingerprints.md says it so, for a second implementation. */
static void test_digest_is_of_words(void **state)
{
    static const char words[] =
        "LE MINISTRE DECIDE QUE L ADMINISTRATION DES ARCHIVES RECOIT CHAQUE ANNEE LES DOSSIERS CLOS ";
    uint8_t expected[DIGEST_BYTES];
    const struct text_finding letter = fingerprint_of(TEXT_BODY, LETTER);
    assert_int_equal(digest_bytes(words, sizeof words - 1, expected), RESULT_OK);
    assert_memory_equal(letter.sha256, expected, DIGEST_BYTES);
}

static void test_places(void **state)
{
    assert_false(fingerprint_of(TEXT_NAME, LETTER).has_sha256);
    assert_false(fingerprint_of(TEXT_SUBJECT, LETTER).has_sha256);
    assert_false(fingerprint_of(TEXT_HEADER, LETTER).has_sha256);
    assert_true(fingerprint_of(TEXT_CELL, LETTER).has_sha256);
}

static void test_short_texts(void **state)
{
    struct text_finding finding =
        fingerprint_of(TEXT_BODY, "Bonjour, voir la note jointe. Bien à vous, l'agent.");
    assert_false(finding.has_sha256);
    assert_int_equal(finding.sketch_size, 0);
    finding = fingerprint_of(TEXT_BODY, LETTER);
    assert_true(finding.has_sha256);
    assert_int_equal(finding.sketch_size, 0);
}

/* n words that differ from each other; skip: words that are left out of it. */
static char *numbered(unsigned from, unsigned until)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (unsigned i = from; i < until; i++)
        (void)fprintf(out, "mot%u%c", i, i % 9 ? ' ' : '\n');
    assert_int_equal(fclose(out), 0);
    return text;
}

enum { PLACES = 1 << SKETCH_PLACE_BITS };

static unsigned place_at(const struct text_finding *finding, size_t at)
{
    return finding->sketch[at + SKETCH_HASH_BYTES - 1] % PLACES;
}

/* Hashes that both have, wherever they stand; in a, from that place on. */
static unsigned shared_from(const struct text_finding *a, unsigned place, const struct text_finding *b)
{
    enum { LAST = SKETCH_HASH_BYTES - 1 };
    unsigned n = 0;
    for (size_t i = 0; i < a->sketch_size; i += SKETCH_HASH_BYTES)
        for (size_t k = 0; k < b->sketch_size; k += SKETCH_HASH_BYTES)
            n += place_at(a, i) >= place && !memcmp(a->sketch + i, b->sketch + k, LAST) &&
                 a->sketch[i + LAST] / PLACES == b->sketch[k + LAST] / PLACES;
    return n;
}

static unsigned shared(const struct text_finding *a, const struct text_finding *b)
{
    return shared_from(a, 0, b);
}

static struct text_finding sketch_of(unsigned from, unsigned until)
{
    char *text = numbered(from, until);
    struct text_finding finding = fingerprint_of(TEXT_BODY, text);
    free(text);
    return finding;
}

static void test_sketch(void **state)
{
    const struct text_finding whole = sketch_of(0, 600), half = sketch_of(300, 600),
                              other = sketch_of(5000, 5600), large = sketch_of(0, 60000);
    assert_int_equal(whole.sketch_size, (600 - SHINGLE_WORDS + 1) * SKETCH_HASH_BYTES);
    assert_int_equal(shared(&whole, &half), 300 - SHINGLE_WORDS + 1);
    assert_int_equal(shared(&whole, &other), 0);
    /* Where they stand: the second half of one is the whole of the other. */
    assert_int_equal(shared_from(&whole, PLACES / 2, &half), 300 - SHINGLE_WORDS + 1);
    assert_in_range(shared_from(&half, PLACES / 2, &whole), 140, 160);
    assert_int_equal(shared_from(&whole, PLACES / 2 + 1, &half),
                     (unsigned)((600 - SHINGLE_WORDS + 1) * 7 / PLACES));
    assert_int_equal(large.sketch_size, SKETCH_BYTES_MAX);
    /* The smallest of all are the smallest of each part, too: a hundredth of the text has about that of its
     * sketch. */
    assert_in_range(shared(&large, &whole), 2, 30);
    for (size_t i = SKETCH_HASH_BYTES; i < large.sketch_size; i += SKETCH_HASH_BYTES)
        assert_true(memcmp(large.sketch + i - SKETCH_HASH_BYTES, large.sketch + i, SKETCH_HASH_BYTES) < 0);
}

static void test_repetition(void **state)
{
    char text[60 * 40] = "";
    for (unsigned i = 0; i < 60; i++)
        (void)strcat(text, "toujours la même phrase ici. ");
    const struct text_finding finding = fingerprint_of(TEXT_BODY, text);
    assert_int_equal(finding.sketch_size, 0); /* five different shingles */
}

/* What stands in a text twice has the place where it stood first. */
static void test_first_place(void **state)
{
    char *once = numbered(0, 3000), *twice = malloc(2 * strlen(once) + 1);
    assert_non_null(twice);
    (void)strcat(strcpy(twice, once), once);
    const struct text_finding finding = fingerprint_of(TEXT_BODY, twice);
    unsigned late = 0;
    assert_int_equal(finding.sketch_size, SKETCH_BYTES_MAX);
    for (size_t i = 0; i < finding.sketch_size; i += SKETCH_HASH_BYTES)
        late += place_at(&finding, i) >= PLACES / 2;
    /* The shingles in which the second copy begins are new. */
    assert_in_range(late, 0, SHINGLE_WORDS - 1);
    free(twice);
    free(once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),     cmocka_unit_test(test_digest_is_of_words),
        cmocka_unit_test(test_places),      cmocka_unit_test(test_short_texts),
        cmocka_unit_test(test_sketch),      cmocka_unit_test(test_repetition),
        cmocka_unit_test(test_first_place),
    };
    return cmocka_run_group_tests(tests, load_fold, free_fold);
}
