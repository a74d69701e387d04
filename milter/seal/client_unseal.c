/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/fd.h"
#include "seal/client.h"
#include "seal/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct opened {
    uint64_t result, state, body_offset, size, n_fields;
    bool has_sha256;
    uint8_t sha256[DIGEST_BYTES];
    struct problem said;
};

static bool take_field(struct opened *opened, const struct wire_field *field)
{
    uint64_t number = 0;
    if (field->tag == SEAL_TAG_PROBLEM) {
        problem_set(&opened->said, RESULT_TRY_LATER, "%.*s", (int)(field->size < 500 ? field->size : 500),
                    (const char *)field->bytes);
        return true;
    }
    if (field->tag == SEAL_TAG_SHA256) {
        opened->has_sha256 = field->size == sizeof opened->sha256;
        if (opened->has_sha256)
            memcpy(opened->sha256, field->bytes, sizeof opened->sha256);
        return opened->has_sha256;
    }
    if (wire_number(field, &number) != RESULT_OK)
        return false;
    switch (field->tag) {
    case SEAL_TAG_RESULT:
        opened->result = number;
        return number <= RESULT_BUG;
    case SEAL_TAG_STATE:
        opened->state = number;
        return number >= UNSEAL_NOT_OURS && number <= UNSEAL_SIGNED;
    case SEAL_TAG_BODY_OFFSET:
        opened->body_offset = number;
        return true;
    case SEAL_TAG_SIZE:
        opened->size = number;
        return true;
    case SEAL_TAG_FIELDS:
        opened->n_fields = number;
        return true;
    default:
        return false;
    }
}

static enum result parse(const struct wire_frame *frame, struct opened *opened, struct problem *problem)
{
    struct wire_field field;
    size_t cursor = 0;
    memset(opened, 0, sizeof *opened);
    opened->result = RESULT_BUG;
    problem_set(&opened->said, RESULT_TRY_LATER, "khatm-sealer: failed and did not say why");
    if (wire_type(frame) != SEAL_REPLY)
        return exchange_nonsense(problem);
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(opened, &field))
            return exchange_nonsense(problem);
    if (opened->result == RESULT_OK)
        return opened->state ? RESULT_OK : exchange_nonsense(problem);
    return problem_set(problem, opened->result == RESULT_BAD_INPUT ? RESULT_BAD_INPUT : RESULT_TRY_LATER,
                       "%s", opened->said.text);
}

static enum result send_message(struct helper_process *process, struct wire_frame *frame,
                                const struct unseal_request *request, int fields_fd, int64_t deadline_ms,
                                struct problem *problem)
{
    exchange_begin(frame, SEAL_OPEN, deadline_ms);
    wire_put_number(frame, SEAL_TAG_SIZE, request->size);
    wire_put_number(frame, SEAL_TAG_LIMIT, request->limit);
    if (request->signer)
        wire_put_text(frame, SEAL_TAG_FINGERPRINT, request->signer, SEAL_FINGERPRINT_SIZE);
    wire_put_fd(frame, request->message_fd);
    wire_put_fd(frame, request->output_fd);
    wire_put_fd(frame, fields_fd);
    return exchange_send(process, frame, deadline_ms, problem);
}

/* Names that are names, and values, or word that there is none, each with its NUL, as many as were told. */
static bool fields_are_good(const char *fields, size_t size, size_t n)
{
    size_t found = 0;
    if (size && fields[size - 1])
        return false;
    for (size_t at = 0; at < size; found++) {
        size_t name = strlen(fields + at);
        for (size_t i = 0; i < name; i++)
            if (fields[at + i] <= ' ' || fields[at + i] > '~' || fields[at + i] == ':')
                return false;
        if (!name || at + name + 1 >= size)
            return false;
        at += name + 1;
        if (fields[at] != '+' && (fields[at] != '-' || fields[at + 1]))
            return false;
        at += strlen(fields + at) + 1;
    }
    return found == n;
}

/* What the sealer said, compared with what lies in the files. */
static enum result take(const struct opened *opened, const struct unseal_request *request, int fields_fd,
                        struct unseal_outcome *outcome, struct problem *problem)
{
    struct stat output, fields;
    outcome->state = (enum unseal_state)opened->state;
    if (outcome->state == UNSEAL_NOT_OURS)
        return RESULT_OK;
    bool sound = opened->has_sha256 && fstat(request->output_fd, &output) == 0 &&
                 (uint64_t)output.st_size == opened->size && opened->size <= request->limit &&
                 opened->n_fields <= (uint64_t)2 * SEAL_INNER_FIELDS_MAX &&
                 opened->body_offset <= opened->size && fstat(fields_fd, &fields) == 0 &&
                 (uint64_t)fields.st_size <= (uint64_t)4 * SEAL_INNER_HEADER_MAX &&
                 (outcome->state != UNSEAL_SIGNED || request->signer);
    if (!sound)
        return exchange_nonsense(problem);
    outcome->fields_size = (size_t)fields.st_size;
    outcome->n_fields = opened->n_fields;
    outcome->fields = malloc(outcome->fields_size + 1);
    if (!outcome->fields)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    outcome->fields[outcome->fields_size] = '\0';
    if (fd_read_at(fields_fd, outcome->fields, outcome->fields_size, 0) != RESULT_OK ||
        !fields_are_good(outcome->fields, outcome->fields_size, outcome->n_fields))
        return exchange_nonsense(problem);
    outcome->body_offset = opened->body_offset;
    outcome->size = opened->size;
    memcpy(outcome->ciphertext_sha256, opened->sha256, sizeof opened->sha256);
    return RESULT_OK;
}

enum result client_unseal(struct helper_process *process, struct wire_frame *frame,
                          const struct unseal_request *request, int64_t deadline_ms,
                          struct unseal_outcome *outcome_out, struct problem *problem)
{
    struct opened opened;
    int fields_fd = -1;
    memset(outcome_out, 0, sizeof *outcome_out);
    enum result result = exchange_file("", 0, &fields_fd, problem);
    if (result == RESULT_OK)
        result = send_message(process, frame, request, fields_fd, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = parse(frame, &opened, problem);
    if (result == RESULT_OK)
        result = take(&opened, request, fields_fd, outcome_out, problem);
    fd_close(&fields_fd);
    if (result == RESULT_OK)
        return result;
    free(outcome_out->fields);
    memset(outcome_out, 0, sizeof *outcome_out);
    return result;
}
