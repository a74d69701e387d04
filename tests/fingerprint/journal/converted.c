/* SPDX-License-Identifier: Apache-2.0 */
/* converted MESSAGES FOLDER: is a document recognised after what happens to documents? MESSAGES is what
 * make-messages wrote, FOLDER holds a journal that `recognise … keep` filled. Each message goes through the
 * real khatm-inspector and khatm-reader; the originals are recorded, everything else is looked up. */

#include "inspect/inspector.h"
#include "journal_under.h"
#include "markings_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LETTERS_MAX = 1000, PATH_ROOM = 1024, DEADLINE_MS = 60000, LEAST_PERCENT = 99 };

struct world {
    struct inspector_settings settings; /* outlives the inspector */
    struct inspector *inspector;
    struct journal *journal;
    const char *messages;
    char references[LETTERS_MAX][REFERENCE_BYTES];
};

static void open_inspector(struct world *world, struct markings_world *markings)
{
    struct problem problem;
    markings_world_open(markings);
    world->settings = (struct inspector_settings){.program = KHATM_BUILD_DIR "/khatm-inspector",
                                                  .reader = KHATM_BUILD_DIR "/khatm-reader",
                                                  .workers = 1,
                                                  .deadline_ms = DEADLINE_MS,
                                                  .memory = (uint64_t)256 << 20,
                                                  .depth = 64,
                                                  .parts = 1000,
                                                  .pack = markings->bytes,
                                                  .pack_size = markings->size};
    if (inspector_new(&world->settings, &world->inspector, &problem) != RESULT_OK)
        need(false, problem.text);
}

/* The message's part with the most text. */
static struct record_text inspect(struct world *world, struct arena *arena, const char *path)
{
    struct findings *findings = NULL;
    struct problem problem;
    struct stat status;
    const struct part_finding *best = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    need(fd >= 0 && fstat(fd, &status) == 0, path);
    if (inspector_run(world->inspector, fd, (uint64_t)status.st_size, arena, &findings, &problem) !=
        RESULT_OK)
        need(false, problem.text);
    need(findings->complete, "a message was not read to its end");
    (void)close(fd);
    for (size_t i = 0; i < findings->n_parts; i++)
        if (!best || findings->parts[i].sketch_size > best->sketch_size)
            best = &findings->parts[i];
    if (!best)
        return (struct record_text){0};
    return (struct record_text){.sha256 = best->has_text_sha256 ? best->text_sha256 : NULL,
                                .sketch = best->sketch,
                                .sketch_size = best->sketch_size};
}

static void record_original(struct world *world, unsigned number, const struct record_text *text)
{
    const struct text_match before = journal_keep(world->journal, text, world->references[number]);
    if (before.by == KNOWN_BY_TEXT) /* an earlier run has recorded it */
        (void)memcpy(world->references[number], before.reference, REFERENCE_BYTES);
    else if (before.known == FACT_YES)
        (void)printf("  mistaken: original %03u has %u %% of %s\n", number, before.share, before.reference);
}

/* 1 when it is recognised as what it is. */
static unsigned recognise(struct world *world, const char *what, unsigned number,
                          const struct record_text *text)
{
    struct text_match match;
    journal_match_text(world->journal, text, &match);
    need(match.known != FACT_UNKNOWN, "the journal cannot tell");
    if (match.known == FACT_YES && !strcmp(match.reference, world->references[number]))
        return 1;
    (void)printf("  missed: %s %03u: %u %% of %s\n", what, number, match.share,
                 match.text ? match.reference : "none");
    return 0;
}

static bool read_all(struct world *world, const char *what, bool original)
{
    char folder[PATH_ROOM], path[PATH_ROOM + 32];
    struct stat status;
    unsigned n = 0, found = 0;
    (void)snprintf(folder, sizeof folder, "%s/%s", world->messages, what);
    for (; n < LETTERS_MAX; n++) {
        (void)snprintf(path, sizeof path, "%s/%03u.eml", folder, n);
        if (stat(path, &status) != 0)
            break;
        struct arena *arena = arena_new(0);
        need(arena != NULL, "no memory");
        const struct record_text text = inspect(world, arena, path);
        if (original)
            record_original(world, n, &text);
        else
            found += recognise(world, what, n, &text);
        arena_free(arena);
    }
    need(n > 0, "no messages");
    if (!original)
        (void)printf("| %s | %.3f | %u |\n", what, (double)found / n, n);
    (void)fflush(stdout);
    return original || found * 100 >= n * LEAST_PERCENT;
}

static bool read_each(struct world *world)
{
    struct dirent **names;
    bool good = true;
    int n = scandir(world->messages, &names, NULL, alphasort);
    need(n > 0, world->messages);
    for (int i = 0; i < n; i++)
        if (*names[i]->d_name != '.' && strcmp(names[i]->d_name, "original") != 0)
            good &= read_all(world, names[i]->d_name, false);
    return good;
}

int main(int argc, char **argv)
{
    static struct world world;
    struct markings_world markings;
    need(argc == 3, "converted MESSAGES FOLDER");
    world.messages = argv[1];
    letters_prepare();
    open_inspector(&world, &markings);
    journal_use(argv[2]);
    world.journal = journal_reopen(NULL);
    (void)read_all(&world, "original", true);
    bool good = read_each(&world);
    journal_close(world.journal);
    inspector_free(world.inspector);
    markings_world_close(&markings);
    return !good;
}
