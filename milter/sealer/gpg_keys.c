/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg_keys.h"

#include "base/digest.h"
#include "sealer/gpg_context.h"
#include "sealer/gpg_persons.h"

#include <errno.h>
#include <gpgme.h>
#include <stdlib.h>
#include <string.h>

void gpg_use_armour(struct gpg *gpg, bool armoured)
{
    gpgme_set_armor(gpg->ctx, armoured);
}

static ssize_t into_buffer(void *context, const void *bytes, size_t size)
{
    struct buffer *keys = context;
    buffer_append(keys, bytes, size);
    if (!keys->failed)
        return (ssize_t)size;
    errno = EFBIG;
    return -1;
}

/* patterns: NULL for every key. */
static enum result export_keys(struct gpg *gpg, const char **patterns, struct buffer *keys, size_t *n_out,
                               struct problem *problem)
{
    struct gpgme_data_cbs out = {.write = into_buffer};
    gpgme_data_t data = NULL;
    enum result result = RESULT_TRY_LATER;
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return result;
    gpgme_error_t error = gpg_open_stream(&data, &out, keys);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_export_ext_start(gpg->ctx, patterns, 0, data));
    if (error) {
        result = gpg_problem(gpg, "reading keys", error, problem);
        goto out;
    }
    /* Without this line an empty answer could be a gpg that died: no key would look like a missing key. */
    if (!gpg->status.export_end) {
        problem_set(problem, RESULT_TRY_LATER, "gpg: it stopped before all keys were read%s",
                    gpg->status.trouble);
        goto out;
    }
    *n_out = gpg->status.exported;
    result = RESULT_OK;
out:
    gpgme_data_release(data);
    return result;
}

enum result gpg_export(struct gpg *gpg, const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1],
                       size_t n_fingerprints, struct buffer *keys, size_t *n_out, struct problem *problem)
{
    *n_out = 0;
    /* No pattern would mean every key. */
    if (!n_fingerprints)
        return RESULT_OK;
    const char **patterns = calloc(n_fingerprints + 1, sizeof *patterns);
    for (size_t i = 0; patterns && i < n_fingerprints; i++)
        patterns[i] = fingerprints[i];
    enum result result = patterns ? export_keys(gpg, patterns, keys, n_out, problem)
                                  : problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    free(patterns);
    return result;
}

enum result gpg_export_all(struct gpg *gpg, struct buffer *keys, struct problem *problem)
{
    size_t n = 0;
    return export_keys(gpg, NULL, keys, &n, problem);
}

enum result gpg_import(struct gpg *gpg, const struct buffer *keys, size_t *n_seen_out, size_t *n_out,
                       struct problem *problem)
{
    gpgme_data_t data = NULL;
    *n_seen_out = *n_out = 0;
    if (!keys->size)
        return RESULT_OK;
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    gpgme_error_t error = gpgme_data_new_from_mem(&data, keys->bytes, keys->size, 0);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_import_start(gpg->ctx, data));
    gpgme_import_result_t counts = error ? NULL : gpgme_op_import_result(gpg->ctx);
    if (counts && counts->considered >= 0 && counts->imported >= 0) {
        *n_seen_out = (size_t)counts->considered;
        *n_out = (size_t)counts->imported;
    }
    gpgme_data_release(data);
    return error ? gpg_problem(gpg, "taking keys in", error, problem) : RESULT_OK;
}

bool gpg_imported(struct gpg *gpg, char fingerprint_out[SEAL_FINGERPRINT_SIZE + 1])
{
    gpgme_import_result_t counts = gpgme_op_import_result(gpg->ctx);
    const char *found = NULL;
    for (gpgme_import_status_t one = counts ? counts->imports : NULL; one; one = one->next) {
        if (one->result || !one->fpr || strlen(one->fpr) != SEAL_FINGERPRINT_SIZE ||
            (found && strcmp(found, one->fpr) != 0))
            return false;
        found = one->fpr;
    }
    if (found)
        memcpy(fingerprint_out, found, SEAL_FINGERPRINT_SIZE + 1);
    return found != NULL;
}

static unsigned family_of(gpgme_pubkey_algo_t algorithm)
{
    switch (algorithm) {
    case GPGME_PK_RSA:
    case GPGME_PK_RSA_E:
    case GPGME_PK_RSA_S:
        return SEAL_KEY_RSA;
    case GPGME_PK_ECC:
    case GPGME_PK_ECDSA:
    case GPGME_PK_ECDH:
    case GPGME_PK_EDDSA:
        return SEAL_KEY_CURVE;
    case GPGME_PK_ELG_E:
    case GPGME_PK_DSA:
    case GPGME_PK_ELG:
        return 0;
    }
    return 0;
}

static bool read_subkey(gpgme_subkey_t from, struct gpg_subkey *to)
{
    uint8_t id[8];
    if (!from->keyid || hex_decode(from->keyid, id, sizeof id) != RESULT_OK)
        return false;
    *to = (struct gpg_subkey){.created = from->timestamp, .expires = from->expires, .bits = from->length};
    for (size_t i = 0; i < sizeof id; i++)
        to->key_id = to->key_id << 8 | id[i];
    to->flags = family_of(from->pubkey_algo) | (from->can_encrypt ? SEAL_KEY_ENCRYPTS : 0U) |
                (from->revoked ? SEAL_KEY_REVOKED : 0U) | (from->disabled ? SEAL_KEY_DISABLED : 0U) |
                (from->invalid ? SEAL_KEY_INVALID : 0U);
    char *name = gpgme_pubkey_algo_string(from);
    (void)snprintf(to->algorithm, sizeof to->algorithm, "%s", name ? name : "?");
    gpgme_free(name);
    return true;
}

/* RESULT_BAD_INPUT: not a key that could be used at all. */
static enum result read_key(gpgme_key_t from, struct gpg_key *to)
{
    memset(to, 0, sizeof *to);
    if (!from->subkeys || !from->fpr || strlen(from->fpr) != SEAL_FINGERPRINT_SIZE ||
        !read_subkey(from->subkeys, &to->subkeys[0]))
        return RESULT_BAD_INPUT;
    to->n_subkeys = 1;
    to->subkeys[0].flags |= SEAL_KEY_PRIMARY;
    memcpy(to->fingerprint, from->fpr, sizeof to->fingerprint);
    to->created = to->subkeys[0].created;
    to->expires = to->subkeys[0].expires;
    to->flags = (from->revoked ? SEAL_KEY_REVOKED : 0U) | (from->disabled ? SEAL_KEY_DISABLED : 0U) |
                (from->invalid ? SEAL_KEY_INVALID : 0U);
    if (from->uids && from->uids->uid)
        (void)snprintf(to->user_id, sizeof to->user_id, "%s", from->uids->uid);
    for (gpgme_subkey_t subkey = from->subkeys->next; subkey; subkey = subkey->next) {
        if (!subkey->can_encrypt)
            continue;
        /* So many that the newest may be beyond: nobody could say which one gpg takes. */
        if (to->n_subkeys == SEAL_SUBKEYS_MAX)
            to->flags |= SEAL_KEY_INVALID;
        else if (read_subkey(subkey, &to->subkeys[to->n_subkeys]))
            to->n_subkeys++;
    }
    return RESULT_OK;
}

struct listing {
    enum result (*visit)(const struct gpg_key *key, void *context);
    void *context;
    enum result result;                      /* of the visits; after the first failure there are no more */
    const struct gpg_certifiers *certifiers; /* NULL: none */
    bool clash; /* two keys with one id: gpg may have verified with the other one */
    struct gpg_key key;
};

static void on_key(void *opaque, gpgme_key_t key)
{
    struct listing *listing = opaque;
    bool good = listing->result == RESULT_OK && read_key(key, &listing->key) == RESULT_OK;
    if (good && listing->certifiers) {
        listing->clash |= gpg_persons_clash(key, listing->certifiers);
        gpg_persons_read(key, listing->certifiers, &listing->key);
    }
    if (good)
        listing->result = listing->visit(&listing->key, listing->context);
    gpgme_key_unref(key);
}

enum result gpg_list(struct gpg *gpg, const struct gpg_certifiers *certifiers,
                     enum result (*visit)(const struct gpg_key *key, void *context), void *context,
                     struct problem *problem)
{
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    struct listing *listing = calloc(1, sizeof *listing);
    if (!listing)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    listing->visit = visit;
    listing->context = context;
    listing->certifiers = certifiers && certifiers->n ? certifiers : NULL;
    gpgme_error_t error = gpgme_set_keylist_mode(
        gpg->ctx, GPGME_KEYLIST_MODE_LOCAL | (listing->certifiers ? GPGME_KEYLIST_MODE_SIGS : 0));
    gpg->loop.on_key = on_key;
    gpg->loop.key_context = listing;
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_keylist_start(gpg->ctx, NULL, 0));
    enum result result = listing->result;
    bool clash = listing->clash;
    free(listing);
    if (clash)
        return problem_set(problem, RESULT_TRY_LATER,
                           "gpg: a key has the same 64-bit id as a domain's key: remove it from the home");
    if (error)
        return gpg_problem(gpg, "listing keys", error, problem);
    return result == RESULT_OK ? result
                               : problem_set(problem, result, "khatm-sealer: the key list cannot be sent");
}
