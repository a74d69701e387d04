/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg_decrypt.h"

#include "sealer/gpg_context.h"

#include <stdlib.h>
#include <string.h>

/* AHEAD: as far as two machines' clocks may differ. */
enum { AHEAD_SECONDS = 24 * 3600, VALIDSIG_WORDS = 10 };

/* Of the session key or of what stands under it: which of the two, nobody is told who tries (Bleichenbacher's
 * attack needs to know). */
static const char DAMAGED[] = "it was damaged or changed on the way, or is not protected against change";
static const char EXPIRED[] = "its signature, or the key that made it, has expired";

void gpg_decrypt_status(struct gpg *gpg, const char *keyword, const char *args)
{
    static const struct {
        const char *keyword;
        size_t offset; /* of a counter in decrypt_status */
    } rows[] = {
        {"BEGIN_DECRYPTION", offsetof(struct decrypt_status, layers)},
        {"DECRYPTION_INFO", offsetof(struct decrypt_status, begun)}, /* there is a session key */
        {"END_DECRYPTION", offsetof(struct decrypt_status, ended)},
        {"DECRYPTION_OKAY", offsetof(struct decrypt_status, okay)},
        {"GOODMDC", offsetof(struct decrypt_status, whole)},
        {"DECRYPTION_FAILED", offsetof(struct decrypt_status, failed)},
        {"BADMDC", offsetof(struct decrypt_status, failed)},
        {"NO_SECKEY", offsetof(struct decrypt_status, no_key)},
        {"PLAINTEXT", offsetof(struct decrypt_status, plaintexts)},
        {"NODATA", offsetof(struct decrypt_status, odd)},
        {"UNEXPECTED", offsetof(struct decrypt_status, odd)},
        {"NEWSIG", offsetof(struct decrypt_status, signatures)},
        {"GOODSIG", offsetof(struct decrypt_status, good)},
        {"BADSIG", offsetof(struct decrypt_status, bad)},
        {"ERRSIG", offsetof(struct decrypt_status, unknown)},
        {"EXPSIG", offsetof(struct decrypt_status, expired)},
        {"EXPKEYSIG", offsetof(struct decrypt_status, expired)},
        {"REVKEYSIG", offsetof(struct decrypt_status, revoked)},
    };
    struct decrypt_status *status = &gpg->decrypt;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(keyword, rows[i].keyword) == 0)
            (*(unsigned *)(void *)((char *)status + rows[i].offset))++;
    if (strcmp(keyword, "PLAINTEXT") == 0)
        status->binary = strtoul(args, NULL, 16) == 'b';
    else if (strcmp(keyword, "PLAINTEXT_LENGTH") == 0) {
        status->has_length = true;
        status->length = strtoull(args, NULL, 10);
    } else if (strcmp(keyword, "VALIDSIG") == 0)
        (void)snprintf(status->validsig, sizeof status->validsig, "%s", args);
    else if (strncmp(args, "pkdecrypt_failed ", 17) == 0 && strcmp(keyword, "ERROR") == 0)
        status->key_error = (unsigned)strtoul(args + 17, NULL, 10);
    else if (strncmp(args, "proc_pkt.plaintext ", 19) == 0 && strcmp(keyword, "ERROR") == 0)
        status->plaintexts++;
}

/* VALIDSIG: fingerprint, day, time, expiry, version, reserved, key algorithm, hash, class, primary key. */
static bool split_validsig(char *line, char *words[VALIDSIG_WORDS])
{
    char *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(line, " ", &rest); word && n < VALIDSIG_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    return n == VALIDSIG_WORDS && strlen(words[9]) == SEAL_FINGERPRINT_SIZE;
}

static const char *judge_valid(char *line, int64_t now, char signer[SEAL_FINGERPRINT_SIZE + 1])
{
    enum { SHA256 = 8, SHA384 = 9, SHA512 = 10 };
    char *words[VALIDSIG_WORDS];
    if (!split_validsig(line, words))
        return "gpg does not say who signed";
    long hash = strtol(words[7], NULL, 10);
    if (hash != SHA256 && hash != SHA384 && hash != SHA512)
        return "the signature is made with a weak digest";
    if (strtoll(words[2], NULL, 10) > now + AHEAD_SECONDS)
        return "the signature is made in the future";
    if (strcmp(words[8], "00") != 0 && strcmp(words[8], "01") != 0)
        return "the signature is not one over a document";
    memcpy(signer, words[9], SEAL_FINGERPRINT_SIZE + 1);
    return NULL;
}

static void judge_signature(struct decrypt_status *status, int64_t now, struct gpg_decrypted *out)
{
    unsigned all = status->good + status->bad + status->unknown + status->expired + status->revoked;
    if (!status->signatures && !all)
        return;
    out->state = GPG_SIGNED_BADLY;
    if (status->signatures > 1 || all > 1)
        out->why = "it bears several signatures";
    else if (status->bad)
        out->why = "its signature is false";
    else if (status->expired)
        out->why = EXPIRED;
    else if (status->revoked)
        out->why = "the key that signed it is revoked";
    else if (status->unknown || !status->good) {
        out->unknown = true;
        out->why = "it is signed by a key that the registry does not pin";
    } else
        out->why = judge_valid(status->validsig, now, out->signer);
    if (!out->why)
        out->state = GPG_SIGNED_WELL;
}

/* What gpg could not get a session key out of: changed on the way, or our own trouble. */
static bool is_damage(unsigned error)
{
    switch (gpgme_err_code(error)) {
    case GPG_ERR_BAD_DATA:
    case GPG_ERR_INV_DATA:
    case GPG_ERR_WRONG_SECKEY:
    case GPG_ERR_CHECKSUM:
    case GPG_ERR_BAD_MPI:
    case GPG_ERR_DECRYPT_FAILED:
    case GPG_ERR_INV_PACKET:
    case GPG_ERR_CIPHER_ALGO:
    case GPG_ERR_ENCODING_PROBLEM:
    case GPG_ERR_INV_OBJ:
    case GPG_ERR_INV_VALUE:
        return true;
    default:
        return false;
    }
}

static enum result judge(struct gpg *gpg, gpgme_error_t error, int64_t now, struct gpg_decrypted *out,
                         struct problem *problem)
{
    struct decrypt_status *status = &gpg->decrypt;
    if (!status->begun && status->no_key)
        return RESULT_NOT_FOUND;
    if (!status->begun && status->key_error && is_damage(status->key_error))
        return problem_set(problem, RESULT_BAD_INPUT, "%s", DAMAGED);
    if (!status->begun)
        return gpg_problem(gpg, "decrypting", error, problem);
    /* First: that a second layer has no integrity check either is said in time or not, as gpg and we are
     * quick. */
    if (status->layers > 1)
        return problem_set(problem, RESULT_BAD_INPUT, "what is inside is encrypted once more");
    if (status->failed)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", DAMAGED);
    /* After these gpg, or GPGME for it, gives up before the end. */
    if (status->plaintexts > 1)
        return problem_set(problem, RESULT_BAD_INPUT, "it holds several pieces of plaintext");
    if (status->bad)
        return problem_set(problem, RESULT_BAD_INPUT, "its signature is false");
    if (status->expired)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", EXPIRED);
    if (!status->ended && !status->odd)
        return problem_set(problem, RESULT_TRY_LATER, "gpg: it stopped before the decryption was complete");
    if (status->odd || !status->ended || !status->okay || !status->whole || status->plaintexts != 1)
        return problem_set(problem, RESULT_BAD_INPUT, "what is inside is not one protected message");
    /* gpg found nothing wrong: it is GPGME's trouble, or this machine's. */
    if (error)
        return gpg_problem(gpg, "decrypting", error, problem);
    out->has_length = status->binary && status->has_length;
    out->length = status->length;
    judge_signature(status, now, out);
    return RESULT_OK;
}

enum result gpg_decrypt(struct gpg *gpg, const struct gpg_decryption *decryption, int64_t now,
                        struct gpg_decrypted *decrypted_out, struct problem *problem)
{
    struct gpgme_data_cbs in = {.read = loop_read}, out = {.write = loop_write};
    const struct loop_data data = {decryption->read, decryption->write, decryption->context};
    gpgme_data_t cipher = NULL, plain = NULL;
    memset(decrypted_out, 0, sizeof *decrypted_out);
    memset(&gpg->decrypt, 0, sizeof gpg->decrypt);
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    loop_begin(&gpg->loop, &data);
    gpgme_error_t error = gpg_open_stream(&cipher, &in, &gpg->loop);
    if (!error)
        error = gpg_open_stream(&plain, &out, &gpg->loop);
    if (!error)
        error = loop_run(&gpg->loop, gpgme_op_decrypt_verify_start(gpg->ctx, cipher, plain));
    enum result result = judge(gpg, error, now, decrypted_out, problem);
    gpgme_data_release(cipher);
    gpgme_data_release(plain);
    return result;
}

static enum result judge_detached(struct gpg *gpg, gpgme_error_t error, int64_t now,
                                  struct gpg_decrypted *out, struct problem *problem)
{
    const struct decrypt_status *status = &gpg->decrypt;
    gpgme_err_code_t code = gpgme_err_code(error);
    if (error && code != GPG_ERR_NO_DATA && code != GPG_ERR_BAD_DATA)
        return gpg_problem(gpg, "verifying", error, problem);
    if (!status->odd && !status->signatures)
        return problem_set(problem, RESULT_TRY_LATER, "gpg: it said nothing of a signature");
    judge_signature(&gpg->decrypt, now, out);
    if (error || status->odd || status->plaintexts)
        out->state = GPG_SIGNED_BADLY;
    return RESULT_OK;
}

enum result gpg_verify_detached(struct gpg *gpg, const struct gpg_detached *detached, int64_t now,
                                struct gpg_decrypted *verified_out, struct problem *problem)
{
    gpgme_data_t text = NULL, signature = NULL;
    memset(verified_out, 0, sizeof *verified_out);
    memset(&gpg->decrypt, 0, sizeof gpg->decrypt);
    enum result result = gpg_begin(gpg, problem);
    if (result != RESULT_OK)
        return result;
    gpgme_error_t error = gpgme_data_new_from_mem(&text, detached->text, detached->text_size, 0);
    if (!error)
        error = gpgme_data_new_from_mem(&signature, detached->signature, detached->signature_size, 0);
    /* gpg would take a message that holds its own text, too. */
    bool is_one = !error && gpgme_data_identify(signature, 0) == GPGME_DATA_TYPE_PGP_SIGNATURE;
    if (is_one)
        error = loop_run(&gpg->loop, gpgme_op_verify_start(gpg->ctx, signature, text, NULL));
    if (is_one || error)
        result = judge_detached(gpg, error, now, verified_out, problem);
    gpgme_data_release(signature);
    gpgme_data_release(text);
    return result;
}

struct ids {
    uint64_t *ids;
    size_t room, n;
    char *fit; /* the primary key of one that may be encrypted to; NULL: not asked for */
};

static bool is_fit(gpgme_subkey_t subkey)
{
    return !subkey->expired && !subkey->revoked && !subkey->disabled && !subkey->invalid;
}

static void on_secret_key(void *opaque, gpgme_key_t key)
{
    struct ids *ids = opaque;
    for (gpgme_subkey_t subkey = key->subkeys; subkey; subkey = subkey->next) {
        if (!subkey->can_encrypt || !subkey->secret || !subkey->keyid)
            continue;
        if (ids->n < ids->room)
            ids->ids[ids->n++] = strtoull(subkey->keyid, NULL, 16);
        if (ids->fit && is_fit(subkey) && key->fpr && strlen(key->fpr) == SEAL_FINGERPRINT_SIZE)
            memcpy(ids->fit, key->fpr, SEAL_FINGERPRINT_SIZE + 1);
    }
    gpgme_key_unref(key);
}

static enum result list_secret(struct gpg *gpg, struct ids *found, struct problem *problem)
{
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    gpg->loop.on_key = on_secret_key;
    gpg->loop.key_context = found;
    gpgme_error_t error = loop_run(&gpg->loop, gpgme_op_keylist_start(gpg->ctx, NULL, 1));
    return error ? gpg_problem(gpg, "listing secret keys", error, problem) : RESULT_OK;
}

enum result gpg_secret_ids(struct gpg *gpg, uint64_t *ids, size_t room, size_t *n_out,
                           struct problem *problem)
{
    struct ids found = {ids, room, 0, NULL};
    enum result result = list_secret(gpg, &found, problem);
    *n_out = found.n;
    return result;
}

enum result gpg_find_secret(struct gpg *gpg, char fingerprint[SEAL_FINGERPRINT_SIZE + 1],
                            struct problem *problem)
{
    struct ids found = {NULL, 0, 0, fingerprint};
    fingerprint[0] = '\0';
    enum result result = list_secret(gpg, &found, problem);
    if (result == RESULT_OK && !fingerprint[0])
        result = problem_set(problem, RESULT_TRY_LATER, "there is none that may be encrypted to");
    return result;
}
