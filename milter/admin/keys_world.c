/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int keys_complain(const struct keys_options *options, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", options->argv0, text);
    return code;
}

enum result keys_load(const char *config, struct keys_world *world, struct problem *problem)
{
    *world = (struct keys_world){.now = (int64_t)time(NULL)};
    return scratch_load(&world->scratch, config, &world->config, problem);
}

int keys_open(const struct keys_options *options, struct keys_world *world)
{
    struct problem problem = {""};
    enum result result = keys_load(options->config, world, &problem);
    world->options = options;
    if (result != RESULT_OK)
        return keys_complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    if (world->config->registry_file.trust == REGISTRY_KEPT)
        (void)keys_complain(options, 0, world->config->registry_file.refused);
    return EX_OK;
}

void keys_close(struct keys_world *world)
{
    sealer_free(world->sealer);
    sealer_free(world->own);
    if (world->config)
        config_unref(world->config);
    scratch_remove(&world->scratch);
}

bool keys_is_own(const struct keys_world *world, const struct registry_entry *entry)
{
    for (size_t i = 0; world->config->local_domains[i]; i++)
        if (strcmp(world->config->local_domains[i], entry->domain) == 0)
            return true;
    return false;
}

/* own: those of our own domains, else of all. */
static enum result make_sealer(const struct keys_world *world, const struct sealing_settings *settings,
                               bool own, struct sealer **sealer_out, struct problem *problem)
{
    const struct registry *registry = world->config->registry;
    size_t count = registry_count(registry), n = 0;
    bool signs = settings->signing && settings->signing->homedir;
    const struct registry_entry **entries = calloc(count + 1, sizeof *entries);
    if (!entries)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (entry->key_fingerprint && (!own || keys_is_own(world, entry)))
            entries[n++] = entry;
    }
    enum result result =
        n || signs ? sealer_new_for_entries(settings, entries, n, sealer_out, problem) : RESULT_NOT_FOUND;
    free(entries);
    return result;
}

/* Of a home that others than its owner may not look into, nothing can be said: least of all that keys are
 * missing. */
static bool may_read(const char *home, struct problem *closed)
{
    char path[SEAL_HOME_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/private-keys-v1.d", home);
    if ((access(home, R_OK | X_OK) == 0 && access(path, R_OK | X_OK) == 0) || errno != EACCES)
        return true;
    problem_set(closed, RESULT_TRY_LATER,
                "%s: may not be read by this user: ask as root, or as the user khatmd runs as", home);
    return false;
}

void keys_ask(struct keys_world *world)
{
    struct problem ignored;
    const char *signing = world->config->signing.homedir, *secrets = world->config->unsealing.homedir;
    struct sealing_settings all = world->config->sealing, own = all;
    if ((world->asks_signer || world->seals) && signing && may_read(signing, &world->closed))
        all.signing = &world->config->signing;
    if (make_sealer(world, &all, false, &world->sealer, &world->trouble) != RESULT_OK)
        world->sealer = NULL;
    else
        (void)!sealer_trouble(world->sealer, &world->trouble);
    own.homedir = secrets;
    /* Where it cannot be read what the other home has of it will do. */
    if (secrets && may_read(secrets, &world->closed) &&
        make_sealer(world, &own, true, &world->own, &ignored) != RESULT_OK)
        world->own = NULL;
    /* A key that ended while gpg was asked was not tried, and has ended. */
    world->now = (int64_t)time(NULL);
}

void keys_ask_anew(struct keys_world *world)
{
    sealer_free(world->sealer);
    sealer_free(world->own);
    world->sealer = world->own = NULL;
    world->trouble.text[0] = '\0';
    keys_ask(world);
}

static struct outlook outlook_in(const struct keys_world *world, const struct registry_entry *entry)
{
    const struct keys *keys = world->sealer ? sealer_keys(world->sealer) : NULL;
    struct outlook outlook = outlook_of(entry, keys, world->now);
    if (!world->config->unsealing.homedir || !keys_is_own(world, entry))
        return outlook;
    if (!world->own) {
        if (outlook.key.state == KEY_MISSING && outlook.stage == OUTLOOK_UNUSABLE && world->closed.text[0])
            return (struct outlook){.entry = entry, .key = {.state = KEY_UNKNOWN}, .stage = OUTLOOK_UNKNOWN};
        return outlook;
    }
    struct outlook ours = outlook_of(entry, sealer_keys(world->own), world->now);
    return ours.key.state == KEY_MISSING ? outlook : ours;
}

struct search {
    const struct keys_world *world;
    const struct registry_entry *entry;
    void (*visit)(void *context, const struct outlook *outlook);
    void *context;
};

static void visit_person(void *context, const char *address, const char *certifier,
                         const struct key_info *key)
{
    const struct search *search = context;
    const struct keys_world *world = search->world;
    if (outlook_entry_for(world->config->registry, address, certifier) != search->entry)
        return;
    struct outlook outlook = outlook_of_key(search->entry, address, key, world->now);
    search->visit(search->context, &outlook);
}

void keys_each(const struct keys_world *world, void (*visit)(void *context, const struct outlook *outlook),
               void *context)
{
    const struct registry *registry = world->config->registry;
    struct search search = {.world = world, .visit = visit, .context = context};
    for (size_t i = 0; i < registry_count(registry); i++) {
        search.entry = registry_get(registry, i);
        struct outlook outlook = outlook_in(world, search.entry);
        visit(context, &outlook);
        bool ended = search.entry->expires && search.entry->expires <= world->now;
        if (world->sealer && !ended && search.entry->user_keys != USER_KEYS_NEVER)
            keys_each_person(sealer_keys(world->sealer), world->now, visit_person, &search);
    }
}

void keys_each_signing(const struct keys_world *world,
                       void (*visit)(void *context, const struct sign_outlook *outlook), void *context)
{
    sign_outlook_each(world->config, world->sealer, world->now, visit, context);
}

enum key_cure keys_cure(enum key_state state)
{
    switch (state) {
    case KEY_REVOKED:
    case KEY_SIGN_ONLY:
    case KEY_WEAK:
    case KEY_BROKEN:
        return CURE_ANOTHER;
    case KEY_DISABLED:
        return CURE_ENABLE;
    case KEY_UNKNOWN:
    case KEY_USABLE:
    case KEY_MISSING:
    case KEY_EXPIRED:
        return CURE_AS_IT_IS_NOW;
    }
    return CURE_AS_IT_IS_NOW;
}

static void own_remedy(enum key_state state, char words[OUTLOOK_WORDS])
{
    const char *what = "prolong it (gpg --quick-set-expire, also with '*'; a subkey that has ended by its "
                       "own fingerprint), then "
                       "hand it out: khatm keys export";
    if (keys_cure(state) == CURE_ANOTHER)
        what = "make another, have the authority write its fingerprint into the registry, then hand it out: "
               "khatm "
               "keys export";
    else if (state == KEY_MISSING)
        what = "name the home that holds it in unsealing.homedir, or take it in: khatm keys import FILE";
    (void)snprintf(words, OUTLOOK_WORDS, "%s", what);
}

void keys_remedy(const struct keys_world *world, const struct outlook *outlook, char words[OUTLOOK_WORDS])
{
    const struct registry_entry *entry = outlook->entry;
    enum key_cure cure = keys_cure(outlook->key.state);
    const char *key = outlook->address ? outlook->key.fingerprint : entry->key_fingerprint;
    char whom[256];
    (void)snprintf(whom, sizeof whom, "%.200s%s", entry->contact ? entry->contact : "postmaster@",
                   entry->contact ? "" : entry->domain);
    if (cure == CURE_ENABLE)
        (void)snprintf(
            words, OUTLOOK_WORDS,
            "if it may be used again, as the user khatm: gpg --homedir %.200s --edit-key %s enable quit",
            world->config->sealing.homedir, key);
    else if (keys_is_own(world, entry) && !outlook->address)
        own_remedy(outlook->key.state, words);
    else if (cure == CURE_ANOTHER)
        (void)snprintf(
            words, OUTLOOK_WORDS, "ask %s for one that can be used%s, then: khatm keys import FILE", whom,
            outlook->address ? "" : "; the registry must have its fingerprint, if that is another");
    else
        (void)snprintf(words, OUTLOOK_WORDS, "ask %s for the key as it is now, then: khatm keys import FILE",
                       whom);
}

static bool find_owner(const char *home, struct stat *about)
{
    char above[SEAL_HOME_MAX];
    if (stat(home, about) == 0)
        return true;
    if (errno != ENOENT || strlen(home) >= sizeof above)
        return false;
    (void)snprintf(above, sizeof above, "%s", home);
    return stat(dirname(above), about) == 0;
}

enum result keys_become_owner(struct keys_world *world, const char *home, struct problem *problem)
{
    struct stat about;
    if (!find_owner(home, &about))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: cannot be looked at: %s: see homedir in khatm.conf(5)", home,
                           strerror(errno));
    if (geteuid() != 0 || about.st_uid == 0)
        return RESULT_OK;
    /* There is a work folder where the registry's signature was verified. */
    bool given = chown(world->scratch.path, about.st_uid, about.st_gid) == 0 &&
                 (chown(world->scratch.work, about.st_uid, about.st_gid) == 0 || errno == ENOENT);
    if (!given || setgroups(0, NULL) != 0 || setgid(about.st_gid) != 0 || setuid(about.st_uid) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "cannot become the owner of %s: %s", home,
                           strerror(errno));
    return RESULT_OK;
}
