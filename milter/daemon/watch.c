/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/watch.h"

#include "base/digest.h"
#include "config/files.h"
#include "config/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What tells one state of a file from another; all zeroes: it is not there. The time of change takes in
 * permissions. */
struct stamp {
    uint64_t device, inode, size;
    int64_t modified_s, modified_ns, changed_s, changed_ns;
};

/* Digests of registry and signature; all zeroes: not there, or not among the files. Contents, since files
 * that are copied once more have other stamps. */
struct pair {
    uint8_t digests[2][DIGEST_BYTES];
};

struct watch {
    const char *config_path;
    struct arena *arena; /* of files */
    struct files files;
    struct stamp noted[FILES_MAX], last[FILES_MAX];
    int64_t moved_ms;      /* when `last` was first seen; 0: it is what was noted */
    struct pair now, good; /* when noted, and when noted and good */
};

static struct stamp stamp_of(const char *path)
{
    struct stat about;
    struct stamp stamp;
    memset(&stamp, 0, sizeof stamp);
    if (stat(path, &about) != 0)
        return stamp;
    stamp.device = (uint64_t)about.st_dev;
    stamp.inode = (uint64_t)about.st_ino;
    stamp.size = (uint64_t)about.st_size;
    stamp.modified_s = about.st_mtim.tv_sec;
    stamp.modified_ns = about.st_mtim.tv_nsec;
    stamp.changed_s = about.st_ctim.tv_sec;
    stamp.changed_ns = about.st_ctim.tv_nsec;
    return stamp;
}

static bool is_there(const struct stamp *stamp)
{
    return stamp->inode != 0;
}

static void take(const struct files *files, struct stamp stamps[FILES_MAX])
{
    memset(stamps, 0, FILES_MAX * sizeof *stamps);
    for (size_t i = 0; i < files->n; i++)
        stamps[i] = stamp_of(files->paths[i]);
}

struct watch *watch_new(const char *config_path)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch)
        watch->config_path = config_path;
    return watch;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    arena_free(watch->arena);
    free(watch);
}

static void read_pair(const struct files *files, struct pair *pair)
{
    const size_t places[2] = {files->registry, files->signature};
    struct problem ignored;
    memset(pair, 0, sizeof *pair);
    for (size_t i = 0; i < 2; i++) {
        struct source source;
        struct arena *arena = places[i] < files->n ? arena_new(0) : NULL;
        if (!arena ||
            source_read_bytes(arena, files->paths[places[i]], SOURCE_LARGE, false, &source, &ignored) !=
                RESULT_OK ||
            digest_bytes(source.text, source.size, pair->digests[i]) != RESULT_OK)
            memset(pair->digests[i], 0, DIGEST_BYTES);
        arena_free(arena);
    }
}

enum result watch_note(struct watch *watch)
{
    struct files files;
    struct arena *arena = arena_new(0);
    enum result result = arena ? files_list(watch->config_path, arena, &files) : RESULT_TRY_LATER;
    if (result != RESULT_OK) {
        arena_free(arena);
        return result;
    }
    arena_free(watch->arena);
    watch->arena = arena;
    watch->files = files;
    watch->moved_ms = 0;
    take(&files, watch->noted);
    memcpy(watch->last, watch->noted, sizeof watch->last);
    read_pair(&files, &watch->now);
    return RESULT_OK;
}

void watch_accept(struct watch *watch)
{
    watch->good = watch->now;
}

bool watch_pair_is_half(const struct watch *watch)
{
    const struct pair *now = &watch->now, *good = &watch->good;
    if (watch->files.signature >= watch->files.n)
        return false;
    bool differs[2];
    for (size_t i = 0; i < 2; i++)
        differs[i] = memcmp(now->digests[i], good->digests[i], DIGEST_BYTES) != 0;
    return differs[0] != differs[1];
}

static int64_t patience_ms(const struct watch *watch)
{
    for (size_t i = 0; i < watch->files.n; i++)
        if (is_there(&watch->noted[i]) && !is_there(&watch->last[i]))
            return WATCH_GONE_MS;
    return WATCH_QUIET_MS;
}

enum watch_sight watch_look(struct watch *watch, int64_t now_ms)
{
    struct stamp now[FILES_MAX];
    take(&watch->files, now);
    if (memcmp(now, watch->last, sizeof now) != 0) {
        memcpy(watch->last, now, sizeof now);
        watch->moved_ms = now_ms;
    }
    if (memcmp(now, watch->noted, sizeof now) == 0)
        return WATCH_SAME;
    return now_ms - watch->moved_ms < patience_ms(watch) ? WATCH_UNSETTLED : WATCH_CHANGED;
}
