/* SPDX-License-Identifier: Apache-2.0 */
/* recognise [documents [queries [changed [folder [keep]]]]]: does a journal find its documents again, changed
 * as documents are, and does it take others for them? Each document is looked up before it is recorded, as
 * the daemon does: whatever is recognised then is a mistake, from the first letter of a young journal to the
 * last. Then come documents that are never recorded. A tenth of the documents, and half of the queries, are
 * one ministry's letters on the same stationery.
 * The same numbers every time. Exits 1 when more than one look-up in ten thousand was mistaken. keep: the
 * journal stays. */

#include "journal_under.h"

#include <stdlib.h>
#include <string.h>

enum { MISTAKEN_PER = 10000 };

struct world {
    struct journal *journal;
    uint32_t documents;
    char (*references)[REFERENCE_BYTES];
};

static bool is_template(uint32_t document)
{
    return document % TEMPLATE_EVERY == 0;
}

static void tell_mistake(const char *what, uint64_t number, const struct text_match *match)
{
    (void)printf("  mistaken: %s %llu has %u %% of %s\n", what, (unsigned long long)number, match->share,
                 match->reference);
}

static unsigned record_all(struct world *world)
{
    unsigned mistaken[2] = {0}, highest[2] = {0};
    double began = wall_now();
    for (uint32_t i = 0; i < world->documents; i++) {
        bool template = is_template(i);
        const struct record_text text = letter_text(i, template, CHANGE_NONE);
        const struct text_match match = journal_keep(world->journal, &text, world->references[i]);
        if (match.share > highest[template] && match.share < 100)
            highest[template] = match.share;
        if (match.known != FACT_YES)
            continue;
        if (mistaken[template]++ < 20)
            tell_mistake(template ? "the template's" : "document", i, &match);
    }
    (void)printf("recorded %u in %.0f s; taken for one before: %u of the template, %u of the others; most "
                 "alike %u, %u %%\n",
                 world->documents, wall_now() - began, mistaken[1], mistaken[0], highest[1], highest[0]);
    return mistaken[0] + mistaken[1];
}

static unsigned ask_unseen(const struct world *world, unsigned queries)
{
    unsigned mistaken = 0;
    for (unsigned i = 0; i < queries; i++) {
        bool template = i % 2 == 0;
        const struct record_text text = letter_text((uint64_t)UNSEEN_FROM + i, template, CHANGE_NONE);
        struct text_match match;
        journal_match_text(world->journal, &text, &match);
        need(match.known != FACT_UNKNOWN, "the journal cannot tell");
        if (match.known == FACT_YES && mistaken++ < 20)
            tell_mistake(template ? "unseen of the template" : "unseen", i, &match);
    }
    (void)printf("unseen: %u of %u taken for a document\n", mistaken, queries);
    return mistaken;
}

/* Recall in thousandths, the lower of both. */
static void ask_changed(const struct world *world, enum change change, unsigned changed)
{
    unsigned found[2] = {0}, other[2] = {0};
    for (unsigned i = 0; i < 2 * changed; i++) {
        bool template = i % 2 == 0;
        uint32_t document =
            (uint32_t)((uint64_t)i * (world->documents / (2 * changed) | 1) % world->documents);
        document = document / TEMPLATE_EVERY * TEMPLATE_EVERY + (template ? 0 : 1 + i % 9);
        const struct record_text text = letter_text(document, template, change);
        struct text_match match;
        journal_match_text(world->journal, &text, &match);
        bool right = !strcmp(match.reference, world->references[document]);
        found[template] += match.known == FACT_YES && right;
        other[template] += match.known == FACT_YES && !right;
    }
    (void)printf("  %-26s %.4f  %.4f on the template; another document named: %u\n", change_names[change],
                 (double)found[0] / changed, (double)found[1] / changed, other[0] + other[1]);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    struct world world = {.documents = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000};
    unsigned queries = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;
    unsigned changed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1000;
    letters_prepare();
    journal_make(argc > 4 ? argv[4] : "/tmp");
    world.journal = journal_reopen(NULL);
    world.references = calloc(world.documents, sizeof *world.references);
    need(world.references != NULL, "no memory");
    unsigned mistaken = record_all(&world);
    mistaken += ask_unseen(&world, queries);
    for (enum change change = 0; change < CHANGE_COUNT; change++)
        ask_changed(&world, change, changed);
    journal_close(world.journal);
    if (argc <= 5)
        journal_remove();
    free(world.references);
    return (uint64_t)mistaken * MISTAKEN_PER > (uint64_t)world.documents + queries;
}
