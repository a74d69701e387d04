/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "base/buffer.h"
#include "policy/date.h"
#include "seal/candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

static const char *file_name(const struct keys_options *options)
{
    return strcmp(options->object, "-") == 0 ? "standard input" : options->object;
}

static int refuse(const struct keys_options *options, int code, const char *why)
{
    (void)fprintf(stderr, "%s: %s: not taken in: %s\n", options->argv0, file_name(options), why);
    return code;
}

/* Read as whoever calls us: the file may be his alone. */
static int read_file(const struct keys_options *options, struct buffer *bytes)
{
    char block[16384];
    bool standard = strcmp(options->object, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(options->object, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = fd < 0 ? -1 : read(fd, block, sizeof block);
    for (; got > 0 && !bytes->failed; got = read(fd, block, sizeof block))
        buffer_append(bytes, block, (size_t)got);
    int error = got < 0 ? errno : 0;
    if (fd >= 0 && !standard)
        (void)close(fd);
    if (error)
        return refuse(options, EX_DATAERR, strerror(error));
    return bytes->failed ? refuse(options, EX_DATAERR, "it is too long for a key") : EX_OK;
}

/* The entry that pins it; NULL: none does. */
static const struct registry_entry *find_pin(const struct keys_world *world, const char *fingerprint)
{
    const struct registry *registry = world->config->registry;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (entry->key_fingerprint && strcmp(entry->key_fingerprint, fingerprint) == 0)
            return entry;
    }
    return NULL;
}

/* How it stands now that it is in: what the home knew of it before counts, too. */
static int tell(struct keys_world *world, const struct registry_entry *entry)
{
    char words[OUTLOOK_WORDS], day[DATE_ROOM];
    keys_ask(world);
    if (world->trouble.text[0])
        return EX_TEMPFAIL;
    struct outlook outlook = outlook_of(entry, world->sealer ? sealer_keys(world->sealer) : NULL, world->now);
    if (outlook_is_news(outlook.stage)) {
        outlook_say(&outlook, words);
        (void)printf("taken in, but %s\n", words);
        return outlook.stage == OUTLOOK_UNUSABLE ? KEYS_EXIT_UNUSABLE : KEYS_EXIT_SOON;
    }
    date_format(outlook.key.expires, day);
    (void)printf("taken in: the key %s of %s, %s%s\n", entry->key_fingerprint, entry->domain,
                 outlook.key.expires ? "until " : "without end", outlook.key.expires ? day : "");
    return EX_OK;
}

static enum result ready_home(struct keys_world *world, struct problem *problem)
{
    const char *home = world->config->sealing.homedir;
    enum result result = keys_become_owner(world, home, problem);
    if (result == RESULT_OK && mkdir(home, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be made: %s", home, strerror(errno));
    if (result == RESULT_OK && access(home, R_OK | W_OK | X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be written: run it as root", home);
    return result;
}

static int import(struct keys_world *world, const struct buffer *bytes)
{
    const struct keys_options *options = world->options;
    struct problem problem = {""};
    struct candidate *candidate = NULL;
    const struct registry_entry *entry = NULL;
    enum result result = ready_home(world, &problem);
    if (result == RESULT_OK)
        result =
            candidate_open(&world->config->sealing, buffer_text(bytes), bytes->size, &candidate, &problem);
    if (result == RESULT_OK) {
        entry = find_pin(world, candidate_fingerprint(candidate));
        if (!entry)
            result =
                problem_set(&problem, RESULT_BAD_INPUT, "its fingerprint %s is in no entry of the registry",
                            candidate_fingerprint(candidate));
    }
    if (result == RESULT_OK)
        result = candidate_take(candidate, &problem);
    candidate_free(candidate);
    if (result != RESULT_OK || !entry)
        return refuse(options, result == RESULT_BAD_INPUT ? EX_DATAERR : EX_TEMPFAIL, problem.text);
    return tell(world, entry);
}

int keys_import(const struct keys_options *options)
{
    struct keys_world world;
    struct buffer bytes;
    buffer_init(&bytes, FILE_MAX);
    int code = read_file(options, &bytes);
    if (code == EX_OK) {
        code = keys_open(options, &world);
        if (code == EX_OK)
            code = import(&world, &bytes);
        keys_close(&world);
    }
    buffer_free(&bytes);
    return code;
}
