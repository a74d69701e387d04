/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "base/buffer.h"
#include "policy/date.h"
#include "seal/candidate.h"
#include "seal/export.h"

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
        if (entry->signing_fingerprint && strcmp(entry->signing_fingerprint, fingerprint) == 0)
            return entry;
    }
    return NULL;
}

/* Whose key it is: a domain's, or somebody's there. */
struct owner {
    const struct keys_world *world;
    const struct registry_entry *entry;            /* NULL: nobody's that we know */
    char address[256], certifier[FINGERPRINT_HEX]; /* empty: the domain's */
};

static void note_owner(void *context, const char *address, const char *certifier, const struct key_info *info)
{
    struct owner *owner = context;
    const struct registry_entry *entry =
        outlook_entry_for(owner->world->config->registry, address, certifier);
    (void)info;
    if (!entry || owner->entry)
        return;
    owner->entry = entry;
    (void)snprintf(owner->address, sizeof owner->address, "%s", address);
    (void)snprintf(owner->certifier, sizeof owner->certifier, "%s", certifier);
}

static void find_owner(const struct candidate *candidate, struct owner *owner)
{
    owner->entry = find_pin(owner->world, candidate_fingerprint(candidate));
    if (!owner->entry)
        candidate_each_person(candidate, owner->world->now, note_owner, owner);
}

static struct outlook look_again(struct keys_world *world, const struct owner *owner, const char *fingerprint)
{
    struct key_info key = {.state = KEY_UNKNOWN};
    const struct keys *keys = world->sealer ? sealer_keys(world->sealer) : NULL;
    if (!owner->address[0])
        return outlook_of(owner->entry, keys, world->now);
    if (keys && keys_find(keys, fingerprint, world->now, &key) == RESULT_TRY_LATER)
        key.state = KEY_UNKNOWN;
    return outlook_of_key(owner->entry, owner->address, &key, world->now);
}

/* What the home holds may always be brought up to date: a certification taken back, say, leaves nobody who
 * vouches. */
static bool is_known(const struct keys_world *world, const char *fingerprint)
{
    struct problem ignored;
    struct buffer key;
    buffer_init(&key, 0);
    enum result result = seal_export(&world->config->sealing, fingerprint, false, &key, &ignored);
    buffer_free(&key);
    return result == RESULT_OK;
}

/* How it stands now that it is in: what the home knew of it before counts, too. */
static int tell(struct keys_world *world, const struct owner *owner, const char *fingerprint)
{
    char words[OUTLOOK_WORDS], day[DATE_ROOM];
    if (!owner->entry) {
        (void)printf("taken in, but nobody vouches for the key %s: it is not used\n", fingerprint);
        return KEYS_EXIT_UNUSABLE;
    }
    if (owner->entry->signing_fingerprint && strcmp(owner->entry->signing_fingerprint, fingerprint) == 0 &&
        !owner->address[0]) {
        (void)printf("taken in: the key %s, which signs what %s seals\n", fingerprint, owner->entry->domain);
        return EX_OK;
    }
    keys_ask(world);
    if (world->trouble.text[0])
        return keys_complain(world->options, EX_TEMPFAIL, world->trouble.text);
    struct outlook outlook = look_again(world, owner, fingerprint);
    if (outlook_is_news(outlook.stage)) {
        outlook_say(&outlook, words);
        (void)printf("taken in, but %s\n", words);
        return outlook.stage == OUTLOOK_UNUSABLE ? KEYS_EXIT_UNUSABLE : KEYS_EXIT_SOON;
    }
    date_format(outlook.key.expires, day);
    (void)printf("taken in: the key %s of %s, %s%s\n", fingerprint,
                 owner->address[0] ? owner->address : owner->entry->domain,
                 outlook.key.expires ? "until " : "without end", outlook.key.expires ? day : "");
    return EX_OK;
}

/* What gpg once wrote there as root is root's. */
static enum result check_files(const char *home, struct problem *problem)
{
    static const char *const names[] = {"pubring.kbx", "pubring.gpg", "trustdb.gpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[SEAL_HOME_MAX + 16];
        (void)snprintf(path, sizeof path, "%s/%s", home, names[i]);
        if (access(path, R_OK | W_OK) != 0 && errno != ENOENT)
            return problem_set(problem, RESULT_TRY_LATER,
                               "%s is not the owner's of its folder: chown --reference=%s %s", path, home,
                               path);
    }
    return RESULT_OK;
}

static enum result ready_home(struct keys_world *world, struct problem *problem)
{
    const char *home = world->config->sealing.homedir;
    enum result result = keys_become_owner(world, home, problem);
    if (result == RESULT_OK && mkdir(home, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be made: %s", home, strerror(errno));
    if (result == RESULT_OK && access(home, R_OK | W_OK | X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be written: run it as root", home);
    return result == RESULT_OK ? check_files(home, problem) : result;
}

static int import(struct keys_world *world, const struct buffer *bytes)
{
    const struct keys_options *options = world->options;
    char fingerprint[FINGERPRINT_HEX] = "";
    struct problem problem = {""};
    struct candidate *candidate = NULL;
    struct owner owner = {.world = world};
    enum result result = ready_home(world, &problem);
    if (result == RESULT_OK)
        result = candidate_open(&world->config->sealing, world->config->registry, buffer_text(bytes),
                                bytes->size, &candidate, &problem);
    if (result == RESULT_OK) {
        (void)snprintf(fingerprint, sizeof fingerprint, "%s", candidate_fingerprint(candidate));
        find_owner(candidate, &owner);
    }
    if (result == RESULT_OK && !owner.entry && !is_known(world, fingerprint))
        result =
            problem_set(&problem, RESULT_BAD_INPUT,
                        "its fingerprint %s is in no entry of the registry, and no domain that has user-keys "
                        "certified it for an address of its own",
                        fingerprint);
    if (result == RESULT_OK)
        result = candidate_take(candidate, &problem);
    candidate_free(candidate);
    if (result != RESULT_OK)
        return refuse(options, result == RESULT_BAD_INPUT ? EX_DATAERR : EX_TEMPFAIL, problem.text);
    return tell(world, &owner, fingerprint);
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
