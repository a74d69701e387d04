/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/audit.h"
#include "admin/printer.h"
#include "policy/names.h"

#include <jansson.h>
#include <stdlib.h>

/* Names of files and what is in them are bytes of anybody: harmless, as in text. */
static json_t *safe(const char *text)
{
    struct buffer buffer;
    buffer_init(&buffer, 0);
    printer_safe(&buffer, text, SIZE_MAX);
    json_t *string = text ? json_string(buffer_text(&buffer)) : json_null();
    buffer_free(&buffer);
    return string;
}

static json_t *forward_json(const struct forward *one)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o}", "source", one->source, "file",
                     safe(one->place.file), "line",
                     one->place.line ? json_integer((json_int_t)one->place.line) : json_null(), "key",
                     safe(one->key), "target", safe(one->target), "class",
                     one->is_known ? rcpt_class_name(one->class) : "unknown", "why", safe(one->why));
}

enum result audit_json(FILE *out, const struct forwards_report *report)
{
    json_t *forwards = json_array(), *unread = json_array();
    for (size_t i = 0; i < report->n_forwards; i++)
        (void)json_array_append_new(forwards, forward_json(&report->forwards[i]));
    for (size_t i = 0; i < report->n_unread; i++)
        (void)json_array_append_new(unread, json_pack("{s:o, s:o}", "what", safe(report->unread[i].what),
                                                      "why", safe(report->unread[i].why)));
    json_t *whole = json_pack("{s:i, s:o, s:o, s:I, s:I, s:I}", "schema", 1, "forwards", forwards, "unread",
                              unread, "files", (json_int_t)report->n_files, "targets",
                              (json_int_t)report->n_targets, "accounts", (json_int_t)report->n_users);
    return printer_json(out, whole);
}
