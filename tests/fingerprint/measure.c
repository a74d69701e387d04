/* SPDX-License-Identifier: Apache-2.0 */
/* measure [documents [queries [method]]]: which way of remembering texts finds them again, changed as
 * documents are, without taking letters on the same stationery for each other? Writes the table of
 * docs/fingerprints.md. A tenth of the documents are one ministry's letters; so is a fifth of the queries
 * that are not in the corpus, and half of those that are. The threshold of a method is the lowest at which at
 * most one of the unseen is taken for a known one. The same numbers every time: nothing here is random. */

#include "change.h"
#include "inspector/sketch.h"
#include "methods.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { UNSEEN_FROM = 1 << 30, CHANGED = 1000, TEMPLATE_EVERY = 10 };

static struct letter letter;
static struct tapped words;

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const struct tapped *read_letter(uint64_t number, bool template, enum change change)
{
    size_t size;
    corpus_letter(&letter, number, template);
    char *text = change_print(&letter, change, number, &size);
    tap_read(text, size, &words);
    free(text);
    return &words;
}

static const struct tapped *read_known(uint32_t document, enum change change)
{
    return read_letter(document, document % TEMPLATE_EVERY == 0, change);
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

struct figures {
    double unseen[2]; /* the highest scores of texts that are in no corpus */
    double threshold, recall[CHANGE_COUNT][2], find_ms;
    unsigned taken; /* unseen at or above the threshold */
};

static void ask_unseen(const struct method *method, void *index, unsigned queries, struct figures *figures)
{
    double *scores = calloc(queries, sizeof *scores), spent = 0;
    for (unsigned i = 0; i < queries; i++) {
        const struct tapped *asked = read_letter((uint64_t)UNSEEN_FROM + i, i % 5 == 0, CHANGE_NONE);
        double began = now();
        scores[i] = method->find(index, asked).score;
        spent += now() - began;
    }
    qsort(scores, queries, sizeof *scores, descending);
    memcpy(figures->unseen, scores, sizeof figures->unseen);
    figures->threshold = method->threshold > 0 ? method->threshold : scores[1] + 0.0001;
    for (unsigned i = 0; i < queries; i++)
        figures->taken += scores[i] >= figures->threshold;
    figures->find_ms = spent / queries * 1000;
    free(scores);
}

static void ask_changed(const struct method *method, void *index, uint32_t documents, struct figures *figures)
{
    for (enum change change = 0; change < CHANGE_COUNT; change++) {
        unsigned found[2] = {0};
        for (unsigned i = 0; i < 2 * CHANGED; i++) {
            bool template = i % 2 == 0;
            uint32_t document = (uint32_t)((uint64_t)i * (documents / (2 * CHANGED) | 1) % documents);
            document = document / TEMPLATE_EVERY * TEMPLATE_EVERY + (template ? 0 : 1 + i % 9);
            struct match match = method->find(index, read_known(document, change));
            found[template] += match.document == document && match.score >= figures->threshold;
        }
        for (unsigned k = 0; k < 2; k++)
            figures->recall[change][k] = (double)found[k] / CHANGED;
    }
}

static void measure(const struct method *method, uint32_t documents, unsigned queries)
{
    struct figures figures = {0};
    void *index = method->make(method, documents);
    double reading = 0, began = now();
    uint64_t n_words = 0;
    for (uint32_t i = 0; i < documents; i++) {
        double start = now();
        const struct tapped *known = read_known(i, CHANGE_NONE);
        reading += now() - start;
        n_words += known->n;
        method->add(index, i, known);
    }
    double added = now() - began - reading;
    ask_unseen(method, index, queries, &figures);
    ask_changed(method, index, documents, &figures);
    (void)printf("%s\n  %u documents of %.0f words, %.0f bytes each, added in %.3f ms, found in %.3f ms\n",
                 method->name, documents, (double)n_words / documents, method->bytes(index),
                 added / documents * 1000, figures.find_ms);
    (void)printf("  unseen: highest %.3f %.3f; threshold %.3f takes %u of %u\n", figures.unseen[0],
                 figures.unseen[1], figures.threshold, figures.taken, queries);
    for (enum change change = 0; change < CHANGE_COUNT; change++)
        (void)printf("  %-24s %.3f  %.3f on the template\n", change_names[change], figures.recall[change][0],
                     figures.recall[change][1]);
    (void)fflush(stdout);
    method->end(index);
}

/* How fast text becomes words (normalised, cut, hashed), and words a sketch. */
static void measure_speed(void)
{
    enum { LETTERS = 2000 };
    static struct sketch sketch;
    uint8_t out[SKETCH_BYTES_MAX];
    double reading = 0, sketching = 0, n_bytes = 0;
    for (unsigned i = 0; i < LETTERS; i++) {
        size_t size;
        corpus_letter(&letter, i, false);
        char *text = change_print(&letter, CHANGE_NONE, i, &size);
        double began = now();
        tap_read(text, size, &words);
        double read = now();
        sketch_begin(&sketch);
        for (size_t k = 0; k < words.n; k++)
            sketch_word(&sketch, words.hashes[k]);
        (void)sketch_finish(&sketch, out);
        sketching += now() - read;
        reading += read - began;
        n_bytes += (double)size;
        free(text);
    }
    (void)printf("text to words %.0f MB/s, words to sketches %.0f MB/s of text\n", n_bytes / reading / 1e6,
                 n_bytes / sketching / 1e6);
}

int main(int argc, char **argv)
{
    uint32_t documents = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
    unsigned queries = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;
    corpus_prepare();
    tap_prepare();
    measure_speed();
    for (unsigned i = 0; i < n_methods; i++)
        if (argc <= 3 || (unsigned)strtoul(argv[3], NULL, 10) == i)
            measure(&methods[i], documents, queries);
    return 0;
}
