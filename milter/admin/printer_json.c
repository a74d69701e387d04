/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/printer.h"

#include "base/text.h"
#include "policy/names.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ASCII only: C1 controls and bidi marks would otherwise reach a terminal as they are. */
enum { DUMP_FLAGS = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY };

/* Members whose value is gone, as JSON pointers within the record. */
struct lost {
    json_t *erased, *damaged;
};

static json_t *text_json(const char *text)
{
    if (!text)
        return json_null();
    size_t left = strlen(text);
    if (text_is_utf8(text, left))
        return json_stringn(text, left);
    struct buffer clean;
    buffer_init(&clean, 0);
    while (left) {
        size_t length = 1;
        while (length < 4 && length < left && !text_is_utf8(text, length))
            length++;
        bool good = text_is_utf8(text, length);
        if (good)
            buffer_append(&clean, text, length);
        else
            buffer_puts(&clean, "\xef\xbf\xbd");
        text += good ? length : 1;
        left -= good ? length : 1;
    }
    json_t *string = json_stringn(buffer_text(&clean), clean.size);
    buffer_free(&clean);
    return string;
}

static json_t *identity_json(struct lost *lost, const char *pointer, const char *value)
{
    if (value != journal_erased && value != journal_damaged)
        return text_json(value);
    (void)json_array_append_new(value == journal_erased ? lost->erased : lost->damaged, json_string(pointer));
    return json_null();
}

static json_t *flags_json(unsigned flags, const char *(*name_of)(unsigned))
{
    json_t *names = json_array();
    for (unsigned flag = 1; flags; flags &= ~flag, flag <<= 1)
        if (flags & flag)
            (void)json_array_append_new(names, json_string(name_of(flag)));
    return names;
}

static json_t *time_json(int64_t time_ms)
{
    char text[21];
    printer_time(time_ms, text);
    text[10] = 'T';
    return json_sprintf("%s.%03dZ", text, (int)(time_ms % 1000));
}

static json_t *sender_json(struct lost *lost, const struct record *record)
{
    json_t *sender = json_object();
    (void)json_object_set_new(sender, "class", json_string(sender_class_name(record->sender)));
    (void)json_object_set_new(sender, "login", identity_json(lost, "/sender/login", record->login));
    (void)json_object_set_new(sender, "envelope_from",
                              identity_json(lost, "/sender/envelope_from", record->envelope_from));
    (void)json_object_set_new(sender, "from", identity_json(lost, "/sender/from", record->from));
    (void)json_object_set_new(sender, "proven", json_boolean(record->proven));
    return sender;
}

static json_t *rcpts_json(struct lost *lost, const struct record *record)
{
    json_t *rcpts = json_array();
    for (size_t i = 0; i < record->n_rcpts; i++) {
        const struct record_rcpt *rcpt = &record->rcpts[i];
        char pointer[64];
        (void)snprintf(pointer, sizeof pointer, "/recipients/%zu/address", i);
        json_t *object = json_object();
        (void)json_object_set_new(object, "address", identity_json(lost, pointer, rcpt->address));
        (void)snprintf(pointer, sizeof pointer, "/recipients/%zu/typed", i);
        (void)json_object_set_new(object, "typed", identity_json(lost, pointer, rcpt->typed));
        (void)json_object_set_new(object, "class", json_string(rcpt_class_name(rcpt->class)));
        (void)json_object_set_new(object, "verdict", json_string(verdict_name(rcpt->verdict)));
        (void)json_object_set_new(object, "reason", json_string(reason_name(rcpt->reason)));
        (void)json_object_set_new(object, "rule", text_json(rcpt->rule));
        (void)json_array_append_new(rcpts, object);
    }
    return rcpts;
}

static json_t *document_json(struct lost *lost, const struct record_document *document, size_t index)
{
    char pointer[64];
    json_t *object = json_object(), *numbers = json_array();
    (void)snprintf(pointer, sizeof pointer, "/documents/%zu/name", index);
    for (size_t i = 0; document->references && document->references[i]; i++)
        (void)json_array_append_new(numbers, text_json(document->references[i]));
    (void)json_object_set_new(object, "path", text_json(document->path));
    (void)json_object_set_new(object, "name", identity_json(lost, pointer, document->name));
    (void)json_object_set_new(object, "kind", text_json(document->kind));
    (void)json_object_set_new(object, "level", json_integer(document->level));
    (void)json_object_set_new(object, "caveats", flags_json(document->caveats, caveat_name));
    (void)json_object_set_new(object, "unread", json_boolean(document->unread));
    (void)json_object_set_new(object, "opaque", json_boolean(document->opaque));
    (void)json_object_set_new(object, "ambiguous", json_boolean(document->ambiguous));
    (void)json_object_set_new(object, "size", json_integer((json_int_t)document->size_bytes));
    (void)json_object_set_new(object, "sha256", text_json(document->sha256));
    (void)json_object_set_new(object, "references", numbers);
    (void)json_object_set_new(object, "known",
                              document->known_by == KNOWN_BY_NOTHING
                                  ? json_null()
                                  : json_pack("{s:s, s:s?, s:i}", "by", known_by_name(document->known_by),
                                              "reference", document->known_from, "share",
                                              (int)document->share));
    return object;
}

static json_t *documents_json(struct lost *lost, const struct record *record)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < record->n_documents; i++)
        (void)json_array_append_new(documents, document_json(lost, &record->documents[i], i));
    return documents;
}

static const char *reply_name(const struct record *record)
{
    if (record->reply == REPLY_SENT)
        return "sent";
    if (record->reply == REPLY_NEVER)
        return "never";
    return record->settled ? "unknown" : "open";
}

static void set_route(json_t *object, struct lost *lost, const struct record *record)
{
    (void)json_object_set_new(object, "sequence", json_integer((json_int_t)record->sequence));
    (void)json_object_set_new(object, "reference", text_json(record->reference));
    (void)json_object_set_new(object, "time", time_json(record->time_ms));
    (void)json_object_set_new(object, "node", text_json(record->node));
    (void)json_object_set_new(object, "role", json_string(role_name(record->role)));
    (void)json_object_set_new(object, "queue_id", text_json(record->queue_id));
    (void)json_object_set_new(object, "message_id", identity_json(lost, "/message_id", record->message_id));
    (void)json_object_set_new(object, "client_address",
                              identity_json(lost, "/client_address", record->client_address));
    (void)json_object_set_new(object, "sender", sender_json(lost, record));
}

static void set_decision(json_t *object, const struct record *record)
{
    (void)json_object_set_new(object, "observed", json_boolean(record->observed));
    (void)json_object_set_new(object, "verdict", json_string(verdict_name(record->verdict)));
    (void)json_object_set_new(object, "reason", json_string(reason_name(record->reason)));
    (void)json_object_set_new(object, "rule", text_json(record->rule));
    (void)json_object_set_new(object, "basis", text_json(record->basis));
    (void)json_object_set_new(object, "policy_digest", text_json(record->policy_digest));
    (void)json_object_set_new(object, "level", json_integer(record->level));
    (void)json_object_set_new(object, "caveats", flags_json(record->caveats, caveat_name));
    (void)json_object_set_new(object, "content", flags_json(record->content, content_flag_name));
    (void)json_object_set_new(object, "forward", flags_json(record->forward, forward_flag_name));
    (void)json_object_set_new(object, "ticket", text_json(record->ticket));
    (void)json_object_set_new(object, "alert", json_boolean(record->alert));
    (void)json_object_set_new(object, "detail", text_json(record->detail));
    (void)json_object_set_new(object, "reply", json_string(reply_name(record)));
    (void)json_object_set_new(object, "sealed_sha256", text_json(record->sealed_sha256));
}

char *printer_record_json(const struct record *record)
{
    struct lost lost = {.erased = json_array(), .damaged = json_array()};
    json_t *object = json_object();
    set_route(object, &lost, record);
    set_decision(object, record);
    (void)json_object_set_new(object, "recipients", rcpts_json(&lost, record));
    (void)json_object_set_new(object, "documents", documents_json(&lost, record));
    (void)json_object_set_new(object, "erased", lost.erased);
    (void)json_object_set_new(object, "damaged", lost.damaged);
    char *text = json_dumps(object, DUMP_FLAGS);
    json_decref(object);
    return text;
}

enum result printer_json(FILE *out, json_t *object)
{
    char *text = object ? json_dumps(object, DUMP_FLAGS) : NULL;
    json_decref(object);
    if (text)
        (void)fprintf(out, "%s\n", text);
    free(text);
    return text ? RESULT_OK : RESULT_TRY_LATER;
}

char *printer_string_json(const char *text)
{
    json_t *string = text_json(text);
    char *dump = json_dumps(string, DUMP_FLAGS);
    json_decref(string);
    return dump;
}
