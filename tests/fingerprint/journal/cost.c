/* SPDX-License-Identifier: Apache-2.0 */
/* cost [texts [folder]]: what a look-up costs in a journal that remembers a million texts, and what an append
 * does. The journal is a real one; all but a few of its texts are hashes drawn at random, 80 to 2,000 a text,
 * its smallest in the index as with real ones, written in order (one that grew by itself is about a third
 * larger). On top of them letters of the corpus are appended as the daemon does it, then looked up: first
 * with the file's pages dropped from memory, then again, then each behind an append, as in a gateway at work.
 * What does not depend on what else the machine does is told, too: how often the file is read. */

#include "journal_under.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RARE = 16,
    PROBED = 64,
    SHINGLES_LEAST = 80,
    SHINGLES_MOST = 2000,
    HASH_BYTES = 6,
    PLACES = 16,
    HASHES_LEAST = 80,
    HASHES_MOST = 256,
    LETTERS = 1000
};

struct entry {
    uint64_t hash;
    uint32_t owner;
};

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct entry *)a)->hash, y = ((const struct entry *)b)->hash;
    return (x > y) - (x < y);
}

/* RARE of the PROBED smallest of n hashes. */
static void draw_entries(struct dice *dice, uint32_t owner, struct entry entries[RARE])
{
    uint64_t step = ((uint64_t)1 << 48) / (SHINGLES_LEAST + dice_below(dice, SHINGLES_MOST - SHINGLES_LEAST));
    for (unsigned i = 0; i < RARE; i++)
        entries[i] = (struct entry){.hash = (i * PROBED / RARE + dice_below(dice, PROBED / RARE)) * step +
                                            dice_roll(dice) % step,
                                    .owner = owner};
}

/* The index, ascending; what each text got of it is kept for its row. */
static void fill_index(sqlite3 *db, uint32_t texts, uint8_t *rare, uint8_t *n)
{
    sqlite3_stmt *add = NULL;
    struct dice dice = {7};
    size_t all = (size_t)texts * RARE;
    struct entry *entries = calloc(all, sizeof *entries);
    need(entries && sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO shingle VALUES (?1, ?2)", -1, &add, NULL) ==
                        SQLITE_OK,
         "index");
    for (uint32_t i = 0; i < texts; i++)
        draw_entries(&dice, i, entries + (size_t)i * RARE);
    qsort(entries, all, sizeof *entries, by_hash);
    for (size_t i = 0; i < all; i++) {
        uint32_t owner = entries[i].owner;
        uint8_t *to = rare + ((size_t)owner * RARE + n[owner]++) * HASH_BYTES;
        for (unsigned k = 0; k < HASH_BYTES; k++)
            to[k] = (uint8_t)(entries[i].hash >> 8 * (HASH_BYTES - 1 - k));
        (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)entries[i].hash);
        (void)sqlite3_bind_int64(add, 2, owner + 1);
        need(sqlite3_step(add) == SQLITE_DONE, "index");
        (void)sqlite3_reset(add);
    }
    (void)sqlite3_finalize(add);
    free(entries);
}

static void fill_texts(sqlite3 *db, uint32_t texts, const uint8_t *rare, const uint8_t *n)
{
    sqlite3_stmt *add = NULL;
    struct dice dice = {8};
    uint8_t hashes[2 * PLACES + 4 * HASHES_MOST] = {0};
    need(sqlite3_prepare_v2(db,
                            "INSERT INTO text VALUES (?1, randomblob(32), ?1, 0, 1, ?1, 0, 1 << 48, ?2, ?3)",
                            -1, &add, NULL) == SQLITE_OK,
         "texts");
    for (uint32_t i = 0; i < texts; i++) {
        unsigned place = (HASHES_LEAST + dice_below(&dice, HASHES_MOST - HASHES_LEAST)) / PLACES;
        for (unsigned k = 0; k < PLACES; k++)
            hashes[2 * k + 1] = (uint8_t)place;
        for (unsigned k = 0; k < place * PLACES; k++)
            hashes[2 * PLACES + 4 * k] = (uint8_t)dice_below(&dice, 256);
        (void)sqlite3_bind_int64(add, 1, i + 1);
        (void)sqlite3_bind_blob(add, 2, hashes, (int)(2 * PLACES + 4 * place * PLACES), SQLITE_STATIC);
        (void)sqlite3_bind_blob(add, 3, rare + (size_t)i * RARE * HASH_BYTES, n[i] * HASH_BYTES,
                                SQLITE_STATIC);
        need(sqlite3_step(add) == SQLITE_DONE, "texts");
        (void)sqlite3_reset(add);
    }
    (void)sqlite3_finalize(add);
}

static void fill(uint32_t texts)
{
    sqlite3 *db = NULL;
    uint8_t *rare = calloc(texts, RARE * HASH_BYTES), *n = calloc(texts, 1);
    need(rare && n && sqlite3_open(journal_file(), &db) == SQLITE_OK, "cannot be opened");
    (void)sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN", NULL, NULL, NULL);
    fill_index(db, texts, rare, n);
    fill_texts(db, texts, rare, n);
    need(sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) == SQLITE_OK,
         "commit");
    (void)sqlite3_close(db);
    free(rare);
    free(n);
}

struct cost {
    double wall[LETTERS], processor[LETTERS];
    uint64_t reads, from_disk; /* system calls; bytes */
};

/* Of this process so far (proc(5), /proc/pid/io). */
static uint64_t input(const char *what)
{
    char line[128];
    unsigned long long value = 0;
    FILE *file = fopen("/proc/self/io", "r");
    need(file != NULL, "/proc/self/io");
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, what, strlen(what)))
            value = strtoull(line + strlen(what), NULL, 10);
    (void)fclose(file);
    return value;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what, struct cost *cost)
{
    qsort(cost->wall, LETTERS, sizeof *cost->wall, ascending);
    qsort(cost->processor, LETTERS, sizeof *cost->processor, ascending);
    (void)printf(
        "  %-40s median %.2f ms, 95 %% below %.2f ms; processor: median %.2f ms, 95 %% below %.2f ms\n", what,
        cost->wall[LETTERS / 2] * 1000, cost->wall[LETTERS * 95 / 100] * 1000,
        cost->processor[LETTERS / 2] * 1000, cost->processor[LETTERS * 95 / 100] * 1000);
    if (cost->reads)
        (void)printf("  %-40s %.1f times, %.1f KiB from the disk, each\n", "reads of the file",
                     (double)cost->reads / LETTERS, (double)cost->from_disk / LETTERS / 1024);
    (void)fflush(stdout);
}

static void append(struct journal *journal, bool with_texts, uint64_t from, const char *what)
{
    static struct cost cost;
    for (unsigned i = 0; i < LETTERS; i++) {
        struct record_text text = letter_text(from + i, i % TEMPLATE_EVERY == 0, CHANGE_NONE);
        double wall = wall_now(), processor = processor_now();
        journal_append_text(journal, with_texts ? &text : NULL);
        cost.wall[i] = wall_now() - wall;
        cost.processor[i] = processor_now() - processor;
    }
    tell(what, &cost);
}

static void look_up(struct journal *journal, uint64_t from, enum change change, bool at_work,
                    const char *what)
{
    static struct cost cost;
    unsigned found = 0;
    cost.reads = cost.from_disk = 0;
    for (unsigned i = 0; i < LETTERS; i++) {
        const struct record_text text = letter_text(from + i, i % TEMPLATE_EVERY == 0, change);
        struct text_match match;
        if (at_work)
            journal_append_text(journal, NULL);
        uint64_t reads = input("syscr: "), from_disk = input("read_bytes: ");
        double wall = wall_now(), processor = processor_now();
        journal_match_text(journal, &text, &match);
        cost.wall[i] = wall_now() - wall;
        cost.processor[i] = processor_now() - processor;
        cost.from_disk += input("read_bytes: ") - from_disk;
        cost.reads += input("syscr: ") - reads;
        found += match.known == FACT_YES;
    }
    tell(what, &cost);
    (void)printf("  %-40s %u of %u\n", "recognised", found, LETTERS);
}

static void forget_pages(void)
{
    int fd = open(journal_file(), O_RDONLY | O_CLOEXEC);
    need(fd >= 0 && fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0, "pages");
    (void)close(fd);
}

int main(int argc, char **argv)
{
    uint32_t texts = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    struct stat status;
    letters_prepare();
    journal_make(argc > 2 ? argv[2] : "/tmp");
    double began = wall_now();
    fill(texts);
    need(stat(journal_file(), &status) == 0, "vanished");
    (void)printf("%u texts, %.0f MB, filled in %.0f s\n", texts, (double)status.st_size / 1e6,
                 wall_now() - began);
    struct journal *journal = journal_reopen(NULL);
    append(journal, false, 0, "append without its text");
    append(journal, true, 0, "append with its text");
    append(journal, true, LETTERS, "append with its text, the next");
    journal_close(journal);
    forget_pages();
    journal = journal_reopen(NULL);
    look_up(journal, UNSEEN_FROM, CHANGE_NONE, false, "look-up, pages dropped, unseen");
    look_up(journal, 0, CHANGE_WORDS, false, "look-up, 10 % edited");
    look_up(journal, 0, CHANGE_NONE, false, "look-up, the same text");
    look_up(journal, UNSEEN_FROM + LETTERS, CHANGE_NONE, false, "look-up, unseen");
    look_up(journal, UNSEEN_FROM + 2 * LETTERS, CHANGE_NONE, true, "look-up, unseen, each behind an append");
    journal_close(journal);
    journal_remove();
    return 0;
}
