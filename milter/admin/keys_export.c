/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "base/buffer.h"
#include "policy/domain.h"
#include "seal/export.h"

#include <stdio.h>
#include <string.h>

/* Of the domain that was named, or of the first of ours that has one. */
static const struct registry_entry *find_entry(const struct keys_world *world, const char *named)
{
    const struct registry *registry = world->config->registry;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (!entry->key_fingerprint || !keys_is_own(world, entry))
            continue;
        if (!named || strcmp(entry->domain, named) == 0)
            return entry;
    }
    return NULL;
}

static int no_entry(const struct keys_options *options)
{
    char line[DOMAIN_ROOM + 160];
    (void)snprintf(line, sizeof line,
                   options->object ? "%.253s: is not a domain of ours with a key in the registry: see "
                                     "local-domains in khatm.conf(5)"
                                   : "%.0sno domain of ours has a key in the registry: the authority pins it",
                   options->object ? options->object : "");
    return keys_complain(options, EX_DATAERR, line);
}

/* Where we open what others seal, our own key is sure to be; else it was imported like theirs. */
static int export(struct keys_world *world, const struct registry_entry *entry)
{
    struct problem problem = {""};
    struct buffer key;
    struct sealing_settings settings = world->config->sealing;
    enum result result = RESULT_NOT_FOUND;
    buffer_init(&key, 0);
    if (world->config->unsealing.homedir) {
        settings.homedir = world->config->unsealing.homedir;
        result = seal_export(&settings, entry->key_fingerprint, true, &key, &problem);
    }
    if (result == RESULT_NOT_FOUND)
        result = seal_export(&world->config->sealing, entry->key_fingerprint, true, &key, &problem);
    if (result == RESULT_OK)
        (void)fwrite(key.bytes, 1, key.size, stdout);
    buffer_free(&key);
    if (result == RESULT_NOT_FOUND)
        problem_set(&problem, result, "the key %s of %s is in neither of our homes: khatm keys import FILE",
                    entry->key_fingerprint, entry->domain);
    if (result == RESULT_OK)
        return EX_OK;
    return keys_complain(world->options, result == RESULT_NOT_FOUND ? KEYS_EXIT_UNUSABLE : EX_TEMPFAIL,
                         problem.text);
}

int keys_export(const struct keys_options *options)
{
    struct keys_world world;
    char domain[DOMAIN_ROOM];
    int code = keys_open(options, &world);
    if (code == EX_OK) {
        bool good = !options->object || domain_canonical(options->object, domain);
        const struct registry_entry *entry =
            good ? find_entry(&world, options->object ? domain : NULL) : NULL;
        if (!entry)
            code = no_entry(options);
        else
            code =
                options->wkd ? keys_publish(&world, options->object ? domain : NULL) : export(&world, entry);
    }
    keys_close(&world);
    return code;
}
