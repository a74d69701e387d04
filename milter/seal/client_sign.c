/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/client.h"
#include "seal/exchange.h"

#include <string.h>

struct answer {
    uint64_t result, expires, fault;
    char fingerprint[FINGERPRINT_HEX];
    struct problem said;
};

static bool take_field(struct answer *answer, const struct wire_field *field)
{
    uint64_t number = 0;
    if (field->tag == SEAL_TAG_PROBLEM) {
        problem_set(&answer->said, RESULT_TRY_LATER, "%.*s", (int)(field->size < 500 ? field->size : 500),
                    (const char *)field->bytes);
        return true;
    }
    if (field->tag == SEAL_TAG_SIGNER)
        return wire_text(field, answer->fingerprint, sizeof answer->fingerprint) == RESULT_OK;
    if (wire_number(field, &number) != RESULT_OK)
        return false;
    if (field->tag == SEAL_TAG_RESULT)
        answer->result = number;
    else if (field->tag == SEAL_TAG_KEY_EXPIRES)
        answer->expires = number;
    else if (field->tag == SEAL_TAG_FAULT && number <= SEAL_FAULT_LAST)
        answer->fault = number;
    else
        return false;
    return number <= INT64_MAX;
}

static enum result parse(const struct wire_frame *frame, struct answer *answer, struct problem *problem)
{
    struct wire_field field;
    size_t cursor = 0;
    *answer = (struct answer){.result = RESULT_BUG};
    problem_set(&answer->said, RESULT_TRY_LATER, "khatm-sealer: failed and did not say why");
    if (wire_type(frame) != SEAL_REPLY)
        return exchange_nonsense(problem);
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(answer, &field))
            return exchange_nonsense(problem);
    if (answer->result == RESULT_OK)
        return strlen(answer->fingerprint) == SEAL_FINGERPRINT_SIZE ? RESULT_OK : exchange_nonsense(problem);
    return problem_set(problem, answer->result == RESULT_BAD_INPUT ? RESULT_BAD_INPUT : RESULT_TRY_LATER,
                       "%s", answer->said.text);
}

enum result client_add_signer(struct helper_process *process, struct wire_frame *frame,
                              const struct signing_settings *signing, int64_t deadline_ms,
                              struct signer *signer_out, struct problem *problem)
{
    struct answer answer = {.result = RESULT_BUG};
    exchange_begin(frame, SEAL_ADD_SIGNER, deadline_ms);
    wire_put_text(frame, SEAL_TAG_SOURCE, signing->homedir, SEAL_PATH_MAX);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, signing->key, SEAL_FINGERPRINT_SIZE);
    enum result result = exchange_send(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = parse(frame, &answer, problem);
    if (result != RESULT_OK && result != RESULT_BAD_INPUT)
        return result;
    signer_out->expires = (int64_t)answer.expires;
    signer_out->fault = (enum seal_fault)answer.fault;
    if (result != RESULT_OK)
        return result;
    memcpy(signer_out->fingerprint, answer.fingerprint, sizeof signer_out->fingerprint);
    return RESULT_OK;
}
