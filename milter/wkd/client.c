/* SPDX-License-Identifier: Apache-2.0 */
#include "wkd/client.h"

#include "base/clock.h"
#include "base/text.h"
#include "helper/process.h"
#include "helper/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 60 * 1000, SEND_MS = 5000, GRACE_MS = 5000, FIXED_ARGUMENTS = 4 };

struct fetcher {
    const struct wkd_settings *settings;
    struct helper_process process;
    struct wire_frame frame;
};

static enum result start(struct fetcher *fetcher, const struct dns_settings *dns, struct problem *problem)
{
    const struct wkd_settings *settings = fetcher->settings;
    const char **argv = calloc(FIXED_ARGUMENTS + dns->n_servers + 1, sizeof *argv);
    if (!argv)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    argv[0] = settings->program;
    argv[1] = settings->ca_file;
    argv[2] = dns->trust_anchors ? dns->trust_anchors : "-";
    argv[3] = settings->networks;
    for (size_t i = 0; i < dns->n_servers; i++)
        argv[FIXED_ARGUMENTS + i] = dns->servers[i];
    enum result result = helper_start(&fetcher->process, argv, problem);
    free(argv);
    if (result != RESULT_OK)
        return result;
    result = wire_receive(fetcher->process.control, &fetcher->frame, clock_monotonic_ms() + START_MS);
    if (result == RESULT_OK && wire_type(&fetcher->frame) == FETCH_READY && !fetcher->frame.n_fds)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "khatm-fetcher does not start");
}

enum result fetcher_start(const struct wkd_settings *settings, const struct dns_settings *dns,
                          struct fetcher **fetcher_out, struct problem *problem)
{
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);
    if (!fetcher)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    fetcher->settings = settings;
    fetcher->process.control = -1;
    enum result result = start(fetcher, dns, problem);
    if (result != RESULT_OK) {
        fetcher_free(fetcher);
        return result;
    }
    *fetcher_out = fetcher;
    return RESULT_OK;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    helper_kill(&fetcher->process);
    free(fetcher);
}

struct reply {
    uint64_t outcome;
    struct fetch_said *said;
    struct buffer *key;
};

static bool take_text(const struct wire_field *field, char *to, size_t room)
{
    char text[FETCH_HOST_MAX + FETCH_WHY_MAX];
    if (wire_text(field, text, sizeof text) != RESULT_OK)
        return false;
    text_printable_ascii(text, to, room);
    return true;
}

static bool take_field(struct reply *reply, const struct wire_field *field)
{
    switch (field->tag) {
    case FETCH_TAG_BYTES:
        buffer_append(reply->key, field->bytes, field->size);
        return !reply->key->failed;
    case FETCH_TAG_OUTCOME:
        return wire_number(field, &reply->outcome) == RESULT_OK && reply->outcome >= FETCH_FOUND &&
               reply->outcome <= FETCH_REFUSED;
    case FETCH_TAG_HOST:
        return take_text(field, reply->said->host, sizeof reply->said->host);
    case FETCH_TAG_WHY:
        return take_text(field, reply->said->why, sizeof reply->said->why);
    default:
        return false;
    }
}

/* One frame; false: nonsense. */
static bool take_frame(struct fetcher *fetcher, struct reply *reply)
{
    struct wire_field field;
    size_t cursor = 0;
    uint8_t type = wire_type(&fetcher->frame);
    if (fetcher->frame.n_fds || (type != FETCH_BYTES && type != FETCH_REPLY))
        return false;
    while (wire_next(&fetcher->frame, &cursor, &field) == RESULT_OK)
        if ((field.tag == FETCH_TAG_BYTES) != (type == FETCH_BYTES) || !take_field(reply, &field))
            return false;
    return type == FETCH_BYTES || reply->outcome;
}

static bool exchange(struct fetcher *fetcher, const char *local, const char *domain, struct reply *reply)
{
    int64_t deadline_ms = clock_monotonic_ms() + fetcher->settings->deadline_ms + GRACE_MS;
    wire_begin(&fetcher->frame, FETCH_GET);
    wire_put_text(&fetcher->frame, FETCH_TAG_LOCAL, local, FETCH_HOST_MAX);
    wire_put_text(&fetcher->frame, FETCH_TAG_DOMAIN, domain, FETCH_HOST_MAX);
    wire_put_number(&fetcher->frame, FETCH_TAG_BUDGET, (uint64_t)fetcher->settings->deadline_ms);
    if (fetcher->process.control < 0 ||
        wire_send(fetcher->process.control, &fetcher->frame, clock_monotonic_ms() + SEND_MS) != RESULT_OK)
        return false;
    while (!reply->outcome)
        if (wire_receive(fetcher->process.control, &fetcher->frame, deadline_ms) != RESULT_OK ||
            !take_frame(fetcher, reply))
            return false;
    return true;
}

enum fetch_outcome fetcher_get(struct fetcher *fetcher, const char *local, const char *domain,
                               struct buffer *key, struct fetch_said *said_out)
{
    struct reply reply = {.said = said_out, .key = key};
    *said_out = (struct fetch_said){.host = ""};
    if (exchange(fetcher, local, domain, &reply))
        return (enum fetch_outcome)reply.outcome;
    wire_close_fds(&fetcher->frame);
    helper_kill(&fetcher->process);
    buffer_clear(key);
    (void)snprintf(said_out->host, sizeof said_out->host, "%s", domain);
    (void)snprintf(said_out->why, sizeof said_out->why, "khatm-fetcher died at work or was too late");
    return FETCH_FAILED;
}
