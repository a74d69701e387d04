/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/key_table.h"

#include <pthread.h>
#include <stdlib.h>

struct keys {
    pthread_mutex_t lock; /* of the pointer alone; held for a reference count, never for a look-up */
    struct key_table *table;
};

struct keys *keys_new(void)
{
    struct keys *keys = calloc(1, sizeof *keys);
    if (keys)
        (void)pthread_mutex_init(&keys->lock, NULL);
    return keys;
}

void keys_free(struct keys *keys)
{
    if (!keys)
        return;
    key_table_unref(keys->table);
    (void)pthread_mutex_destroy(&keys->lock);
    free(keys);
}

void keys_swap(struct keys *keys, struct key_table *table)
{
    (void)pthread_mutex_lock(&keys->lock);
    struct key_table *old = keys->table;
    keys->table = key_table_ref(table);
    (void)pthread_mutex_unlock(&keys->lock);
    key_table_unref(old);
}

/* To its users the cache is unchanging; the lock within is not. NULL: it was never filled. */
static struct key_table *current(const struct keys *keys)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&keys->lock;
    (void)pthread_mutex_lock(lock);
    struct key_table *table = keys->table ? key_table_ref(keys->table) : NULL;
    (void)pthread_mutex_unlock(lock);
    return table;
}

enum result keys_find(const struct keys *keys, const char *fingerprint, int64_t now,
                      struct key_info *info_out)
{
    struct key_table *table = current(keys);
    *info_out = (struct key_info){.state = KEY_UNKNOWN};
    enum result result = table ? key_table_find(table, fingerprint, now, info_out) : RESULT_TRY_LATER;
    key_table_unref(table);
    return result;
}

enum result keys_find_person(const struct keys *keys, const char *certifier, const char *address, int64_t now,
                             struct key_info *info_out)
{
    struct key_table *table = current(keys);
    *info_out = (struct key_info){.state = KEY_UNKNOWN};
    enum result result =
        table ? key_table_find_person(table, certifier, address, now, info_out) : RESULT_TRY_LATER;
    key_table_unref(table);
    return result;
}

void keys_each_person(const struct keys *keys, int64_t now,
                      void (*visit)(void *context, const char *address, const char *certifier,
                                    const struct key_info *info),
                      void *context)
{
    struct key_table *table = current(keys);
    if (table)
        key_table_each_person(table, now, visit, context);
    key_table_unref(table);
}
