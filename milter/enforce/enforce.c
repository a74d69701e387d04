/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce/enforce.h"

#include "base/digest.h"
#include "base/fd.h"
#include "enforce/protect.h"
#include "gather/unseal.h"

#include <string.h>

/* Fingerprints of the keys that this message is sealed to, each once: two addresses of one domain share a
 * key. */
static enum result wanted_keys(struct message *message, const struct gathered *gathered,
                               const struct decision *decision, struct seal_request *request)
{
    const struct policy_facts *facts = &gathered->facts;
    const char **wanted = arena_alloc(message->arena, facts->n_rcpts + 1, sizeof *wanted);
    size_t n = 0;
    if (!wanted)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < facts->n_rcpts; i++) {
        const struct rcpt_facts *rcpt = &facts->rcpts[i];
        /* One body serves all: a recipient without a usable key among sealed ones can only be a defect of
         * ours. */
        if (decision->rcpts[i].verdict != VERDICT_SEAL || rcpt->key != KEY_USABLE || !rcpt->key_fingerprint)
            return RESULT_BUG;
        bool have = false;
        for (size_t k = 0; k < n && !have; k++)
            have = strcmp(wanted[k], rcpt->key_fingerprint) == 0;
        if (!have)
            wanted[n++] = rcpt->key_fingerprint;
        /* Unknown counts as hidden: naming a key would name a blind recipient. */
        if (rcpt->in_headers != FACT_YES)
            request->hide_key_ids = true;
    }
    request->fingerprints = wanted;
    request->n_fingerprints = n;
    return n ? RESULT_OK : RESULT_BUG;
}

static enum result make_boundary(char boundary[40])
{
    uint8_t random[12];
    enum result result = random_bytes(random, sizeof random);
    if (result == RESULT_OK) {
        memcpy(boundary, "khatm-", 6);
        hex_encode(random, sizeof random, boundary + 6);
    }
    return result;
}

/* The sealer reads from an own description of the file: slots share no position with us. */
static enum result seal_body(struct message *message, struct seal_request *request, struct sealer *sealer,
                             struct judgement *judgement, struct reply *reply, struct problem *problem)
{
    struct seal_outcome outcome;
    char hex[DIGEST_HEX];
    enum result result = fd_open_unnamed(message->config->spool.directory, &request->output_fd, problem);
    if (result != RESULT_OK)
        return result;
    result = sealer_seal(sealer, request, &outcome, problem);
    if (result != RESULT_OK) {
        fd_close(&request->output_fd);
        return result;
    }
    hex_encode(outcome.ciphertext_sha256, sizeof outcome.ciphertext_sha256, hex);
    judgement->sealed_sha256 = arena_strdup(message->arena, hex);
    reply->body_fd = request->output_fd;
    reply->body_size = outcome.body_size;
    return RESULT_OK;
}

enum result enforce_seal(struct message *message, const struct gathered *gathered,
                         struct judgement *judgement, struct sealer *sealer, struct reply *reply,
                         struct problem *problem)
{
    char boundary[40];
    struct buffer inner;
    buffer_init(&inner, MESSAGE_HEADER_BYTES_MAX * 4);
    /* French without accents: an outer field must be ASCII, and an encoded word would hide the reference. */
    const char *subject = arena_printf(message->arena, "Pli administratif scelle [%s]", message->reference);
    struct seal_request request = {
        .message_fd = message->spool.fd,
        .body_offset = message->spool.body_offset,
        .body_size = message->spool.size - message->spool.body_offset,
        .boundary = boundary,
        .output_fd = -1,
    };
    enum result result =
        subject ? wanted_keys(message, gathered, judgement->decision, &request) : RESULT_TRY_LATER;
    if (result == RESULT_OK)
        result = make_boundary(boundary);
    if (result == RESULT_OK)
        result = protect_inner(message, subject, &inner);
    if (result == RESULT_OK)
        result = protect_outer(message, subject, boundary, &reply->edits, &reply->n_edits);
    if (result != RESULT_OK) {
        (void)problem_set(problem, result, "sealing: %s", result_name(result));
    } else {
        request.inner_header = inner.bytes;
        request.inner_header_size = inner.size;
        result = seal_body(message, &request, sealer, judgement, reply, problem);
    }
    buffer_free(&inner);
    return result;
}

/* Whoever wrote the rules: in clear it goes to people of the house alone, and only what a rule unseals. */
static bool may_all_read(const struct gathered *gathered, const struct decision *decision)
{
    const struct policy_facts *facts = &gathered->facts;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        if (facts->rcpts[i].class != RCPT_LOCAL || decision->rcpts[i].verdict != VERDICT_UNSEAL)
            return false;
    return facts->n_rcpts && (facts->seal == SEAL_VERIFIED || facts->seal == SEAL_UNSIGNED);
}

enum result enforce_unseal(struct message *message, const struct gathered *gathered,
                           struct judgement *judgement, struct reply *reply, struct problem *problem)
{
    if (!gathered->unsealed || message->opened.fd < 0 || !may_all_read(gathered, judgement->decision))
        return problem_set(problem, RESULT_BUG,
                           "unsealing: not for every recipient: see the rules that unseal");
    if (fd_reopen_readonly(message->opened.fd, &reply->body_fd) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "spool: what was unsealed cannot be read");
    reply->body_offset = message->opened.body_offset;
    reply->body_size = message->opened.size - message->opened.body_offset;
    judgement->sealed_sha256 = gathered->unsealed->ciphertext;
    return RESULT_OK;
}
