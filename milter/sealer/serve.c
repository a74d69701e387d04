/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/serve.h"

#include "base/clock.h"
#include "base/fd.h"
#include "helper/service.h"
#include "sealer/check.h"
#include "sealer/excerpt.h"
#include "sealer/give_key.h"
#include "sealer/job.h"
#include "sealer/key_trim.h"
#include "sealer/keylist.h"
#include "sealer/open.h"
#include "sealer/resident.h"
#include "sealer/ring.h"
#include "sealer/signer.h"
#include "sealer/take_key.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The daemon takes a reply at once or not at all. */
enum { SEND_MS = 5000, BUDGET_MAX_MS = 3600 * 1000, IDLE_MS = 20 * 1000, LARGE_BYTES = 8 * 1024 * 1024 };

struct server {
    int control;
    const char *program, *ring;
    struct gpg *gpg; /* opened by the first job that needs it */
    struct job *job;
    struct resident *resident; /* NULL: each message has a gpg of its own */
    struct excerpt *excerpt;   /* made by the first message to seal; NULL: none, or no use for it */
    bool seals;
    struct opener *opener;    /* made by the first message to open */
    struct wire_frame *frame; /* received, then reused for the reply */
    struct job_request *request;
    char source[SEAL_PATH_MAX + 1], secrets[SEAL_PATH_MAX + 1], address[SEAL_ADDRESS_MAX + 1];
    uint64_t count, n_certifiers, budget_ms, size, limit;
    char (*certifiers)[SEAL_FINGERPRINT_SIZE + 1]; /* of the ring that this process made */
    size_t n_certifiers_known;
    bool armoured;
};

static bool is_fingerprint(const char *text)
{
    return strlen(text) == SEAL_FINGERPRINT_SIZE && strspn(text, "0123456789ABCDEF") == SEAL_FINGERPRINT_SIZE;
}

static bool take_fingerprint(const struct wire_field *field, struct job_request *request)
{
    if (request->n_fingerprints == SEAL_RECIPIENTS_MAX)
        return false;
    char *to = request->fingerprints[request->n_fingerprints++];
    return wire_text(field, to, SEAL_FINGERPRINT_SIZE + 1) == RESULT_OK && is_fingerprint(to);
}

static bool take_field(struct server *server, const struct wire_field *field)
{
    struct job_request *request = server->request;
    uint64_t number = 0;
    switch (field->tag) {
    case SEAL_TAG_SOURCE:
        return wire_text(field, server->source, sizeof server->source) == RESULT_OK;
    case SEAL_TAG_SECRETS:
        return wire_text(field, server->secrets, sizeof server->secrets) == RESULT_OK;
    case SEAL_TAG_ADDRESS:
        return wire_text(field, server->address, sizeof server->address) == RESULT_OK;
    case SEAL_TAG_BOUNDARY:
        return wire_text(field, request->boundary, sizeof request->boundary) == RESULT_OK;
    case SEAL_TAG_FINGERPRINT:
        return take_fingerprint(field, request);
    case SEAL_TAG_SIGNER:
        return wire_text(field, request->signer, sizeof request->signer) == RESULT_OK &&
               is_fingerprint(request->signer);
    default:
        break;
    }
    if (wire_number(field, &number) != RESULT_OK)
        return false;
    switch (field->tag) {
    case SEAL_TAG_BUDGET:
        server->budget_ms = number;
        return number > 0 && number <= BUDGET_MAX_MS;
    case SEAL_TAG_COUNT:
        server->count = number;
        return true;
    case SEAL_TAG_BODY_OFFSET:
        request->body_offset = number;
        return number <= INT64_MAX / 4;
    case SEAL_TAG_BODY_SIZE:
        request->body_size = number;
        return number <= INT64_MAX / 4;
    case SEAL_TAG_SIZE:
        server->size = number;
        return number <= INT64_MAX / 4;
    case SEAL_TAG_LIMIT:
        server->limit = number;
        return number <= INT64_MAX / 4;
    case SEAL_TAG_CERTIFIERS:
        server->n_certifiers = number;
        return number <= SEAL_RING_KEYS_MAX;
    case SEAL_TAG_ARMOUR:
        server->armoured = number == 1;
        return number <= 1;
    case SEAL_TAG_HIDE:
        request->hide_key_ids = number == 1;
        return number <= 1;
    case SEAL_TAG_KEY_ID:
        if (request->n_key_ids == SEAL_RECIPIENTS_MAX)
            return false;
        request->key_ids[request->n_key_ids++] = number;
        return true;
    default:
        return false;
    }
}

static bool parse(struct server *server)
{
    struct wire_field field;
    size_t cursor = 0;
    server->request->n_fingerprints = server->request->n_key_ids = 0;
    server->request->body_offset = server->request->body_size = 0;
    server->request->boundary[0] = server->source[0] = server->secrets[0] = server->address[0] = '\0';
    server->request->hide_key_ids = server->armoured = false;
    server->request->signer[0] = '\0';
    server->count = server->n_certifiers = server->budget_ms = server->size = server->limit = 0;
    while (wire_next(server->frame, &cursor, &field) == RESULT_OK)
        if (!take_field(server, &field))
            return false;
    return server->budget_ms != 0;
}

static void begin_reply(struct server *server, enum result result, const struct problem *problem)
{
    wire_begin(server->frame, SEAL_REPLY);
    wire_put_number(server->frame, SEAL_TAG_RESULT, (uint64_t)result);
    if (result != RESULT_OK)
        wire_put_text(server->frame, SEAL_TAG_PROBLEM, problem->text, sizeof problem->text - 1);
}

static enum result open_gpg(struct server *server, struct problem *problem)
{
    return server->gpg ? RESULT_OK : gpg_open(server->program, server->ring, &server->gpg, problem);
}

/* The fingerprints of SEAL_BUILD_RING: `count` lines of 40 digits. NULL: not that. */
static char (*read_fingerprints(int fd, size_t count))[SEAL_FINGERPRINT_SIZE + 1]
{
    char(*lines)[SEAL_FINGERPRINT_SIZE + 1] = calloc(count ? count : 1, sizeof *lines);
    bool good = lines && fd_read_at(fd, lines, count * sizeof *lines, 0) == RESULT_OK;
    for (size_t i = 0; good && i < count; i++) {
        good = lines[i][SEAL_FINGERPRINT_SIZE] == '\n';
        lines[i][SEAL_FINGERPRINT_SIZE] = '\0';
        good = good && is_fingerprint(lines[i]);
    }
    if (good)
        return lines;
    free(lines);
    return NULL;
}

static struct gpg_certifiers certifiers_of(const struct server *server)
{
    return (struct gpg_certifiers){(const char(*)[SEAL_FINGERPRINT_SIZE + 1]) server->certifiers,
                                   server->n_certifiers_known};
}

/* The second descriptor, where there is one; kept for the listing that follows. */
static bool take_certifiers(struct server *server)
{
    const struct wire_frame *frame = server->frame;
    if (frame->n_fds != (server->n_certifiers ? 2 : 1))
        return false;
    free(server->certifiers);
    server->certifiers = NULL;
    server->n_certifiers_known = server->n_certifiers;
    if (server->n_certifiers)
        server->certifiers = read_fingerprints(frame->fds[1], server->n_certifiers);
    return !server->n_certifiers || server->certifiers;
}

static enum result build_ring(struct server *server)
{
    struct problem problem = {""};
    size_t count = 0;
    if (server->count > SEAL_RING_KEYS_MAX || !take_certifiers(server))
        return RESULT_BAD_INPUT;
    char(*names)[SEAL_FINGERPRINT_SIZE + 1] = read_fingerprints(server->frame->fds[0], server->count);
    wire_close_fds(server->frame);
    if (!names)
        return RESULT_BAD_INPUT;
    const struct ring_wanted wanted = {(const char(*)[SEAL_FINGERPRINT_SIZE + 1]) names, server->count,
                                       certifiers_of(server)};
    enum result result =
        server->secrets[0]
            ? ring_build_to_open(server->program, server->ring, server->source, &wanted, server->secrets,
                                 &problem)
            : ring_build(server->program, server->ring, server->source, &wanted, &count, &problem);
    free(names);
    begin_reply(server, result, &problem);
    wire_put_number(server->frame, SEAL_TAG_COUNT, count);
    return RESULT_OK;
}

static enum result list(struct server *server)
{
    struct problem problem = {""};
    size_t count = 0;
    const struct gpg_certifiers certifiers = certifiers_of(server);
    enum result result = open_gpg(server, &problem);
    if (result == RESULT_OK)
        result = keylist_send(server->gpg, server->control, &certifiers, server->frame, &count, &problem);
    begin_reply(server, result, &problem);
    wire_put_number(server->frame, SEAL_TAG_COUNT, count);
    return RESULT_OK;
}

static enum result add_signer(struct server *server)
{
    struct problem problem = {""};
    struct signer signer = {.fingerprint = ""};
    const struct job_request *given = server->request;
    /* A gpg that is running already has read its options. */
    gpg_close(server->gpg);
    server->gpg = NULL;
    if (server->frame->n_fds || given->n_fingerprints != 1 || !server->source[0])
        return RESULT_BAD_INPUT;
    enum result result =
        signer_add(server->program, server->ring, server->source, given->fingerprints[0], &signer, &problem);
    begin_reply(server, result, &problem);
    wire_put_number(server->frame, SEAL_TAG_KEY_EXPIRES, (uint64_t)signer.expires);
    if (result == RESULT_OK)
        wire_put_text(server->frame, SEAL_TAG_SIGNER, signer.fingerprint, SEAL_FINGERPRINT_SIZE);
    else
        wire_put_number(server->frame, SEAL_TAG_FAULT, (uint64_t)signer.fault);
    return RESULT_OK;
}

static void take_excerpt(struct server *server)
{
    if (!server->seals)
        server->excerpt = excerpt_new(server->ring);
    server->seals = true;
    excerpt_take(server->excerpt, server->request);
}

static enum result seal(struct server *server)
{
    struct problem problem = {""};
    struct job_outcome outcome = {0};
    if (server->frame->n_fds != 3)
        return RESULT_BAD_INPUT;
    server->request->message_fd = server->frame->fds[0];
    server->request->inner_fd = server->frame->fds[1];
    server->request->output_fd = server->frame->fds[2];
    enum result result = open_gpg(server, &problem);
    take_excerpt(server);
    const struct job_engines engines = {.gpg = server->gpg, .resident = server->resident};
    if (result == RESULT_OK)
        result = job_seal(server->job, &engines, server->request, &outcome, &problem);
    /* What it wrote would not do: it has no second try. After a large message its start is nothing, and it
     * need not wait in memory while others are read. */
    if (server->resident && (result != RESULT_OK || server->request->body_size >= LARGE_BYTES))
        resident_end(server->resident);
    wire_close_fds(server->frame);
    begin_reply(server, result, &problem);
    if (result != RESULT_OK && server->gpg && gpg_refused_key(server->gpg))
        wire_put_number(server->frame, SEAL_TAG_ABOUT, SEAL_ABOUT_RECIPIENT);
    if (result != RESULT_OK)
        return RESULT_OK;
    wire_put_number(server->frame, SEAL_TAG_BODY_SIZE, outcome.body_size);
    wire_put_number(server->frame, SEAL_TAG_CIPHERTEXT_SIZE, outcome.ciphertext_size);
    wire_put_bytes(server->frame, SEAL_TAG_SHA256, outcome.sha256, sizeof outcome.sha256);
    for (size_t i = 0; i < outcome.n_key_ids; i++)
        wire_put_number(server->frame, SEAL_TAG_KEY_ID, outcome.key_ids[i]);
    if (server->request->signer[0])
        wire_put_text(server->frame, SEAL_TAG_SIGNER, server->request->signer, SEAL_FINGERPRINT_SIZE);
    return RESULT_OK;
}

static void put_opened(struct wire_frame *frame, const struct open_outcome *outcome)
{
    wire_put_number(frame, SEAL_TAG_STATE, (uint64_t)outcome->state);
    if (outcome->state == OPEN_NOT_OURS)
        return;
    wire_put_number(frame, SEAL_TAG_BODY_OFFSET, outcome->body_offset);
    wire_put_number(frame, SEAL_TAG_SIZE, outcome->size);
    wire_put_number(frame, SEAL_TAG_FIELDS, outcome->n_fields);
    wire_put_bytes(frame, SEAL_TAG_SHA256, outcome->sha256, sizeof outcome->sha256);
}

static enum result open_sealed(struct server *server)
{
    struct problem problem = {""};
    struct open_outcome outcome = {0};
    const struct wire_frame *frame = server->frame;
    const struct job_request *given = server->request;
    if (frame->n_fds != 3 || given->n_fingerprints > 1 || !server->size || !server->limit)
        return RESULT_BAD_INPUT;
    const struct open_request request = {.message_fd = frame->fds[0],
                                         .output_fd = frame->fds[1],
                                         .fields_fd = frame->fds[2],
                                         .size = server->size,
                                         .limit = server->limit,
                                         .signer = given->n_fingerprints ? given->fingerprints[0] : ""};
    if (!server->opener)
        server->opener = opener_new();
    enum result result = server->opener ? open_gpg(server, &problem)
                                        : problem_set(&problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    if (result == RESULT_OK)
        result = opener_open(server->opener, server->gpg, &request, &outcome, &problem);
    wire_close_fds(server->frame);
    begin_reply(server, result, &problem);
    if (result == RESULT_OK)
        put_opened(server->frame, &outcome);
    return RESULT_OK;
}

static enum result check(struct server *server)
{
    struct problem problem = {""};
    struct gpg_verified verified = {0};
    const struct wire_frame *frame = server->frame;
    if (frame->n_fds != 3 || server->request->n_fingerprints != 1 || server->gpg)
        return RESULT_BAD_INPUT;
    const struct check_request request = {.data_fd = frame->fds[0],
                                          .signature_fd = frame->fds[1],
                                          .key_fd = frame->fds[2],
                                          .fingerprint = server->request->fingerprints[0]};
    enum result result = check_signature(server->program, server->ring, &request, &verified, &problem);
    wire_close_fds(server->frame);
    begin_reply(server, result, &problem);
    wire_put_number(server->frame, SEAL_TAG_ABOUT,
                    verified.about_key ? SEAL_ABOUT_KEY : SEAL_ABOUT_SIGNATURE);
    if (result != RESULT_OK)
        return RESULT_OK;
    wire_put_text(server->frame, SEAL_TAG_FINGERPRINT, request.fingerprint, SEAL_FINGERPRINT_SIZE);
    wire_put_number(server->frame, SEAL_TAG_CREATED, (uint64_t)verified.created);
    wire_put_number(server->frame, SEAL_TAG_EXPIRES, (uint64_t)verified.expires);
    wire_put_number(server->frame, SEAL_TAG_KEY_EXPIRES, (uint64_t)verified.key_expires);
    return RESULT_OK;
}

static enum result read_key(struct server *server)
{
    struct problem problem = {""};
    char fingerprint[SEAL_FINGERPRINT_SIZE + 1] = "";
    if (server->gpg || !take_certifiers(server))
        return RESULT_BAD_INPUT;
    const struct gpg_certifiers certifiers = certifiers_of(server);
    enum result result = take_key_read(server->program, server->ring, server->source, &certifiers,
                                       server->frame->fds[0], fingerprint, &problem);
    wire_close_fds(server->frame);
    begin_reply(server, result, &problem);
    if (result == RESULT_OK)
        wire_put_text(server->frame, SEAL_TAG_FINGERPRINT, fingerprint, SEAL_FINGERPRINT_SIZE);
    return RESULT_OK;
}

static enum result take_key(struct server *server)
{
    struct problem problem = {""};
    if (server->frame->n_fds || server->request->n_fingerprints != 1 || !server->source[0])
        return RESULT_BAD_INPUT;
    enum result result = take_key_merge(server->program, server->ring, server->source,
                                        server->request->fingerprints[0], &problem);
    begin_reply(server, result, &problem);
    return RESULT_OK;
}

static void put_address(void *context, const char *address)
{
    wire_put_text(context, SEAL_TAG_ADDRESS, address, SEAL_ADDRESS_MAX);
}

static enum result give_key(struct server *server)
{
    struct problem problem = {""};
    struct buffer key;
    const struct give_key wanted = {.fingerprints = (const char(*)[SEAL_FINGERPRINT_SIZE + 1])
                                                        server->request->fingerprints,
                                    .n_fingerprints = server->request->n_fingerprints,
                                    .address = server->address,
                                    .armoured = server->armoured};
    if (server->frame->n_fds != 1 || !wanted.n_fingerprints)
        return RESULT_BAD_INPUT;
    buffer_init(&key, SEAL_KEY_FILE_MAX);
    enum result result = open_gpg(server, &problem);
    if (result == RESULT_OK)
        result = give_key_write(server->gpg, &wanted, server->frame->fds[0], &key, &problem);
    wire_close_fds(server->frame);
    begin_reply(server, result, &problem);
    if (result == RESULT_OK && !server->armoured)
        key_each_address((struct span){(const uint8_t *)key.bytes, key.size}, put_address, server->frame);
    buffer_free(&key);
    return RESULT_OK;
}

static enum result handle(struct server *server)
{
    uint8_t type = wire_type(server->frame);
    enum result result = RESULT_BAD_INPUT;
    if (!parse(server))
        return RESULT_BAD_INPUT;
    service_timer(server->budget_ms);
    if (type == SEAL_MESSAGE)
        result = seal(server);
    else if (type == SEAL_LIST)
        result = list(server);
    else if (type == SEAL_BUILD_RING)
        result = build_ring(server);
    else if (type == SEAL_ADD_SIGNER)
        result = add_signer(server);
    else if (type == SEAL_OPEN)
        result = open_sealed(server);
    else if (type == SEAL_CHECK)
        result = check(server);
    else if (type == SEAL_GIVE_KEY)
        result = give_key(server);
    else if (type == SEAL_READ_KEY)
        result = read_key(server);
    else if (type == SEAL_TAKE_KEY)
        result = take_key(server);
    service_timer(0);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return result == RESULT_OK ? wire_send(server->control, server->frame, clock_monotonic_ms() + SEND_MS)
                               : result;
}

/* A gpg that nobody has needed for a while gives its memory back. */
static void wait_for_request(const struct server *server)
{
    struct pollfd control = {.fd = server->control, .events = POLLIN};
    if (server->resident && resident_runs(server->resident) && poll(&control, 1, IDLE_MS) == 0)
        resident_end(server->resident);
}

static enum result serve_all(struct server *server, struct problem *problem)
{
    enum result result = RESULT_OK;
    while (result == RESULT_OK) {
        wait_for_request(server);
        result = wire_receive(server->control, server->frame, clock_monotonic_ms() + INT_MAX);
        /* Closed, or nothing to do for weeks. */
        if (result == RESULT_NOT_FOUND || result == RESULT_TRY_LATER)
            return RESULT_OK;
        if (result == RESULT_OK)
            result = handle(server);
    }
    return problem_set(problem, result, "a request makes no sense or its answer cannot be sent: %s",
                       result_name(result));
}

enum result serve(int control, const struct serve_settings *settings, struct problem *problem)
{
    struct server server = {.control = control, .program = settings->program, .ring = settings->ring};
    enum result result = RESULT_TRY_LATER;
    server.frame = malloc(sizeof *server.frame);
    server.request = calloc(1, sizeof *server.request);
    server.job = job_new();
    if (settings->resident)
        server.resident = resident_new(settings->program, settings->ring);
    if (server.frame && server.request && server.job && (server.resident || !settings->resident))
        result = serve_all(&server, problem);
    else
        problem_set(problem, result, "no memory");
    resident_free(server.resident);
    gpg_close(server.gpg);
    job_free(server.job);
    excerpt_free(server.excerpt);
    opener_free(server.opener);
    free(server.certifiers);
    free(server.request);
    free(server.frame);
    return result;
}
