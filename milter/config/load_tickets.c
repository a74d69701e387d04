/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "config/values.h"

#include <string.h>
#include <sys/stat.h>

static const char ID_DIGITS[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* "ID KEY": up to 16 letters and digits, and 64 hexadecimal digits. Lines with # and empty ones say nothing.
 */
static bool read_line(struct values *values, unsigned line, char *text, struct ticket_key *key)
{
    char *rest = NULL, *id = strtok_r(text, " \t\r", &rest);
    if (!id || *id == '#')
        return false;
    char *digits = strtok_r(NULL, " \t\r", &rest), *more = strtok_r(NULL, " \t\r", &rest);
    size_t length = strlen(id);
    if (length >= sizeof key->id || strspn(id, ID_DIGITS) != length || !digits || more ||
        hex_decode(digits, key->bytes, sizeof key->bytes) != RESULT_OK) {
        values_wrong(values, line, "not a key of tickets: make the file with 'khatm tickets make'");
        return false;
    }
    memcpy(key->id, id, length + 1);
    return true;
}

static void add_key(struct values *values, unsigned line, const struct ticket_key *key, struct config *config)
{
    for (size_t i = 0; i < config->tickets.n_keys; i++)
        if (strcmp(config->tickets.keys[i].id, key->id) == 0)
            values_wrong(values, line, "key %s is there twice: take one of them out", key->id);
    if (config->tickets.n_keys == TICKET_KEYS_MAX)
        values_wrong(values, line, "more than %d keys: take the oldest out, they are the last ones",
                     TICKET_KEYS_MAX);
    else
        config->tickets.keys[config->tickets.n_keys++] = *key;
}

/* Who can read the keys can write tickets. */
static void check_secret(struct values *values, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || (status.st_mode & S_IROTH))
        values_wrong(values, 0, "everybody may read the keys of tickets: chmod 640 %s", path);
}

enum result load_tickets(struct arena *arena, const struct source *source, struct config *config,
                         struct problem *problem)
{
    struct values values = {.arena = arena, .path = source->path, .problem = problem, .result = RESULT_OK};
    struct ticket_key key;
    char *text = arena_copy(arena, source->text, source->size + 1);
    unsigned line = 0;
    config->tickets.keys = arena_alloc(arena, TICKET_KEYS_MAX, sizeof *config->tickets.keys);
    if (!text || !config->tickets.keys)
        values_no_memory(&values);
    check_secret(&values, source->path);
    for (char *next = text; values.result == RESULT_OK && config->tickets.keys && next && *next;) {
        char *here = next, *end = strchr(here, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        if (read_line(&values, ++line, here, &key))
            add_key(&values, line, &key, config);
    }
    if (values.result == RESULT_OK && !config->tickets.n_keys)
        values_wrong(&values, 0, "no key at all: make one with 'khatm tickets rotate %s'", source->path);
    return values.result;
}
