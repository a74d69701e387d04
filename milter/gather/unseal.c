/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/unseal.h"

#include "base/buffer.h"
#include "base/fd.h"
#include "base/text.h"
#include "policy/domain.h"
#include "policy/registry.h"

#include <stdlib.h>
#include <string.h>

enum { COPY_BYTES = 64 * 1024 };

#define VERSION "MIME-Version"

static bool has_part(const struct findings *findings, unsigned flags)
{
    for (size_t i = 0; i < findings->n_parts; i++)
        if (findings->parts[i].flags & flags)
            return true;
    return false;
}

static bool says_encrypted(const struct message *message)
{
    const struct header_field *type = message_header(message, "Content-Type", 0);
    const char *value = type ? type->value + strspn(type->value, " \t\r\n") : "";
    return text_starts_nocase(value, "multipart/encrypted");
}

/* Worth the question. What it is, khatm-sealer finds out: what a relay took apart no longer says what it was.
 */
static bool may_be_sealed(const struct message *message, const struct findings *findings)
{
    return has_part(findings, PART_OPAQUE | PART_AMBIGUOUS) || says_encrypted(message);
}

static bool all_local(const struct policy_facts *facts)
{
    for (size_t i = 0; i < facts->n_rcpts; i++)
        if (facts->rcpts[i].class != RCPT_LOCAL)
            return false;
    return facts->n_rcpts > 0;
}

/* The key that signs for the entry that the sender was proven to be of. */
static const char *pinned_key(const struct message *message, const struct sender_facts *sender)
{
    char domain[DOMAIN_ROOM];
    const char *at = sender->from ? strrchr(sender->from, '@') : NULL;
    if (!at || !domain_canonical(at + 1, domain))
        return NULL;
    const struct registry_entry *entry = registry_find(message->config->registry, domain);
    return entry ? registry_signer(entry) : NULL;
}

static void stays_closed(struct policy_facts *facts, enum seal_state state, const char *why)
{
    facts->seal = state;
    facts->seal_why = why;
}

/* --- header fields: those inside take the place of those outside of the same name -------------------------
 */

static bool is_content(const char *name)
{
    return text_starts_nocase(name, "Content-");
}

/* outer: folds as CRLF; inner: as LF. */
static bool same_value(const char *outer, const char *inner)
{
    for (; *outer; outer++) {
        if (outer[0] == '\r' && outer[1] == '\n')
            continue;
        if (*outer != *inner++)
            return false;
    }
    return !*inner;
}

static size_t count_named(const struct header_field *fields, size_t n, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += text_equal_nocase(fields[i].name, name);
    return found;
}

static enum result read_fields(struct message *message, const struct unseal_outcome *outcome,
                               struct header_field **fields_out)
{
    struct header_field *fields = arena_alloc(message->arena, outcome->n_fields + 1, sizeof *fields);
    const char *text = arena_copy(message->arena, outcome->fields, outcome->fields_size + 1);
    if (!fields || !text)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < outcome->n_fields; i++) {
        fields[i].name = text;
        const char *value = text + strlen(text) + 1;
        fields[i].value = *value == '+' ? value + 1 : NULL; /* NULL: it vanishes */
        text = value + strlen(value) + 1;
    }
    *fields_out = fields;
    return RESULT_OK;
}

/* A field that says the same inside stays where it is. */
static bool stays(const struct message *message, const struct header_field *fields, size_t n,
                  const struct header_field *field)
{
    const struct header_field *outer = message_header(message, field->name, 0);
    return outer && !message_header(message, field->name, 1) && count_named(fields, n, field->name) == 1 &&
           same_value(outer->value, field->value);
}

static enum result merge(struct message *message, const struct unseal_outcome *outcome,
                         struct unsealed *unsealed)
{
    struct header_field *fields;
    bool *dropped = arena_alloc(message->arena, message->n_headers + 1, sizeof *dropped);
    if (!dropped || read_fields(message, outcome, &fields) != RESULT_OK)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < message->n_headers; i++)
        dropped[i] = is_content(message->headers[i].name) ||
                     count_named(fields, outcome->n_fields, message->headers[i].name);
    size_t kept = 0, n = outcome->n_fields;
    struct header_field *added = arena_alloc(message->arena, n + 1, sizeof *added);
    if (!added)
        return RESULT_TRY_LATER;
    /* Some gateways make MIME of what was none and do not say so. */
    if (!message_header(message, VERSION, 0) && !count_named(fields, n, VERSION))
        added[kept++] = (struct header_field){.name = VERSION, .value = " 1.0"};
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].value)
            continue;
        if (!stays(message, fields, n, &fields[i])) {
            added[kept++] = fields[i];
            continue;
        }
        for (size_t k = 0; k < message->n_headers; k++)
            if (text_equal_nocase(message->headers[k].name, fields[i].name))
                dropped[k] = false;
    }
    unsealed->fields = added;
    unsealed->n_fields = kept;
    unsealed->dropped = dropped;
    return RESULT_OK;
}

/* --- the second spool --------------------------------------------------------------------------------------
 */

static void put_value(struct buffer *header, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            buffer_puts(header, "\r");
        buffer_append(header, value, 1);
    }
}

static enum result spool_header(struct message *message, const struct unsealed *unsealed)
{
    struct buffer header;
    buffer_init(&header, MESSAGE_HEADER_BYTES_MAX * 8);
    for (size_t i = 0; i < message->n_headers; i++)
        if (!unsealed->dropped[i])
            buffer_printf(&header, "%s:%s\r\n", message->headers[i].name, message->headers[i].value);
    for (size_t i = 0; i < unsealed->n_fields; i++) {
        buffer_printf(&header, "%s:", unsealed->fields[i].name);
        put_value(&header, unsealed->fields[i].value);
        buffer_puts(&header, "\r\n");
    }
    enum result result = header.failed ? RESULT_TRY_LATER : RESULT_OK;
    if (result == RESULT_OK)
        result = spool_append(&message->opened, buffer_text(&header), header.size);
    buffer_free(&header);
    return result == RESULT_OK ? spool_end_header(&message->opened) : result;
}

static enum result spool_body(struct message *message, int fd, uint64_t at, uint64_t end)
{
    char *block = malloc(COPY_BYTES);
    enum result result = block ? RESULT_OK : RESULT_TRY_LATER;
    while (result == RESULT_OK && at < end) {
        size_t part = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
        result = fd_read_at(fd, block, part, at);
        if (result == RESULT_OK)
            result = spool_append(&message->opened, block, part);
        at += part;
    }
    free(block);
    return result;
}

static enum result take(struct message *message, const struct unseal_outcome *outcome, int fd,
                        struct gathered *gathered, struct problem *problem)
{
    char hex[DIGEST_HEX];
    const struct config *config = message->config;
    struct unsealed *unsealed = arena_alloc(message->arena, 1, sizeof *unsealed);
    hex_encode(outcome->ciphertext_sha256, DIGEST_BYTES, hex);
    if (!unsealed || merge(message, outcome, unsealed) != RESULT_OK ||
        !(unsealed->ciphertext = arena_strdup(message->arena, hex)))
        return problem_set(problem, RESULT_TRY_LATER, "no memory for what was unsealed");
    enum result result = spool_open(config->spool.directory,
                                    config->spool.message_limit + (uint64_t)8 * MESSAGE_HEADER_BYTES_MAX,
                                    &message->opened, problem);
    if (result != RESULT_OK)
        return result;
    if (spool_header(message, unsealed) != RESULT_OK ||
        spool_body(message, fd, outcome->body_offset, outcome->size) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "spool: what was unsealed cannot be written");
    gathered->unsealed = unsealed;
    return RESULT_OK;
}

/* --- the question ------------------------------------------------------------------------------------------
 */

static enum result judge_state(struct message *message, const struct unseal_outcome *outcome, int fd,
                               struct gathered *gathered, struct problem *problem)
{
    struct policy_facts *facts = &gathered->facts;
    switch (outcome->state) {
    case UNSEAL_NOT_OURS:
        if (has_part(gathered->findings, PART_OPAQUE) || says_encrypted(message))
            stays_closed(facts, SEAL_NONE, "encrypted, but to no key of this gateway");
        return RESULT_OK;
    case UNSEAL_UNSIGNED:
        if (!message->config->unsealing.takes_unsigned) {
            stays_closed(facts, SEAL_BROKEN, "nobody signed it");
            return RESULT_OK;
        }
        facts->seal = SEAL_UNSIGNED;
        break;
    case UNSEAL_SIGNED:
        facts->seal = SEAL_VERIFIED;
        break;
    }
    return take(message, outcome, fd, gathered, problem);
}

static enum result ask(struct message *message, struct sealer *sealer, struct gathered *gathered,
                       struct problem *problem)
{
    int fd = -1;
    struct unseal_outcome outcome = {0};
    enum result result = fd_open_unnamed(message->config->spool.directory, &fd, problem);
    if (result != RESULT_OK)
        return RESULT_TRY_LATER;
    const struct unseal_request request = {.message_fd = message->spool.fd,
                                           .size = message->spool.size,
                                           .limit = message->config->spool.message_limit,
                                           .signer = pinned_key(message, &gathered->facts.sender),
                                           .output_fd = fd};
    result = sealer_unseal(sealer, &request, &outcome, problem);
    if (result == RESULT_OK)
        result = judge_state(message, &outcome, fd, gathered, problem);
    fd_close(&fd);
    free(outcome.fields);
    if (result != RESULT_BAD_INPUT)
        return result;
    const char *why = arena_strdup(message->arena, problem->text);
    stays_closed(&gathered->facts, SEAL_BROKEN, why);
    return why ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "no memory for what is wrong with a seal");
}

enum result unseal(struct message *message, const struct findings *findings, struct sealer *sealer,
                   struct gathered *gathered, struct problem *problem)
{
    struct policy_facts *facts = &gathered->facts;
    if (!sealer || facts->role != ROLE_INBOUND || facts->sender.class != SENDER_GOVERNMENT ||
        !may_be_sealed(message, findings))
        return RESULT_OK;
    if (!all_local(facts)) {
        stays_closed(facts, SEAL_NONE, "left sealed: a recipient is not of this house");
        return RESULT_OK;
    }
    return ask(message, sealer, gathered, problem);
}
