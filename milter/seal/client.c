/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/client.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "seal/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { USABLE_IDS = 4 };

struct reply {
    enum result result;
    uint64_t count, body_size, ciphertext_size, created, expires, key_expires, about;
    char fingerprint[FINGERPRINT_HEX], signer[FINGERPRINT_HEX];
    bool has_sha256;
    uint8_t sha256[DIGEST_BYTES];
    size_t n_key_ids;
    uint64_t key_ids[SEAL_RECIPIENTS_MAX];
};

static bool take_number(struct reply *reply, uint8_t tag, uint64_t number)
{
    switch (tag) {
    case SEAL_TAG_RESULT:
        reply->result = (enum result)number;
        return number <= RESULT_BUG;
    case SEAL_TAG_COUNT:
        reply->count = number;
        return true;
    case SEAL_TAG_BODY_SIZE:
        reply->body_size = number;
        return true;
    case SEAL_TAG_CIPHERTEXT_SIZE:
        reply->ciphertext_size = number;
        return true;
    case SEAL_TAG_KEY_ID:
        if (reply->n_key_ids == SEAL_RECIPIENTS_MAX)
            return false;
        reply->key_ids[reply->n_key_ids++] = number;
        return true;
    case SEAL_TAG_CREATED:
        reply->created = number;
        return number <= INT64_MAX;
    case SEAL_TAG_EXPIRES:
        reply->expires = number;
        return number <= INT64_MAX;
    case SEAL_TAG_KEY_EXPIRES:
        reply->key_expires = number;
        return number <= INT64_MAX;
    case SEAL_TAG_ABOUT:
        reply->about = number;
        return number >= SEAL_ABOUT_SIGNATURE && number <= SEAL_ABOUT_RECIPIENT;
    default:
        return false;
    }
}

static bool take_field(struct reply *reply, const struct wire_field *field, struct problem *problem)
{
    uint64_t number = 0;
    if (field->tag == SEAL_TAG_PROBLEM) {
        problem_set(problem, RESULT_TRY_LATER, "%.*s", (int)(field->size < 500 ? field->size : 500),
                    (const char *)field->bytes);
        return true;
    }
    if (field->tag == SEAL_TAG_SHA256) {
        reply->has_sha256 = field->size == sizeof reply->sha256;
        if (reply->has_sha256)
            memcpy(reply->sha256, field->bytes, sizeof reply->sha256);
        return reply->has_sha256;
    }
    if (field->tag == SEAL_TAG_FINGERPRINT) {
        if (field->size != sizeof reply->fingerprint - 1)
            return false;
        memcpy(reply->fingerprint, field->bytes, field->size);
        return true;
    }
    if (field->tag == SEAL_TAG_SIGNER)
        return wire_text(field, reply->signer, sizeof reply->signer) == RESULT_OK;
    return wire_number(field, &number) == RESULT_OK && take_number(reply, field->tag, number);
}

/* RESULT_OK: the sealer said so. */
static enum result parse_reply(const struct wire_frame *frame, struct reply *reply, struct problem *problem)
{
    struct wire_field field;
    size_t cursor = 0;
    memset(reply, 0, sizeof *reply);
    reply->result = RESULT_BUG;
    if (wire_type(frame) != SEAL_REPLY)
        return exchange_nonsense(problem);
    struct problem said = {"khatm-sealer: failed and did not say why"};
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (!take_field(reply, &field, &said)) {
            reply->result = RESULT_BUG;
            return exchange_nonsense(problem);
        }
    return reply->result == RESULT_OK ? RESULT_OK : problem_set(problem, RESULT_TRY_LATER, "%s", said.text);
}

static enum result send_fingerprints(struct helper_process *process, struct wire_frame *frame,
                                     const struct client_ring *ring, int64_t deadline_ms,
                                     struct problem *problem)
{
    int names = -1, certifiers = -1;
    enum result result = exchange_names(ring->fingerprints, ring->n_fingerprints, &names, problem);
    if (result == RESULT_OK && ring->n_certifiers)
        result = exchange_names(ring->certifiers, ring->n_certifiers, &certifiers, problem);
    if (result == RESULT_OK) {
        exchange_begin(frame, SEAL_BUILD_RING, deadline_ms);
        wire_put_text(frame, SEAL_TAG_SOURCE, ring->source, SEAL_PATH_MAX);
        wire_put_text(frame, SEAL_TAG_SECRETS, ring->secrets, SEAL_PATH_MAX);
        wire_put_number(frame, SEAL_TAG_COUNT, ring->n_fingerprints);
        wire_put_number(frame, SEAL_TAG_CERTIFIERS, ring->n_certifiers);
        wire_put_fd(frame, names);
        if (certifiers >= 0)
            wire_put_fd(frame, certifiers);
        result = exchange_send(process, frame, deadline_ms, problem);
    }
    fd_close(&names);
    fd_close(&certifiers);
    return result;
}

enum result client_build_ring(struct helper_process *process, struct wire_frame *frame,
                              const struct client_ring *ring, int64_t deadline_ms, size_t *n_out,
                              struct problem *problem)
{
    struct reply *reply = calloc(1, sizeof *reply);
    if (!reply)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = send_fingerprints(process, frame, ring, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = parse_reply(frame, reply, problem);
    *n_out = reply->count;
    free(reply);
    return result;
}

static enum result receive_keys(struct helper_process *process, struct wire_frame *frame,
                                struct key_table *table, int64_t deadline_ms, struct problem *problem)
{
    for (;;) {
        enum result result = exchange_receive(process, frame, deadline_ms, problem);
        if (result != RESULT_OK || wire_type(frame) != SEAL_KEY)
            return result;
        if (key_table_count(table) >= SEAL_RING_KEYS_MAX || key_table_add(table, frame) != RESULT_OK)
            return exchange_nonsense(problem);
    }
}

enum result client_list(struct helper_process *process, struct wire_frame *frame, struct key_table *table,
                        size_t expected, int64_t deadline_ms, struct problem *problem)
{
    struct reply *reply = calloc(1, sizeof *reply);
    if (!reply)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    exchange_begin(frame, SEAL_LIST, deadline_ms);
    enum result result = exchange_send(process, frame, deadline_ms, problem);
    if (result == RESULT_OK)
        result = receive_keys(process, frame, table, deadline_ms, problem);
    if (result == RESULT_OK)
        result = parse_reply(frame, reply, problem);
    /* A gpg that stopped early would make keys look missing, and a missing key is a permanent refusal. */
    if (result == RESULT_OK && expected != SIZE_MAX &&
        (reply->count != expected || key_table_count(table) != expected))
        result = problem_set(problem, RESULT_TRY_LATER, "gpg: listed %zu keys of %zu", key_table_count(table),
                             expected);
    if (!key_table_sort(table) && result == RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    free(reply);
    return result;
}

static bool contains(const uint64_t *ids, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Keys and the subkeys that gpg must take, each once, all usable at this moment. */
static enum result find_wanted(const struct key_table *table, const struct seal_request *request, int64_t now,
                               struct client_wanted *wanted, struct problem *problem)
{
    struct key_info info;
    wanted->n = 0;
    for (size_t i = 0; i < request->n_fingerprints; i++) {
        enum result result = key_table_find(table, request->fingerprints[i], now, &info);
        if (result != RESULT_OK || info.state != KEY_USABLE)
            return problem_set(problem, RESULT_TRY_LATER, "key %s: cannot be encrypted to",
                               request->fingerprints[i]);
        for (size_t k = 0; k < USABLE_IDS && info.encryption_key_ids[k]; k++) {
            if (contains(wanted->key_ids, wanted->n, info.encryption_key_ids[k]))
                continue;
            if (wanted->n == SEAL_RECIPIENTS_MAX)
                return problem_set(problem, RESULT_TRY_LATER, "more than %d keys for one message",
                                   SEAL_RECIPIENTS_MAX);
            memcpy(wanted->fingerprints[wanted->n], info.fingerprint, sizeof info.fingerprint);
            wanted->key_ids[wanted->n++] = info.encryption_key_ids[k];
        }
    }
    return wanted->n ? RESULT_OK
                     : problem_set(problem, RESULT_TRY_LATER, "a message to nobody cannot be sealed");
}

static enum result send_message(struct helper_process *process, struct wire_frame *frame,
                                const struct client_wanted *wanted, const struct seal_request *request,
                                int64_t deadline_ms, struct problem *problem)
{
    int inner = -1;
    enum result result = exchange_file(request->inner_header, request->inner_header_size, &inner, problem);
    if (result != RESULT_OK)
        return result;
    exchange_begin(frame, SEAL_MESSAGE, deadline_ms);
    wire_put_number(frame, SEAL_TAG_BODY_OFFSET, request->body_offset);
    wire_put_number(frame, SEAL_TAG_BODY_SIZE, request->body_size);
    wire_put_text(frame, SEAL_TAG_BOUNDARY, request->boundary, SEAL_BOUNDARY_MAX + 1);
    wire_put_number(frame, SEAL_TAG_HIDE, request->hide_key_ids ? 1 : 0);
    for (size_t i = 0; i < wanted->n; i++) {
        wire_put_text(frame, SEAL_TAG_FINGERPRINT, wanted->fingerprints[i], SEAL_FINGERPRINT_SIZE);
        wire_put_number(frame, SEAL_TAG_KEY_ID, wanted->key_ids[i]);
    }
    if (request->signer)
        wire_put_text(frame, SEAL_TAG_SIGNER, request->signer, SEAL_FINGERPRINT_SIZE);
    wire_put_fd(frame, request->message_fd);
    wire_put_fd(frame, inner);
    wire_put_fd(frame, request->output_fd);
    result = exchange_send(process, frame, deadline_ms, problem);
    fd_close(&inner);
    return result;
}

/* The sealer checked all this; it is checked again on this side of the wall, from what this side knows. */
static enum result check_reply(const struct reply *reply, const struct client_wanted *wanted,
                               const struct seal_request *request, struct problem *problem)
{
    struct stat output;
    uint64_t payload = request->inner_header_size + 2 + request->body_size;
    uint64_t least = payload + SEAL_OVERHEAD_MIN + (request->signer ? SEAL_SIGNATURE_MIN : 0);
    if (strcmp(reply->signer, request->signer ? request->signer : "") != 0)
        return problem_set(problem, RESULT_TRY_LATER,
                           "khatm-sealer: signed by another key than the one wanted");
    if (reply->n_key_ids != wanted->n)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: sealed to other keys than those wanted");
    for (size_t i = 0; i < wanted->n; i++)
        if (!contains(reply->key_ids, reply->n_key_ids, wanted->key_ids[i]))
            return problem_set(problem, RESULT_TRY_LATER,
                               "khatm-sealer: sealed to other keys than those wanted");
    if (!reply->has_sha256 || fstat(request->output_fd, &output) != 0 || output.st_size < 0 ||
        (uint64_t)output.st_size != reply->body_size || reply->ciphertext_size < least ||
        reply->body_size < reply->ciphertext_size / 3 * 4)
        return problem_set(problem, RESULT_TRY_LATER,
                           "khatm-sealer: the sealed message is shorter than it can be");
    return RESULT_OK;
}

enum result client_seal_to(struct helper_process *process, struct wire_frame *frame,
                           const struct client_wanted *wanted, const struct seal_request *request,
                           int64_t deadline_ms, struct seal_outcome *outcome_out, struct problem *problem)
{
    struct reply *reply = calloc(1, sizeof *reply);
    *outcome_out = (struct seal_outcome){.body_size = 0};
    if (!reply)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = send_message(process, frame, wanted, request, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    if (result == RESULT_OK) {
        result = parse_reply(frame, reply, problem);
        outcome_out->refused = result != RESULT_OK && reply->about == SEAL_ABOUT_RECIPIENT;
    }
    if (result == RESULT_OK)
        result = check_reply(reply, wanted, request, problem);
    if (result == RESULT_OK) {
        outcome_out->body_size = reply->body_size;
        outcome_out->ciphertext_size = reply->ciphertext_size;
        memcpy(outcome_out->ciphertext_sha256, reply->sha256, sizeof reply->sha256);
    }
    free(reply);
    return result;
}

enum result client_seal(struct helper_process *process, struct wire_frame *frame,
                        const struct key_table *table, const struct seal_request *request, int64_t now,
                        int64_t deadline_ms, struct seal_outcome *outcome_out, struct problem *problem)
{
    struct client_wanted *wanted = malloc(sizeof *wanted);
    if (!wanted)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = find_wanted(table, request, now, wanted, problem);
    if (result == RESULT_OK)
        result = client_seal_to(process, frame, wanted, request, deadline_ms, outcome_out, problem);
    free(wanted);
    return result;
}

static enum result send_claim(struct helper_process *process, struct wire_frame *frame,
                              const struct seal_claim *claim, int64_t deadline_ms, struct problem *problem)
{
    int data = -1, signature = -1, key = -1;
    enum result result = exchange_file(claim->data, claim->data_size, &data, problem);
    if (result == RESULT_OK)
        result = exchange_file(claim->signature, claim->signature_size, &signature, problem);
    if (result == RESULT_OK)
        result = exchange_file(claim->key, claim->key_size, &key, problem);
    if (result == RESULT_OK) {
        exchange_begin(frame, SEAL_CHECK, deadline_ms);
        wire_put_text(frame, SEAL_TAG_FINGERPRINT, claim->fingerprint, SEAL_FINGERPRINT_SIZE);
        wire_put_fd(frame, data);
        wire_put_fd(frame, signature);
        wire_put_fd(frame, key);
        result = exchange_send(process, frame, deadline_ms, problem);
    }
    fd_close(&data);
    fd_close(&signature);
    fd_close(&key);
    return result;
}

/* What the sealer holds for good must still be by the key that was asked for, and for now. */
static enum result check_claim(const struct reply *reply, const struct seal_claim *claim, int64_t now,
                               struct problem *problem)
{
    bool named = strcmp(reply->fingerprint, claim->fingerprint) == 0;
    bool lasts = (!reply->expires || (int64_t)reply->expires > now) &&
                 (!reply->key_expires || (int64_t)reply->key_expires > now);
    return named && lasts && reply->created ? RESULT_OK : exchange_nonsense(problem);
}

enum result client_check(struct helper_process *process, struct wire_frame *frame,
                         const struct seal_claim *claim, int64_t now, int64_t deadline_ms,
                         struct seal_checked *checked_out, struct problem *problem)
{
    struct reply *reply = calloc(1, sizeof *reply);
    if (!reply)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = send_claim(process, frame, claim, deadline_ms, problem);
    if (result == RESULT_OK)
        result = exchange_receive(process, frame, deadline_ms, problem);
    if (result == RESULT_OK) {
        result = parse_reply(frame, reply, problem);
        if (result == RESULT_OK)
            result = check_claim(reply, claim, now, problem);
        else if (reply->result == RESULT_BAD_INPUT)
            result = RESULT_BAD_INPUT;
    }
    *checked_out = (struct seal_checked){.about_key = reply->about == SEAL_ABOUT_KEY,
                                         .created = (int64_t)reply->created,
                                         .expires = (int64_t)reply->expires,
                                         .key_expires = (int64_t)reply->key_expires};
    free(reply);
    return result;
}
