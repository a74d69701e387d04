/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_KEY_TABLE_H
#define KHATM_SEAL_KEY_TABLE_H

/* The keys of one working ring, as plain data: filled once, then immutable, shared by reference. `struct
 * keys` (seal/keys.h) holds the table of the current ring; a slot holds the one of the ring it runs on, so
 * that key ids are compared with those of the same ring that gpg reads. Only this folder uses it. */

#include "helper/wire.h"
#include "seal/keys.h"

struct key_table;

/* NULL: no memory. References: 1. */
struct key_table *key_table_new(unsigned rsa_min_bits);
struct key_table *key_table_ref(struct key_table *table);
void key_table_unref(struct key_table *table);
/* One SEAL_KEY frame. RESULT_BAD_INPUT: it makes no sense. */
enum result key_table_add(struct key_table *table, const struct wire_frame *frame) MUST_USE;
/* After the last one. False: no memory. */
bool key_table_sort(struct key_table *table) MUST_USE;
size_t key_table_count(const struct key_table *table);

/* What is to be tried: a key that is usable in all else, and the subkey that gpg must take. */
struct key_candidate {
    size_t entry;
    char fingerprint[FINGERPRINT_HEX];
    uint64_t key_id;
};
/* Those that count at the instant `now`, *n_out of them, for the caller to free. NULL: no memory. */
struct key_candidate *key_table_candidates(const struct key_table *table, int64_t now, size_t *n_out);
/* After key_table_sort, before the table is shared. why: it cannot be encrypted to, one phrase; NULL: it can.
 * False: no memory. */
bool key_table_tried(struct key_table *table, const struct key_candidate *candidate,
                     const char *why) MUST_USE;
/* Forgets all trials. */
void key_table_untry(struct key_table *table);
/* Whoever counts at that instant has been tried. */
bool key_table_is_tried(const struct key_table *table, int64_t now);

/* As keys_find. */
enum result key_table_find(const struct key_table *table, const char *fingerprint, int64_t now,
                           struct key_info *info_out) MUST_USE;

/* As keys_find_person and keys_each_person. */
enum result key_table_find_person(const struct key_table *table, const char *certifier, const char *address,
                                  int64_t now, struct key_info *info_out) MUST_USE;
void key_table_each_person(const struct key_table *table, int64_t now,
                           void (*visit)(void *context, const char *address, const char *certifier,
                                         const struct key_info *info),
                           void *context);

/* Upper case, NUL-terminated; false: not 40 hexadecimal digits. */
bool fingerprint_normalise(const char *text, char out[FINGERPRINT_HEX]);

/* NULL: no memory. Answers RESULT_TRY_LATER until keys_swap. */
struct keys *keys_new(void);
void keys_free(struct keys *keys);
/* Takes a reference of its own. */
void keys_swap(struct keys *keys, struct key_table *table);

#endif
