/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/dkim_library.h"

#include "authenticator/body_length.h"
#include "base/fd.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* dkim.h is written for compilers that do not warn, and wants to be told what a bool is. */
#include <opendkim/dkim.h>
#include <sys/types.h>

/* RUN_MAX: what stands between two blanks or line ends is held in memory by the relaxed canonicalisation. RFC
 * 5321 allows lines of 1000 octets. */
enum { BLOCK_BYTES = 64 * 1024, ED25519_BITS = 256, RUN_MAX = 256 * 1024 };

struct dkim_library {
    DKIM_LIB *lib;
    u_char block[BLOCK_BYTES];
};

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
    library->lib = dkim_init(NULL, NULL);
    if (!library->lib || !set_options(library->lib)) {
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

/* A bare CR or LF is refused: libopendkim leaves an octet at the end of the line out of the hash for each
 * bare LF before it, and RFC 6376, 5.3 has them turned into line ends before anything is signed. */
static bool feed_block(DKIM *dkim, u_char *block, size_t size, struct body_length *length)
{
    body_length_add(length, block, size);
    return length->longest_run <= RUN_MAX && !length->bare && dkim_body(dkim, block, size) == DKIM_STAT_OK;
}

/* RFC 6376, 3.4.3 and 3.4.4: a last line without its end gets one; libopendkim would refuse the body.
 * RESULT_BAD_INPUT: refused by it or by us. */
static enum result feed_body(struct dkim_library *library, DKIM *dkim, const struct dkim_work *work,
                             struct body_length *length)
{
    u_char line_end[] = "\r\n";
    for (uint64_t at = work->body_offset; at < work->size;) {
        uint64_t left = work->size - at;
        size_t size = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        if (fd_read_at(work->fd, library->block, size, at) != RESULT_OK)
            return RESULT_TRY_LATER;
        if (!feed_block(dkim, library->block, size, length))
            return RESULT_BAD_INPUT;
        at += size;
    }
    bool whole = work->size == work->body_offset || length->ends_in_crlf;
    if (length->carriage_return)
        return RESULT_BAD_INPUT;
    return whole || dkim_body(dkim, line_end, sizeof line_end - 1) == DKIM_STAT_OK ? RESULT_OK
                                                                                   : RESULT_BAD_INPUT;
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

static void take_result(DKIM_SIGINFO *info, struct dkim_signature *signature,
                        const struct body_length *length)
{
    struct dkim_proof *proof = &signature->proof;
    int error = dkim_sig_geterror(info);
    bool passed = dkim_sig_getflags(info) & DKIM_SIGFLAG_PASSED;
    unsigned bits = 0;
    if (dkim_sig_getkeysize(info, &bits) == DKIM_STAT_OK)
        proof->bits = proof->algorithm == DKIM_ALGORITHM_ED25519_SHA256 ? ED25519_BITS : bits;
    proof->body_hash_matches = passed && dkim_sig_getbh(info) == DKIM_SIGBH_MATCH;
    proof->signature_matches =
        passed && (error == DKIM_SIGERROR_OK || (error == DKIM_SIGERROR_BADSIG && !proof->body_hash_matches));
    uint64_t whole = signature->relaxed_body ? body_length_relaxed(length) : body_length_simple(length);
    if (!proof->signature_matches)
        proof->why = error == DKIM_SIGERROR_BADSIG || error == DKIM_SIGERROR_OK
                         ? "it does not match the header fields"
                         : error_text(error);
    else if (!proof->body_hash_matches)
        proof->why = "the body is not the one that was signed";
    else if (proof->has_length && signature->length < whole)
        proof->why = "its length (l=) leaves a part of the body out";
}

static void refuse_all(const struct dkim_work *work, const char *why)
{
    for (size_t i = 0; i < work->n_signatures; i++)
        if (work->signatures[i].key_text)
            work->signatures[i].proof.why = why;
}

static void take_results(DKIM *dkim, const struct dkim_work *work, const struct body_length *length)
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
            take_result(infos[at], signature, length);
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

enum result dkim_library_verify(struct dkim_library *library, const struct dkim_work *work)
{
    DKIM_STAT status = DKIM_STAT_INTERNAL;
    struct body_length length = {.carriage_return = false};
    enum result result = RESULT_TRY_LATER;
    while (drop_greedy(work))
        ;
    DKIM *dkim = dkim_verify(library->lib, (const unsigned char *)"khatm", NULL, &status);
    if (!dkim)
        return RESULT_TRY_LATER;
    if (dkim_set_user_context(dkim, (void *)(uintptr_t)work) != DKIM_STAT_OK)
        goto out;
    if (!feed_header(dkim, work)) {
        refuse_all(work, "libopendkim cannot read the header section");
        result = RESULT_OK;
        goto out;
    }
    result = feed_body(library, dkim, work, &length);
    if (result == RESULT_BAD_INPUT) {
        refuse_all(work, "the body has a line that libopendkim cannot read");
        result = RESULT_OK;
    } else if (result == RESULT_OK) {
        (void)dkim_eom(dkim, NULL);
        take_results(dkim, work, &length);
    }
out:
    (void)dkim_free(dkim);
    return result;
}
