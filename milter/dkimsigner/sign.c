/* SPDX-License-Identifier: Apache-2.0 */
#include "dkimsigner/sign.h"

#include "base/text.h"
#include "dkimsigner/body_digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* dkim.h is written for compilers that do not warn, and wants to be told what a bool is. */
#include <opendkim/dkim.h>
#include <sys/types.h>

enum {
    NAMES_MAX = 64,
    LINE_COLUMNS = 76,
    NAME_LIST_BYTES_MAX = 3000, /* libopendkim cuts the list of what it signs at 4096 */
};

/* What is watched for, and the library that does. */
struct watch {
    DKIM_LIB *lib;
    char *names; /* with colons between */
    size_t names_size;
};

struct dkimsigner {
    struct watch all, once; /* once: of these the fields that a message may have once */
    /* Of the example under way. */
    const struct signing_key *tried;
};

/* --- a library
 * ------------------------------------------------------------------------------------------------ */

/* Only examples are verified. */
static DKIM_CBSTAT give_key(DKIM *dkim, DKIM_SIGINFO *info, u_char *out, size_t room)
{
    const struct dkimsigner *signer = dkim_get_user_context(dkim);
    const struct signing_key *key = signer ? signer->tried : NULL;
    (void)info;
    if (!key)
        return DKIM_CBSTAT_NOTFOUND;
    int size = snprintf((char *)out, room, "v=DKIM1; k=%s; p=%s",
                        key->kind == DKIMSIGN_RSA ? "rsa" : "ed25519", key->public_text);
    return size > 0 && (size_t)size < room ? DKIM_CBSTAT_CONTINUE : DKIM_CBSTAT_NOTFOUND;
}

static bool set(DKIM_LIB *lib, int option, void *value, size_t size)
{
    return dkim_options(lib, DKIM_OP_SETOPT, option, value, size) == DKIM_STAT_OK;
}

static bool set_options(const struct watch *watch, uint64_t lifetime_s)
{
    u_char *names[NAMES_MAX + 1] = {NULL}, **list = names;
    char *rest = NULL, *copy = strdup(watch->names);
    unsigned flags = DKIM_LIBFLAGS_NONE;
    size_t n = 0;
    if (!copy)
        return false;
    for (char *name = strtok_r(copy, ":", &rest); name && n < NAMES_MAX; name = strtok_r(NULL, ":", &rest))
        names[n++] = (u_char *)name;
    bool done = n && set(watch->lib, DKIM_OPTS_FLAGS, &flags, sizeof flags) &&
                set(watch->lib, DKIM_OPTS_OVERSIGNHDRS, list, sizeof list) &&
                set(watch->lib, DKIM_OPTS_SIGNATURETTL, &lifetime_s, sizeof lifetime_s) &&
                dkim_set_key_lookup(watch->lib, give_key) == DKIM_STAT_OK;
    free(copy);
    return done;
}

/* Takes names. */
static bool start_watch(struct watch *watch, char *names, uint64_t lifetime_s)
{
    watch->names = names;
    watch->names_size = names ? strlen(names) : 0;
    watch->lib = dkim_init(NULL, NULL);
    return names && watch->lib && set_options(watch, lifetime_s);
}

static void end_watch(struct watch *watch)
{
    if (watch->lib)
        dkim_close(watch->lib);
    free(watch->names);
}

/* Of what else is signed a message may have any number. */
static bool comes_once(const char *name, size_t size)
{
    static const char *const names[] = {"From",        "Sender",     "Reply-To", "To",
                                        "Cc",          "Bcc",        "Date",     "Message-ID",
                                        "In-Reply-To", "References", "Subject",  "MIME-Version"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && text_starts_nocase(name, names[i]))
            return true;
    return text_starts_nocase(name, "Content-");
}

/* NULL: no memory. */
static char *names_once(const char *names)
{
    size_t used = 0;
    char *once = calloc(1, strlen(names) + 1);
    for (const char *at = names; once && *at;) {
        size_t size = strcspn(at, ":");
        if (comes_once(at, size)) {
            if (used)
                once[used++] = ':';
            memcpy(once + used, at, size);
            used += size;
        }
        at += size + (at[size] == ':');
    }
    return once;
}

enum result dkimsigner_new(const char *names, uint64_t lifetime_s, struct dkimsigner **signer_out,
                           struct problem *problem)
{
    struct dkimsigner *signer = calloc(1, sizeof *signer);
    if (!signer)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    if (!start_watch(&signer->all, strdup(names), lifetime_s) ||
        !start_watch(&signer->once, names_once(names), lifetime_s) || body_digest_warm() != RESULT_OK) {
        dkimsigner_free(signer);
        return problem_set(problem, RESULT_BUG, "DKIM: libopendkim does not start");
    }
    *signer_out = signer;
    return RESULT_OK;
}

void dkimsigner_free(struct dkimsigner *signer)
{
    if (!signer)
        return;
    end_watch(&signer->all);
    end_watch(&signer->once);
    free(signer);
}

/* --- a signature
 * ---------------------------------------------------------------------------------------------- */

static bool is_listable(const struct watch *watch, const struct header *header)
{
    size_t bytes = watch->names_size;
    for (size_t i = 0; i < header->n_fields; i++)
        bytes += header->fields[i].name_size + 1;
    return header->n_fields <= DKIMSIGN_FIELDS_MAX && bytes <= NAME_LIST_BYTES_MAX;
}

/* False: still more than can be listed. */
static bool keep_once(const struct header *header, struct header_field kept[DKIMSIGN_FIELDS_MAX],
                      struct header *once_out)
{
    *once_out = (struct header){.fields = kept};
    for (size_t i = 0; i < header->n_fields; i++) {
        if (!comes_once(header->fields[i].text, header->fields[i].name_size))
            continue;
        if (once_out->n_fields == DKIMSIGN_FIELDS_MAX)
            return false;
        kept[once_out->n_fields++] = header->fields[i];
    }
    return true;
}

static DKIM_STAT feed(DKIM *dkim, const struct header *header)
{
    DKIM_STAT status = DKIM_STAT_OK;
    for (size_t i = 0; i < header->n_fields && status == DKIM_STAT_OK; i++) {
        const struct header_field *field = &header->fields[i];
        status = dkim_header(dkim, (u_char *)(uintptr_t)field->text, field->size);
    }
    return status == DKIM_STAT_OK ? dkim_eoh(dkim) : status;
}

/* What libopendkim folds with CRLF. */
static bool copy_value(const u_char *from, size_t size, char value[DKIMSIGN_SIGNATURE_MAX + 1])
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (from[i] == '\r')
            continue;
        if (used == DKIMSIGN_SIGNATURE_MAX)
            return false;
        value[used++] = (char)from[i];
    }
    value[used] = '\0';
    return used > 0;
}

/* That it is about this body, and about all of it. */
static bool is_about(const char *value, const struct body_result *body)
{
    const char *hash = strstr(value, "bh="), *wanted = body->base64;
    if (!hash || strstr(value, " l=") || strstr(value, "\tl="))
        return false;
    for (hash += 3; *wanted; hash++) {
        if (*hash == '\n' || *hash == '\t' || *hash == ' ')
            continue;
        if (*hash != *wanted++)
            return false;
    }
    return *hash == ';';
}

static enum result run(DKIM *dkim, const struct header *header, const struct body_result *body,
                       char value[DKIMSIGN_SIGNATURE_MAX + 1], struct problem *problem)
{
    u_char *text = NULL;
    size_t size = 0;
    const char *error;
    if (dkim_set_margin(dkim, LINE_COLUMNS) != DKIM_STAT_OK)
        return problem_set(problem, RESULT_BUG, "DKIM: libopendkim folds no lines");
    DKIM_STAT status = feed(dkim, header);
    if (status != DKIM_STAT_OK) {
        error = dkim_geterror(dkim);
        return problem_set(problem, status == DKIM_STAT_SYNTAX ? RESULT_BAD_INPUT : RESULT_TRY_LATER,
                           "libopendkim cannot sign these fields: %s",
                           error ? error : dkim_getresultstr(status));
    }
    body_digest_lay(body->digest);
    status = dkim_eom(dkim, NULL);
    enum result taken = body_digest_taken();
    if (status == DKIM_STAT_OK)
        status = dkim_getsighdr_d(dkim, sizeof "DKIM-Signature:", &text, &size);
    if (status != DKIM_STAT_OK) {
        error = dkim_geterror(dkim);
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: libopendkim does not sign: %s",
                           error ? error : dkim_getresultstr(status));
    }
    if (taken != RESULT_OK || !copy_value(text, size, value) || !is_about(value, body))
        return problem_set(problem, RESULT_BUG, "DKIM: libopendkim signed another body");
    return RESULT_OK;
}

enum result dkimsigner_sign(struct dkimsigner *signer, const struct signing_key *key,
                            const struct header *header, const struct body_result *body,
                            char value_out[DKIMSIGN_SIGNATURE_MAX + 1], struct problem *problem)
{
    struct header_field kept[DKIMSIGN_FIELDS_MAX];
    struct header once;
    const struct watch *watch = &signer->all;
    DKIM_STAT status = DKIM_STAT_OK;
    int algorithm = key->kind == DKIMSIGN_RSA ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256;
    if (!is_listable(watch, header)) {
        watch = &signer->once;
        if (!keep_once(header, kept, &once) || !is_listable(watch, &once))
            return problem_set(problem, RESULT_BAD_INPUT, "it has more than %d fields to be signed",
                               DKIMSIGN_FIELDS_MAX);
        header = &once;
    }
    DKIM *dkim =
        dkim_sign(watch->lib, (const unsigned char *)"khatm", NULL, (dkim_sigkey_t)(uintptr_t)key->pem,
                  (const unsigned char *)key->selector, (const unsigned char *)key->domain,
                  DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, algorithm, -1, &status);
    if (!dkim)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: libopendkim does not sign: %s",
                           dkim_getresultstr(status));
    enum result result = run(dkim, header, body, value_out, problem);
    (void)dkim_free(dkim);
    return result;
}

/* --- an example
 * ----------------------------------------------------------------------------------------------- */

static char from_text[] = "From: example@example.org", body_text[] = "Hi.\r\n";

static enum result hash_example(struct body_result *out)
{
    const bool wanted[BODY_FORMS] = {[BODY_RELAXED] = true};
    struct body_result results[BODY_FORMS];
    struct body_hash *hash = body_hash_new();
    if (!hash)
        return RESULT_TRY_LATER;
    body_hash_begin(hash, wanted, BODY_WHOLE);
    body_hash_add(hash, body_text, sizeof body_text - 1);
    enum result result = body_hash_finish(hash, results);
    *out = results[BODY_RELAXED];
    body_hash_free(hash);
    return result;
}

/* With its body, which the signature is about only if all was done right. */
static bool verifies(struct dkimsigner *signer, const char *value)
{
    DKIM_STAT status;
    char field[DKIMSIGN_SIGNATURE_MAX + sizeof "DKIM-Signature: "];
    int size = snprintf(field, sizeof field, "DKIM-Signature: %s", value);
    DKIM *dkim = dkim_verify(signer->all.lib, (const unsigned char *)"khatm", NULL, &status);
    if (!dkim)
        return false;
    bool good = dkim_set_user_context(dkim, signer) == DKIM_STAT_OK &&
                dkim_header(dkim, (u_char *)field, (size_t)size) == DKIM_STAT_OK &&
                dkim_header(dkim, (u_char *)from_text, sizeof from_text - 1) == DKIM_STAT_OK &&
                dkim_eoh(dkim) == DKIM_STAT_OK &&
                dkim_body(dkim, (u_char *)body_text, sizeof body_text - 1) == DKIM_STAT_OK &&
                dkim_eom(dkim, NULL) == DKIM_STAT_OK;
    (void)dkim_free(dkim);
    return good;
}

enum result dkimsigner_try(struct dkimsigner *signer, const struct signing_key *key, struct problem *problem)
{
    char value[DKIMSIGN_SIGNATURE_MAX + 1];
    struct body_result body;
    struct header_field field = {
        .text = from_text, .size = sizeof from_text - 1, .name_size = 4, .value = from_text + 5};
    const struct header header = {.fields = &field, .n_fields = 1};
    if (hash_example(&body) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory to try a key");
    enum result result = dkimsigner_sign(signer, key, &header, &body, value, problem);
    if (result != RESULT_OK)
        return result;
    signer->tried = key;
    bool good = verifies(signer, value);
    signer->tried = NULL;
    return good ? RESULT_OK
                : problem_set(problem, RESULT_BUG, "%s: what it signs does not verify by its own other half",
                              key->file);
}
