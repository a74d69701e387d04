/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/structure.h"

#include "inspect/findings.h"
#include "inspector/field_scan.h"

#include <stdlib.h>
#include <string.h>

struct level { /* an open multipart, or one just closed */
    size_t entity, size;
    bool closed;
    char boundary[BOUNDARY_MAX + 1];
};

enum place { IN_HEADER, IN_LEAF, OUTSIDE };

struct reader {
    struct structure *structure;
    struct source *source;
    unsigned depth_max, parts_max;
    struct level *levels;
    size_t n_levels, n_begun; /* n_begun: levels from here on say nothing yet */
    enum place place;
    size_t entity;         /* the one whose header, body or outside is being read */
    uint64_t previous_end; /* of the line before, its line end excluded */
    struct buffer section;
    unsigned section_fields, all_fields;
    size_t all_sections;
    struct rawscan *outside;
    uint64_t all_outside; /* visible bytes */
};

static void stop(struct reader *reader, unsigned limit, const char *why)
{
    struct structure *structure = reader->structure;
    if (!structure->limit) {
        structure->limit = limit;
        structure->limit_why = why;
    }
}

static struct entity *current(struct reader *reader)
{
    return &reader->structure->entities[reader->entity];
}

static void odd(struct reader *reader, size_t entity, const char *why)
{
    const char **slot = &reader->structure->entities[entity].fields.odd;
    if (!*slot)
        *slot = why;
}

static bool add_entity(struct reader *reader, size_t parent)
{
    struct structure *structure = reader->structure;
    unsigned depth = structure->n_entities ? structure->entities[parent].depth + 1 : 1;
    if (depth > reader->depth_max || structure->n_entities >= reader->parts_max) {
        stop(reader, depth > reader->depth_max ? LIMIT_DEPTH : LIMIT_PARTS,
             depth > reader->depth_max ? "nested too deep" : "too many parts");
        return false;
    }
    if (structure->n_entities == structure->room) {
        size_t room = structure->room ? structure->room * 2 : 4;
        struct entity *larger = realloc(structure->entities, room * sizeof *larger);
        structure->no_memory |= !larger;
        if (!larger)
            return false;
        structure->entities = larger;
        structure->room = room;
    }
    reader->entity = structure->n_entities++;
    *current(reader) = (struct entity){.parent = parent, .depth = depth};
    reader->place = IN_HEADER;
    buffer_clear(&reader->section);
    reader->section_fields = 0;
    return true;
}

static void begin_outside(struct reader *reader, size_t entity)
{
    if (!reader->outside)
        reader->outside = malloc(sizeof *reader->outside);
    if (!reader->outside) {
        reader->structure->no_memory = true;
        return;
    }
    reader->entity = entity;
    reader->place = OUTSIDE;
    rawscan_init(reader->outside);
}

static void end_outside(struct reader *reader)
{
    struct rawscan *scan = reader->outside;
    rawscan_finish(scan);
    struct entity *entity = current(reader);
    bool text = scan->visible > OUTSIDE_BYTES_MAX;
    reader->all_outside += scan->visible;
    text |= scan->visible && reader->all_outside > OUTSIDE_ALL_MAX;
    if (!entity->outside)
        entity->outside = scan->found ? scan->found : text ? "text outside of all parts" : NULL;
}

static const char *default_type(const struct reader *reader)
{
    const struct entity *entity = &reader->structure->entities[reader->entity];
    const struct entity *parent = &reader->structure->entities[entity->parent];
    /* RFC 2046 5.1.5 */
    bool digest =
        reader->entity && parent->form == FORM_MULTIPART && !strcmp(parent->fields.type, "multipart/digest");
    return digest ? "message/rfc822" : "text/plain";
}

static bool is_message_type(const char *type)
{
    return !strcmp(type, "message/rfc822") || !strcmp(type, "message/global") ||
           !strcmp(type, "message/news");
}

/* The level behind the open ones can be asked. */
static void begin_level(struct reader *reader)
{
    if (reader->n_begun > reader->n_levels)
        return;
    reader->levels[reader->n_levels].closed = false;
    reader->n_begun = reader->n_levels + 1;
}

static void open_multipart(struct reader *reader)
{
    struct entity *entity = current(reader);
    struct level *level = &reader->levels[reader->n_levels];
    for (size_t i = 0; i < reader->n_levels; i++)
        if (reader->levels[i].size == entity->fields.boundary_size &&
            !memcmp(reader->levels[i].boundary, entity->fields.boundary, entity->fields.boundary_size))
            odd(reader, reader->entity, "boundary of an enclosing multipart used again");
    entity->form = FORM_MULTIPART;
    if (entity->fields.encoding == ENCODING_BASE64 || entity->fields.encoding == ENCODING_QUOTED)
        odd(reader, reader->entity, "multipart with a transfer encoding");
    level->entity = reader->entity;
    level->closed = false;
    level->size = entity->fields.boundary_size;
    memcpy(level->boundary, entity->fields.boundary, level->size + 1);
    reader->n_levels++;
    begin_level(reader);
    begin_outside(reader, reader->entity);
}

/* Parsers of address lists and encoded words are not all linear in their input. */
static bool field_is_harmless(const struct field *field)
{
    size_t commas = 0, parens = 0;
    if (field->value_size > FIELD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < field->value_size; i++) {
        commas += field->value[i] == ',' || field->value[i] == ';' || field->value[i] == ':';
        parens += field->value[i] == '(';
    }
    return commas <= FIELD_COMMAS_MAX && parens <= FIELD_PARENS_MAX;
}

static bool section_is_harmless(struct reader *reader)
{
    struct field field;
    size_t at = 0;
    while (field_next(buffer_text(&reader->section), reader->section.size, &at, &field))
        if (!field_is_harmless(&field)) {
            stop(reader, LIMIT_HEADERS, "header field too long or too intricate");
            return false;
        }
    return true;
}

static void end_header(struct reader *reader, uint64_t body_at)
{
    struct entity *entity = current(reader);
    entity->body_at = entity->end_at = body_at;
    if (reader->section.failed) {
        reader->structure->no_memory = true;
        return;
    }
    if (reader->entity == 0)
        buffer_append(&reader->structure->header, reader->section.bytes, reader->section.size);
    if (!section_is_harmless(reader))
        return;
    entity->outside = field_scan(buffer_text(&reader->section), reader->section.size);
    const char *odd_before = entity->fields.odd;
    fields_read_structure(buffer_text(&reader->section), reader->section.size, default_type(reader),
                          &entity->fields);
    if (odd_before)
        entity->fields.odd = odd_before;
    if (entity->fields.too_long) {
        stop(reader, LIMIT_HEADERS, "structural header too long");
        return;
    }
    reader->place = IN_LEAF;
    bool multipart = !strncmp(entity->fields.type, "multipart/", 10);
    if (multipart && entity->fields.boundary_size)
        open_multipart(reader);
    else if (multipart)
        odd(reader, reader->entity, "multipart without a boundary");
    else if (is_message_type(entity->fields.type)) {
        if (entity->fields.encoding != ENCODING_IDENTITY)
            odd(reader, reader->entity, "nested message with a transfer encoding");
        else if (!entity->fields.odd ||
                 strcmp(entity->fields.odd, "unknown Content-Transfer-Encoding") != 0) {
            entity->form = FORM_MESSAGE;
            (void)add_entity(reader, reader->entity);
        }
    }
}

static void header_line(struct reader *reader, const struct source_line *line, uint64_t next)
{
    bool fold = line->size && (line->text[0] == ' ' || line->text[0] == '\t');
    if (reader->section.size == 0)
        current(reader)->header_at = line->at;
    if (line->starts && line->size == 0) {
        end_header(reader, next);
        return;
    }
    if (line->starts && !fold) {
        reader->section_fields++;
        reader->all_fields++;
    }
    reader->all_sections += line->size;
    if (reader->section_fields > SECTION_FIELDS_MAX || reader->all_fields > ALL_FIELDS_MAX ||
        reader->section.size + line->size > SECTION_BYTES_MAX || reader->all_sections > ALL_SECTIONS_MAX) {
        reader->structure->broken_sender |= reader->entity == 0;
        stop(reader, LIMIT_HEADERS, "header section too long");
        return;
    }
    if (line->size && memchr(line->text, '\r', line->size))
        odd(reader, reader->entity, "CR without LF in a header");
    buffer_append(&reader->section, line->text, line->size);
    if (line->ends)
        buffer_append(&reader->section, "\n", 1);
}

/* Ends every entity from `from` on that is still open: `at` is where the line end before the boundary begins.
 */
static void end_bodies(struct reader *reader, size_t multipart, uint64_t at)
{
    /* A nested message whose header ends here has an empty message within: the second round. */
    while (reader->place == IN_HEADER && !reader->structure->limit && !reader->structure->no_memory) {
        odd(reader, reader->entity, "header section that does not end");
        end_header(reader, at);
    }
    if (reader->place == OUTSIDE)
        end_outside(reader);
    struct entity *entities = reader->structure->entities;
    for (size_t i = reader->entity; i != multipart; i = entities[i].parent)
        if (at > entities[i].body_at)
            entities[i].end_at = at;
}

enum match { MATCH_NONE, MATCH_OPEN, MATCH_CLOSE, MATCH_PREFIX };

static enum match match_boundary(const struct level *level, const struct source_line *line)
{
    const char *rest = line->text + 2 + level->size, *end = line->text + line->size;
    if (line->size < 2 + level->size || memcmp(line->text + 2, level->boundary, level->size) != 0)
        return MATCH_NONE;
    bool closes = end - rest >= 2 && rest[0] == '-' && rest[1] == '-';
    if (closes)
        rest += 2;
    while (rest < end && (*rest == ' ' || *rest == '\t' || *rest == '\r'))
        rest++;
    if (rest < end || !line->ends)
        return rest < end ? MATCH_PREFIX : closes ? MATCH_CLOSE : MATCH_OPEN;
    return closes ? MATCH_CLOSE : MATCH_OPEN;
}

static void boundary_met(struct reader *reader, size_t k, enum match match)
{
    size_t multipart = reader->levels[k].entity;
    if (k + 1 < reader->n_levels)
        odd(reader, reader->levels[reader->n_levels - 1].entity, "boundary that is never closed");
    end_bodies(reader, multipart, reader->previous_end);
    if (reader->structure->limit)
        return;
    reader->n_levels = k + 1;
    if (match == MATCH_OPEN) {
        (void)add_entity(reader, multipart);
        return;
    }
    reader->levels[k].closed = true;
    reader->n_levels = k;
    begin_outside(reader, multipart);
}

/* True when the line was a boundary. An exact match of any open level goes before a mere prefix. */
static bool boundary_line(struct reader *reader, const struct source_line *line)
{
    bool prefix = false;
    for (size_t k = reader->n_levels; k-- > 0;) {
        enum match match = match_boundary(&reader->levels[k], line);
        if (match == MATCH_OPEN || match == MATCH_CLOSE) {
            boundary_met(reader, k, match);
            return true;
        }
        prefix |= match == MATCH_PREFIX;
    }
    /* RFC 2046 5.1.1 compares beginnings, most readers whole lines. */
    if (prefix)
        odd(reader, reader->entity, "line that begins like a boundary");
    const struct level *after = &reader->levels[reader->n_levels];
    if (reader->place == OUTSIDE && after->closed && after->size && match_boundary(after, line) != MATCH_NONE)
        odd(reader, reader->entity, "boundary used again after its end");
    return false;
}

/* A reader that takes a lone CR for a line end would see a boundary here. */
static void look_for_hidden_boundary(struct reader *reader, const struct source_line *line)
{
    const char *at = line->text, *end = line->text + line->size;
    while (reader->n_levels && at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        if (end - ++at > 2 && at[0] == '-' && at[1] == '-')
            odd(reader, reader->entity, "CR without LF before a boundary");
    }
}

static void take_line(struct reader *reader, const struct source_line *line, uint64_t next)
{
    if (line->starts && line->size > 2 && line->text[0] == '-' && line->text[1] == '-' &&
        boundary_line(reader, line))
        return;
    if (reader->place == IN_HEADER) {
        header_line(reader, line, next);
        return;
    }
    if (line->size && memchr(line->text, '\r', line->size))
        look_for_hidden_boundary(reader, line);
    if (reader->place == OUTSIDE) {
        rawscan_feed(reader->outside, line->text, line->size);
        if (line->ends)
            rawscan_feed(reader->outside, "\n", 1);
    }
}

/* The last line of `text` that needs to be looked at begins there; all before it hold no "--", without which
 * a line of a body is neither a boundary nor like one. */
static size_t plain_bytes(const char *text, size_t size)
{
    const char *end = text + size, *sign = text;
    while ((sign = memchr(sign, '-', (size_t)(end - sign))) != NULL && sign + 1 < end && sign[1] != '-')
        sign++;
    const char *stop = memrchr(text, '\n', (size_t)((sign ? sign : end) - text));
    return stop ? (size_t)(stop - text) + 1 : 0;
}

/* *cursor is where a line of a leaf's body starts, and stays that. */
static void skip_plain_lines(struct reader *reader, uint64_t *cursor)
{
    const char *text;
    size_t size = source_view(reader->source, *cursor, reader->source->size, &text);
    size_t plain = plain_bytes(text, size);
    if (!plain)
        return;
    *cursor += plain;
    reader->previous_end = *cursor - (plain > 1 && text[plain - 2] == '\r' ? 2 : 1);
}

static void read_lines(struct reader *reader)
{
    struct structure *structure = reader->structure;
    struct source_line line = {.ends = true};
    uint64_t cursor = 0;
    while (!structure->limit && !structure->no_memory && source_next_line(reader->source, &cursor, &line)) {
        take_line(reader, &line, cursor);
        reader->previous_end = line.at + line.size;
        if (reader->place == IN_LEAF && line.ends)
            skip_plain_lines(reader, &cursor);
    }
    if (structure->limit || structure->no_memory || !structure->n_entities)
        return;
    if (reader->place == IN_HEADER && reader->entity)
        odd(reader, reader->entity, "header section that does not end");
    if (reader->n_levels)
        odd(reader, reader->levels[reader->n_levels - 1].entity, "boundary that is never closed");
    while (reader->place == IN_HEADER && !structure->limit && !structure->no_memory)
        end_header(reader, cursor);
    if (structure->limit || structure->no_memory)
        return;
    if (reader->place == OUTSIDE)
        end_outside(reader);
    for (size_t i = reader->entity;; i = structure->entities[i].parent) {
        if (structure->entities[i].end_at < cursor)
            structure->entities[i].end_at = cursor;
        if (i == 0)
            break;
    }
}

static void mark_empty(struct structure *structure)
{
    bool *has_child = calloc(structure->n_entities + 1, sizeof *has_child);
    structure->no_memory |= !has_child;
    for (size_t i = 1; has_child && i < structure->n_entities; i++)
        has_child[structure->entities[i].parent] = true;
    for (size_t i = 0; has_child && i < structure->n_entities; i++)
        if (structure->entities[i].form == FORM_MULTIPART && !has_child[i] &&
            !structure->entities[i].fields.odd)
            structure->entities[i].fields.odd = "multipart without a part";
    free(has_child);
}

void structure_read(struct structure *structure, struct source *source, unsigned depth, unsigned parts)
{
    struct reader reader = {.structure = structure, .source = source};
    *structure = (struct structure){0};
    buffer_init(&structure->header, SECTION_BYTES_MAX + 1);
    buffer_init(&reader.section, SECTION_BYTES_MAX + 1);
    reader.depth_max = depth && depth < STRUCTURE_DEPTH_MAX ? depth : STRUCTURE_DEPTH_MAX;
    reader.parts_max = parts && parts < STRUCTURE_PARTS_MAX ? parts : STRUCTURE_PARTS_MAX;
    reader.levels = malloc((reader.depth_max + 2) * sizeof *reader.levels);
    if (reader.levels)
        begin_level(&reader);
    if (reader.levels && add_entity(&reader, 0))
        read_lines(&reader);
    else
        structure->no_memory = true;
    if (!structure->limit)
        mark_empty(structure);
    buffer_free(&reader.section);
    free(reader.levels);
    free(reader.outside);
}

void structure_free(struct structure *structure)
{
    free(structure->entities);
    buffer_free(&structure->header);
    *structure = (struct structure){0};
}
