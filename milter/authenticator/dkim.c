/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/dkim.h"

#include "authenticator/dkim_library.h"
#include "authenticator/dkim_selftest.h"
#include "base/clock.h"
#include "dkim/header.h"
#include "dns/name.h"

#include <stdlib.h>

enum { FOREIGN_MS = 500 };

struct dkim_checker {
    struct dkim_library *library;
    /* Of the message. */
    struct resolver *resolver;
    struct arena *arena;
    struct dkim_input input;
    struct header header;
    struct dkim_signature signatures[PROOF_SIGNATURES_MAX];
    size_t n_signatures;
    bool more;
};

enum result dkim_checker_new(struct dkim_checker **dkim_out, struct problem *problem)
{
    struct dkim_checker *dkim = calloc(1, sizeof *dkim);
    if (!dkim)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    enum result result = dkim_library_new(&dkim->library, problem);
    if (result == RESULT_OK)
        result = dkim_selftest(dkim->library, problem);
    if (result != RESULT_OK) {
        dkim_checker_free(dkim);
        return result;
    }
    *dkim_out = dkim;
    return RESULT_OK;
}

void dkim_checker_free(struct dkim_checker *dkim)
{
    if (!dkim)
        return;
    dkim_library_free(dkim->library);
    free(dkim);
}

/* What was not learnt may be learnt another time; what cannot be read never will. */
static void refuse_all(struct dkim_checker *dkim, bool try_later, const char *why)
{
    for (size_t i = 0; i < dkim->n_signatures; i++) {
        struct dkim_signature *signature = &dkim->signatures[i];
        signature->key_name = signature->key_text = NULL;
        signature->proof.counts = signature->proof.signature_matches = signature->proof.body_hash_matches =
            false;
        signature->proof.try_later = try_later;
        signature->proof.why = why;
    }
}

/* There is no list of signatures then: one stands for all that there may be. */
static void refuse_header(struct dkim_checker *dkim, bool try_later, const char *why)
{
    dkim->signatures[0] = (struct dkim_signature){.proof = {.domain = "", .selector = ""}};
    dkim->n_signatures = 1;
    refuse_all(dkim, try_later, why);
}

static void read_signatures(struct dkim_checker *dkim)
{
    for (size_t i = 0; i < dkim->header.n_fields; i++) {
        const struct header_field *field = &dkim->header.fields[i];
        if (!header_is(field, "DKIM-Signature"))
            continue;
        if (dkim->n_signatures == PROOF_SIGNATURES_MAX) {
            dkim->more = true;
            return;
        }
        struct dkim_signature *signature = &dkim->signatures[dkim->n_signatures++];
        enum result result =
            dkim_signature_read(&dkim->header, field, dkim->input.now, dkim->arena, signature);
        if (result != RESULT_OK) {
            refuse_all(dkim, true, "no memory for it");
            return;
        }
        if (signature->key_name)
            resolver_start(dkim->resolver, signature->key_name, DNS_TXT);
    }
}

void dkim_checker_begin(struct dkim_checker *dkim, struct resolver *resolver, const struct dkim_input *input,
                        struct arena *arena)
{
    const char *why = "";
    dkim->resolver = resolver;
    dkim->arena = arena;
    dkim->input = *input;
    dkim->n_signatures = 0;
    dkim->more = false;
    enum result result = header_read(input->fd, input->body_offset, arena, &dkim->header, &why);
    if (result != RESULT_OK)
        refuse_header(dkim, result != RESULT_BAD_INPUT, why);
    else
        read_signatures(dkim);
}

static bool is_foreign(const struct dkim_checker *dkim, const struct dkim_signature *signature)
{
    const char *claimed = dkim->input.claimed;
    return *claimed && !name_is_within(signature->proof.domain, claimed);
}

static enum result take_keys_of(struct dkim_checker *dkim, bool foreign, bool *any)
{
    for (size_t i = 0; i < dkim->n_signatures; i++) {
        struct dkim_signature *signature = &dkim->signatures[i];
        if (!signature->key_name || is_foreign(dkim, signature) != foreign)
            continue;
        const struct dns_answer *answer = resolver_ask(dkim->resolver, signature->key_name, DNS_TXT);
        if (dkim_signature_take_key(signature, answer, dkim->arena) != RESULT_OK) {
            refuse_all(dkim, true, "no memory for its key");
            return RESULT_TRY_LATER;
        }
        *any |= signature->key_text != NULL;
    }
    return RESULT_OK;
}

/* Whether any has come so far that hashing is worth while. */
static bool take_keys(struct dkim_checker *dkim)
{
    bool any = false;
    if (take_keys_of(dkim, false, &any) != RESULT_OK)
        return false;
    resolver_hurry(dkim->resolver, clock_monotonic_ms() + FOREIGN_MS);
    return take_keys_of(dkim, true, &any) == RESULT_OK && any;
}

/* A field of which RFC 5322, 3.6 allows one, and of which only the lowest was signed: another one above it is
 * what readers see, and the signature still verifies (RFC 6376, 8.15). */
static bool is_overlaid(const struct dkim_checker *dkim, const struct dkim_signature *signature)
{
    static const char *const single[] = {"From", "Sender",  "Reply-To", "To",
                                         "Cc",   "Subject", "Date",     "Content-Transfer-Encoding"};
    const char *list = dkim_tag(&signature->tags, "h");
    for (size_t i = 0; list && i < sizeof single / sizeof *single; i++) {
        unsigned listed = dkim_list_count(list, single[i]);
        if (listed && header_count(&dkim->header, single[i]) > listed)
            return true;
    }
    return false;
}

/* What is left to say against a signature that verifies. */
static void judge(const struct dkim_checker *dkim, struct dkim_signature *signature)
{
    struct dkim_proof *proof = &signature->proof;
    if (proof->why[0] || !proof->signature_matches || !proof->body_hash_matches)
        return;
    if (proof->algorithm == DKIM_ALGORITHM_RSA_SHA256 && proof->bits < DKIM_RSA_BITS_MIN)
        proof->why = "its key is shorter than 1024 bits";
    else if (header_count(&dkim->header, "From") != 1)
        proof->why = "the message has more than one From, or none";
    else if (proof->from == PROOF_COVER_NOT)
        proof->why = "From is not signed";
    else if (proof->content_type == PROOF_COVER_NOT)
        proof->why = "Content-Type is not signed";
    else if (is_overlaid(dkim, signature))
        proof->why = "a field that it signs was put in once more";
    else
        proof->counts = true;
}

void dkim_checker_finish(struct dkim_checker *dkim, struct dkim_findings *findings)
{
    const struct dkim_work work = {&dkim->header,  dkim->signatures,        dkim->n_signatures,
                                   dkim->input.fd, dkim->input.body_offset, dkim->input.size};
    if (take_keys(dkim) && dkim_library_verify(dkim->library, &work) != RESULT_OK)
        refuse_all(dkim, true, "the message could not be read to its end");
    findings->n_signatures = dkim->n_signatures;
    findings->more = dkim->more;
    for (size_t i = 0; i < dkim->n_signatures; i++) {
        judge(dkim, &dkim->signatures[i]);
        findings->signatures[i] = dkim->signatures[i].proof;
    }
    dkim->resolver = NULL;
    dkim->arena = NULL;
}
