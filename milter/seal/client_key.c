/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include "seal/client.h"
#include "seal/exchange.h"
#include "seal/export.h"

#include <string.h>

struct answer {
    uint64_t result;
    char fingerprint[FINGERPRINT_HEX];
    struct export_addresses *addresses; /* NULL: not to be told */
    struct problem said;
};

static bool take_address(struct export_addresses *addresses, const struct wire_field *field)
{
    if (!addresses || addresses->n == SEAL_PERSONS_MAX)
        return false;
    char *to = addresses->addresses[addresses->n++];
    return wire_text(field, to, SEAL_ADDRESS_MAX + 1) == RESULT_OK;
}

static bool take_field(struct answer *answer, const struct wire_field *field)
{
    char text[FINGERPRINT_HEX];
    switch (field->tag) {
    case SEAL_TAG_PROBLEM:
        problem_set(&answer->said, RESULT_TRY_LATER, "%.*s", (int)(field->size < 500 ? field->size : 500),
                    (const char *)field->bytes);
        return true;
    case SEAL_TAG_FINGERPRINT:
        return wire_text(field, text, sizeof text) == RESULT_OK &&
               fingerprint_normalise(text, answer->fingerprint);
    case SEAL_TAG_ADDRESS:
        return take_address(answer->addresses, field);
    case SEAL_TAG_RESULT:
        return wire_number(field, &answer->result) == RESULT_OK && answer->result <= RESULT_BUG;
    default:
        return false;
    }
}

static enum result parse(const struct wire_frame *frame, struct answer *answer, struct problem *problem)
{
    struct wire_field field;
    size_t cursor = 0;
    answer->result = RESULT_BUG;
    answer->fingerprint[0] = '\0';
    problem_set(&answer->said, RESULT_BUG, "khatm-sealer: failed and did not say why");
    if (wire_type(frame) != SEAL_REPLY)
        return exchange_nonsense(problem);
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(answer, &field))
            return exchange_nonsense(problem);
    if (answer->result == RESULT_OK)
        return RESULT_OK;
    bool plain = answer->result == RESULT_BAD_INPUT || answer->result == RESULT_NOT_FOUND;
    return problem_set(problem, plain ? (enum result)answer->result : RESULT_TRY_LATER, "%s",
                       answer->said.text);
}

static enum result ask(struct helper_process *process, struct wire_frame *frame, int64_t deadline_ms,
                       struct answer *answer, struct problem *problem)
{
    enum result result = exchange_send(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    return result == RESULT_OK ? parse(frame, answer, problem) : result;
}

enum result client_read_key(struct helper_process *process, struct wire_frame *frame,
                            const struct client_ring *ring, const char *bytes, size_t size,
                            int64_t deadline_ms, char fingerprint_out[FINGERPRINT_HEX],
                            struct problem *problem)
{
    struct answer answer = {.addresses = NULL};
    int file = -1, certifiers = -1;
    enum result result = exchange_file(bytes, size, &file, problem);
    if (result == RESULT_OK && ring->n_certifiers)
        result = exchange_names(ring->certifiers, ring->n_certifiers, &certifiers, problem);
    if (result == RESULT_OK) {
        exchange_begin(frame, SEAL_READ_KEY, deadline_ms);
        wire_put_text(frame, SEAL_TAG_SOURCE, ring->source, SEAL_PATH_MAX);
        wire_put_number(frame, SEAL_TAG_CERTIFIERS, ring->n_certifiers);
        wire_put_fd(frame, file);
        if (certifiers >= 0)
            wire_put_fd(frame, certifiers);
        result = ask(process, frame, deadline_ms, &answer, problem);
    }
    fd_close(&file);
    fd_close(&certifiers);
    if (result != RESULT_OK)
        return result;
    memcpy(fingerprint_out, answer.fingerprint, sizeof answer.fingerprint);
    return answer.fingerprint[0] ? RESULT_OK : exchange_nonsense(problem);
}

enum result client_take_key(struct helper_process *process, struct wire_frame *frame, const char *home,
                            const char *fingerprint, int64_t deadline_ms, struct problem *problem)
{
    struct answer answer = {.addresses = NULL};
    exchange_begin(frame, SEAL_TAKE_KEY, deadline_ms);
    wire_put_text(frame, SEAL_TAG_SOURCE, home, SEAL_PATH_MAX);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, fingerprint, SEAL_FINGERPRINT_SIZE);
    return ask(process, frame, deadline_ms, &answer, problem);
}

enum result client_give_key(struct helper_process *process, struct wire_frame *frame,
                            const struct export_key *key, int file_fd, int64_t deadline_ms,
                            struct export_addresses *addresses, struct problem *problem)
{
    struct answer answer = {.addresses = addresses};
    if (addresses)
        addresses->n = 0;
    exchange_begin(frame, SEAL_GIVE_KEY, deadline_ms);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, key->fingerprint, SEAL_FINGERPRINT_SIZE);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, key->certifier, SEAL_FINGERPRINT_SIZE);
    wire_put_text(frame, SEAL_TAG_ADDRESS, key->address, SEAL_ADDRESS_MAX);
    wire_put_number(frame, SEAL_TAG_ARMOUR, key->armoured ? 1 : 0);
    wire_put_fd(frame, file_fd);
    return ask(process, frame, deadline_ms, &answer, problem);
}
