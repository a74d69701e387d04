/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/workring.h"

#include "base/clock.h"
#include "base/fd.h"
#include "seal/protocol.h"
#include "seal/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char PREFIX[] = "ring-";

struct workring {
    atomic_uint references;
    char path[SEAL_PATH_MAX + 1];
    int lock;
    struct ring_stamp stamp;
    struct key_table *keys;
    struct signer signer;
    struct problem untried; /* why no key could be tried; "": they were */
};

static const char *sign_home(const struct sealing_settings *settings)
{
    return settings->signing ? settings->signing->homedir : NULL;
}

static void take_stamp(const struct sealing_settings *settings, struct ring_stamp *stamp)
{
    const struct {
        const char *folder, *name;
    } files[] = {{settings->homedir, "pubring.kbx"},         {settings->homedir, "pubring.gpg"},
                 {settings->homedir, "trustdb.gpg"},         {settings->secrets, "pubring.kbx"},
                 {settings->secrets, "pubring.gpg"},         {settings->secrets, "private-keys-v1.d"},
                 {sign_home(settings), "pubring.kbx"},       {sign_home(settings), "pubring.gpg"},
                 {sign_home(settings), "private-keys-v1.d"}, {settings->gpg, ""}};
    memset(stamp, 0, sizeof *stamp);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[SEAL_PATH_MAX + 32];
        struct stat status;
        const char *folder = files[i].folder;
        (void)snprintf(path, sizeof path, "%s%s%s", folder ? folder : "", *files[i].name ? "/" : "",
                       files[i].name);
        if (!folder || stat(path, &status) != 0)
            continue;
        stamp->values[4 * i] = (uint64_t)status.st_ino;
        stamp->values[4 * i + 1] = (uint64_t)status.st_size;
        stamp->values[4 * i + 2] = (uint64_t)status.st_mtim.tv_sec;
        stamp->values[4 * i + 3] = (uint64_t)status.st_mtim.tv_nsec;
    }
}

/* A ring is a directory of plain files, with another such in it when its making was cut short. */
static void remove_ring(const char *path)
{
    (void)chmod(path, 0700);
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        char inner[SEAL_PATH_MAX + 600];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlinkat(dirfd(directory), entry->d_name, 0) != 0 && errno == EISDIR &&
            strlen(inner) < SEAL_PATH_MAX + 300)
            remove_ring(inner);
    }
    (void)closedir(directory);
    (void)rmdir(path);
}

/* Open and locked without waiting; -1: somebody else holds it, or it is gone. */
static int lock_directory(const char *path, int operation)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, operation) != 0)
        fd_close(&fd);
    return fd;
}

static void remove_stale(const char *work_directory)
{
    DIR *directory = opendir(work_directory);
    if (!directory)
        return;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        char path[SEAL_PATH_MAX + 300];
        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", work_directory, entry->d_name);
        int lock = lock_directory(path, LOCK_EX | LOCK_NB);
        if (lock >= 0)
            remove_ring(path);
        fd_close(&lock);
    }
    (void)closedir(directory);
}

enum result workring_prepare(const char *work_directory, struct problem *problem)
{
    struct stat status;
    if (strlen(work_directory) + 16 > SEAL_PATH_MAX)
        return problem_set(problem, RESULT_TRY_LATER, "%s: the path is too long", work_directory);
    if (mkdir(work_directory, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s: make the folder it is in",
                           work_directory, strerror(errno));
    if (stat(work_directory, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & 077))
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: must be a directory of the user that runs khatmd, mode 0700", work_directory);
    /* Held while rings are made or cleared away, so that a new one is not taken for a stale one. */
    int lock = lock_directory(work_directory, LOCK_EX);
    if (lock >= 0)
        remove_stale(work_directory);
    fd_close(&lock);
    return RESULT_OK;
}

enum result workring_make_directory(const char *work_directory, char path_out[SEAL_PATH_MAX + 1],
                                    int *lock_out, struct problem *problem)
{
    int lock = lock_directory(work_directory, LOCK_EX);
    (void)snprintf(path_out, SEAL_PATH_MAX + 1, "%s/%sXXXXXX", work_directory, PREFIX);
    *lock_out = -1;
    if (lock < 0 || !mkdtemp(path_out)) {
        problem_set(problem, RESULT_TRY_LATER, "%s: no working ring can be made here: %s", work_directory,
                    strerror(errno));
        path_out[0] = '\0';
        fd_close(&lock);
        return RESULT_TRY_LATER;
    }
    *lock_out = lock_directory(path_out, LOCK_EX | LOCK_NB);
    fd_close(&lock);
    return *lock_out >= 0 ? RESULT_OK
                          : problem_set(problem, RESULT_TRY_LATER, "%s: cannot be locked: %s", path_out,
                                        strerror(errno));
}

void workring_remove(const char *path, int *lock)
{
    if (path[0])
        remove_ring(path);
    fd_close(lock);
}

/* That it cannot sign is kept, and is no failure of the ring: whose keys are missing can still be told. */
static enum result find_signer(struct workring *ring, const struct sealing_settings *settings,
                               struct helper_process *process, struct wire_frame *frame, int64_t deadline_ms,
                               struct problem *problem)
{
    struct signer *signer = &ring->signer;
    signer->wanted = true;
    (void)snprintf(signer->home, sizeof signer->home, "%s", sign_home(settings));
    enum result result =
        client_add_signer(process, frame, settings->signing, deadline_ms, signer, &signer->trouble);
    if (result == RESULT_BAD_INPUT)
        return RESULT_OK;
    return result == RESULT_OK ? result : problem_set(problem, result, "%s", signer->trouble.text);
}

static enum result fill(struct workring *ring, const struct sealing_settings *settings,
                        const struct pins *pins, int64_t deadline_ms, struct problem *problem)
{
    const char *const argv[] = {settings->program, settings->gpg, ring->path, NULL};
    const struct client_ring wanted = pins_ring(pins, settings);
    struct helper_process process = {.control = -1};
    size_t count = 0;
    struct wire_frame *frame = malloc(sizeof *frame);
    if (!frame)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = helper_start(&process, argv, problem);
    if (result == RESULT_OK)
        result = client_build_ring(&process, frame, &wanted, deadline_ms, &count, problem);
    if (result == RESULT_OK && !settings->secrets)
        result = client_list(&process, frame, ring->keys, count, deadline_ms, problem);
    if (result == RESULT_OK && sign_home(settings))
        result = find_signer(ring, settings, &process, frame, deadline_ms, problem);
    /* Last, on the ring as deliveries will find it. */
    const struct trial_place place = {settings, ring->path, &process, frame, ring->keys};
    if (result == RESULT_OK && trial_run(&place, &ring->untried) == RESULT_OK)
        ring->untried.text[0] = '\0';
    helper_kill(&process);
    free(frame);
    return result;
}

enum result workring_new(const struct sealing_settings *settings, const struct pins *pins,
                         int64_t deadline_ms, struct workring **ring_out, struct problem *problem)
{
    struct workring *ring = calloc(1, sizeof *ring);
    enum result result = RESULT_TRY_LATER;
    if (!ring)
        return problem_set(problem, result, "khatm-sealer: no memory");
    atomic_init(&ring->references, 1);
    ring->lock = -1;
    ring->keys = key_table_new(settings->rsa_min_bits);
    if (!ring->keys) {
        problem_set(problem, result, "khatm-sealer: no memory");
        goto out;
    }
    /* Before the keys are read: a change meanwhile must look like one next time. */
    take_stamp(settings, &ring->stamp);
    result = workring_make_directory(settings->work_directory, ring->path, &ring->lock, problem);
    if (result == RESULT_OK)
        result = fill(ring, settings, pins, deadline_ms, problem);
    if (result != RESULT_OK)
        goto out;
    *ring_out = ring;
    ring = NULL;
out:
    workring_unref(ring);
    return result;
}

struct workring *workring_ref(struct workring *ring)
{
    atomic_fetch_add(&ring->references, 1);
    return ring;
}

void workring_unref(struct workring *ring)
{
    if (!ring || atomic_fetch_sub(&ring->references, 1) != 1)
        return;
    workring_remove(ring->path, &ring->lock);
    key_table_unref(ring->keys);
    free(ring);
}

const char *workring_path(const struct workring *ring)
{
    return ring->path;
}

struct key_table *workring_keys(const struct workring *ring)
{
    return ring->keys;
}

const char *workring_trouble(const struct workring *ring)
{
    return ring->untried.text[0] ? ring->untried.text : NULL;
}

const struct signer *workring_signer(const struct workring *ring)
{
    return &ring->signer;
}

bool workring_is_current(const struct workring *ring, const struct sealing_settings *settings)
{
    struct ring_stamp stamp;
    take_stamp(settings, &stamp);
    return memcmp(&stamp, &ring->stamp, sizeof stamp) == 0 &&
           key_table_is_tried(ring->keys, clock_wall_ms() / 1000);
}
