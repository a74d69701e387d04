/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/key_table.h"

#include "seal/protocol.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subkey {
    uint64_t key_id;
    int64_t created, expires;
    unsigned flags, bits; /* enum seal_key_flag */
    char algorithm[SEAL_ALGORITHM_MAX + 1];
};

struct entry {
    char fingerprint[FINGERPRINT_HEX];
    char user_id[SEAL_USER_ID_MAX + 1];
    unsigned flags;
    int64_t expires, revoked;
    size_t n_subkeys; /* the primary key is the first */
    struct subkey *subkeys;
};

struct key_table {
    atomic_uint references;
    unsigned rsa_min_bits;
    size_t count, room;
    struct entry *entries;
};

struct key_table *key_table_new(unsigned rsa_min_bits)
{
    struct key_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    atomic_init(&table->references, 1);
    table->rsa_min_bits = rsa_min_bits;
    return table;
}

struct key_table *key_table_ref(struct key_table *table)
{
    atomic_fetch_add(&table->references, 1);
    return table;
}

void key_table_unref(struct key_table *table)
{
    if (!table || atomic_fetch_sub(&table->references, 1) != 1)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->entries[i].subkeys);
    free(table->entries);
    free(table);
}

size_t key_table_count(const struct key_table *table)
{
    return table->count;
}

bool fingerprint_normalise(const char *text, char out[FINGERPRINT_HEX])
{
    size_t n = 0;
    for (; n + 1 < FINGERPRINT_HEX && text[n]; n++)
        out[n] = text[n] >= 'a' && text[n] <= 'f' ? (char)(text[n] - 'a' + 'A') : text[n];
    out[n] = '\0';
    return n + 1 == FINGERPRINT_HEX && !text[n] && strspn(out, "0123456789ABCDEF") == n;
}

static void take_text(const struct wire_field *field, char *text, size_t room)
{
    size_t size = field->size < room ? field->size : room - 1;
    memcpy(text, field->bytes, size);
    text[size] = '\0';
}

/* A field of the key itself while no KEY_ID has come, of the subkey that the last KEY_ID began afterwards. */
static bool take_number(struct entry *entry, struct subkey *subkey, uint8_t tag, uint64_t number)
{
    switch (tag) {
    case SEAL_TAG_FLAGS:
        *(subkey ? &subkey->flags : &entry->flags) = (unsigned)number;
        return number <= 1024;
    case SEAL_TAG_CREATED:
        if (subkey)
            subkey->created = (int64_t)number;
        return number <= INT64_MAX;
    case SEAL_TAG_EXPIRES:
        *(subkey ? &subkey->expires : &entry->expires) = (int64_t)number;
        return number <= INT64_MAX;
    case SEAL_TAG_REVOKED:
        entry->revoked = (int64_t)number;
        return number <= INT64_MAX;
    case SEAL_TAG_BITS:
        if (subkey)
            subkey->bits = (unsigned)number;
        return subkey && number <= 1 << 20;
    default:
        return false;
    }
}

static bool take_field(struct entry *entry, struct subkey *subkeys, const struct wire_field *field)
{
    uint64_t number = 0;
    struct subkey *subkey = entry->n_subkeys ? &subkeys[entry->n_subkeys - 1] : NULL;
    switch (field->tag) {
    case SEAL_TAG_FINGERPRINT: {
        char text[FINGERPRINT_HEX];
        take_text(field, text, sizeof text);
        return fingerprint_normalise(text, entry->fingerprint);
    }
    case SEAL_TAG_USER_ID:
        take_text(field, entry->user_id, sizeof entry->user_id);
        return true;
    case SEAL_TAG_ALGORITHM:
        if (subkey)
            take_text(field, subkey->algorithm, sizeof subkey->algorithm);
        return subkey != NULL;
    default:
        break;
    }
    if (wire_number(field, &number) != RESULT_OK)
        return false;
    if (field->tag != SEAL_TAG_KEY_ID)
        return take_number(entry, subkey, field->tag, number);
    if (entry->n_subkeys == SEAL_SUBKEYS_MAX)
        return false;
    subkeys[entry->n_subkeys++] = (struct subkey){.key_id = number};
    return true;
}

static struct entry *table_room(struct key_table *table)
{
    if (table->count < table->room)
        return &table->entries[table->count];
    size_t room = table->room ? table->room * 2 : 16;
    struct entry *entries = realloc(table->entries, room * sizeof *entries);
    if (!entries)
        return NULL;
    table->entries = entries;
    table->room = room;
    return &entries[table->count];
}

enum result key_table_add(struct key_table *table, const struct wire_frame *frame)
{
    struct subkey subkeys[SEAL_SUBKEYS_MAX];
    struct wire_field field;
    size_t cursor = 0;
    struct entry *entry = table_room(table);
    if (!entry)
        return RESULT_TRY_LATER;
    memset(entry, 0, sizeof *entry);
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(entry, subkeys, &field))
            return RESULT_BAD_INPUT;
    if (!entry->fingerprint[0] || !entry->n_subkeys)
        return RESULT_BAD_INPUT;
    entry->subkeys = malloc(entry->n_subkeys * sizeof *entry->subkeys);
    if (!entry->subkeys)
        return RESULT_TRY_LATER;
    memcpy(entry->subkeys, subkeys, entry->n_subkeys * sizeof *entry->subkeys);
    table->count++;
    return RESULT_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->fingerprint, ((const struct entry *)b)->fingerprint);
}

static int compare_name(const void *name, const void *entry)
{
    return strcmp(name, ((const struct entry *)entry)->fingerprint);
}

void key_table_sort(struct key_table *table)
{
    if (table->count)
        qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
}

static bool past(int64_t expires, int64_t now)
{
    return expires && expires <= now;
}

/* The subkey that gpg 2.2 takes: the newest of those valid now, the first of equals; the primary key only
 * when no subkey will do. NULL: none. */
static const struct subkey *encryption_subkey(const struct entry *entry, int64_t now)
{
    const struct subkey *best = NULL;
    const unsigned bad = SEAL_KEY_REVOKED | SEAL_KEY_INVALID | SEAL_KEY_DISABLED;
    for (size_t i = 0; i < entry->n_subkeys; i++) {
        const struct subkey *subkey = &entry->subkeys[i];
        bool good = (subkey->flags & SEAL_KEY_ENCRYPTS) && !(subkey->flags & bad) &&
                    !past(subkey->expires, now) && subkey->created <= now;
        bool better = !best || (best->flags & SEAL_KEY_PRIMARY) || subkey->created > best->created;
        if (good && better)
            best = subkey;
    }
    return best;
}

/* No subkey serves: was there one that ran out, one that was withdrawn, or never any? */
static enum key_state why_none(const struct entry *entry, int64_t now, int64_t *time_out)
{
    enum key_state state = KEY_SIGN_ONLY;
    for (size_t i = 0; i < entry->n_subkeys; i++) {
        const struct subkey *subkey = &entry->subkeys[i];
        if (!(subkey->flags & SEAL_KEY_ENCRYPTS))
            continue;
        if (subkey->flags & SEAL_KEY_REVOKED) {
            state = state == KEY_SIGN_ONLY ? KEY_REVOKED : state;
        } else if (past(subkey->expires, now)) {
            state = KEY_EXPIRED;
            *time_out = subkey->expires > *time_out ? subkey->expires : *time_out;
        }
    }
    return state;
}

static bool weak(const struct subkey *subkey, unsigned rsa_min_bits)
{
    return subkey->flags & SEAL_KEY_RSA ? subkey->bits < rsa_min_bits : !(subkey->flags & SEAL_KEY_CURVE);
}

static enum key_state judge(const struct key_table *table, const struct entry *entry, int64_t now,
                            struct key_info *info)
{
    const struct subkey *subkey = encryption_subkey(entry, now);
    const struct subkey *shown = subkey ? subkey : &entry->subkeys[0];
    memcpy(info->algorithm, shown->algorithm, sizeof shown->algorithm);
    info->expires = entry->expires;
    if (subkey && subkey->expires && (!info->expires || subkey->expires < info->expires))
        info->expires = subkey->expires;
    if (entry->flags & SEAL_KEY_REVOKED) {
        info->time = entry->revoked;
        return KEY_REVOKED;
    }
    if (entry->flags & SEAL_KEY_DISABLED)
        return KEY_DISABLED;
    if (past(entry->expires, now)) {
        info->time = entry->expires;
        return KEY_EXPIRED;
    }
    if (entry->flags & SEAL_KEY_INVALID)
        return KEY_SIGN_ONLY;
    if (!subkey)
        return why_none(entry, now, &info->time);
    if (weak(subkey, table->rsa_min_bits) || weak(&entry->subkeys[0], table->rsa_min_bits))
        return KEY_WEAK;
    info->encryption_key_ids[0] = subkey->key_id;
    return KEY_USABLE;
}

enum result key_table_find(const struct key_table *table, const char *fingerprint, int64_t now,
                           struct key_info *info_out)
{
    *info_out = (struct key_info){.state = KEY_MISSING};
    if (!fingerprint_normalise(fingerprint, info_out->fingerprint) || !table->count)
        return RESULT_NOT_FOUND;
    const struct entry *entry =
        bsearch(info_out->fingerprint, table->entries, table->count, sizeof *table->entries, compare_name);
    if (!entry)
        return RESULT_NOT_FOUND;
    (void)snprintf(info_out->user_id, sizeof info_out->user_id, "%s", entry->user_id);
    info_out->state = judge(table, entry, now, info_out);
    return RESULT_OK;
}
