/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys_take.h"

#include "base/text.h"
#include "policy/date.h"
#include "seal/candidate.h"
#include "seal/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

struct search {
    const struct keys_world *world;
    const char *wanted; /* address that is looked for; NULL: any */
    struct keys_taken *taken;
};

/* Of several addresses that are vouched for the one that was asked for, else the first. */
static void note_owner(void *context, const char *address, const char *certifier, const struct key_info *info)
{
    const struct search *search = context;
    struct keys_taken *taken = search->taken;
    const struct registry_entry *entry =
        outlook_entry_for(search->world->config->registry, address, certifier);
    (void)info;
    bool better = search->wanted && text_equal_nocase(address, search->wanted);
    if (!entry || (taken->entry && !better))
        return;
    taken->entry = entry;
    (void)snprintf(taken->address, sizeof taken->address, "%s", address);
}

static void find_owner(const struct keys_world *world, const struct candidate *candidate, const char *wanted,
                       struct keys_taken *taken)
{
    const struct search search = {world, wanted, taken};
    (void)snprintf(taken->fingerprint, sizeof taken->fingerprint, "%s", candidate_fingerprint(candidate));
    taken->entry = find_pin(world, taken->fingerprint);
    if (!taken->entry)
        candidate_each_person(candidate, world->now, note_owner, (void *)(uintptr_t)&search);
}

static struct outlook look_again(const struct keys_world *world, const struct keys_taken *taken)
{
    struct key_info key = {.state = KEY_UNKNOWN};
    const struct keys *keys = world->sealer ? sealer_keys(world->sealer) : NULL;
    if (!taken->address[0])
        return outlook_of(taken->entry, keys, world->now);
    if (keys && keys_find(keys, taken->fingerprint, world->now, &key) == RESULT_TRY_LATER)
        key.state = KEY_UNKNOWN;
    return outlook_of_key(taken->entry, taken->address, &key, world->now);
}

/* As the home has it; empty: it has not. */
static void read_known(const struct keys_world *world, const char *fingerprint, struct buffer *key)
{
    struct problem ignored;
    buffer_clear(key);
    if (seal_export(&world->config->sealing, fingerprint, false, key, &ignored) != RESULT_OK)
        buffer_clear(key);
}

/* What the home holds may always be brought up to date: a certification taken back, say, leaves nobody who
 * vouches. */
static enum result check_owner(const struct keys_taken *taken, bool known, struct problem *problem)
{
    if (taken->entry || known)
        return RESULT_OK;
    return problem_set(problem, RESULT_BAD_INPUT,
                       "its fingerprint %s is in no entry of the registry, and no domain that has user-keys "
                       "certified it for an address of its own",
                       taken->fingerprint);
}

/* Who was asked speaks for that address alone. */
static enum result check_answer(const struct keys_asked *asked, const struct keys_taken *taken,
                                struct problem *problem)
{
    bool same = strcmp(asked->fingerprint, taken->fingerprint) == 0;
    if (same || (!taken->entry && !asked->fingerprint[0]))
        return RESULT_OK;
    if (taken->entry == asked->entry &&
        (!taken->address[0] || text_equal_nocase(taken->address, asked->address)))
        return RESULT_OK;
    return problem_set(problem, RESULT_BAD_INPUT, "the key %s is not that of %s, but of %s",
                       taken->fingerprint, asked->address,
                       taken->address[0] ? taken->address
                       : taken->entry    ? taken->entry->domain
                                         : "nobody who is vouched for");
}

enum result keys_take(struct keys_world *world, const struct buffer *key, const struct keys_asked *asked,
                      struct keys_taken *taken_out, struct problem *problem)
{
    struct candidate *candidate = NULL;
    struct buffer before, after;
    *taken_out = (struct keys_taken){.entry = NULL};
    buffer_init(&before, 0);
    buffer_init(&after, 0);
    enum result result = candidate_open(&world->config->sealing, world->config->registry, buffer_text(key),
                                        key->size, &candidate, problem);
    if (result == RESULT_OK) {
        find_owner(world, candidate, asked ? asked->address : NULL, taken_out);
        if (asked || !taken_out->entry)
            read_known(world, taken_out->fingerprint, &before);
        result = check_owner(taken_out, before.size, problem);
    }
    if (result == RESULT_OK && asked)
        result = check_answer(asked, taken_out, problem);
    if (result == RESULT_OK)
        result = candidate_take(candidate, problem);
    if (result == RESULT_OK && asked) {
        read_known(world, taken_out->fingerprint, &after);
        taken_out->changed =
            before.size != after.size || memcmp(buffer_text(&before), buffer_text(&after), after.size) != 0;
    }
    candidate_free(candidate);
    buffer_free(&before);
    buffer_free(&after);
    return result;
}

int keys_taken_say(struct keys_world *world, const struct keys_taken *taken)
{
    char words[OUTLOOK_WORDS], day[DATE_ROOM];
    const char *fingerprint = taken->fingerprint;
    if (!taken->entry) {
        (void)printf("taken in, but nobody vouches for the key %s: it is not used\n", fingerprint);
        return KEYS_EXIT_UNUSABLE;
    }
    if (taken->entry->signing_fingerprint && strcmp(taken->entry->signing_fingerprint, fingerprint) == 0 &&
        !taken->address[0]) {
        (void)printf("taken in: the key %s, which signs what %s seals\n", fingerprint, taken->entry->domain);
        return EX_OK;
    }
    keys_ask_anew(world);
    if (world->trouble.text[0])
        return keys_complain(world->options, EX_TEMPFAIL, world->trouble.text);
    struct outlook outlook = look_again(world, taken);
    if (outlook.stage == OUTLOOK_UNKNOWN) {
        (void)printf("taken in, but nobody could say whether the key %s can be used: ask khatm keys check\n",
                     fingerprint);
        return EX_TEMPFAIL;
    }
    if (outlook_is_news(outlook.stage)) {
        outlook_say(&outlook, words);
        (void)printf("taken in, but %s\n", words);
        return outlook.stage == OUTLOOK_UNUSABLE ? KEYS_EXIT_UNUSABLE : KEYS_EXIT_SOON;
    }
    date_format(outlook.key.expires, day);
    (void)printf("taken in: the key %s of %s, %s%s\n", fingerprint,
                 taken->address[0] ? taken->address : taken->entry->domain,
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

enum result keys_ready_home(struct keys_world *world, struct problem *problem)
{
    const char *home = world->config->sealing.homedir;
    enum result result = keys_become_owner(world, home, problem);
    if (result == RESULT_OK && mkdir(home, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be made: %s", home, strerror(errno));
    if (result == RESULT_OK && access(home, R_OK | W_OK | X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s cannot be written: run it as root", home);
    return result == RESULT_OK ? check_files(home, problem) : result;
}
