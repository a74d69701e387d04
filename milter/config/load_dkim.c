/* SPDX-License-Identifier: Apache-2.0 */
/* The sections `dkim` and `dkim-key` of khatm.conf: signatures over what leaves. */
#include "base/text.h"
#include "config/load.h"
#include "config/values.h"
#include "policy/domain.h"

#include <string.h>
#include <sys/stat.h>

enum {
    MINUTE_MS = 60 * 1000,
    LEAST_MS = 100,
    MOST_MS = 10 * MINUTE_MS,
    HOUR_MS = 60 * MINUTE_MS,
    LABEL_MAX = 63,
    NAME_MAX_BYTES = 253,
    NAMES_MAX = 40,
};

const struct syntax in_dkim[] = {{"program", SYNTAX_TEXT, NULL},  {"processes", SYNTAX_TEXT, NULL},
                                 {"wait", SYNTAX_TEXT, NULL},     {"deadline", SYNTAX_TEXT, NULL},
                                 {"lifetime", SYNTAX_TEXT, NULL}, {"unsealed", SYNTAX_TEXT, NULL},
                                 {"headers", SYNTAX_LIST, NULL},  {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_dkim_key[] = {{"file", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};

/* RFC 6376 5.4.1, and what says how the body is to be read. */
static const char *const names_by_default[] = {"From",
                                               "Sender",
                                               "Reply-To",
                                               "To",
                                               "Cc",
                                               "Subject",
                                               "Date",
                                               "Message-ID",
                                               "In-Reply-To",
                                               "References",
                                               "MIME-Version",
                                               "Content-Type",
                                               "Content-Transfer-Encoding",
                                               "Resent-From",
                                               "Resent-Sender",
                                               "Resent-To",
                                               "Resent-Cc",
                                               "Resent-Date",
                                               "Resent-Message-ID",
                                               NULL};

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/* --- the fields
 * ------------------------------------------------------------------------------------------------ */

static bool has_name(const char *const *names, const char *name, size_t until)
{
    for (size_t i = 0; i < until && names[i]; i++)
        if (text_equal_nocase(names[i], name))
            return true;
    return false;
}

/* One argument of a program, and a list in a signature. */
static void check_name(struct values *values, unsigned line, const char *const *names, size_t i)
{
    size_t size = strlen(names[i]);
    if (!size || size > LABEL_MAX || strspn(names[i], LETTERS) != size)
        values_wrong(values, line, "headers: '%s' is no name of a header field", names[i]);
    else if (text_equal_nocase(names[i], "DKIM-Signature") || text_equal_nocase(names[i], "Received") ||
             text_equal_nocase(names[i], "Return-Path"))
        values_wrong(values, line, "headers: %s is written on the way (RFC 6376 5.4): take it out", names[i]);
    else if (has_name(names, names[i], i))
        values_wrong(values, line, "headers: %s is there twice", names[i]);
    else if (i >= NAMES_MAX)
        values_wrong(values, line, "headers: more than %d", NAMES_MAX);
}

static const char *read_names(struct values *values, const struct block *block)
{
    const char *const *given = values_list(values, block, "headers");
    const char *const *names = *given ? given : names_by_default;
    unsigned line = values_line(block, "headers");
    const char *joined = "";
    for (size_t i = 0; names[i] && joined; i++) {
        check_name(values, line, names, i);
        joined = arena_printf(values->arena, "%s%s%s", joined, i ? ":" : "", names[i]);
    }
    if (!has_name(names, "From", NAMES_MAX) || !has_name(names, "Content-Type", NAMES_MAX))
        values_wrong(values, line,
                     "headers: From and Content-Type must be among them: a signature without them proves "
                     "nothing");
    if (!joined)
        values_no_memory(values);
    return joined;
}

/* --- the keys
 * -------------------------------------------------------------------------------------------------- */

/* The selector may have dots. */
static bool is_selector(const char *text, size_t size)
{
    size_t label = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '.' && (!memchr(LETTERS, text[i], sizeof LETTERS - 1)))
            return false;
        label = text[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MAX || (text[i] == '.' && (i == 0 || text[i - 1] == '.')))
            return false;
    }
    return label > 0;
}

static uint64_t stamp_of(const char *file)
{
    struct stat about;
    if (stat(file, &about) != 0)
        return 0;
    return ((uint64_t)about.st_ino << 40) ^ ((uint64_t)about.st_ctim.tv_sec << 20) ^
           (uint64_t)about.st_ctim.tv_nsec ^ 1U;
}

/* SELECTOR._domainkey.DOMAIN. */
static bool read_key_name(struct values *values, const struct block *block, struct dkim_key_settings *key)
{
    static const char infix[] = "._domainkey.";
    char domain[DOMAIN_ROOM];
    const char *middle = strstr(block->title, infix);
    size_t selector = middle ? (size_t)(middle - block->title) : 0;
    if (!middle || strlen(block->title) > NAME_MAX_BYTES || !is_selector(block->title, selector) ||
        !domain_canonical(middle + sizeof infix - 1, domain)) {
        values_wrong(values, block->line,
                     "dkim-key \"%s\": write the name of its DNS record: "
                     "\"SELECTOR._domainkey.ministry.example\"",
                     block->title);
        return false;
    }
    key->name = arena_printf(values->arena, "%.*s%s%s", (int)selector, block->title, infix, domain);
    if (!key->name) {
        values_no_memory(values);
        return false;
    }
    key->domain = key->name + selector + sizeof infix - 1;
    return true;
}

static void read_key(struct values *values, const struct block *block, struct dkim_key_settings *key)
{
    if (!read_key_name(values, block, key))
        return;
    const char *file = values_required(values, block, "file", "\"dkim/s2026.private\"");
    key->file = source_beside(values->arena, values->path, file);
    if (!key->file)
        values_no_memory(values);
    else
        key->stamp = stamp_of(key->file);
}

static void read_keys(struct values *values, const struct block *file, struct dkim_settings *dkim)
{
    struct dkim_key_settings *keys = arena_alloc(values->arena, DKIM_KEYS_MAX, sizeof *keys);
    if (!keys) {
        values_no_memory(values);
        return;
    }
    for (size_t i = 0; i < file->n_blocks; i++) {
        const struct block *block = &file->blocks[i];
        if (strcmp(block->name, "dkim-key") != 0)
            continue;
        if (dkim->n_keys == DKIM_KEYS_MAX) {
            values_wrong(values, block->line, "dkim-key: more than %d", DKIM_KEYS_MAX);
            return;
        }
        read_key(values, block, &keys[dkim->n_keys++]);
    }
    dkim->keys = keys;
}

void load_dkim(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "dkim");
    struct dkim_settings *dkim = &config->dkim;
    *dkim = (struct dkim_settings){
        .program = load_program(values, block, "program", "khatm-dkim-signer"),
        .processes = values_number(values, block, "processes", 2, 1, 64),
        .wait_ms = values_duration_ms(values, block, "wait", MINUTE_MS / 2, LEAST_MS, MOST_MS),
        .deadline_ms = values_duration_ms(values, block, "deadline", MINUTE_MS / 3, LEAST_MS, MOST_MS),
        .lifetime_s = values_find(block, "lifetime")
                          ? values_duration_ms(values, block, "lifetime", 0, (int64_t)24 * HOUR_MS,
                                               (int64_t)366 * 24 * HOUR_MS) /
                                1000
                          : 0,
        .unsealed = values_yes(values, block, "unsealed", true),
        .names = read_names(values, block),
    };
    read_keys(values, file, dkim);
    if (block && !dkim->n_keys)
        values_wrong(values, block->line,
                     "dkim without a key: nothing is signed: add dkim-key \"SELECTOR._domainkey.DOMAIN\" { "
                     "file = \"…\" }");
}
