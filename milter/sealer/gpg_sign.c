/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg_sign.h"

#include "base/buffer.h"
#include "sealer/gpg_context.h"
#include "sealer/gpg_decrypt.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 6, SIGNATURE_MAX = 64 * 1024 };

/* Words of SIG_CREATED: within the message, or beside it. */
#define STANDARD "S"
#define DETACHED "D"

void gpg_sign_status(struct gpg *gpg, const char *keyword, const char *args)
{
    if (strcmp(keyword, "SIG_CREATED") == 0) {
        gpg->status.signatures++;
        (void)snprintf(gpg->status.signed_as, sizeof gpg->status.signed_as, "%s", args);
    } else if (strcmp(keyword, "INV_SGNR") == 0) {
        (void)snprintf(gpg->status.trouble, sizeof gpg->status.trouble, " (%s %s)", keyword, args);
    }
}

/* SIG_CREATED: form, key algorithm, hash, class, time, fingerprint. */
static bool is_by(const char *signed_as, const char *form, const char *fingerprint)
{
    enum { SHA256 = 8, SHA384 = 9, SHA512 = 10 };
    char line[128], *words[WORDS], *rest = NULL;
    size_t n = 0;
    (void)snprintf(line, sizeof line, "%s", signed_as);
    for (char *word = strtok_r(line, " ", &rest); word && n < WORDS; word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    if (n != WORDS)
        return false;
    long hash = strtol(words[2], NULL, 10);
    return strcmp(words[0], form) == 0 && (hash == SHA256 || hash == SHA384 || hash == SHA512) &&
           strcmp(words[3], "00") == 0 && strcmp(words[5], fingerprint) == 0;
}

static enum result check_created(const struct gpg *gpg, const char *form, const char *fingerprint,
                                 struct problem *problem)
{
    if (gpg->status.signatures != 1)
        return problem_set(problem, RESULT_TRY_LATER, "gpg: it made %u signatures instead of one",
                           gpg->status.signatures);
    if (!is_by(gpg->status.signed_as, form, fingerprint))
        return problem_set(problem, RESULT_TRY_LATER, "gpg: it did not sign with the key %s alone",
                           fingerprint);
    return RESULT_OK;
}

enum result gpg_check_signed(const struct gpg *gpg, const char *fingerprint, struct problem *problem)
{
    return check_created(gpg, STANDARD, fingerprint, problem);
}

/* --- a trial -----------------------------------------------------------------------------------------------
 */

static const char SAMPLE[] = "Khatm";

struct trial {
    size_t at;    /* in the sample */
    int64_t made; /* as gpg dated the signature: seconds since 1970 */
    struct buffer signature;
};

static ssize_t read_sample(void *context, void *bytes, size_t size)
{
    struct trial *trial = context;
    size_t left = sizeof SAMPLE - trial->at, take = size < left ? size : left;
    memcpy(bytes, SAMPLE + trial->at, take);
    trial->at += take;
    return (ssize_t)take;
}

static ssize_t keep(void *context, const void *bytes, size_t size)
{
    struct trial *trial = context;
    buffer_append(&trial->signature, bytes, size);
    return trial->signature.failed ? -1 : (ssize_t)size;
}

static enum result sign_sample(struct gpg *gpg, const char *fingerprint, struct trial *trial,
                               struct problem *problem)
{
    struct gpgme_data_cbs in = {.read = loop_read}, out = {.write = loop_write};
    const struct loop_data data = {read_sample, keep, trial};
    gpgme_data_t text = NULL, made = NULL;
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    loop_begin(&gpg->loop, &data);
    gpgme_error_t error = gpgme_data_new_from_cbs(&text, &in, &gpg->loop);
    if (!error)
        error = gpgme_data_new_from_cbs(&made, &out, &gpg->loop);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_sign_start(gpg->ctx, text, made, GPGME_SIG_MODE_DETACH));
    gpgme_data_release(text);
    gpgme_data_release(made);
    return error ? gpg_problem(gpg, "signing", error, problem)
                 : check_created(gpg, DETACHED, fingerprint, problem);
}

/* gpg names the key that it asked gpg-agent to use, and never looks at what comes back. */
/* SIG_CREATED's fifth word. */
static int64_t date_of(const char *signed_as)
{
    enum { DATE_WORD = 5 };
    for (int word = 1; word < DATE_WORD && signed_as; word++)
        signed_as = strchr(signed_as + (word > 1), ' ');
    return signed_as ? strtoll(signed_as, NULL, 10) : 0;
}

/* Whose signature it is counts here, and not what two clocks say: gpg's own date is the instant to judge at.
 */
static enum result verify_sample(struct gpg *gpg, const struct trial *trial, struct problem *problem)
{
    struct gpg_decrypted verified;
    const struct gpg_detached detached = {SAMPLE, trial->signature.bytes, sizeof SAMPLE,
                                          trial->signature.size};
    enum result result = gpg_verify_detached(gpg, &detached, trial->made, &verified, problem);
    if (result != RESULT_OK || verified.state == GPG_SIGNED_WELL)
        return result;
    return problem_set(problem, RESULT_BAD_INPUT, "%s", verified.why ? verified.why : "it is none");
}

enum result gpg_try_signer(struct gpg *gpg, const char *fingerprint, struct problem *problem)
{
    struct trial trial = {.at = 0};
    buffer_init(&trial.signature, SIGNATURE_MAX);
    enum result result = sign_sample(gpg, fingerprint, &trial, problem);
    trial.made = date_of(gpg->status.signed_as);
    if (result == RESULT_OK)
        result = verify_sample(gpg, &trial, problem);
    buffer_free(&trial.signature);
    return result;
}

/* --- what may sign -----------------------------------------------------------------------------------------
 */

struct look {
    struct gpg_signers *signers;
    bool found;
};

static void copy_name(char to[SEAL_FINGERPRINT_SIZE + 1], const char *from)
{
    (void)snprintf(to, SEAL_FINGERPRINT_SIZE + 1, "%s", from ? from : "");
}

/* With the primary key the whole of it ends. */
static int64_t end_of(gpgme_key_t key, gpgme_subkey_t subkey)
{
    int64_t primary = key->subkeys->expires, own = subkey->expires;
    return primary && (!own || primary < own) ? primary : own;
}

static void take_subkey(gpgme_key_t key, gpgme_subkey_t subkey, struct gpg_signers *signers)
{
    int64_t ends = end_of(key, subkey);
    if (subkey->expired && ends > signers->ended)
        signers->ended = ends;
    bool usable =
        subkey->can_sign && !subkey->expired && !subkey->revoked && !subkey->disabled && !subkey->invalid;
    if (!usable || !subkey->fpr || !subkey->keygrip || signers->n == GPG_SIGNERS_MAX)
        return;
    struct gpg_signer *signer = &signers->usable[signers->n++];
    *signer = (struct gpg_signer){.created = subkey->timestamp, .expires = ends, .bits = subkey->length};
    signer->rsa = subkey->pubkey_algo == GPGME_PK_RSA || subkey->pubkey_algo == GPGME_PK_RSA_S;
    signer->curve = subkey->pubkey_algo == GPGME_PK_EDDSA || subkey->pubkey_algo == GPGME_PK_ECDSA;
    copy_name(signer->fingerprint, subkey->fpr);
    copy_name(signer->grip, subkey->keygrip);
}

static void on_key(void *opaque, gpgme_key_t key)
{
    struct look *look = opaque;
    struct gpg_signers *signers = look->signers;
    look->found = look->found || key->subkeys;
    signers->revoked = key->revoked;
    signers->invalid = key->invalid || key->disabled;
    for (gpgme_subkey_t subkey = key->subkeys; subkey && !key->revoked; subkey = subkey->next)
        take_subkey(key, subkey, signers);
    gpgme_key_unref(key);
}

enum result gpg_list_signers(struct gpg *gpg, const char *fingerprint, struct gpg_signers *signers_out,
                             struct problem *problem)
{
    struct look look = {signers_out, false};
    memset(signers_out, 0, sizeof *signers_out);
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    gpg->loop.on_key = on_key;
    gpg->loop.key_context = &look;
    gpgme_error_t error =
        gpgme_set_keylist_mode(gpg->ctx, GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_keylist_start(gpg->ctx, fingerprint, 0));
    if (error)
        return gpg_problem(gpg, "listing the key that signs", error, problem);
    return look.found ? RESULT_OK : RESULT_NOT_FOUND;
}
