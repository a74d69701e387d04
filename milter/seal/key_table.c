/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/key_table.h"

#include "base/text.h"
#include "seal/key_judge.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a frame may hold, before it is known how much of it there is. */
struct draft {
    struct key_subkey subkeys[SEAL_SUBKEYS_MAX];
    struct key_person persons[SEAL_PERSONS_MAX];
};

/* Of all persons of all entries, sorted by address. */
struct place {
    const struct key_entry *entry;
    const struct key_person *person;
};

struct key_table {
    atomic_uint references;
    unsigned rsa_min_bits;
    size_t count, room;
    struct key_entry *entries;
    struct place *places;
    size_t n_places;
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

static void entry_free(struct key_entry *entry)
{
    free(entry->subkeys);
    free(entry->persons);
    free(entry->why);
}

void key_table_unref(struct key_table *table)
{
    if (!table || atomic_fetch_sub(&table->references, 1) != 1)
        return;
    for (size_t i = 0; i < table->count; i++)
        entry_free(&table->entries[i]);
    free(table->places);
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
static bool take_number(struct key_entry *entry, struct draft *draft, struct key_subkey *subkey, uint8_t tag,
                        uint64_t number)
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
    case SEAL_TAG_CERTIFIED_UNTIL:
        if (entry->n_persons)
            draft->persons[entry->n_persons - 1].until = (int64_t)number;
        return entry->n_persons && number <= INT64_MAX;
    case SEAL_TAG_BITS:
        if (subkey)
            subkey->bits = (unsigned)number;
        return subkey && number <= 1 << 20;
    case SEAL_TAG_FLAW:
        if (subkey)
            subkey->flaw = (unsigned)number;
        return subkey && number <= SEAL_FLAW_LAST;
    default:
        return false;
    }
}

/* ADDRESS begins the next one. */
static bool take_person(struct key_entry *entry, struct key_person *persons, const struct wire_field *field)
{
    char text[FINGERPRINT_HEX];
    if (field->tag == SEAL_TAG_ADDRESS) {
        if (entry->n_persons == SEAL_PERSONS_MAX)
            return false;
        struct key_person *person = &persons[entry->n_persons++];
        *person = (struct key_person){.until = 0};
        take_text(field, person->address, sizeof person->address);
        text_lower_in_place(person->address);
        return true;
    }
    take_text(field, text, sizeof text);
    return entry->n_persons && fingerprint_normalise(text, persons[entry->n_persons - 1].certifier);
}

static bool take_field(struct key_entry *entry, struct draft *draft, const struct wire_field *field)
{
    uint64_t number = 0;
    struct key_subkey *subkey = entry->n_subkeys ? &draft->subkeys[entry->n_subkeys - 1] : NULL;
    switch (field->tag) {
    case SEAL_TAG_FINGERPRINT: {
        char text[FINGERPRINT_HEX];
        take_text(field, text, sizeof text);
        return fingerprint_normalise(text, entry->fingerprint);
    }
    case SEAL_TAG_ADDRESS:
    case SEAL_TAG_CERTIFIER:
        return take_person(entry, draft->persons, field);
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
        return take_number(entry, draft, subkey, field->tag, number);
    if (entry->n_subkeys == SEAL_SUBKEYS_MAX)
        return false;
    draft->subkeys[entry->n_subkeys++] = (struct key_subkey){.key_id = number};
    return true;
}

static struct key_entry *table_room(struct key_table *table)
{
    if (table->count < table->room)
        return &table->entries[table->count];
    size_t room = table->room ? table->room * 2 : 16;
    struct key_entry *entries = realloc(table->entries, room * sizeof *entries);
    if (!entries)
        return NULL;
    table->entries = entries;
    table->room = room;
    return &entries[table->count];
}

enum result key_table_add(struct key_table *table, const struct wire_frame *frame)
{
    struct draft draft;
    struct wire_field field;
    size_t cursor = 0;
    struct key_entry *entry = table_room(table);
    if (!entry)
        return RESULT_TRY_LATER;
    memset(entry, 0, sizeof *entry);
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(entry, &draft, &field))
            return RESULT_BAD_INPUT;
    if (!entry->fingerprint[0] || !entry->n_subkeys)
        return RESULT_BAD_INPUT;
    entry->subkeys = malloc(entry->n_subkeys * sizeof *entry->subkeys);
    entry->persons = entry->n_persons ? malloc(entry->n_persons * sizeof *entry->persons) : NULL;
    if (!entry->subkeys || (entry->n_persons && !entry->persons)) {
        entry_free(entry);
        return RESULT_TRY_LATER;
    }
    memcpy(entry->subkeys, draft.subkeys, entry->n_subkeys * sizeof *entry->subkeys);
    if (entry->n_persons)
        memcpy(entry->persons, draft.persons, entry->n_persons * sizeof *entry->persons);
    table->count++;
    return RESULT_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct key_entry *)a)->fingerprint, ((const struct key_entry *)b)->fingerprint);
}

static int compare_name(const void *name, const void *entry)
{
    return strcmp(name, ((const struct key_entry *)entry)->fingerprint);
}

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->person->address, ((const struct place *)b)->person->address);
}

bool key_table_sort(struct key_table *table)
{
    size_t n = 0;
    if (table->count)
        qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
    for (size_t i = 0; i < table->count; i++)
        n += table->entries[i].n_persons;
    struct place *places = n ? malloc(n * sizeof *places) : NULL;
    if (n && !places)
        return false;
    free(table->places);
    table->places = places;
    table->n_places = 0;
    for (size_t i = 0; places && i < table->count; i++)
        for (size_t k = 0; k < table->entries[i].n_persons; k++)
            places[table->n_places++] = (struct place){&table->entries[i], &table->entries[i].persons[k]};
    if (n)
        qsort(places, n, sizeof *places, compare_places);
    return true;
}

/* Of a key with which all else is well. */
static enum key_state judge_trial(const struct key_entry *entry, struct key_info *info)
{
    enum key_state state = entry->tried != info->encryption_key_ids[0] ? KEY_UNKNOWN
                           : entry->why                                ? KEY_BROKEN
                                                                       : KEY_USABLE;
    if (state != KEY_USABLE)
        info->encryption_key_ids[0] = 0;
    if (state == KEY_BROKEN)
        (void)snprintf(info->why, sizeof info->why, "%s", entry->why);
    return state;
}

static void describe(const struct key_table *table, const struct key_entry *entry, int64_t now,
                     struct key_info *info)
{
    *info = (struct key_info){.state = KEY_MISSING};
    memcpy(info->fingerprint, entry->fingerprint, sizeof info->fingerprint);
    (void)snprintf(info->user_id, sizeof info->user_id, "%s", entry->user_id);
    info->state = key_judge(entry, table->rsa_min_bits, now, info);
    if (info->state == KEY_USABLE)
        info->state = judge_trial(entry, info);
}

struct key_candidate *key_table_candidates(const struct key_table *table, int64_t now, size_t *n_out)
{
    struct key_candidate *candidates = calloc(table->count + 1, sizeof *candidates);
    *n_out = 0;
    for (size_t i = 0; candidates && i < table->count; i++) {
        struct key_info info = {.state = KEY_MISSING};
        struct key_candidate *candidate = &candidates[*n_out];
        if (key_judge(&table->entries[i], table->rsa_min_bits, now, &info) != KEY_USABLE)
            continue;
        *candidate = (struct key_candidate){.entry = i, .key_id = info.encryption_key_ids[0]};
        memcpy(candidate->fingerprint, table->entries[i].fingerprint, sizeof candidate->fingerprint);
        ++*n_out;
    }
    return candidates;
}

bool key_table_tried(struct key_table *table, const struct key_candidate *candidate, const char *why)
{
    struct key_entry *entry = &table->entries[candidate->entry];
    char *copy = why ? strdup(why) : NULL;
    if (why && !copy)
        return false;
    free(entry->why);
    entry->why = copy;
    entry->tried = candidate->key_id;
    return true;
}

void key_table_untry(struct key_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->entries[i].why);
        table->entries[i].why = NULL;
        table->entries[i].tried = 0;
    }
}

bool key_table_is_tried(const struct key_table *table, int64_t now)
{
    for (size_t i = 0; i < table->count; i++) {
        struct key_info info = {.state = KEY_MISSING};
        const struct key_entry *entry = &table->entries[i];
        if (key_judge(entry, table->rsa_min_bits, now, &info) == KEY_USABLE &&
            judge_trial(entry, &info) == KEY_UNKNOWN)
            return false;
    }
    return true;
}

enum result key_table_find(const struct key_table *table, const char *fingerprint, int64_t now,
                           struct key_info *info_out)
{
    *info_out = (struct key_info){.state = KEY_MISSING};
    if (!fingerprint_normalise(fingerprint, info_out->fingerprint) || !table->count)
        return RESULT_NOT_FOUND;
    const struct key_entry *entry =
        bsearch(info_out->fingerprint, table->entries, table->count, sizeof *table->entries, compare_name);
    if (!entry)
        return RESULT_NOT_FOUND;
    describe(table, entry, now, info_out);
    return RESULT_OK;
}

/* It ends with the word of the certifier, too. */
static void describe_person(const struct key_table *table, const struct place *place, int64_t now,
                            struct key_info *info)
{
    int64_t until = place->person->until;
    describe(table, place->entry, now, info);
    if (until && (!info->expires || until < info->expires))
        info->expires = until;
}

/* The first place with this address, or where it would be. */
static size_t find_place(const struct key_table *table, const char *address)
{
    size_t low = 0, high = table->n_places;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(table->places[middle].person->address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum result key_table_find_person(const struct key_table *table, const char *certifier, const char *address,
                                  int64_t now, struct key_info *info_out)
{
    char name[FINGERPRINT_HEX], wanted[SEAL_ADDRESS_MAX + 1];
    int64_t newest = INT64_MIN;
    *info_out = (struct key_info){.state = KEY_MISSING};
    if (!fingerprint_normalise(certifier, name) || strlen(address) > SEAL_ADDRESS_MAX)
        return RESULT_NOT_FOUND;
    memcpy(wanted, address, strlen(address) + 1);
    text_lower_in_place(wanted);
    for (size_t i = find_place(table, wanted); i < table->n_places; i++) {
        const struct place *place = &table->places[i];
        struct key_info info;
        if (strcmp(place->person->address, wanted) != 0)
            break;
        if (strcmp(place->person->certifier, name) != 0 || key_is_past(place->person->until, now))
            continue;
        describe_person(table, place, now, &info);
        bool usable = info.state == KEY_USABLE, had = info_out->state == KEY_USABLE;
        int64_t created = place->entry->subkeys[0].created;
        if (newest != INT64_MIN && (usable == had ? created <= newest : had))
            continue;
        *info_out = info;
        newest = created;
    }
    return newest == INT64_MIN ? RESULT_NOT_FOUND : RESULT_OK;
}

void key_table_each_person(const struct key_table *table, int64_t now,
                           void (*visit)(void *context, const char *address, const char *certifier,
                                         const struct key_info *info),
                           void *context)
{
    for (size_t i = 0; i < table->n_places; i++) {
        const struct place *place = &table->places[i];
        struct key_info info;
        describe_person(table, place, now, &info);
        if (!key_is_past(place->person->until, now))
            visit(context, place->person->address, place->person->certifier, &info);
    }
}
