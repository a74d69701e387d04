/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/known.h"

#include "policy/domain.h"
#include "policy/skeleton.h"

#include <stdlib.h>
#include <string.h>

struct item {
    struct lookalike_name name; /* its letters and skeleton are owned, as one */
    size_t shared;              /* of an ending: domains that have it */
    bool ending, government;
};

/* Items by what may be the same about them; one list a key. A key that comes out the same by accident costs a
 * comparison, no more. */
struct link {
    uint64_t key;
    size_t item, next; /* next: index into links + 1; 0: the last */
};

struct known {
    struct item *items;
    struct link *links;
    size_t *heads; /* index into links + 1; a power of two of them */
    size_t n_items, room_items, n_links, room_links, n_heads;
    size_t longest; /* letters or skeleton of any item */
};

/* What is hashed into a key beside the text. */
enum part { PART_WORDS = 1, PART_STEM, PART_SWAPPED, PART_FRONT, PART_BACK };

enum { KEYS_PER_ITEM = 8, HEADS_LEAST = 64 };

/* FNV-1a over 16-bit units; the registry is signed, so nobody chooses collisions. */
static uint64_t step(uint64_t hash, uint64_t unit)
{
    return (hash ^ unit) * 1099511628211u;
}

static uint64_t begin(void)
{
    return 14695981039346656037u;
}

static uint64_t end(uint64_t hash, enum part part)
{
    hash = step(hash, 0x10000u + (uint64_t)part);
    return hash ^ hash >> 32;
}

static uint64_t hash_text(const uint16_t *text, size_t length, enum part part)
{
    uint64_t hash = begin();
    for (size_t i = 0; i < length; i++)
        hash = step(hash, text[i]);
    return end(hash, part);
}

static bool is_separator(uint16_t unit)
{
    return unit == '.' || unit == '-';
}

static uint64_t hash_words(const uint16_t *text, size_t length, enum part part)
{
    uint64_t hash = begin();
    for (size_t i = 0; i < length; i++)
        if (!is_separator(text[i]))
            hash = step(hash, text[i]);
    return end(hash, part);
}

/* A half of a name, with the length of the whole. One edit leaves a half as it is, or swaps the two letters
 * in the middle. */
static uint64_t hash_half(const uint16_t *text, size_t length, size_t whole, enum part part)
{
    return step(hash_text(text, length, part), whole);
}

static void free_items(struct known *known)
{
    for (size_t i = 0; i < known->n_items; i++)
        free((void *)(uintptr_t)known->items[i].name.letters.units);
    free(known->items);
}

struct known *known_new(void)
{
    return calloc(1, sizeof(struct known));
}

void known_free(struct known *known)
{
    if (!known)
        return;
    free_items(known);
    free(known->links);
    free(known->heads);
    free(known);
}

static bool make_room(struct known *known)
{
    if (known->n_items == known->room_items) {
        size_t room = known->room_items ? known->room_items * 2 : HEADS_LEAST;
        struct item *items = reallocarray(known->items, room, sizeof *items);
        if (!items)
            return false;
        known->items = items;
        known->room_items = room;
    }
    if (known->n_links + KEYS_PER_ITEM > known->room_links) {
        size_t room = (known->room_links + KEYS_PER_ITEM) * 2;
        struct link *links = reallocarray(known->links, room, sizeof *links);
        if (!links)
            return false;
        known->links = links;
        known->room_links = room;
    }
    return true;
}

static void hang(struct known *known, size_t link)
{
    size_t *head = &known->heads[known->links[link].key & (known->n_heads - 1)];
    known->links[link].next = *head;
    *head = link + 1;
}

/* As many heads as links, or more. */
static bool make_heads(struct known *known)
{
    size_t wanted = known->n_heads ? known->n_heads : HEADS_LEAST;
    while (wanted < known->n_links + KEYS_PER_ITEM)
        wanted *= 2;
    if (wanted == known->n_heads)
        return true;
    size_t *heads = calloc(wanted, sizeof *heads);
    if (!heads)
        return false;
    free(known->heads);
    known->heads = heads;
    known->n_heads = wanted;
    for (size_t i = 0; i < known->n_links; i++)
        hang(known, i);
    return true;
}

static void add_key(struct known *known, size_t item, uint64_t key)
{
    known->links[known->n_links] = (struct link){.key = key, .item = item};
    hang(known, known->n_links++);
}

static size_t find_last_dot(const uint16_t *text, size_t length)
{
    while (length > 0 && text[length - 1] != '.')
        length--;
    return length ? length - 1 : 0;
}

/* By what one edit leaves as it is: a half, or all but the two letters in the middle. */
static void add_edit_keys(struct known *known, size_t item, const struct lookalike_text *text)
{
    size_t length = text->length, half = length / 2;
    uint16_t swapped[SKELETON_ROOM];
    add_key(known, item, hash_half(text->units, half, length, PART_FRONT));
    add_key(known, item, hash_half(text->units + half, length - half, length, PART_BACK));
    if (half == 0)
        return;
    memcpy(swapped, text->units, length * sizeof *swapped);
    swapped[half - 1] = text->units[half];
    swapped[half] = text->units[half - 1];
    add_key(known, item, hash_text(swapped, length, PART_SWAPPED));
}

static void add_keys(struct known *known, size_t item)
{
    const struct lookalike_name *name = &known->items[item].name;
    const uint16_t *skeleton = name->skeleton.units;
    size_t length = name->skeleton.length, stem = find_last_dot(skeleton, length);
    add_key(known, item, hash_words(skeleton, length, PART_WORDS));
    add_key(known, item, hash_words(skeleton, stem, PART_STEM));
    add_edit_keys(known, item, &name->skeleton);
    add_edit_keys(known, item, &name->letters);
}

static struct lookalike_name name_of(const char *domain, const struct skeleton *skeleton,
                                     const uint16_t *letters, const uint16_t *text)
{
    return (struct lookalike_name){domain, {letters, skeleton->n_letters}, {text, skeleton->length}};
}

static enum policy_status add_item(struct known *known, const char *domain, const struct skeleton *skeleton,
                                   bool ending)
{
    size_t n_letters = skeleton->n_letters, length = skeleton->length;
    uint16_t *units = malloc((n_letters + length + 1) * sizeof *units);
    if (!units || !make_room(known) || !make_heads(known)) {
        free(units);
        return POLICY_NO_MEMORY;
    }
    memcpy(units, skeleton->letters, n_letters * sizeof *units);
    memcpy(units + n_letters, skeleton->text, length * sizeof *units);
    known->items[known->n_items] =
        (struct item){.name = name_of(domain, skeleton, units, units + n_letters), .ending = ending};
    size_t longer = n_letters > length ? n_letters : length;
    known->longest = known->longest > longer ? known->longest : longer;
    add_keys(known, known->n_items++);
    return POLICY_OK;
}

static struct item *find_ending(const struct known *known, const char *domain, uint64_t key)
{
    size_t at = known->n_heads ? known->heads[key & (known->n_heads - 1)] : 0;
    for (; at; at = known->links[at - 1].next) {
        struct item *item = &known->items[known->links[at - 1].item];
        if (item->ending && !strcmp(item->name.domain, domain))
            return item;
    }
    return NULL;
}

static enum policy_status add_ending(struct known *known, const char *ending, bool government)
{
    struct skeleton skeleton;
    if (!skeleton_make(ending, &skeleton))
        return POLICY_OK; /* nothing can be like it */
    uint64_t key = hash_words(skeleton.text, skeleton.length, PART_WORDS);
    struct item *item = find_ending(known, ending, key);
    if (!item) {
        enum policy_status status = add_item(known, ending, &skeleton, true);
        if (status != POLICY_OK)
            return status;
        item = &known->items[known->n_items - 1];
    }
    item->shared++;
    item->government |= government;
    return POLICY_OK;
}

enum policy_status known_add(struct known *known, const char *domain, bool government)
{
    struct skeleton skeleton;
    enum policy_status status = POLICY_OK;
    if (skeleton_make(domain, &skeleton))
        status = add_item(known, domain, &skeleton, false);
    for (const char *up = domain_parent(domain); up && strchr(up, '.') && status == POLICY_OK;
         up = domain_parent(up))
        status = add_ending(known, up, government);
    return status;
}

/* A search under way: the nearest so far. */
struct search {
    const struct known *known;
    const char *const *own;
    struct lookalike_name name;
    enum lookalike nearest;
    bool ending, below;
    size_t item;
    const char *meant;
};

static bool is_shared(const struct search *search, const struct item *item)
{
    size_t shared = item->shared;
    for (size_t i = 0; search->own && search->own[i]; i++)
        shared += domain_is_within(search->own[i], item->name.domain);
    return item->government && shared > 1;
}

static void compare(struct search *search, size_t index)
{
    const struct item *item = &search->known->items[index];
    bool within = domain_is_within(search->name.domain, item->name.domain);
    if (within || (item->ending && !is_shared(search, item))) {
        search->below |= within && !item->ending;
        return;
    }
    enum lookalike found = item->ending ? lookalike_of_ending(&search->name, &item->name)
                                        : lookalike_of(&search->name, &item->name);
    bool better = !search->meant || item->ending < search->ending ||
                  (item->ending == search->ending &&
                   (found < search->nearest || (found == search->nearest && index < search->item)));
    if (found == LOOKALIKE_NONE || !better)
        return;
    search->nearest = found;
    search->ending = item->ending;
    search->item = index;
    search->meant = item->name.domain;
}

static void look_up(struct search *search, uint64_t key)
{
    const struct known *known = search->known;
    size_t at = known->n_heads ? known->heads[key & (known->n_heads - 1)] : 0;
    for (; at; at = known->links[at - 1].next)
        if (known->links[at - 1].key == key)
            compare(search, known->links[at - 1].item);
}

/* Whole words from `at` on, without what separates them: whatever stands around them, and whether the dots
 * are still there. */
static void look_up_words(struct search *search, size_t at)
{
    const struct lookalike_text *name = &search->name.skeleton;
    uint64_t hash = begin();
    size_t letters = 0;
    for (size_t i = at; i <= name->length && letters <= search->known->longest; i++) {
        if (i < name->length && !is_separator(name->units[i])) {
            hash = step(hash, name->units[i]);
            letters++;
            continue;
        }
        look_up(search, end(hash, PART_WORDS));
        look_up(search, end(hash, PART_STEM));
    }
}

static void look_up_edits(struct search *search, const struct lookalike_text *text, size_t at)
{
    const uint16_t *units = text->units + at;
    size_t length = text->length - at;
    if (length > search->known->longest + 1)
        return;
    for (size_t whole = length - 1; whole <= length + 1; whole++) {
        size_t half = whole / 2, rest = whole - half;
        if (half <= length)
            look_up(search, hash_half(units, half, whole, PART_FRONT));
        if (rest <= length)
            look_up(search, hash_half(units + length - rest, rest, whole, PART_BACK));
    }
    look_up(search, hash_text(units, length, PART_SWAPPED));
}

/* Our own domains are few, and no part of the registry. */
static void compare_own(struct search *search)
{
    for (size_t i = 0; search->own && search->own[i]; i++) {
        struct skeleton skeleton;
        search->below |= domain_is_within(search->name.domain, search->own[i]);
        if (!skeleton_make(search->own[i], &skeleton))
            continue;
        struct lookalike_name own = name_of(search->own[i], &skeleton, skeleton.letters, skeleton.text);
        enum lookalike found = search->below ? LOOKALIKE_NONE : lookalike_of(&search->name, &own);
        if (found >= search->nearest)
            continue;
        search->nearest = found;
        search->meant = search->own[i];
    }
}

/* A name, or a label within it, starts here. */
static bool label_starts(const struct lookalike_text *text, size_t at)
{
    return !at || text->units[at - 1] == '.';
}

static void compare_known(struct search *search)
{
    const struct lookalike_text *skeleton = &search->name.skeleton, *letters = &search->name.letters;
    for (size_t at = 0; at < skeleton->length; at++) {
        if (at == 0 || is_separator(skeleton->units[at - 1]))
            look_up_words(search, at);
        if (label_starts(skeleton, at))
            look_up_edits(search, skeleton, at);
    }
    for (size_t at = 0; at < letters->length; at++) {
        if (label_starts(letters, at))
            look_up_edits(search, letters, at);
    }
}

struct known_likeness known_find(const struct known *known, const char *const *own, const char *domain)
{
    struct skeleton skeleton;
    if (!skeleton_make(domain, &skeleton) || !skeleton.length)
        return (struct known_likeness){NULL, ""};
    struct search search = {.known = known,
                            .own = own,
                            .name = name_of(domain, &skeleton, skeleton.letters, skeleton.text),
                            .nearest = LOOKALIKE_NONE};
    compare_own(&search);
    compare_known(&search);
    if (search.below || !search.meant)
        return (struct known_likeness){NULL, ""};
    return (struct known_likeness){search.meant, lookalike_how(search.nearest, search.ending)};
}
