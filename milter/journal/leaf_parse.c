/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/leaf.h"

#include "journal/canonical.h"
#include "policy/names.h"

#include <jansson.h>
#include <string.h>

struct reader {
    struct arena *arena;
    leaf_lookup *lookup;
    void *context;
    bool failed; /* something is not as the format says */
};

const char journal_erased[] = "(erased)";
const char journal_damaged[] = "(damaged)";

static const char *get_text(struct reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_null(value))
        return NULL;
    const char *text = json_string_value(value);
    const char *bytes = text ? canonical_bytes(reader->arena, text) : NULL;
    if (!bytes)
        reader->failed = true;
    return bytes;
}

/* A name that must be there; never NULL, so that it can go to a *_parse function. */
static const char *get_name(struct reader *reader, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        reader->failed = true;
    return text ? text : "";
}

static bool get_bool(struct reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        reader->failed = true;
    return json_is_true(value);
}

static int64_t get_integer(struct reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        reader->failed = true;
    return json_integer_value(value);
}

static unsigned get_flags(struct reader *reader, const json_t *object, const char *key,
                          bool (*parse)(const char *, unsigned *))
{
    const json_t *array = json_object_get(object, key);
    unsigned flags = 0;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        unsigned flag = 0;
        if (!name || !parse(name, &flag))
            reader->failed = true;
        flags |= flag;
    }
    return flags;
}

static enum reason get_reason(struct reader *reader, const json_t *object)
{
    const char *name = get_name(reader, object, "reason");
    enum reason reason = REASON_NONE;
    if (*name && !reason_parse(name, &reason))
        reader->failed = true;
    return reason;
}

static enum verdict get_verdict(struct reader *reader, const json_t *object)
{
    enum verdict verdict = VERDICT_TRY_LATER;
    if (!verdict_parse(get_name(reader, object, "verdict"), &verdict))
        reader->failed = true;
    return verdict;
}

static const char *get_identity(struct reader *reader, const json_t *object, const char *key,
                                const char *field)
{
    const json_t *value = json_object_get(object, key);
    uint8_t commitment[DIGEST_BYTES];
    if (json_is_null(value))
        return NULL;
    const char *hex = json_string_value(value);
    if (hex && !*hex)
        return "";
    if (!hex || !field || hex_decode(hex, commitment, sizeof commitment) != RESULT_OK) {
        reader->failed = true;
        return NULL;
    }
    return reader->lookup(reader->context, field, commitment);
}

/* Members that older records do not have. */
static const char *get_text_if_there(struct reader *reader, const json_t *object, const char *key)
{
    return json_object_get(object, key) ? get_text(reader, object, key) : NULL;
}

static const char *get_typed(struct reader *reader, const json_t *object, size_t index)
{
    const char *field = arena_printf(reader->arena, "/rcpts/%zu/typed", index);
    return json_object_get(object, "typed") ? get_identity(reader, object, "typed", field) : NULL;
}

static const char *const *get_numbers(struct reader *reader, const json_t *object)
{
    const json_t *array = json_object_get(object, "numbers");
    size_t n = json_array_size(array);
    const char **numbers = n ? arena_alloc(reader->arena, n + 1, sizeof *numbers) : NULL;
    if (!numbers) {
        reader->failed |= n != 0;
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        numbers[i] = text ? canonical_bytes(reader->arena, text) : NULL;
        if (!numbers[i])
            reader->failed = true;
    }
    return numbers;
}

static const char *get_path(struct reader *reader, const json_t *object, size_t index)
{
    const char *path = get_text(reader, object, "path");
    const char *inside = get_identity(reader, object, "path_inside",
                                      arena_printf(reader->arena, "/documents/%zu/path_inside", index));
    if (!inside)
        return path;
    path = arena_printf(reader->arena, "%s!%s", path ? path : "", inside);
    if (!path)
        reader->failed = true;
    return path;
}

/* Absent in what was written before documents were recognised. */
static void get_known(struct reader *reader, const json_t *known, struct record_document *document)
{
    if (!known || json_is_null(known))
        return;
    if (!known_by_parse(get_name(reader, known, "by"), &document->known_by))
        reader->failed = true;
    document->share = (unsigned)get_integer(reader, known, "share");
    document->known_from = get_text(reader, known, "reference");
}

static void get_document(struct reader *reader, const json_t *object, size_t index,
                         struct record_document *document)
{
    *document = (struct record_document){
        .path = get_path(reader, object, index),
        .name =
            get_identity(reader, object, "name", arena_printf(reader->arena, "/documents/%zu/name", index)),
        .kind = get_text(reader, object, "kind"),
        .level = (int)get_integer(reader, object, "level"),
        .caveats = get_flags(reader, object, "caveats", caveat_parse),
        .unread = get_bool(reader, object, "unread"),
        .opaque = get_bool(reader, object, "opaque"),
        .ambiguous = get_bool(reader, object, "ambiguous"),
        .size_bytes = (uint64_t)get_integer(reader, object, "size"),
        .sha256 = get_text(reader, object, "sha256"),
        .references = get_numbers(reader, object),
    };
    get_known(reader, json_object_get(object, "known"), document);
}

static void get_rcpt(struct reader *reader, const json_t *object, size_t index, struct record_rcpt *rcpt)
{
    *rcpt = (struct record_rcpt){
        .address =
            get_identity(reader, object, "address", arena_printf(reader->arena, "/rcpts/%zu/address", index)),
        .typed = get_typed(reader, object, index),
        .verdict = get_verdict(reader, object),
        .reason = get_reason(reader, object),
        .rule = get_text(reader, object, "rule"),
    };
    if (!rcpt_class_parse(get_name(reader, object, "class"), &rcpt->class))
        reader->failed = true;
}

static void get_lists(struct reader *reader, const json_t *object, struct record *record)
{
    const json_t *rcpts = json_object_get(object, "rcpts"), *documents = json_object_get(object, "documents");
    size_t n_rcpts = json_array_size(rcpts), n_documents = json_array_size(documents);
    struct record_rcpt *to = arena_alloc(reader->arena, n_rcpts, sizeof *to);
    struct record_document *what = arena_alloc(reader->arena, n_documents, sizeof *what);
    if (!to || !what) {
        reader->failed = true;
        return;
    }
    for (size_t i = 0; i < n_rcpts; i++)
        get_rcpt(reader, json_array_get(rcpts, i), i, &to[i]);
    for (size_t i = 0; i < n_documents; i++)
        get_document(reader, json_array_get(documents, i), i, &what[i]);
    record->rcpts = to;
    record->n_rcpts = n_rcpts;
    record->documents = what;
    record->n_documents = n_documents;
}

static void get_record(struct reader *reader, const json_t *object, struct record *record)
{
    *record = (struct record){
        .time_ms = get_integer(reader, object, "time"),
        .node = get_text(reader, object, "node"),
        .queue_id = get_text(reader, object, "queue_id"),
        .message_id = get_identity(reader, object, "message_id", "/message_id"),
        .client_address = get_identity(reader, object, "client", "/client"),
        .login = get_identity(reader, object, "login", "/login"),
        .envelope_from = get_identity(reader, object, "envelope_from", "/envelope_from"),
        .from = get_identity(reader, object, "from", "/from"),
        .observed = get_bool(reader, object, "observed"),
        .verdict = get_verdict(reader, object),
        .reason = get_reason(reader, object),
        .rule = get_text(reader, object, "rule"),
        .policy_digest = get_text(reader, object, "policy"),
        .basis = get_text(reader, object, "basis"),
        .level = (int)get_integer(reader, object, "level"),
        .caveats = get_flags(reader, object, "caveats", caveat_parse),
        .content = get_flags(reader, object, "content", content_flag_parse),
        .alert = get_bool(reader, object, "alert"),
        .ticket = get_text_if_there(reader, object, "ticket"),
        .proven = json_is_true(json_object_get(object, "proven")),
        .forward = get_flags(reader, object, "forward", forward_flag_parse),
        .sealed_sha256 = get_text(reader, object, "sealed_sha256"),
        .detail = get_text(reader, object, "detail"),
    };
    const char *reference = get_name(reader, object, "reference");
    if (strlen(reference) < sizeof record->reference)
        memcpy(record->reference, reference, strlen(reference) + 1);
    else
        reader->failed = true;
    if (!role_parse(get_name(reader, object, "role"), &record->role) ||
        !sender_class_parse(get_name(reader, object, "sender"), &record->sender) ||
        !sender_lack_parse(get_name(reader, object, "lacks"), &record->lacks))
        reader->failed = true;
    get_lists(reader, object, record);
}

enum result leaf_parse(struct arena *arena, const char *line, size_t size, leaf_lookup *lookup, void *context,
                       struct record *record)
{
    struct reader reader = {.arena = arena, .lookup = lookup, .context = context};
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    if (strcmp(get_name(&reader, object, "kind"), "decision") != 0 ||
        get_integer(&reader, object, "schema") != LEAF_SCHEMA)
        reader.failed = true;
    else
        get_record(&reader, object, record);
    json_decref(object);
    return reader.failed ? RESULT_BAD_INPUT : RESULT_OK;
}
