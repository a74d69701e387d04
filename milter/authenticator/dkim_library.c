/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/dkim_library.h"

#include "base/fd.h"
#include "base/text.h"
#include "dkim/body_hash.h"

#include <stdlib.h>
#include <string.h>

/* dkim.h is written for compilers that do not warn, and wants to be told what a bool is. */
#include <opendkim/dkim.h>
#include <sys/types.h>

enum { BLOCK_BYTES = 64 * 1024, ED25519_BITS = 256, FILLER_LINE = 64 };

struct dkim_library {
    DKIM_LIB *lib;
    struct body_hash *hash;
    struct body_result bodies[PROOF_SIGNATURES_MAX]; /* of the message under way, for each signature */
    char block[BLOCK_BYTES];
};

static enum body_form form_of(const struct dkim_signature *signature)
{
    return signature->relaxed_body ? BODY_RELAXED : BODY_SIMPLE;
}

/* Takes the place of all of libopendkim's DNS. */
static DKIM_CBSTAT give_key(DKIM *dkim, DKIM_SIGINFO *info, u_char *key, size_t room)
{
    const struct dkim_work *work = dkim_get_user_context(dkim);
    const char *domain = (const char *)dkim_sig_getdomain(info);
    const char *selector = (const char *)dkim_sig_getselector(info);
    for (size_t i = 0; i < work->n_signatures; i++) {
        const struct dkim_signature *signature = &work->signatures[i];
        if (!signature->key_text || !text_equal_nocase(signature->proof.domain, domain) ||
            !text_equal_nocase(signature->proof.selector, selector))
            continue;
        size_t size = strlen(signature->key_text);
        if (size >= room)
            return DKIM_CBSTAT_NOTFOUND;
        memcpy(key, signature->key_text, size + 1);
        return DKIM_CBSTAT_CONTINUE;
    }
    return DKIM_CBSTAT_NOTFOUND;
}

static bool set_options(DKIM_LIB *lib)
{
    unsigned flags = DKIM_LIBFLAGS_DELAYSIGPROC, bits = 1;
    uint64_t drift = DKIM_CLOCK_DRIFT_S;
    return dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags) == DKIM_STAT_OK &&
           dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof drift) == DKIM_STAT_OK &&
           dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits) == DKIM_STAT_OK &&
           dkim_set_key_lookup(lib, give_key) == DKIM_STAT_OK;
}

enum result dkim_library_new(struct dkim_library **library_out, struct problem *problem)
{
    struct dkim_library *library = calloc(1, sizeof *library);
    if (!library)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    library->hash = body_hash_new();
    library->lib = dkim_init(NULL, NULL);
    if (!library->hash || !library->lib || !set_options(library->lib)) {
        dkim_library_free(library);
        return problem_set(problem, RESULT_BUG, "DKIM: libopendkim does not start");
    }
    if (!dkim_libfeature(library->lib, DKIM_FEATURE_SHA256) ||
        !dkim_libfeature(library->lib, DKIM_FEATURE_ED25519)) {
        dkim_library_free(library);
        return problem_set(problem, RESULT_BUG, "DKIM: this libopendkim knows no SHA-256 or no Ed25519");
    }
    *library_out = library;
    return RESULT_OK;
}

void dkim_library_free(struct dkim_library *library)
{
    if (!library)
        return;
    if (library->lib)
        dkim_close(library->lib);
    body_hash_free(library->hash);
    free(library);
}

/* All fields, but of the signatures only those that are to be verified: in the library's list they are then
 * at the places we gave them. */
static bool is_wanted(const struct dkim_work *work, const struct header_field *field)
{
    if (!header_is(field, "DKIM-Signature"))
        return true;
    for (size_t i = 0; i < work->n_signatures; i++)
        if (work->signatures[i].field == field)
            return work->signatures[i].key_text != NULL;
    return false;
}

static bool feed_header(DKIM *dkim, const struct dkim_work *work)
{
    for (size_t i = 0; i < work->header->n_fields; i++) {
        const struct header_field *field = &work->header->fields[i];
        if (is_wanted(work, field) &&
            dkim_header(dkim, (u_char *)(uintptr_t)field->text, field->size) != DKIM_STAT_OK)
            return false;
    }
    return dkim_eoh(dkim) == DKIM_STAT_OK;
}

/* What a signature with l= may be about: the library wants as many octets, whatever they are. */
static bool feed_filler(struct dkim_library *library, DKIM *dkim, const struct dkim_work *work)
{
    uint64_t wanted = 0;
    for (size_t i = 0; i < work->n_signatures; i++)
        if (work->signatures[i].key_text && work->signatures[i].proof.has_length &&
            work->signatures[i].length > wanted)
            wanted = work->signatures[i].length;
    for (size_t i = 0; wanted && i < BLOCK_BYTES; i += 2)
        memcpy(library->block + i, (i + 2) % FILLER_LINE ? "xx" : "\r\n", 2);
    for (uint64_t fed = 0; fed < wanted; fed += BLOCK_BYTES)
        if (dkim_body(dkim, (u_char *)library->block, BLOCK_BYTES) != DKIM_STAT_OK)
            return false;
    return true;
}

static enum result read_body(struct dkim_library *library, const struct dkim_work *work,
                             const bool wanted[BODY_FORMS], int64_t limit, struct body_result out[BODY_FORMS])
{
    body_hash_begin(library->hash, wanted, limit);
    for (uint64_t at = work->body_offset; at < work->size;) {
        uint64_t left = work->size - at;
        size_t size = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        if (fd_read_at(work->fd, library->block, size, at) != RESULT_OK)
            return RESULT_TRY_LATER;
        body_hash_add(library->hash, library->block, size);
        at += size;
    }
    return body_hash_finish(library->hash, out);
}

/* l= is shorter than the body: what it covers is hashed once more, by itself. */
static enum result hash_part(struct dkim_library *library, const struct dkim_work *work, size_t i)
{
    const struct dkim_signature *signature = &work->signatures[i];
    enum body_form form = form_of(signature);
    const bool wanted[BODY_FORMS] = {form == BODY_SIMPLE, form == BODY_RELAXED};
    struct body_result part[BODY_FORMS];
    enum result result = read_body(library, work, wanted, (int64_t)signature->length, part);
    if (result == RESULT_OK)
        library->bodies[i] = part[form];
    return result;
}

/* RESULT_BAD_INPUT: no signature can be about such a body. */
static enum result hash_body(struct dkim_library *library, const struct dkim_work *work)
{
    bool wanted[BODY_FORMS] = {false, false};
    struct body_result whole[BODY_FORMS];
    for (size_t i = 0; i < work->n_signatures; i++)
        if (work->signatures[i].key_text)
            wanted[form_of(&work->signatures[i])] = true;
    enum result result = read_body(library, work, wanted, BODY_WHOLE, whole);
    for (size_t i = 0; i < work->n_signatures && result == RESULT_OK; i++) {
        struct dkim_signature *signature = &work->signatures[i];
        if (!signature->key_text)
            continue;
        library->bodies[i] = whole[form_of(signature)];
        if (!signature->proof.has_length)
            continue;
        if (signature->length > library->bodies[i].size) { /* RFC 6376, 3.5 */
            signature->key_text = NULL;
            signature->proof.why = "its length (l=) is more than the body has";
        } else if (signature->length < library->bodies[i].size) {
            result = hash_part(library, work, i);
        }
    }
    return result;
}

static bool is_same(DKIM_SIGINFO *info, const struct dkim_signature *signature)
{
    const char *domain = (const char *)dkim_sig_getdomain(info);
    const char *selector = (const char *)dkim_sig_getselector(info);
    const char *b = (const char *)dkim_sig_gettagvalue(info, 0, (u_char *)(uintptr_t) "b");
    const char *wanted = dkim_tag(&signature->tags, "b");
    return domain && selector && b && wanted && text_equal_nocase(domain, signature->proof.domain) &&
           text_equal_nocase(selector, signature->proof.selector) && strcmp(b, wanted) == 0;
}

static const char *error_text(int error)
{
    const char *text = dkim_sig_geterrorstr(error);
    return text ? text : "libopendkim cannot verify it";
}

/* What the library hashed is no body at all: that bh= does not match is what it must say. "Passed" says that
 * the header fields, bh= among them, are as they were signed. */
static void take_result(const struct body_result *hashed, DKIM_SIGINFO *info,
                        struct dkim_signature *signature)
{
    struct dkim_proof *proof = &signature->proof;
    int error = dkim_sig_geterror(info), body = dkim_sig_getbh(info);
    bool passed = dkim_sig_getflags(info) & DKIM_SIGFLAG_PASSED;
    const char *wanted = dkim_tag(&signature->tags, "bh");
    unsigned bits = 0;
    if (dkim_sig_getkeysize(info, &bits) == DKIM_STAT_OK)
        proof->bits = proof->algorithm == DKIM_ALGORITHM_ED25519_SHA256 ? ED25519_BITS : bits;
    proof->signature_matches = passed && ((error == DKIM_SIGERROR_OK && body == DKIM_SIGBH_MATCH) ||
                                          (error == DKIM_SIGERROR_BADSIG && body == DKIM_SIGBH_MISMATCH));
    proof->body_hash_matches = proof->signature_matches && wanted && strcmp(wanted, hashed->base64) == 0;
    if (!proof->signature_matches)
        proof->why = error == DKIM_SIGERROR_BADSIG || error == DKIM_SIGERROR_OK
                         ? "it does not match the header fields"
                         : error_text(error);
    else if (!proof->body_hash_matches)
        proof->why = "the body is not the one that was signed";
    else if (proof->has_length && signature->length < hashed->size)
        proof->why = "its length (l=) leaves a part of the body out";
}

static void refuse_all(const struct dkim_work *work, const char *why)
{
    for (size_t i = 0; i < work->n_signatures; i++)
        if (work->signatures[i].key_text)
            work->signatures[i].proof.why = why;
}

static void take_results(const struct dkim_library *library, DKIM *dkim, const struct dkim_work *work)
{
    DKIM_SIGINFO **infos = NULL;
    int n = 0, at = 0;
    if (dkim_getsiglist(dkim, &infos, &n) != DKIM_STAT_OK)
        n = 0;
    for (size_t i = 0; i < work->n_signatures; i++) {
        struct dkim_signature *signature = &work->signatures[i];
        if (!signature->key_text)
            continue;
        signature->proof.why = "libopendkim lost it";
        if (at < n && is_same(infos[at], signature)) {
            signature->proof.why = "";
            take_result(&library->bodies[i], infos[at], signature);
        }
        at++;
    }
}

/* A list that names all fields there are, signatures too, and one more, makes libopendkim write behind the
 * end of an array. No honest signature lists so many signatures. */
static bool drop_greedy(const struct dkim_work *work)
{
    size_t n = 0, dropped = 0;
    for (size_t i = 0; i < work->n_signatures; i++)
        n += work->signatures[i].key_text != NULL;
    for (size_t i = 0; i < work->n_signatures; i++) {
        struct dkim_signature *signature = &work->signatures[i];
        const char *list = dkim_tag(&signature->tags, "h");
        if (!signature->key_text || !list || dkim_list_count(list, "DKIM-Signature") < n)
            continue;
        signature->key_text = NULL;
        signature->proof.why = "it lists more signatures than there are";
        dropped++;
    }
    return dropped > 0;
}

static enum result verify(struct dkim_library *library, const struct dkim_work *work)
{
    DKIM_STAT status = DKIM_STAT_INTERNAL;
    enum result result = RESULT_TRY_LATER;
    DKIM *dkim = dkim_verify(library->lib, (const unsigned char *)"khatm", NULL, &status);
    if (!dkim)
        return RESULT_TRY_LATER;
    if (dkim_set_user_context(dkim, (void *)(uintptr_t)work) != DKIM_STAT_OK)
        goto out;
    result = RESULT_OK;
    if (!feed_header(dkim, work) || !feed_filler(library, dkim, work)) {
        refuse_all(work, "libopendkim cannot read the header section");
        goto out;
    }
    (void)dkim_eom(dkim, NULL);
    take_results(library, dkim, work);
out:
    (void)dkim_free(dkim);
    return result;
}

enum result dkim_library_verify(struct dkim_library *library, const struct dkim_work *work)
{
    enum result result = hash_body(library, work);
    if (result == RESULT_BAD_INPUT) {
        refuse_all(work, "the body has a CR or LF that ends no line");
        return RESULT_OK;
    }
    if (result != RESULT_OK)
        return result;
    while (drop_greedy(work))
        ;
    return verify(library, work);
}
