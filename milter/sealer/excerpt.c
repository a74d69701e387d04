/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/excerpt.h"

#include "base/digest.h"
#include "base/fd.h"
#include "sealer/ring.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LARGE_BYTES = 64 * 1024, /* of a ring, some hundred keys: below, an excerpt costs what it saves */
    PATH_ROOM = SEAL_PATH_MAX + 64,
    KEYS_MAX = SEAL_RECIPIENTS_MAX + 1, /* and who signs */
    /* A blob of a keybox (GnuPG, kbx/keybox-blob.c): length, type, version, flags, place and length of the
     * packets, number of keys, size of what follows for each: fingerprint, place of the key id, flags. */
    BLOB_HEAD = 20,
    BLOB_KEY_LEAST = 28,
    BLOB_KEYS_MAX = 256,
    FIRST_BLOB = 32,
    TYPE_OPENPGP = 2,
    FINGERPRINT_BYTES = 20,
    HASH_BYTES = 8,
};

static const char FOLDER[] = "slots";
static const char NAME[] = "few.kbx";

struct place {
    uint8_t start[HASH_BYTES]; /* of a primary key's fingerprint */
    uint32_t at, size;
};

struct excerpt {
    int ring;
    char path[PATH_ROOM];
    struct place *places;
    size_t n_places, room;
    uint32_t held[KEYS_MAX], wanted[KEYS_MAX]; /* numbers of places */
    size_t n_held, n_wanted;
    char signer[SEAL_FINGERPRINT_SIZE + 1]; /* whose place `signs` is the number of */
    uint32_t signs;
};

struct blob {
    uint32_t size;
    unsigned type, n_keys, key_size;
};

static void path_in(const char *ring, const char *name, char path[PATH_ROOM])
{
    (void)snprintf(path, PATH_ROOM, "%s/%s", ring, name);
}

enum result excerpt_prepare(const char *ring, struct problem *problem)
{
    char path[PATH_ROOM];
    uint8_t first[FIRST_BLOB];
    struct stat about;
    path_in(ring, "pubring.kbx", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool large = fd >= 0 && fstat(fd, &about) == 0 && about.st_size >= LARGE_BYTES &&
                 fd_read_at(fd, first, sizeof first, 0) == RESULT_OK;
    fd_close(&fd);
    if (!large)
        return RESULT_OK;
    path_in(ring, FOLDER, path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s", path, strerror(errno));
    /* For those who do not seal: no key in it. */
    return ring_write(ring, NAME, first, sizeof first, problem);
}

const char *excerpt_options(const char *ring)
{
    char path[PATH_ROOM];
    path_in(ring, FOLDER, path);
    return access(path, F_OK) == 0 ? "no-default-keyring\n"
                                     "keyring gnupg-kbx:~/few.kbx\n"
                                     "keyring gnupg-kbx:pubring.kbx\n"
                                   : "";
}

static uint32_t big32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return be32toh(value);
}

static unsigned big16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* False: the end, or nothing that we know. */
static bool read_blob(const struct excerpt *excerpt, uint64_t at, struct blob *blob)
{
    uint8_t head[BLOB_HEAD];
    if (fd_read_at(excerpt->ring, head, sizeof head, at) != RESULT_OK)
        return false;
    *blob = (struct blob){big32(head), head[4], big16(head + 16), big16(head + 18)};
    if (blob->type == TYPE_OPENPGP &&
        (head[5] != 1 || blob->key_size < BLOB_KEY_LEAST || !blob->n_keys || blob->n_keys > BLOB_KEYS_MAX))
        return false;
    return blob->size >= BLOB_HEAD;
}

static bool add_place(struct excerpt *excerpt, uint32_t at, uint32_t size)
{
    uint8_t fingerprint[FINGERPRINT_BYTES];
    if (fd_read_at(excerpt->ring, fingerprint, sizeof fingerprint, (uint64_t)at + BLOB_HEAD) != RESULT_OK)
        return false;
    if (excerpt->n_places == excerpt->room) {
        size_t room = excerpt->room ? excerpt->room * 2 : 256;
        struct place *more = reallocarray(excerpt->places, room, sizeof *more);
        if (!more)
            return false;
        excerpt->places = more;
        excerpt->room = room;
    }
    struct place *place = &excerpt->places[excerpt->n_places++];
    memcpy(place->start, fingerprint, sizeof place->start);
    place->at = at;
    place->size = size;
    return true;
}

static bool list_places(struct excerpt *excerpt)
{
    struct stat about;
    struct blob blob;
    if (fstat(excerpt->ring, &about) != 0 || about.st_size > UINT32_MAX)
        return false;
    for (uint64_t at = 0; at < (uint64_t)about.st_size; at += blob.size)
        if (!read_blob(excerpt, at, &blob) ||
            (blob.type == TYPE_OPENPGP && !add_place(excerpt, (uint32_t)at, blob.size)))
            return false;
    return excerpt->n_places > 0;
}

/* $HOME of this process: a folder of its own in the ring, gone with it. */
static bool make_home(struct excerpt *excerpt, const char *ring)
{
    char folder[PATH_ROOM - sizeof NAME];
    (void)snprintf(folder, sizeof folder, "%s/%s/%ld", ring, FOLDER, (long)getpid());
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return false;
    (void)snprintf(excerpt->path, sizeof excerpt->path, "%s/%s", folder, NAME);
    return setenv("HOME", folder, 1) == 0;
}

struct excerpt *excerpt_new(const char *ring)
{
    char path[PATH_ROOM];
    path_in(ring, "pubring.kbx", path);
    struct excerpt *excerpt = excerpt_options(ring)[0] ? calloc(1, sizeof *excerpt) : NULL;
    if (!excerpt)
        return NULL;
    excerpt->ring = open(path, O_RDONLY | O_CLOEXEC);
    if (excerpt->ring >= 0 && list_places(excerpt) && make_home(excerpt, ring))
        return excerpt;
    excerpt_free(excerpt);
    return NULL;
}

void excerpt_free(struct excerpt *excerpt)
{
    if (!excerpt)
        return;
    fd_close(&excerpt->ring);
    free(excerpt->places);
    free(excerpt);
}

static void want(struct excerpt *excerpt, size_t place)
{
    if (excerpt->n_wanted < KEYS_MAX)
        excerpt->wanted[excerpt->n_wanted++] = (uint32_t)place;
}

static void want_key(struct excerpt *excerpt, const char *hex)
{
    uint8_t fingerprint[FINGERPRINT_BYTES];
    if (hex_decode(hex, fingerprint, sizeof fingerprint) != RESULT_OK)
        return;
    for (size_t i = 0; i < excerpt->n_places; i++)
        if (memcmp(excerpt->places[i].start, fingerprint, HASH_BYTES) == 0)
            want(excerpt, i);
}

static bool holds(const struct excerpt *excerpt, uint32_t at, const uint8_t fingerprint[FINGERPRINT_BYTES])
{
    uint8_t here[FINGERPRINT_BYTES];
    struct blob blob;
    if (!read_blob(excerpt, at, &blob))
        return false;
    for (unsigned i = 0; i < blob.n_keys; i++)
        if (fd_read_at(excerpt->ring, here, sizeof here, (uint64_t)at + BLOB_HEAD + i * blob.key_size) ==
                RESULT_OK &&
            memcmp(here, fingerprint, sizeof here) == 0)
            return true;
    return false;
}

/* Who signs may be a subkey. It was taken into the ring last, and is the same from message to message. */
static void want_signer(struct excerpt *excerpt, const char *hex)
{
    uint8_t fingerprint[FINGERPRINT_BYTES];
    if (!hex[0] || hex_decode(hex, fingerprint, sizeof fingerprint) != RESULT_OK)
        return;
    if (strcmp(excerpt->signer, hex) != 0) {
        excerpt->signs = UINT32_MAX;
        for (size_t i = excerpt->n_places; i-- > 0 && excerpt->signs == UINT32_MAX;)
            if (holds(excerpt, excerpt->places[i].at, fingerprint))
                excerpt->signs = (uint32_t)i;
        (void)snprintf(excerpt->signer, sizeof excerpt->signer, "%s", hex);
    }
    if (excerpt->signs != UINT32_MAX)
        want(excerpt, excerpt->signs);
}

/* The blob that says what the file is, then the keys, as they lie in the ring. */
static bool write_excerpt(const struct excerpt *excerpt)
{
    size_t room = FIRST_BLOB, size = FIRST_BLOB;
    for (size_t i = 0; i < excerpt->n_wanted; i++)
        room += excerpt->places[excerpt->wanted[i]].size;
    uint8_t *bytes = malloc(room);
    bool good = bytes && fd_read_at(excerpt->ring, bytes, FIRST_BLOB, 0) == RESULT_OK;
    for (size_t i = 0; good && i < excerpt->n_wanted; i++) {
        const struct place *place = &excerpt->places[excerpt->wanted[i]];
        good = fd_read_at(excerpt->ring, bytes + size, place->size, place->at) == RESULT_OK;
        size += place->size;
    }
    int fd = good ? open(excerpt->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    good = fd >= 0 && fd_write_all(fd, bytes, size) == RESULT_OK;
    fd_close(&fd);
    free(bytes);
    return good;
}

void excerpt_take(struct excerpt *excerpt, const struct job_request *request)
{
    if (!excerpt)
        return;
    excerpt->n_wanted = 0;
    for (size_t i = 0; i < request->n_fingerprints; i++)
        want_key(excerpt, request->fingerprints[i]);
    want_signer(excerpt, request->signer);
    if (excerpt->n_held && excerpt->n_wanted == excerpt->n_held &&
        memcmp(excerpt->wanted, excerpt->held, excerpt->n_held * sizeof *excerpt->held) == 0)
        return;
    memcpy(excerpt->held, excerpt->wanted, excerpt->n_wanted * sizeof *excerpt->wanted);
    excerpt->n_held = write_excerpt(excerpt) ? excerpt->n_wanted : 0;
    /* Half of one would be an error to gpg; none is a search in the ring. */
    if (!excerpt->n_held)
        (void)unlink(excerpt->path);
}
