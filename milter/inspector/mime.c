/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/mime.h"

#include "inspector/name.h"
#include "inspector/stream.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

/* Past our own limits already: GMime found more levels than we did. */
enum { WALK_DEPTH_MAX = 2 * STRUCTURE_DEPTH_MAX };

struct walk {
    struct mime *mime;
    const struct structure *structure;
    size_t next;
};

static void note(struct mime *mime, const char *why)
{
    if (!mime->odd)
        mime->odd = why;
}

static void warned(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer user_data)
{
    struct mime *mime = user_data;
    (void)offset;
    (void)item;
    switch (code) {
    case GMIME_CRIT_INVALID_HEADER_NAME:
        note(mime, "header name that cannot be read");
        break;
    case GMIME_CRIT_CONFLICTING_PARAMETER:
        note(mime, "parameters that contradict each other");
        break;
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
        note(mime, "multipart without a boundary");
        break;
    case GMIME_CRIT_NESTING_OVERFLOW:
        note(mime, "nested too deep");
        break;
    case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
    case GMIME_WARN_MALFORMED_MULTIPART:
        note(mime, "multipart that cannot be read");
        break;
    /* Our own reading sees what matters of these, or they are too common to mean anything. */
    case GMIME_CRIT_CONFLICTING_HEADER:
    case GMIME_WARN_DUPLICATED_HEADER:
    case GMIME_WARN_DUPLICATED_PARAMETER:
    case GMIME_WARN_UNENCODED_8BIT_HEADER:
    case GMIME_WARN_INVALID_CONTENT_TYPE:
    case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
    case GMIME_WARN_TRUNCATED_MESSAGE:
    case GMIME_WARN_MALFORMED_MESSAGE:
    case GMIME_WARN_INVALID_PARAMETER:
    case GMIME_WARN_INVALID_ADDRESS_LIST:
    case GMIME_WARN_PART_WITHOUT_CONTENT:
        break;
    }
}

static enum entity_form form_of(GMimeObject *object)
{
    if (GMIME_IS_MULTIPART(object))
        return FORM_MULTIPART;
    return GMIME_IS_MESSAGE_PART(object) ? FORM_MESSAGE : FORM_LEAF;
}

static bool same_type(GMimeObject *object, const char *type)
{
    GMimeContentType *content_type = g_mime_object_get_content_type(object);
    const char *slash = strchr(type, '/');
    size_t size = slash ? (size_t)(slash - type) : 0;
    const char *media = content_type ? g_mime_content_type_get_media_type(content_type) : NULL;
    const char *subtype = content_type ? g_mime_content_type_get_media_subtype(content_type) : NULL;
    return size && media && subtype && strlen(media) == size && !g_ascii_strncasecmp(media, type, size) &&
           !g_ascii_strcasecmp(subtype, slash + 1);
}

/* The line end before a boundary belongs to the boundary for us, not always for GMime. */
static bool same_body(GMimeObject *object, const struct entity *entity)
{
    GMimeDataWrapper *content = GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
    GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
    if (!stream)
        return entity->end_at - entity->body_at <= 2;
    guint64 start = (guint64)stream->bound_start, end = (guint64)stream->bound_end;
    if (stream->bound_end < 0)
        end = entity->end_at;
    guint64 apart = end > entity->end_at ? end - entity->end_at : entity->end_at - end;
    return start == entity->body_at && apart <= 2;
}

static void take_name(struct walk *walk, GMimeObject *object, size_t at)
{
    const char *file = g_mime_object_get_content_disposition_parameter(object, "filename");
    const char *name = g_mime_object_get_content_type_parameter(object, "name");
    struct mime_part *part = &walk->mime->parts[at];
    char clean[NAME_ROOM];
    if (file && name && !name_same_extension(file, name))
        part->two_names = true;
    name_clean(file ? file : name, clean);
    if (!clean[0])
        return;
    part->name = strdup(clean);
    walk->mime->failed |= !part->name;
}

static void compare(struct walk *walk, GMimeObject *object, size_t at)
{
    const struct entity *entity = &walk->structure->entities[at];
    enum entity_form form = form_of(object);
    bool leaf = form == FORM_LEAF && entity->form == FORM_LEAF;
    if (entity->form != form || !same_type(object, entity->fields.type) ||
        (leaf && !same_body(object, entity)))
        note(walk->mime, "two readings of the structure differ");
}

static void walk_object(struct walk *walk, GMimeObject *object, unsigned depth)
{
    size_t at = walk->next++;
    if (at >= walk->structure->n_entities || depth > WALK_DEPTH_MAX) {
        note(walk->mime, "two readings of the structure differ");
        return;
    }
    compare(walk, object, at);
    take_name(walk, object, at);
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        int count = g_mime_multipart_get_count(multipart);
        for (int i = 0; i < count; i++)
            walk_object(walk, g_mime_multipart_get_part(multipart, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        GMimeObject *inner = message ? g_mime_message_get_mime_part(message) : NULL;
        if (inner)
            walk_object(walk, inner, depth + 1);
    }
}

static bool begin(struct mime *mime, const struct structure *structure)
{
    *mime = (struct mime){.failed = true};
    mime->parts = calloc(structure->n_entities, sizeof *mime->parts);
    if (mime->parts)
        mime->n_parts = structure->n_entities;
    return mime->parts;
}

/* As a part, so that the address fields of the message are not parsed here but where they are limited. NULL:
 * it cannot be read. */
static GMimeObject *parse(GMimeStream *stream, struct mime *mime)
{
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_warning_callback(options, warned, mime);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    GMimeObject *object = g_mime_parser_construct_part(parser, options);
    g_object_unref(parser);
    g_mime_parser_options_free(options);
    return object;
}

void mime_read(struct mime *mime, struct source *source, const struct structure *structure, bool keeps)
{
    struct walk walk = {.mime = mime, .structure = structure};
    if (!begin(mime, structure))
        return;
    GMimeStream *stream = source_stream_new(source);
    GMimeObject *root = parse(stream, mime);
    mime->failed = !root;
    if (root) {
        walk_object(&walk, root, 1);
        if (walk.next != structure->n_entities)
            note(mime, "two readings of the structure differ");
    }
    if (root && !keeps)
        g_object_unref(root);
    g_object_unref(stream);
}

void mime_read_names(struct mime *mime, struct source *source, const struct structure *structure)
{
    struct walk walk = {.mime = mime, .structure = structure};
    if (!begin(mime, structure))
        return;
    GMimeStream *whole = source_stream_new(source);
    mime->failed = false;
    for (size_t i = 0; i < structure->n_entities; i++) {
        const struct entity *entity = &structure->entities[i];
        if (entity->form != FORM_LEAF)
            continue;
        GMimeStream *header =
            g_mime_stream_substream(whole, (gint64)entity->header_at, (gint64)entity->body_at);
        GMimeObject *object = parse(header, mime);
        if (object) {
            take_name(&walk, object, i);
            g_object_unref(object);
        }
        g_object_unref(header);
    }
    /* What GMime finds odd about half a part was not asked. */
    mime->odd = NULL;
    g_object_unref(whole);
}

void mime_free(struct mime *mime)
{
    for (size_t i = 0; i < mime->n_parts; i++)
        free(mime->parts[i].name);
    free(mime->parts);
    *mime = (struct mime){0};
}

static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data)
{
    (void)domain;
    (void)level;
    (void)text;
    (void)data;
}

void mime_prepare(void)
{
    /* A child cannot write, and what GLib would say is about a stranger's mail. */
    g_log_set_default_handler(say_nothing, NULL);
    g_mime_init();
    source_stream_prepare();
}
