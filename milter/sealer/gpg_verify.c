/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg_verify.h"

#include "base/clock.h"
#include "sealer/gpg_context.h"

#include <string.h>

/* AHEAD: as far as two machines' clocks may differ. */
enum { RSA_MIN_BITS = 2048, AHEAD_SECONDS = 24 * 3600, DAY_TEXT = 10, TIME_ROOM = 21 };

static enum result take_imported(gpgme_import_result_t counts, const char *fingerprint,
                                 struct problem *problem)
{
    if (counts && (counts->secret_read > 0 || counts->secret_imported > 0))
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "holds a secret key: put the public one there (gpg --export), and let the authority "
            "make itself a new key");
    if (!counts || counts->considered < 1)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "holds no OpenPGP key: put the authority's public key there, as gpg --export gives it");
    if (counts->considered != 1)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "holds %d keys: export the authority's alone, gpg --export %s", counts->considered,
                           fingerprint);
    return RESULT_OK;
}

static enum result take_key(struct gpg *gpg, const struct buffer *key, const char *fingerprint,
                            struct problem *problem)
{
    gpgme_data_t data = NULL;
    enum result result = gpg_begin(gpg, problem);
    if (result != RESULT_OK)
        return result;
    gpgme_error_t error = gpgme_data_new_from_mem(&data, buffer_text(key), key->size, 0);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_import_start(gpg->ctx, data));
    if (error && gpgme_err_code(error) != GPG_ERR_NO_DATA)
        result = gpg_problem(gpg, "taking the authority's key in", error, problem);
    else
        result = take_imported(error ? NULL : gpgme_op_import_result(gpg->ctx), fingerprint, problem);
    gpgme_data_release(data);
    return result;
}

/* The keys of the ring; the first is kept. */
struct found {
    gpgme_key_t key;
    size_t n;
};

static void on_key(void *opaque, gpgme_key_t key)
{
    struct found *found = opaque;
    if (found->n++ == 0)
        found->key = key;
    else
        gpgme_key_unref(key);
}

static enum result check_key(const struct found *found, const char *fingerprint, struct problem *problem)
{
    char day[TIME_ROOM];
    gpgme_key_t key = found->key;
    if (found->n != 1 || !key->fpr || !key->subkeys)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "holds no usable key: put the authority's public key there");
    if (strcmp(key->fpr, fingerprint) != 0)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "holds the key %s, but 'authority' names %s: mend the one that is wrong", key->fpr,
                           fingerprint);
    clock_format_utc(key->subkeys->expires, day);
    if (key->revoked)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the authority's key %s is revoked: get the new one, and pin it with 'authority'",
                           fingerprint);
    if (key->expired)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the authority's key expired on %.*s: get its renewed key and put it there",
                           DAY_TEXT, day);
    if (key->invalid || key->disabled)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "gpg holds the key %s for invalid: export it anew at the authority", fingerprint);
    return RESULT_OK;
}

/* The ring's only key is the pinned one, and good today. The caller unrefs *key_out. */
static enum result find_key(struct gpg *gpg, const char *fingerprint, gpgme_key_t *key_out,
                            struct problem *problem)
{
    struct found found = {NULL, 0};
    *key_out = NULL;
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    gpg->loop.on_key = on_key;
    gpg->loop.key_context = &found;
    gpgme_error_t error = loop_run(&gpg->loop, gpgme_op_keylist_start(gpg->ctx, NULL, 0));
    enum result result = error ? gpg_problem(gpg, "listing the authority's key", error, problem)
                               : check_key(&found, fingerprint, problem);
    if (result == RESULT_OK)
        *key_out = found.key;
    else
        gpgme_key_unref(found.key);
    return result;
}

/* The subkey, or the primary key itself, that made the signature. */
static gpgme_subkey_t find_signer(gpgme_key_t key, const char *fingerprint)
{
    gpgme_subkey_t subkey = key->subkeys;
    while (subkey && (!fingerprint || !subkey->fpr || strcmp(subkey->fpr, fingerprint) != 0))
        subkey = subkey->next;
    return subkey;
}

/* Of a signature that does not hold gpg tells the key id alone; good enough to say what is wrong. */
static gpgme_subkey_t find_blamed(gpgme_key_t key, gpgme_signature_t signature)
{
    gpgme_subkey_t subkey = key->subkeys;
    if (gpgme_err_code(signature->status) != GPG_ERR_BAD_SIGNATURE || !signature->fpr)
        return NULL;
    while (subkey && (!subkey->keyid || strcmp(subkey->keyid, signature->fpr) != 0))
        subkey = subkey->next;
    return subkey;
}

static enum result check_status(gpgme_signature_t signature, gpgme_subkey_t signer, struct problem *problem)
{
    char day[TIME_ROOM];
    gpgme_err_code_t code = gpgme_err_code(signature->status);
    if (code == GPG_ERR_NO_ERROR)
        return RESULT_OK;
    if (code == GPG_ERR_BAD_SIGNATURE)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "the signature does not fit the file: one of the two was changed, or is of another "
            "issue: get both anew from the authority");
    if (code == GPG_ERR_SIG_EXPIRED) {
        clock_format_utc((int64_t)signature->exp_timestamp, day);
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the signature expired on %.*s: get the new issue from the authority", DAY_TEXT,
                           day);
    }
    if (code == GPG_ERR_KEY_EXPIRED) {
        clock_format_utc(signer->expires, day);
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the key that signed expired on %.*s: get the authority's renewed key, or a new "
                           "signature",
                           DAY_TEXT, day);
    }
    if (code == GPG_ERR_CERT_REVOKED)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the key that signed is revoked: get a new signature from the authority");
    return problem_set(problem, RESULT_BAD_INPUT,
                       "the signature cannot be verified (%s): get it anew from the authority",
                       gpgme_strerror(signature->status));
}

static bool is_strong(gpgme_hash_algo_t hash)
{
    return hash == GPGME_MD_SHA256 || hash == GPGME_MD_SHA384 || hash == GPGME_MD_SHA512;
}

static enum result check_strength(gpgme_signature_t signature, gpgme_subkey_t signer, struct problem *problem)
{
    const char *hash = gpgme_hash_algo_name(signature->hash_algo);
    if (!is_strong(signature->hash_algo))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "the signature is made with %s: sign anew with --digest-algo SHA512",
                           hash ? hash : "an unknown digest");
    bool rsa = signer->pubkey_algo == GPGME_PK_RSA || signer->pubkey_algo == GPGME_PK_RSA_S;
    if (rsa && signer->length < RSA_MIN_BITS)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "the key that signed has %u bits: the authority needs one of %d or more, or Ed25519",
            signer->length, RSA_MIN_BITS);
    return RESULT_OK;
}

/* What gpg counts as good and we do not. */
static enum result check_standing(gpgme_signature_t signature, gpgme_subkey_t signer, int64_t now,
                                  struct problem *problem)
{
    bool fit =
        signer->can_sign && !signer->revoked && !signer->expired && !signer->disabled && !signer->invalid;
    bool valid = (signature->summary & GPGME_SIGSUM_VALID) && !signature->wrong_key_usage;
    int64_t made = (int64_t)signature->timestamp, ends = (int64_t)signature->exp_timestamp;
    if (!fit || !valid || (ends && ends <= now))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "gpg does not hold the signature for valid: get it anew from the authority");
    if (made > now + AHEAD_SECONDS)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "the signature is made in the future: check this machine's clock, and the authority's");
    return RESULT_OK;
}

static enum result judge(gpgme_verify_result_t verified, gpgme_key_t key, int64_t now,
                         struct gpg_verified *verified_out, struct problem *problem)
{
    gpgme_signature_t signature = verified ? verified->signatures : NULL;
    if (!signature)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "holds no detached OpenPGP signature: get it from the authority");
    if (signature->next)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "holds several signatures: the authority's alone is wanted");
    gpgme_subkey_t signer = find_signer(key, signature->fpr), blamed = find_blamed(key, signature);
    if (!signer && blamed)
        return check_status(signature, blamed, problem);
    if (!signer)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "the signature is by the key %s, not by the authority's, %s: get the authority's, or "
            "mend 'authority' in khatm.conf",
            signature->fpr ? signature->fpr : "?", key->fpr);
    enum result result = check_status(signature, signer, problem);
    if (result == RESULT_OK)
        result = check_strength(signature, signer, problem);
    if (result == RESULT_OK)
        result = check_standing(signature, signer, now, problem);
    verified_out->created = (int64_t)signature->timestamp;
    verified_out->expires = (int64_t)signature->exp_timestamp;
    verified_out->key_expires = signer->expires;
    int64_t primary = key->subkeys->expires;
    if (primary && (!signer->expires || primary < signer->expires))
        verified_out->key_expires = primary;
    return result;
}

static enum result verify(struct gpg *gpg, const struct gpg_claim *claim, gpgme_key_t key,
                          struct gpg_verified *verified_out, struct problem *problem)
{
    gpgme_data_t text = NULL, sig = NULL;
    enum result result = gpg_begin(gpg, problem);
    if (result != RESULT_OK)
        return result;
    gpgme_error_t error = gpgme_data_new_from_mem(&text, buffer_text(claim->data), claim->data->size, 0);
    if (!error)
        error = gpgme_data_new_from_mem(&sig, buffer_text(claim->signature), claim->signature->size, 0);
    /* gpg would also take a message that holds its own text; and it ends on a key as if it had failed itself.
     */
    bool detached = !error && gpgme_data_identify(sig, 0) == GPGME_DATA_TYPE_PGP_SIGNATURE;
    if (detached)
        error = loop_run(&gpg->loop, gpgme_op_verify_start(gpg->ctx, sig, text, NULL));
    gpgme_err_code_t code = gpgme_err_code(error);
    if (error && code != GPG_ERR_NO_DATA && code != GPG_ERR_BAD_DATA)
        result = gpg_problem(gpg, "verifying", error, problem);
    else
        result =
            judge(error ? NULL : gpgme_op_verify_result(gpg->ctx), key, claim->now, verified_out, problem);
    gpgme_data_release(sig);
    gpgme_data_release(text);
    return result;
}

enum result gpg_verify(struct gpg *gpg, const struct gpg_claim *claim, struct gpg_verified *verified_out,
                       struct problem *problem)
{
    gpgme_key_t key = NULL;
    *verified_out = (struct gpg_verified){.about_key = true};
    enum result result = take_key(gpg, claim->key, claim->fingerprint, problem);
    if (result == RESULT_OK)
        result = find_key(gpg, claim->fingerprint, &key, problem);
    if (result != RESULT_OK)
        return result;
    verified_out->about_key = false;
    result = verify(gpg, claim, key, verified_out, problem);
    gpgme_key_unref(key);
    return result;
}
