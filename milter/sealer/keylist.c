/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/keylist.h"

#include "base/clock.h"
#include "sealer/key_flaw.h"
#include "sealer/revocation.h"

#include <stdlib.h>

enum { SEND_MS = 5000, ONE_KEY_MAX = 4 * 1024 * 1024, RING_MAX = 256 * 1024 * 1024 };

struct keylist {
    int control;
    struct wire_frame *frame;
    size_t n_sent;
    struct gpg_key *revoked; /* kept until the listing is over: their time takes another run of gpg */
    size_t n_revoked, room;
    struct buffer flaws; /* struct key_flaw */
};

static enum result send_key(struct keylist *list, const struct gpg_key *key, int64_t revoked)
{
    struct wire_frame *frame = list->frame;
    wire_begin(frame, SEAL_KEY);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, key->fingerprint, SEAL_FINGERPRINT_SIZE);
    wire_put_number(frame, SEAL_TAG_FLAGS, key->flags);
    wire_put_number(frame, SEAL_TAG_CREATED, (uint64_t)key->created);
    wire_put_number(frame, SEAL_TAG_EXPIRES, (uint64_t)key->expires);
    wire_put_number(frame, SEAL_TAG_REVOKED, (uint64_t)revoked);
    wire_put_text(frame, SEAL_TAG_USER_ID, key->user_id, SEAL_USER_ID_MAX);
    for (size_t i = 0; i < key->n_persons; i++) {
        const struct gpg_person *person = &key->persons[i];
        wire_put_text(frame, SEAL_TAG_ADDRESS, person->address, SEAL_ADDRESS_MAX);
        wire_put_text(frame, SEAL_TAG_CERTIFIER, person->certifier, SEAL_FINGERPRINT_SIZE);
        wire_put_number(frame, SEAL_TAG_CERTIFIED_UNTIL, (uint64_t)person->until);
    }
    for (size_t i = 0; i < key->n_subkeys; i++) {
        const struct gpg_subkey *subkey = &key->subkeys[i];
        unsigned flaw = key_flaws_of(&list->flaws, subkey->key_id);
        wire_put_number(frame, SEAL_TAG_KEY_ID, subkey->key_id);
        wire_put_number(frame, SEAL_TAG_FLAGS, subkey->flags);
        wire_put_number(frame, SEAL_TAG_CREATED, (uint64_t)subkey->created);
        wire_put_number(frame, SEAL_TAG_EXPIRES, (uint64_t)subkey->expires);
        wire_put_number(frame, SEAL_TAG_BITS, subkey->bits);
        wire_put_text(frame, SEAL_TAG_ALGORITHM, subkey->algorithm, SEAL_ALGORITHM_MAX);
        if (flaw)
            wire_put_number(frame, SEAL_TAG_FLAW, flaw);
    }
    list->n_sent++;
    return wire_send(list->control, frame, clock_monotonic_ms() + SEND_MS);
}

static enum result visit(const struct gpg_key *key, void *context)
{
    struct keylist *list = context;
    if (!(key->flags & SEAL_KEY_REVOKED))
        return send_key(list, key, 0);
    if (list->n_revoked == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        struct gpg_key *keys = realloc(list->revoked, room * sizeof *keys);
        if (!keys)
            return RESULT_TRY_LATER;
        list->revoked = keys;
        list->room = room;
    }
    list->revoked[list->n_revoked++] = *key;
    return RESULT_OK;
}

static enum result send_revoked(struct gpg *gpg, struct keylist *list, const struct gpg_key *key,
                                struct problem *problem)
{
    struct buffer bytes;
    size_t n = 0;
    buffer_init(&bytes, ONE_KEY_MAX);
    enum result result = gpg_export(gpg, &key->fingerprint, 1, &bytes, &n, problem);
    if (result == RESULT_OK &&
        send_key(list, key, revocation_time((const uint8_t *)bytes.bytes, bytes.size)) != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the key list cannot be sent");
    buffer_free(&bytes);
    return result;
}

/* GPGME shows none of the numbers in a key. */
static enum result find_flaws(struct gpg *gpg, struct buffer *flaws, struct problem *problem)
{
    struct buffer keys;
    buffer_init(&keys, RING_MAX);
    enum result result = gpg_export_all(gpg, &keys, problem);
    if (result == RESULT_OK &&
        key_flaws_find((struct span){(const uint8_t *)keys.bytes, keys.size}, flaws) != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the keys of the ring cannot be read");
    buffer_free(&keys);
    return result;
}

enum result keylist_send(struct gpg *gpg, int control, const struct gpg_certifiers *certifiers,
                         struct wire_frame *frame, size_t *n_out, struct problem *problem)
{
    struct keylist list = {.control = control, .frame = frame};
    buffer_init(&list.flaws, RING_MAX);
    enum result result = find_flaws(gpg, &list.flaws, problem);
    if (result == RESULT_OK)
        result = gpg_list(gpg, certifiers, visit, &list, problem);
    for (size_t i = 0; i < list.n_revoked && result == RESULT_OK; i++)
        result = send_revoked(gpg, &list, &list.revoked[i], problem);
    free(list.revoked);
    buffer_free(&list.flaws);
    *n_out = list.n_sent;
    return result;
}
