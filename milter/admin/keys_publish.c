/* SPDX-License-Identifier: Apache-2.0 */
/* `khatm keys export --wkd`: what a web server of ours hands out to the gateways of others. */
#include "admin/keys.h"
#include "admin/wkd_tree.h"
#include "base/text.h"
#include "policy/domain.h"
#include "seal/export.h"
#include "wkd/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_HOMES = 2, OPENING = 0, SEALING = 1 };

struct item {
    const struct registry_entry *entry;
    char address[SEAL_ADDRESS_MAX + 1]; /* empty: the domain's key, whichever addresses it has */
    char fingerprint[FINGERPRINT_HEX];
    bool usable;
};

struct publication {
    struct keys_world *world;
    const char *domain; /* NULL: all of ours */
    struct item *items;
    size_t n_items;
    struct seal_exporter *homes[N_HOMES]; /* NULL: it has none of them */
    struct wkd_tree tree;
    const struct registry_entry *entry; /* that is looked at */
    char (*written)[SEAL_ADDRESS_MAX + 1];
    size_t n_written;
    int code;
};

static void complain(struct publication *publication, int code, const char *text)
{
    publication->code = keys_complain(publication->world->options, code, text);
}

static struct item *add_item(struct publication *publication)
{
    struct item *items = realloc(publication->items, (publication->n_items + 1) * sizeof *items);
    if (!items) {
        complain(publication, EX_TEMPFAIL, "no memory");
        return NULL;
    }
    publication->items = items;
    items[publication->n_items] = (struct item){.entry = publication->entry};
    return &items[publication->n_items++];
}

static struct item *find_person(struct publication *publication, const char *address)
{
    for (size_t i = 0; i < publication->n_items; i++)
        if (text_equal_nocase(publication->items[i].address, address))
            return &publication->items[i];
    return NULL;
}

/* Of two keys of one person the one that can be used. */
static void note_person(void *context, const char *address, const char *certifier,
                        const struct key_info *info)
{
    struct publication *publication = context;
    if (outlook_entry_for(publication->world->config->registry, address, certifier) != publication->entry)
        return;
    struct item *item = find_person(publication, address);
    if (item && (item->usable || info->state != KEY_USABLE))
        return;
    if (!item)
        item = add_item(publication);
    if (!item)
        return;
    (void)snprintf(item->address, sizeof item->address, "%s", address);
    memcpy(item->fingerprint, info->fingerprint, sizeof item->fingerprint);
    item->usable = info->state == KEY_USABLE;
}

static void collect(struct publication *publication)
{
    const struct keys_world *world = publication->world;
    const struct registry *registry = world->config->registry;
    for (size_t i = 0; i < registry_count(registry) && publication->code == EX_OK; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (!entry->key_fingerprint || !keys_is_own(world, entry) ||
            (publication->domain && strcmp(entry->domain, publication->domain) != 0))
            continue;
        publication->entry = entry;
        struct item *item = add_item(publication);
        if (item)
            (void)snprintf(item->fingerprint, sizeof item->fingerprint, "%s", entry->key_fingerprint);
        if (world->sealer && entry->user_keys != USER_KEYS_NEVER)
            keys_each_person(sealer_keys(world->sealer), world->now, note_person, publication);
        if (world->own && entry->user_keys != USER_KEYS_NEVER)
            keys_each_person(sealer_keys(world->own), world->now, note_person, publication);
    }
}

static enum result open_homes(struct publication *publication, struct problem *problem)
{
    struct sealing_settings settings = publication->world->config->sealing;
    const char *const homes[N_HOMES] = {
        [OPENING] = publication->world->config->unsealing.homedir, [SEALING] = settings.homedir};
    enum result result = RESULT_OK;
    char(*names)[FINGERPRINT_HEX] = calloc(publication->n_items + 1, sizeof *names);
    if (!names)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    for (size_t i = 0; i < publication->n_items; i++)
        memcpy(names[i], publication->items[i].fingerprint, sizeof names[i]);
    for (size_t i = 0; i < N_HOMES && result == RESULT_OK; i++) {
        settings.homedir = homes[i];
        if (homes[i])
            result = seal_exporter_open(&settings, (const char(*)[FINGERPRINT_HEX])names,
                                        publication->n_items, &publication->homes[i], problem);
        result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
    }
    free(names);
    return result;
}

/* The domain's key is sure to be where we open with it; what came of a person by import, a revocation above
 * all, is in the other home. */
static enum result give(struct publication *publication, const struct item *item, const char *address,
                        struct export_addresses *addresses, struct buffer *key, struct problem *problem)
{
    const struct export_key wanted = {.fingerprint = item->fingerprint,
                                      .certifier = item->address[0] ? item->entry->key_fingerprint : NULL,
                                      .address = address};
    const size_t first = item->address[0] ? SEALING : OPENING;
    enum result result = problem_set(problem, RESULT_NOT_FOUND, "it is in neither of our homes");
    for (size_t i = 0; i < N_HOMES && result == RESULT_NOT_FOUND; i++) {
        struct seal_exporter *home = publication->homes[i ? 1 - first : first];
        if (home)
            result = seal_exporter_give(home, &wanted, addresses, key, problem);
    }
    return result;
}

static enum result write_key(struct publication *publication, const char *address, const struct buffer *key,
                             struct problem *problem)
{
    char domain[DOMAIN_ROOM], local[WKD_LOCAL_MAX + 1], name[WKD_NAME_ROOM], path[WKD_PATH_ROOM];
    const char *at = strrchr(address, '@');
    if (!at || at - address > WKD_LOCAL_MAX || !domain_canonical(at + 1, domain))
        return problem_set(problem, RESULT_BAD_INPUT, "%s is no address to ask for", address);
    (void)snprintf(local, sizeof local, "%.*s", (int)(at - address), address);
    enum result result = wkd_path(local, domain, true, path);
    if (result == RESULT_OK)
        result = wkd_name(local, name);
    if (result == RESULT_OK)
        result = wkd_tree_begin(&publication->tree, domain, problem);
    if (result == RESULT_OK)
        result = wkd_tree_put(&publication->tree, domain, name, key, problem);
    if (result == RESULT_OK)
        (void)printf("%s https://openpgpkey.%s%s\n", address, domain, path);
    return result;
}

static void note_written(struct publication *publication, const char *address)
{
    char(*written)[SEAL_ADDRESS_MAX + 1] =
        realloc(publication->written, (publication->n_written + 1) * sizeof *written);
    if (!written) {
        complain(publication, EX_TEMPFAIL, "no memory");
        return;
    }
    publication->written = written;
    (void)snprintf(written[publication->n_written++], sizeof *written, "%s", address);
}

static void publish(struct publication *publication, const struct item *item, const char *address)
{
    struct problem problem = {""};
    struct buffer key;
    struct export_addresses ignored;
    buffer_init(&key, 0);
    enum result result = give(publication, item, address, &ignored, &key, &problem);
    if (result == RESULT_OK)
        result = write_key(publication, address, &key, &problem);
    buffer_free(&key);
    if (result == RESULT_OK)
        note_written(publication, address);
    else
        complain(publication, EX_TEMPFAIL, problem.text);
}

/* Under each address of its own in that domain. */
static void publish_domain_key(struct publication *publication, const struct item *item)
{
    struct problem problem = {""};
    struct buffer key;
    struct export_addresses addresses = {.n = 0};
    char line[DOMAIN_ROOM + 640], domain[DOMAIN_ROOM];
    size_t n = 0;
    buffer_init(&key, 0);
    enum result result = give(publication, item, NULL, &addresses, &key, &problem);
    buffer_free(&key);
    for (size_t i = 0; result == RESULT_OK && i < addresses.n; i++) {
        const char *at = strrchr(addresses.addresses[i], '@');
        if (!at || !domain_canonical(at + 1, domain) ||
            registry_find(publication->world->config->registry, domain) != item->entry)
            continue;
        publish(publication, item, addresses.addresses[i]);
        n++;
    }
    if (result == RESULT_OK && !n)
        problem_set(&problem, RESULT_NOT_FOUND,
                    "no user id of it has an address there, so that nobody can ask for it: gpg "
                    "--quick-add-uid");
    if (n)
        return;
    (void)snprintf(line, sizeof line, "the key %s of %s is not published: %s", item->fingerprint,
                   item->entry->domain, problem.text);
    complain(publication, result == RESULT_TRY_LATER ? EX_TEMPFAIL : KEYS_EXIT_UNUSABLE, line);
}

struct leftover {
    const struct publication *publication;
    const char *domain;
};

/* Somebody who left, say; or another program's. */
static void tell_leftover(void *context, const char *name)
{
    const struct leftover *leftover = context;
    const struct publication *publication = leftover->publication;
    char local[SEAL_ADDRESS_MAX + 1], domain[DOMAIN_ROOM], known[WKD_NAME_ROOM];
    for (size_t i = 0; i < publication->n_written; i++) {
        const char *at = strrchr(publication->written[i], '@');
        if (!at || !domain_canonical(at + 1, domain) || strcmp(domain, leftover->domain) != 0)
            continue;
        (void)snprintf(local, sizeof local, "%.*s", (int)(at - publication->written[i]),
                       publication->written[i]);
        if (wkd_name(local, known) != RESULT_OK || strcmp(known, name) == 0)
            return;
    }
    (void)fprintf(stderr, "%s: %s/%s: %s is there and is no key of ours: remove it where it should not be\n",
                  publication->world->options->argv0, publication->tree.path, leftover->domain, name);
}

static void run(struct publication *publication)
{
    struct problem problem = {""};
    if (open_homes(publication, &problem) != RESULT_OK) {
        complain(publication, EX_TEMPFAIL, problem.text);
        return;
    }
    for (size_t i = 0; i < publication->n_items; i++) {
        if (publication->items[i].address[0])
            publish(publication, &publication->items[i], publication->items[i].address);
        else
            publish_domain_key(publication, &publication->items[i]);
    }
    for (size_t i = 0; i < publication->n_items; i++) {
        struct leftover leftover = {publication, publication->items[i].entry->domain};
        if (!publication->items[i].address[0])
            wkd_tree_each(&publication->tree, leftover.domain, tell_leftover, &leftover);
    }
}

int keys_publish(struct keys_world *world, const char *domain)
{
    struct problem problem = {""};
    struct publication publication = {.world = world, .domain = domain, .tree = {.root = -1}};
    if (wkd_tree_open(world->options->wkd, &publication.tree, &problem) != RESULT_OK)
        return keys_complain(world->options, EX_CANTCREAT, problem.text);
    keys_ask(world);
    collect(&publication);
    if (publication.code == EX_OK)
        run(&publication);
    wkd_tree_close(&publication.tree);
    for (size_t i = 0; i < N_HOMES; i++)
        seal_exporter_free(publication.homes[i]);
    free(publication.items);
    free(publication.written);
    return publication.code;
}
