/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/leaf.h"

#include "journal/canonical.h"
#include "policy/names.h"

#include <inttypes.h>
#include <string.h>

/* Members are written in the order of their names, as RFC 8785 wants them: keep the calls sorted. */
struct writer {
    struct arena *arena;
    struct buffer out;
    struct leaf *leaf;
    enum result result; /* the first failure */
};

static void fail(struct writer *writer, enum result result)
{
    if (writer->result == RESULT_OK)
        writer->result = result;
}

static void put_text(struct writer *writer, const char *key, const char *value)
{
    buffer_puts(&writer->out, key);
    canonical_string(&writer->out, value);
}

static void put_bool(struct writer *writer, const char *key, bool value)
{
    buffer_puts(&writer->out, key);
    buffer_puts(&writer->out, value ? "true" : "false");
}

static void put_integer(struct writer *writer, const char *key, int64_t value)
{
    buffer_printf(&writer->out, "%s%" PRId64, key, value);
}

/* A set of flags as the array of their names, lowest flag first. */
static void put_flags(struct writer *writer, const char *key, unsigned flags,
                      const char *(*name_of)(unsigned))
{
    const char *separator = "";
    buffer_puts(&writer->out, key);
    buffer_puts(&writer->out, "[");
    for (unsigned flag = 1; flags; flags &= ~flag, flag <<= 1) {
        if (!(flags & flag))
            continue;
        const char *name = name_of(flag);
        if (strcmp(name, "?") == 0)
            fail(writer, RESULT_BAD_INPUT);
        buffer_puts(&writer->out, separator);
        canonical_string(&writer->out, name);
        separator = ",";
    }
    buffer_puts(&writer->out, "]");
}

/* Absent is null, empty is "" (the null sender is nobody); anything else is committed to and kept aside. */
static void put_identity(struct writer *writer, const char *key, struct identity identity)
{
    buffer_puts(&writer->out, key);
    if (!identity.value || !*identity.value) {
        canonical_string(&writer->out, identity.value);
        return;
    }
    uint8_t commitment[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    identity.value = arena_strdup(writer->arena, identity.value);
    if (!identity.value || !identity.field ||
        random_bytes(identity.salt, sizeof identity.salt) != RESULT_OK ||
        identity_commit(&identity, commitment) != RESULT_OK) {
        fail(writer, RESULT_TRY_LATER);
        return;
    }
    hex_encode(commitment, sizeof commitment, hex);
    canonical_string(&writer->out, hex);
    writer->leaf->identities[writer->leaf->n_identities++] = identity;
}

static void put_sender_identity(struct writer *writer, const char *key, const char *field, const char *value,
                                enum identity_kind kind)
{
    put_identity(writer, key, (struct identity){.field = field, .value = value, .kind = kind});
}

/* "2!inner/name": what follows the first '!' is a file name within an archive, and file names may name
 * people. */
static void put_path(struct writer *writer, const struct record_document *document, size_t index)
{
    const char *mark = document->path ? strchr(document->path, '!') : NULL;
    const char *outer =
        mark ? arena_strndup(writer->arena, document->path, (size_t)(mark - document->path)) : document->path;
    if (mark && !outer)
        fail(writer, RESULT_TRY_LATER);
    put_text(writer, ",\"path\":", outer);
    put_sender_identity(writer,
                        ",\"path_inside\":", arena_printf(writer->arena, "/documents/%zu/path_inside", index),
                        mark ? mark + 1 : NULL, IDENTITY_PLAIN);
}

static void put_numbers(struct writer *writer, const char *const *numbers)
{
    buffer_puts(&writer->out, ",\"numbers\":[");
    for (size_t i = 0; numbers && numbers[i]; i++)
        put_text(writer, i ? "," : "", numbers[i]);
    buffer_puts(&writer->out, "]");
}

static void put_known(struct writer *writer, const struct record_document *document)
{
    if (document->known_by == KNOWN_BY_NOTHING) {
        buffer_puts(&writer->out, ",\"known\":null");
        return;
    }
    put_text(writer, ",\"known\":{\"by\":", known_by_name(document->known_by));
    put_text(writer, ",\"reference\":", document->known_from);
    put_integer(writer, ",\"share\":", (int64_t)document->share);
    buffer_puts(&writer->out, "}");
}

static void put_document(struct writer *writer, const struct record_document *document, size_t index)
{
    put_bool(writer, index ? ",{\"ambiguous\":" : "{\"ambiguous\":", document->ambiguous);
    put_flags(writer, ",\"caveats\":", document->caveats, caveat_name);
    put_text(writer, ",\"kind\":", document->kind);
    put_known(writer, document);
    put_integer(writer, ",\"level\":", document->level);
    put_sender_identity(writer, ",\"name\":", arena_printf(writer->arena, "/documents/%zu/name", index),
                        document->name, IDENTITY_PLAIN);
    put_numbers(writer, document->references);
    put_bool(writer, ",\"opaque\":", document->opaque);
    put_path(writer, document, index);
    put_text(writer, ",\"sha256\":", document->sha256);
    put_integer(writer, ",\"size\":", (int64_t)document->size_bytes);
    put_bool(writer, ",\"unread\":", document->unread);
    buffer_puts(&writer->out, "}");
}

static void put_rcpt(struct writer *writer, const struct record_rcpt *rcpt, size_t index)
{
    put_identity(writer, index ? ",{\"address\":" : "{\"address\":",
                 (struct identity){.field = arena_printf(writer->arena, "/rcpts/%zu/address", index),
                                   .value = rcpt->address,
                                   .kind = IDENTITY_PERSON,
                                   .person = index + 1});
    put_text(writer, ",\"class\":", rcpt_class_name(rcpt->class));
    put_text(writer, ",\"reason\":", reason_name(rcpt->reason));
    put_text(writer, ",\"rule\":", rcpt->rule);
    put_identity(writer, ",\"typed\":",
                 (struct identity){.field = arena_printf(writer->arena, "/rcpts/%zu/typed", index),
                                   .value = rcpt->typed,
                                   .kind = IDENTITY_PERSON,
                                   .person = index + 1});
    put_text(writer, ",\"verdict\":", verdict_name(rcpt->verdict));
    buffer_puts(&writer->out, "}");
}

static void put_record(struct writer *writer, const struct record *record)
{
    put_bool(writer, "{\"alert\":", record->alert);
    put_text(writer, ",\"basis\":", record->basis);
    put_flags(writer, ",\"caveats\":", record->caveats, caveat_name);
    put_sender_identity(writer, ",\"client\":", "/client", record->client_address, IDENTITY_PLAIN);
    put_flags(writer, ",\"content\":", record->content, content_flag_name);
    put_text(writer, ",\"detail\":", record->detail);
    buffer_puts(&writer->out, ",\"documents\":[");
    for (size_t i = 0; i < record->n_documents; i++)
        put_document(writer, &record->documents[i], i);
    put_sender_identity(writer, "],\"envelope_from\":", "/envelope_from", record->envelope_from,
                        IDENTITY_PERSON);
    put_flags(writer, ",\"forward\":", record->forward, forward_flag_name);
    put_sender_identity(writer, ",\"from\":", "/from", record->from, IDENTITY_PERSON);
    put_text(writer, ",\"kind\":", "decision");
    put_text(writer, ",\"lacks\":", sender_lack_name(record->lacks));
    put_integer(writer, ",\"level\":", record->level);
    put_sender_identity(writer, ",\"login\":", "/login", record->login, IDENTITY_PERSON);
    put_sender_identity(writer, ",\"message_id\":", "/message_id", record->message_id, IDENTITY_MESSAGE_ID);
    put_text(writer, ",\"node\":", record->node);
    put_bool(writer, ",\"observed\":", record->observed);
    put_text(writer, ",\"policy\":", record->policy_digest);
    put_bool(writer, ",\"proven\":", record->proven);
    put_text(writer, ",\"queue_id\":", record->queue_id);
    buffer_puts(&writer->out, ",\"rcpts\":[");
    for (size_t i = 0; i < record->n_rcpts; i++)
        put_rcpt(writer, &record->rcpts[i], i);
    put_text(writer, "],\"reason\":", reason_name(record->reason));
    put_text(writer, ",\"reference\":", record->reference);
    put_text(writer, ",\"role\":", role_name(record->role));
    put_text(writer, ",\"rule\":", record->rule);
    put_integer(writer, ",\"schema\":", LEAF_SCHEMA);
    put_text(writer, ",\"sealed_sha256\":", record->sealed_sha256);
    put_text(writer, ",\"sender\":", sender_class_name(record->sender));
    put_text(writer, ",\"ticket\":", record->ticket);
    put_integer(writer, ",\"time\":", record->time_ms);
    put_text(writer, ",\"verdict\":", verdict_name(record->verdict));
    buffer_puts(&writer->out, "}");
}

static const char *sender_of(const struct record *record)
{
    const char *const candidates[] = {record->login, record->envelope_from, record->from};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] && *candidates[i])
            return candidates[i];
    return "";
}

static enum result list_persons(struct arena *arena, const struct record *record, struct leaf *leaf)
{
    enum { MESSAGE_IDENTITIES = 5, RCPT_IDENTITIES = 2, DOCUMENT_IDENTITIES = 2 };
    size_t room =
        MESSAGE_IDENTITIES + record->n_rcpts * RCPT_IDENTITIES + record->n_documents * DOCUMENT_IDENTITIES;
    leaf->n_persons = record->n_rcpts + 1;
    leaf->persons = arena_alloc(arena, leaf->n_persons, sizeof *leaf->persons);
    leaf->identities = arena_alloc(arena, room, sizeof *leaf->identities);
    if (!leaf->persons || !leaf->identities)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < leaf->n_persons; i++) {
        const char *person = i ? record->rcpts[i - 1].address : sender_of(record);
        leaf->persons[i] = identity_normalise(arena, IDENTITY_PERSON, person ? person : "");
        if (!leaf->persons[i])
            return RESULT_TRY_LATER;
    }
    return RESULT_OK;
}

/* RFC 6962, 2.1: SHA-256(0x00 || leaf). The buffer starts with that byte. */
static enum result finish(struct arena *arena, struct buffer *out, struct leaf *leaf)
{
    if (out->failed)
        return out->size > LEAF_BYTES_MAX / 2 ? RESULT_BAD_INPUT : RESULT_TRY_LATER;
    leaf->size = out->size - 1;
    leaf->line = arena_strndup(arena, out->bytes + 1, leaf->size);
    if (!leaf->line)
        return RESULT_TRY_LATER;
    return digest_bytes(out->bytes, out->size, leaf->hash);
}

enum result leaf_make(struct arena *arena, const struct record *record, struct leaf *leaf_out,
                      struct problem *problem)
{
    *leaf_out = (struct leaf){0};
    struct writer writer = {
        .arena = arena, .leaf = leaf_out, .result = list_persons(arena, record, leaf_out)};
    buffer_init(&writer.out, LEAF_BYTES_MAX);
    buffer_append(&writer.out, "", 1);
    if (writer.result == RESULT_OK)
        put_record(&writer, record);
    if (writer.result == RESULT_OK)
        writer.result = finish(arena, &writer.out, leaf_out);
    buffer_free(&writer.out);
    if (writer.result == RESULT_BAD_INPUT)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "journal: record %s is too long or holds an unknown value", record->reference);
    if (writer.result != RESULT_OK)
        return problem_set(problem, writer.result, "journal: no memory for record %s", record->reference);
    return RESULT_OK;
}

enum result leaf_make_settled(struct arena *arena, int64_t time_ms, const uint64_t *sequences,
                              size_t n_sequences, struct leaf *leaf_out)
{
    *leaf_out = (struct leaf){0};
    struct buffer out;
    buffer_init(&out, LEAF_BYTES_MAX);
    buffer_append(&out, "", 1);
    buffer_printf(&out, "{\"kind\":\"settled\",\"schema\":%d,\"sequences\":[", LEAF_SCHEMA);
    for (size_t i = 0; i < n_sequences; i++)
        buffer_printf(&out, "%s%" PRIu64, i ? "," : "", sequences[i]);
    buffer_printf(&out, "],\"time\":%" PRId64 "}", time_ms);
    enum result result = finish(arena, &out, leaf_out);
    buffer_free(&out);
    return result;
}
