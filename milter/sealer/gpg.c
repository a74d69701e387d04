/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg.h"

#include "sealer/gpg_context.h"
#include "sealer/gpg_sign.h"

#include <errno.h>
#include <gpgme.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 16 to 64 KiB is the fast range; 1 MiB makes GPGME three times slower (it moves the unsent tail each time).
 */
static const char IO_BUFFER[] = "65536";

enum result gpg_start(struct problem *problem)
{
    /* Everything that gpgconf would tell is given explicitly. */
    (void)gpgme_set_global_flag("disable-gpgconf", "1");
    if (!gpgme_check_version("1.18.0"))
        return problem_set(problem, RESULT_BUG, "khatm-sealer: GPGME %s is too old: install 1.18 or later",
                           gpgme_check_version(NULL));
    return RESULT_OK;
}

/* Codes that speak of what is in a key, and of nothing that could be wrong around it. */
static bool speaks_of_key(gpgme_err_code_t code)
{
    static const gpgme_err_code_t codes[] = {
        GPG_ERR_PUBKEY_ALGO, GPG_ERR_BAD_PUBKEY, GPG_ERR_BAD_MPI,   GPG_ERR_WRONG_PUBKEY_ALGO,
        GPG_ERR_INV_OBJ,     GPG_ERR_BAD_DATA,   GPG_ERR_INV_CURVE, GPG_ERR_UNKNOWN_CURVE,
        GPG_ERR_TOO_LARGE,   GPG_ERR_INV_KEYLEN, GPG_ERR_INV_DATA,  GPG_ERR_BROKEN_PUBKEY,
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code == codes[i])
            return true;
    return false;
}

/* "encrypt 33554438" of FAILURE: where it failed, and gpg's error. */
static bool refuses_key(const char *args)
{
    static const char where[] = "encrypt ";
    return strncmp(args, where, sizeof where - 1) == 0 &&
           speaks_of_key(gpgme_err_code((gpgme_error_t)strtoul(args + sizeof where - 1, NULL, 10)));
}

static gpgme_error_t on_status(void *opaque, const char *keyword, const char *args)
{
    struct gpg *gpg = opaque;
    gpg_decrypt_status(gpg, keyword, args);
    gpg_sign_status(gpg, keyword, args);
    if (strcmp(keyword, "END_ENCRYPTION") == 0)
        gpg->status.end_encryption = true;
    else if (strcmp(keyword, "EXPORT_RES") == 0) {
        gpg->status.export_end = true;
        gpg->status.exported = strtoul(args, NULL, 10);
    } else if (strcmp(keyword, "INV_RECP") == 0 || strcmp(keyword, "FAILURE") == 0) {
        gpg->status.refused |= keyword[0] == 'F' && refuses_key(args);
        (void)snprintf(gpg->status.trouble, sizeof gpg->status.trouble, " (%s %s)", keyword, args);
    }
    return 0;
}

enum result gpg_problem(const struct gpg *gpg, const char *doing, gpgme_error_t error,
                        struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "gpg: %s: %s%s", doing, gpgme_strerror(error),
                       gpg->status.trouble);
}

/* GPGME knows the version of the gpg it met first; what is there now may be gone. */
enum result gpg_begin(struct gpg *gpg, struct problem *problem)
{
    memset(&gpg->status, 0, sizeof gpg->status);
    loop_begin(&gpg->loop, NULL);
    if (access(gpg->program, X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: cannot run it: %s: install it, or mend its path in khatm.conf", gpg->program,
                           strerror(errno));
    return RESULT_OK;
}

static enum result check_engine(struct gpg *gpg, const char *program, struct problem *problem)
{
    const char *version = NULL;
    for (gpgme_engine_info_t info = gpgme_ctx_get_engine_info(gpg->ctx); info; info = info->next)
        if (info->protocol == GPGME_PROTOCOL_OpenPGP)
            version = info->version;
    /* GPGME invents version 1.0.0 for a program that does not tell one. */
    if (!version || strverscmp(version, "2.2") < 0)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: is not a gpg of version 2.2 or later: check the setting and the package gpg",
                           program);
    return RESULT_OK;
}

enum result gpg_open(const char *program, const char *homedir, struct gpg **gpg_out, struct problem *problem)
{
    struct gpg *gpg = calloc(1, sizeof *gpg);
    if (!gpg)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    gpg->program = program;
    gpgme_error_t error = 0;
    enum result result = gpg_begin(gpg, problem);
    if (result != RESULT_OK)
        goto out;
    error = gpgme_new(&gpg->ctx);
    if (!error)
        error = gpgme_ctx_set_engine_info(gpg->ctx, GPGME_PROTOCOL_OpenPGP, program, homedir);
    if (!error)
        error = gpgme_set_ctx_flag(gpg->ctx, "full-status", "1");
    if (error) {
        result =
            problem_set(problem, RESULT_TRY_LATER, "%s: cannot be used: %s", program, gpgme_strerror(error));
        goto out;
    }
    result = check_engine(gpg, program, problem);
    if (result != RESULT_OK)
        goto out;
    gpgme_set_armor(gpg->ctx, 0);
    gpgme_set_offline(gpg->ctx, 1);
    gpgme_set_status_cb(gpg->ctx, on_status, gpg);
    loop_attach(&gpg->loop, gpg->ctx);
    *gpg_out = gpg;
    gpg = NULL;
out:
    gpg_close(gpg);
    return result;
}

void gpg_close(struct gpg *gpg)
{
    if (!gpg)
        return;
    if (gpg->ctx)
        gpgme_release(gpg->ctx);
    free(gpg);
}

/* "--\n" and the fingerprints, a line each: GPGME hands each to gpg with -r, without asking gpg about it
 * first. */
static char *recipient_lines(const struct gpg_encryption *encryption)
{
    size_t line = SEAL_FINGERPRINT_SIZE + 1;
    char *text = malloc(4 + encryption->n_fingerprints * line);
    if (!text)
        return NULL;
    memcpy(text, "--\n", 4);
    for (size_t i = 0; i < encryption->n_fingerprints; i++)
        (void)snprintf(text + 3 + i * line, line + 1, "%s\n", encryption->fingerprints[i]);
    return text;
}

gpgme_error_t gpg_open_stream(gpgme_data_t *data, struct gpgme_data_cbs *callbacks, void *context)
{
    gpgme_error_t error = gpgme_data_new_from_cbs(data, callbacks, context);
    return error ? error : gpgme_data_set_flag(*data, "io-buffer-size", IO_BUFFER);
}

/* Who signs is written in the ring's gpg.conf: GPGME would name a primary key, never the one subkey. */
static gpgme_error_t start_encryption(struct gpg *gpg, const struct gpg_encryption *encryption,
                                      const char *recipients, gpgme_data_t plain, gpgme_data_t cipher)
{
    const gpgme_encrypt_flags_t flags =
        GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_COMPRESS | GPGME_ENCRYPT_NO_ENCRYPT_TO;
    return encryption->signer
               ? gpgme_op_encrypt_sign_ext_start(gpg->ctx, NULL, recipients, flags, plain, cipher)
               : gpgme_op_encrypt_ext_start(gpg->ctx, NULL, recipients, flags, plain, cipher);
}

enum result gpg_encrypt(struct gpg *gpg, const struct gpg_encryption *encryption, struct problem *problem)
{
    struct gpgme_data_cbs in = {.read = loop_read}, out = {.write = loop_write};
    const struct loop_data data = {encryption->read, encryption->write, encryption->context};
    gpgme_data_t plain = NULL, cipher = NULL;
    enum result result = RESULT_TRY_LATER;
    if (gpg_begin(gpg, problem) != RESULT_OK)
        return result;
    loop_begin(&gpg->loop, &data);
    char *recipients = recipient_lines(encryption);
    gpgme_error_t error = recipients ? 0 : gpgme_error_from_errno(ENOMEM);
    if (!error)
        error = gpg_open_stream(&plain, &in, &gpg->loop);
    if (!error)
        error = gpg_open_stream(&cipher, &out, &gpg->loop);
    if (!error)
        error = loop_run(&gpg->loop, start_encryption(gpg, encryption, recipients, plain, cipher));
    if (error && gpg->status.refused) {
        problem_set(problem, RESULT_TRY_LATER, "gpg refuses it: %s", gpgme_strerror(error));
        goto out;
    }
    if (error) {
        result = gpg_problem(gpg, "encrypting", error, problem);
        goto out;
    }
    if (!gpg->status.end_encryption) {
        problem_set(problem, RESULT_TRY_LATER, "gpg: it stopped before the encryption was complete%s",
                    gpg->status.trouble);
        goto out;
    }
    result = encryption->signer ? gpg_check_signed(gpg, encryption->signer, problem) : RESULT_OK;
out:
    gpgme_data_release(plain);
    gpgme_data_release(cipher);
    free(recipients);
    return result;
}

bool gpg_refused_key(const struct gpg *gpg)
{
    return gpg->status.refused;
}
