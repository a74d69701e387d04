/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/collect.h"

#include "base/log.h"
#include "base/text.h"
#include "inspect/part_index.h"
#include "inspect/protocol.h"

#include <string.h>

/* RAW_FACTOR: what the raw scan finds inside a part is reported as a part of its own. */
enum { RAW_FACTOR = 2, PARTS_SPARE = 16, PARTS_FIRST = 8, ADDRESSES_FIRST = 8 };

enum {
    PART_ALL = PART_DOCUMENT | PART_UNREAD | PART_OPAQUE | PART_AMBIGUOUS | PART_SIGNATURE | PART_NESTED |
               PART_MACRO | PART_WANTED | PART_READ
};
enum { CAVEAT_ALL = FINDING_ENQUETE | FINDING_DCP | FINDING_PERSONNEL | FINDING_URGENT | FINDING_EMBARGO };
enum { LIMIT_ALL = LIMIT_DEPTH | LIMIT_PARTS | LIMIT_HEADERS | LIMIT_SIZE | LIMIT_TIME | LIMIT_MEMORY };
enum { MARK_ALL = MARK_RESENT | MARK_NESTED | MARK_AUTO_FORWARDED };

struct collect {
    struct arena *arena;
    struct findings *findings;
    struct part_index index;
    size_t parts_max, parts_room, addresses_room;
    size_t part; /* what part fields belong to; n_parts: to none */
    uint64_t address_field;
    enum collect_phase phase;
    bool not_read;       /* it said so: nothing said later takes it back */
    bool sender_said;    /* the number of From mailboxes came, which is the last word on addresses */
    const char *cut_why; /* khatm-reader did not come to its end; NULL */
};

struct collect *collect_new(struct arena *arena, unsigned parts)
{
    struct collect *collect = arena_alloc(arena, 1, sizeof *collect);
    struct findings *findings = arena_alloc(arena, 1, sizeof *findings);
    if (!collect || !findings)
        return NULL;
    *collect = (struct collect){
        .arena = arena, .findings = findings, .parts_max = (size_t)parts * RAW_FACTOR + PARTS_SPARE};
    collect_begin(collect, COLLECT_MESSAGE);
    return collect;
}

void collect_begin(struct collect *collect, enum collect_phase phase)
{
    struct findings *findings = collect->findings;
    collect->phase = phase;
    collect->part = findings->n_parts;
    if (phase == COLLECT_LETTERS)
        return;
    collect->cut_why = NULL;
    if (phase == COLLECT_DOCUMENTS)
        return;
    *findings = (struct findings){.incomplete_why = "the inspector did not finish"};
    collect->index = (struct part_index){0};
    collect->part = collect->parts_room = collect->addresses_room = 0;
    collect->address_field = ADDRESS_FROM;
    collect->not_read = collect->sender_said = false;
}

void collect_cut(struct collect *collect, unsigned limits, const char *why)
{
    if (collect->phase == COLLECT_LETTERS) {
        log_warning("letters in pictures: decided without them: %s", why);
        return;
    }
    collect->cut_why = why;
    if (collect->phase == COLLECT_DOCUMENTS)
        return;
    collect->findings->complete = false;
    collect->findings->incomplete_why = why;
    collect->findings->limits |= limits;
}

static bool is_wanted(const struct part_finding *part)
{
    return (part->flags & PART_WANTED) && !(part->flags & PART_READ);
}

/* What was not read to its end is not opened any further. */
static bool has_part(const struct findings *findings, bool (*is_one)(const struct part_finding *part))
{
    for (size_t i = 0; findings->complete && i < findings->n_parts; i++)
        if (is_one(&findings->parts[i]))
            return true;
    return false;
}

bool collect_wants_reader(const struct collect *collect)
{
    return has_part(collect->findings, is_wanted);
}

static bool may_hold_pictures(const struct part_finding *part)
{
    const unsigned unread = PART_DOCUMENT | PART_UNREAD;
    return (part->flags & unread) == unread && !(part->flags & PART_OPAQUE) && part->kind &&
           (!strncmp(part->kind, "image/", 6) || !strcmp(part->kind, "application/pdf"));
}

bool collect_wants_letters(const struct collect *collect)
{
    return has_part(collect->findings, may_hold_pictures);
}

struct findings *collect_findings(struct collect *collect)
{
    struct findings *findings = collect->findings;
    for (size_t i = 0; i < findings->n_parts; i++) {
        struct part_finding *part = &findings->parts[i];
        if (is_wanted(part)) {
            part->flags |= PART_DOCUMENT | PART_UNREAD;
            part->why = collect->cut_why ? collect->cut_why : "nobody read it";
        }
        part->flags &= ~(unsigned)(PART_WANTED | PART_READ);
    }
    return findings;
}

/* Doubles an array in the arena; what it leaves behind is at most as much again. */
static enum result grow(struct collect *collect, void *array, size_t count, size_t size, size_t *room,
                        size_t first, void **array_out)
{
    size_t wanted = *room ? *room * 2 : first;
    void *larger = arena_alloc(collect->arena, wanted, size);
    if (!larger)
        return RESULT_BUG;
    if (count)
        memcpy(larger, array, count * size);
    *room = wanted;
    *array_out = larger;
    return RESULT_OK;
}

static bool text_is_sane(const struct wire_field *field, size_t longest)
{
    if (field->size > longest || !text_is_utf8((const char *)field->bytes, field->size))
        return false;
    for (size_t i = 0; i < field->size; i++)
        if (field->bytes[i] < 0x20 || field->bytes[i] == 0x7f)
            return false;
    return true;
}

static enum result take_text(struct collect *collect, const struct wire_field *field, size_t longest,
                             const char **text_out)
{
    if (!text_is_sane(field, longest))
        return RESULT_BAD_INPUT;
    *text_out = arena_strndup(collect->arena, (const char *)field->bytes, field->size);
    return *text_out ? RESULT_OK : RESULT_BUG;
}

static enum result take_number(const struct wire_field *field, uint64_t most, uint64_t *number_out)
{
    enum result result = wire_number(field, number_out);
    return result == RESULT_OK && *number_out > most ? RESULT_BAD_INPUT : result;
}

static enum result take_bits(const struct wire_field *field, unsigned all, unsigned *bits)
{
    uint64_t number;
    enum result result = take_number(field, all, &number);
    if (result == RESULT_OK && (number & ~(uint64_t)all))
        return RESULT_BAD_INPUT;
    if (result == RESULT_OK)
        *bits |= (unsigned)number;
    return result;
}

/* Names within a document stand behind the first "!". */
static bool path_is_sane(const struct wire_field *field)
{
    const uint8_t *name = field->size ? memchr(field->bytes, '!', field->size) : NULL;
    size_t size = name ? (size_t)(name - field->bytes) : field->size;
    for (size_t i = 0; i < size; i++)
        if (!strchr("0123456789.:abcdefghijklmnopqrstuvwxyz", field->bytes[i]) || !field->bytes[i])
            return false;
    return size > 0 && text_is_sane(field, INSPECT_PATH_MAX);
}

static enum result open_part(struct collect *collect, const struct wire_field *field)
{
    struct findings *findings = collect->findings;
    if (!path_is_sane(field))
        return RESULT_BAD_INPUT;
    collect->part = part_index_find(&collect->index, findings, field->bytes, field->size);
    if (collect->part < findings->n_parts)
        return RESULT_OK;
    if (findings->n_parts == collect->parts_max)
        return RESULT_BAD_INPUT;
    if (findings->n_parts == collect->parts_room) {
        void *larger;
        enum result result = grow(collect, findings->parts, findings->n_parts, sizeof *findings->parts,
                                  &collect->parts_room, PARTS_FIRST, &larger);
        if (result != RESULT_OK)
            return result;
        findings->parts = larger;
    }
    struct part_finding *part = &findings->parts[findings->n_parts];
    enum result result = take_text(collect, field, INSPECT_PATH_MAX, &part->path);
    if (result != RESULT_OK)
        return result;
    findings->n_parts++;
    return part_index_add(&collect->index, collect->arena, findings);
}

/* One more in a NULL-terminated list of at most `most`; one that is there already is not added again. */
static enum result add_text(struct collect *collect, const struct wire_field *field, size_t longest,
                            size_t most, const char *const **list)
{
    const char *text;
    size_t count = 0;
    enum result result = take_text(collect, field, longest, &text);
    if (result != RESULT_OK)
        return result;
    for (; *list && (*list)[count]; count++)
        if (strcmp((*list)[count], text) == 0)
            return RESULT_OK;
    if (count == most)
        return RESULT_BAD_INPUT;
    const char **larger = arena_alloc(collect->arena, count + 2, sizeof *larger);
    if (!larger)
        return RESULT_BUG;
    if (count)
        memcpy(larger, *list, count * sizeof *larger);
    larger[count] = text;
    *list = larger;
    return RESULT_OK;
}

static bool is_full(const char *const *list, size_t most)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count == most;
}

static enum result take_level(const struct wire_field *field, struct part_finding *part)
{
    uint64_t level;
    enum result result = take_number(field, FINDING_LEVEL_MAX, &level);
    if (result != RESULT_OK)
        return result;
    part->has_level = true;
    if (level > part->level)
        part->level = (unsigned)level;
    return RESULT_OK;
}

/* What was said before a library met the bytes stays: another digest would hide that the document is known.
 */
static enum result take_digest(const struct wire_field *field, uint8_t digest[DIGEST_BYTES], bool *has)
{
    if (field->size != DIGEST_BYTES || (*has && memcmp(digest, field->bytes, DIGEST_BYTES) != 0))
        return RESULT_BAD_INPUT;
    memcpy(digest, field->bytes, DIGEST_BYTES);
    *has = true;
    return RESULT_OK;
}

static enum result take_sketch(struct collect *collect, const struct wire_field *field,
                               struct part_finding *part)
{
    if (field->size == 0 || field->size > INSPECT_SKETCH_MAX)
        return RESULT_BAD_INPUT;
    if (part->sketch)
        return field->size == part->sketch_size && !memcmp(part->sketch, field->bytes, field->size)
                   ? RESULT_OK
                   : RESULT_BAD_INPUT;
    part->sketch = arena_copy(collect->arena, field->bytes, field->size);
    part->sketch_size = field->size;
    return part->sketch ? RESULT_OK : RESULT_BUG;
}

static enum result part_field(struct collect *collect, const struct wire_field *field)
{
    if (collect->part >= collect->findings->n_parts)
        return RESULT_BAD_INPUT;
    struct part_finding *part = &collect->findings->parts[collect->part];
    switch ((enum inspect_tag)field->tag) {
    case FOUND_NAME:
        return take_text(collect, field, INSPECT_NAME_MAX, &part->name);
    case FOUND_DECLARED:
        return take_text(collect, field, INSPECT_TYPE_MAX, &part->declared);
    case FOUND_KIND:
        return take_text(collect, field, INSPECT_TYPE_MAX, &part->kind);
    case FOUND_WHY:
        return take_text(collect, field, INSPECT_WHY_MAX, &part->why);
    case FOUND_FLAGS:
        return take_bits(field, PART_ALL, &part->flags);
    case FOUND_SIZE:
        return take_number(field, INT64_MAX, &part->size_bytes);
    case FOUND_SHA256:
        return take_digest(field, part->sha256, &part->has_sha256);
    case FOUND_LEVEL:
        return take_level(field, part);
    case FOUND_CAVEATS:
        return take_bits(field, CAVEAT_ALL, &part->caveats);
    case FOUND_MARKING:
        return add_text(collect, field, INSPECT_MARKING_MAX, INSPECT_MARKINGS_MAX, &part->markings);
    case FOUND_REFERENCE:
        return add_text(collect, field, INSPECT_REFERENCE_MAX, INSPECT_REFERENCES_MAX, &part->references);
    case FOUND_TEXT_SHA256:
        return take_digest(field, part->text_sha256, &part->has_text_sha256);
    case FOUND_SKETCH:
        return take_sketch(collect, field, part);
    case JOB_SIZE:
    case JOB_DEPTH:
    case JOB_PARTS:
    case JOB_MEMORY:
    case JOB_DEADLINE:
    case JOB_BOTH:
    case FOUND_PART:
    case FOUND_ADDRESS_FIELD:
    case FOUND_ADDRESS:
    case FOUND_N_FROM:
    case FOUND_FROM_ODD:
    case FOUND_AMBIGUOUS:
    case FOUND_LIMITS:
    case FOUND_MARKS:
    case FOUND_INCOMPLETE:
        break;
    }
    return RESULT_BAD_INPUT;
}

/* What khatm-ocr may say of a part. Lists that are full stay as they are. */
static enum result letters_field(struct collect *collect, const struct wire_field *field)
{
    if (collect->part >= collect->findings->n_parts)
        return RESULT_OK;
    const struct part_finding *part = &collect->findings->parts[collect->part];
    switch (field->tag) {
    case FOUND_LEVEL:
    case FOUND_CAVEATS:
        return part_field(collect, field);
    case FOUND_MARKING:
        return is_full(part->markings, INSPECT_MARKINGS_MAX) ? RESULT_OK : part_field(collect, field);
    case FOUND_REFERENCE:
        return is_full(part->references, INSPECT_REFERENCES_MAX) ? RESULT_OK : part_field(collect, field);
    case FOUND_TEXT_SHA256:
        return part->has_text_sha256 ? RESULT_OK : part_field(collect, field);
    case FOUND_SKETCH:
        return part->sketch ? RESULT_OK : part_field(collect, field);
    default:
        return RESULT_OK;
    }
}

static enum result find_part(struct collect *collect, const struct wire_field *field)
{
    if (!path_is_sane(field))
        return RESULT_BAD_INPUT;
    collect->part = part_index_find(&collect->index, collect->findings, field->bytes, field->size);
    return RESULT_OK;
}

static enum result add_address(struct collect *collect, const struct wire_field *field)
{
    struct findings *findings = collect->findings;
    if (findings->n_addresses == INSPECT_ADDRESSES_MAX)
        return RESULT_BAD_INPUT;
    if (findings->n_addresses == collect->addresses_room) {
        void *larger;
        enum result result =
            grow(collect, findings->addresses, findings->n_addresses, sizeof *findings->addresses,
                 &collect->addresses_room, ADDRESSES_FIRST, &larger);
        if (result != RESULT_OK)
            return result;
        findings->addresses = larger;
    }
    struct address_finding *address = &findings->addresses[findings->n_addresses];
    address->field = (enum address_field)collect->address_field;
    enum result result = take_text(collect, field, INSPECT_ADDRESS_MAX, &address->address);
    if (result == RESULT_OK)
        findings->n_addresses++;
    return result;
}

static enum result take_marks(struct findings *findings, const struct wire_field *field)
{
    unsigned marks = 0;
    enum result result = take_bits(field, MARK_ALL, &marks);
    findings->resent |= (marks & MARK_RESENT) != 0;
    findings->nested |= (marks & MARK_NESTED) != 0;
    findings->auto_forwarded |= (marks & MARK_AUTO_FORWARDED) != 0;
    return result;
}

static enum result take_n_from(struct collect *collect, const struct wire_field *field)
{
    uint64_t number = 0;
    enum result result = take_number(field, INSPECT_ADDRESSES_MAX, &number);
    if (result != RESULT_OK)
        return result;
    collect->findings->n_from = (unsigned)number;
    collect->sender_said = true;
    return RESULT_OK;
}

static enum result message_field(struct collect *collect, const struct wire_field *field)
{
    struct findings *findings = collect->findings;
    /* Who it is from was said before any content was read. */
    bool late = collect->sender_said || collect->phase == COLLECT_DOCUMENTS;
    if (late && field->tag >= FOUND_ADDRESS_FIELD && field->tag <= FOUND_N_FROM)
        return RESULT_BAD_INPUT;
    if (collect->phase == COLLECT_DOCUMENTS && field->tag == FOUND_FROM_ODD)
        return RESULT_BAD_INPUT;
    switch ((enum inspect_tag)field->tag) {
    case FOUND_PART:
        return open_part(collect, field);
    case FOUND_ADDRESS_FIELD:
        return take_number(field, ADDRESS_REPLY, &collect->address_field);
    case FOUND_ADDRESS:
        return add_address(collect, field);
    case FOUND_N_FROM:
        return take_n_from(collect, field);
    case FOUND_FROM_ODD:
        findings->from_odd = true;
        return RESULT_OK;
    case FOUND_AMBIGUOUS:
        findings->ambiguous = true;
        return take_text(collect, field, INSPECT_WHY_MAX, &findings->ambiguous_why);
    case FOUND_LIMITS:
        return take_bits(field, LIMIT_ALL, &findings->limits);
    case FOUND_MARKS:
        return take_marks(findings, field);
    case FOUND_INCOMPLETE:
        collect->not_read = true;
        findings->complete = false;
        return take_text(collect, field, INSPECT_WHY_MAX, &findings->incomplete_why);
    case FOUND_NAME:
    case FOUND_DECLARED:
    case FOUND_KIND:
    case FOUND_WHY:
    case FOUND_FLAGS:
    case FOUND_SIZE:
    case FOUND_SHA256:
    case FOUND_LEVEL:
    case FOUND_CAVEATS:
    case FOUND_MARKING:
    case FOUND_REFERENCE:
    case FOUND_TEXT_SHA256:
    case FOUND_SKETCH:
        return part_field(collect, field);
    case JOB_SIZE:
    case JOB_DEPTH:
    case JOB_PARTS:
    case JOB_MEMORY:
    case JOB_DEADLINE:
    case JOB_BOTH:
        break;
    }
    return RESULT_BAD_INPUT;
}

enum result collect_frame(struct collect *collect, const struct wire_frame *frame)
{
    struct wire_field field;
    size_t cursor = 0;
    while (wire_next(frame, &cursor, &field) == RESULT_OK) {
        enum result result = collect->phase != COLLECT_LETTERS ? message_field(collect, &field)
                             : field.tag == FOUND_PART         ? find_part(collect, &field)
                                                               : letters_field(collect, &field);
        if (result != RESULT_OK)
            return result;
    }
    /* A limit that was reached means that something behind it was not read. */
    if (wire_type(frame) == INSPECT_END && collect->phase != COLLECT_LETTERS && !collect->not_read &&
        !collect->findings->limits) {
        collect->findings->complete = true;
        collect->findings->incomplete_why = NULL;
    }
    return RESULT_OK;
}
