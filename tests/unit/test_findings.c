/* SPDX-License-Identifier: Apache-2.0 */

/* What the daemon takes from an inspector's child that may be in a stranger's hands, and what it makes of it:
 * frames as the child might send them, then documents, levels and caveats of the policy. */

#include "gather/documents.h"
#include "inspect/collect.h"
#include "inspect/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PARTS = 4 };

struct world {
    struct arena *arena;
    struct collect *collect;
    struct wire_frame frame;
};

static int set_up(void **state)
{
    static struct world world;
    world.arena = arena_new(0);
    world.collect = world.arena ? collect_new(world.arena, PARTS) : NULL;
    *state = &world;
    return world.collect ? 0 : -1;
}

static int tear_down(void **state)
{
    const struct world *world = *state;
    arena_free(world->arena);
    return 0;
}

static struct wire_frame *begin(struct world *world, enum inspect_frame type)
{
    wire_begin(&world->frame, (uint8_t)type);
    return &world->frame;
}

static void put_text(struct wire_frame *frame, enum inspect_tag tag, const char *text)
{
    wire_put_text(frame, (uint8_t)tag, text, WIRE_FRAME_MAX);
}

static void put_part(struct wire_frame *frame, const char *path, unsigned flags)
{
    put_text(frame, FOUND_PART, path);
    wire_put_number(frame, FOUND_FLAGS, flags);
}

static void take(struct world *world)
{
    assert_int_equal(collect_frame(world->collect, &world->frame), RESULT_OK);
}

static void assert_refused(struct world *world, const char *what)
{
    if (collect_frame(world->collect, &world->frame) != RESULT_BAD_INPUT)
        fail_msg("%s: taken", what);
}

static void what_a_part_says_is_taken_and_only_rises(void **state)
{
    struct world *world = *state;
    struct wire_frame *frame = begin(world, INSPECT_FINDINGS);
    uint8_t digest[DIGEST_BYTES] = {7};
    put_part(frame, "2", PART_DOCUMENT);
    wire_put_number(frame, FOUND_LEVEL, 3);
    wire_put_number(frame, FOUND_CAVEATS, FINDING_DCP);
    put_text(frame, FOUND_MARKING, "CONFIDENTIEL");
    put_text(frame, FOUND_MARKING, "CONFIDENTIEL");
    put_text(frame, FOUND_MARKING, "كتوم");
    put_text(frame, FOUND_REFERENCE, "154/DGCL/DFL");
    wire_put_bytes(frame, FOUND_TEXT_SHA256, digest, sizeof digest);
    wire_put_bytes(frame, FOUND_SKETCH, "sketch", 6);
    take(world);
    frame = begin(world, INSPECT_END);
    put_part(frame, "2", PART_UNREAD);
    wire_put_number(frame, FOUND_LEVEL, 1);
    wire_put_number(frame, FOUND_CAVEATS, FINDING_URGENT);
    take(world);
    const struct findings *findings = collect_findings(world->collect);
    const struct part_finding *part = &findings->parts[0];
    assert_true(findings->complete);
    assert_int_equal(findings->n_parts, 1);
    assert_int_equal(part->flags, PART_DOCUMENT | PART_UNREAD);
    assert_true(part->has_level);
    assert_int_equal(part->level, 3);
    assert_int_equal(part->caveats, FINDING_DCP | FINDING_URGENT);
    assert_string_equal(part->markings[0], "CONFIDENTIEL");
    assert_string_equal(part->markings[1], "كتوم");
    assert_null(part->markings[2]);
    assert_string_equal(part->references[0], "154/DGCL/DFL");
    assert_null(part->references[1]);
    assert_true(part->has_text_sha256 && part->text_sha256[0] == 7);
    assert_int_equal(part->sketch_size, 6);
}

static void what_no_inspector_says_is_refused(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name;
        enum inspect_tag tag;
        uint64_t number;
    } numbers[] = {{"level", FOUND_LEVEL, FINDING_LEVEL_MAX + 1},
                   {"caveats", FOUND_CAVEATS, FINDING_EMBARGO * 2},
                   {"flags", FOUND_FLAGS, PART_READ * 2},
                   {"size", FOUND_SIZE, UINT64_MAX}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_part(begin(world, INSPECT_FINDINGS), "1", 0);
        wire_put_number(&world->frame, (uint8_t)numbers[i].tag, numbers[i].number);
        assert_refused(world, numbers[i].name);
    }
    static const struct {
        const char *name;
        enum inspect_tag tag;
        size_t size;
        char fill;
    } texts[] = {{"long marking", FOUND_MARKING, INSPECT_MARKING_MAX + 1, 'x'},
                 {"marking of controls", FOUND_MARKING, 2, '\n'},
                 {"marking that is not UTF-8", FOUND_MARKING, 2, '\xff'},
                 {"long reference", FOUND_REFERENCE, INSPECT_REFERENCE_MAX + 1, '1'},
                 {"long sketch", FOUND_SKETCH, INSPECT_SKETCH_MAX + 1, 's'},
                 {"empty sketch", FOUND_SKETCH, 0, 's'},
                 {"short digest of text", FOUND_TEXT_SHA256, DIGEST_BYTES - 1, 'd'},
                 {"long path", FOUND_PART, INSPECT_PATH_MAX + 1, '1'}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char bytes[INSPECT_SKETCH_MAX + 1];
        memset(bytes, texts[i].fill, sizeof bytes);
        put_part(begin(world, INSPECT_FINDINGS), "1", 0);
        wire_put_bytes(&world->frame, (uint8_t)texts[i].tag, bytes, texts[i].size);
        assert_refused(world, texts[i].name);
    }
}

static void lists_are_bounded(void **state)
{
    struct world *world = *state;
    char text[8];
    struct wire_frame *frame = begin(world, INSPECT_FINDINGS);
    put_part(frame, "1", PART_DOCUMENT);
    for (int i = 0; i < INSPECT_MARKINGS_MAX; i++) {
        (void)snprintf(text, sizeof text, "M%d", i);
        put_text(frame, FOUND_MARKING, text);
    }
    take(world);
    frame = begin(world, INSPECT_FINDINGS);
    put_part(frame, "1", 0);
    put_text(frame, FOUND_MARKING, "one more");
    assert_refused(world, "17 markings");
}

static void paths_hold_names_behind_an_exclamation_mark_only(void **state)
{
    struct world *world = *state;
    static const char *const good[] = {"1", "2.1:raw", "2!Lettre été.docx", "2!a.zip!b/c.txt"};
    static const char *const bad[] = {"", "A", "!a", "2 x", "2/x", "2!a\x1b[m", "2!\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        put_part(begin(world, INSPECT_FINDINGS), good[i], 0);
        take(world);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_part(begin(world, INSPECT_FINDINGS), bad[i], 0);
        assert_refused(world, bad[i]);
    }
}

static void what_is_wanted_and_not_read_is_an_unread_document(void **state)
{
    struct world *world = *state;
    struct wire_frame *frame = begin(world, INSPECT_END);
    put_part(frame, "1", 0);
    put_part(frame, "2", PART_WANTED);
    put_part(frame, "3", PART_DOCUMENT | PART_WANTED);
    take(world);
    assert_true(collect_wants_reader(world->collect));
    collect_begin(world->collect, COLLECT_DOCUMENTS);
    put_part(begin(world, INSPECT_FINDINGS), "3", PART_READ);
    take(world);
    collect_cut(world->collect, LIMIT_TIME, "died");
    const struct findings *findings = collect_findings(world->collect);
    assert_true(findings->complete);
    assert_int_equal(findings->limits, 0);
    assert_int_equal(findings->parts[0].flags, 0);
    assert_int_equal(findings->parts[1].flags, PART_DOCUMENT | PART_UNREAD);
    assert_string_equal(findings->parts[1].why, "died");
    assert_int_equal(findings->parts[2].flags, PART_DOCUMENT);
}

/* Whoever opened a stranger's documents does not say who wrote the message, nor that it is whole when it is
 * not. */
static void reader_of_documents_cannot_change_the_sender(void **state)
{
    struct world *world = *state;
    struct wire_frame *frame = begin(world, INSPECT_END);
    wire_put_number(frame, FOUND_N_FROM, 1);
    put_part(frame, "1", PART_DOCUMENT | PART_WANTED);
    take(world);
    collect_begin(world->collect, COLLECT_DOCUMENTS);
    wire_put_number(begin(world, INSPECT_FINDINGS), FOUND_N_FROM, 1);
    assert_refused(world, "number of From mailboxes");
    put_text(begin(world, INSPECT_FINDINGS), FOUND_ADDRESS, "minister@interieur.gov.example");
    assert_refused(world, "address");
    put_text(begin(world, INSPECT_END), FOUND_INCOMPLETE, "not to the end");
    take(world);
    assert_false(collect_findings(world->collect)->complete);
}

/* What is guessed of pictures adds; whatever else comes from there, or nothing at all, changes nothing. */
static void letters_in_pictures_only_raise(void **state)
{
    struct world *world = *state;
    static const uint8_t one[DIGEST_BYTES] = {1}, other[DIGEST_BYTES] = {2};
    struct wire_frame *frame = begin(world, INSPECT_END);
    put_text(frame, FOUND_ADDRESS, "a@b.example");
    wire_put_number(frame, FOUND_N_FROM, 1);
    put_part(frame, "1", PART_DOCUMENT | PART_UNREAD);
    put_text(frame, FOUND_KIND, "image/png");
    put_text(frame, FOUND_WHY, "nobody reads it");
    wire_put_bytes(frame, FOUND_SHA256, one, sizeof one);
    wire_put_number(frame, FOUND_LEVEL, 2);
    put_part(frame, "2", PART_DOCUMENT);
    wire_put_bytes(frame, FOUND_TEXT_SHA256, one, sizeof one);
    take(world);
    assert_true(collect_wants_letters(world->collect));
    collect_begin(world->collect, COLLECT_LETTERS);
    frame = begin(world, INSPECT_FINDINGS);
    put_text(frame, FOUND_ADDRESS, "minister@interieur.gov.example");
    wire_put_number(frame, FOUND_N_FROM, 2);
    wire_put_number(frame, FOUND_LIMITS, LIMIT_TIME);
    put_text(frame, FOUND_INCOMPLETE, "not to the end");
    put_part(frame, "1", PART_OPAQUE | PART_READ);
    put_text(frame, FOUND_WHY, "a lie");
    wire_put_bytes(frame, FOUND_SHA256, other, sizeof other);
    wire_put_number(frame, FOUND_LEVEL, 4);
    wire_put_number(frame, FOUND_LEVEL, 0);
    for (int i = 0; i < INSPECT_MARKINGS_MAX + 4; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "MARKING %d", i);
        put_text(frame, FOUND_MARKING, text);
    }
    wire_put_bytes(frame, FOUND_TEXT_SHA256, other, sizeof other);
    put_part(frame, "2", PART_AMBIGUOUS);
    wire_put_bytes(frame, FOUND_TEXT_SHA256, other, sizeof other);
    put_part(frame, "3", PART_DOCUMENT);
    wire_put_number(frame, FOUND_LEVEL, 5);
    take(world);
    put_text(begin(world, INSPECT_FINDINGS), FOUND_PART, "");
    assert_refused(world, "no path");
    collect_cut(world->collect, LIMIT_TIME, "in a test");
    const struct findings *findings = collect_findings(world->collect);
    const struct part_finding *part = &findings->parts[0];
    assert_true(findings->complete && findings->n_parts == 2 && !findings->limits);
    assert_true(findings->n_from == 1 && findings->n_addresses == 1);
    assert_int_equal(part->flags, PART_DOCUMENT | PART_UNREAD);
    assert_string_equal(part->why, "nobody reads it");
    assert_int_equal(part->level, 4);
    assert_string_equal(part->markings[INSPECT_MARKINGS_MAX - 1], "MARKING 15");
    assert_null(part->markings[INSPECT_MARKINGS_MAX]);
    assert_memory_equal(part->sha256, one, sizeof one);
    assert_true(part->has_text_sha256 && part->text_sha256[0] == 2);
    assert_int_equal(findings->parts[1].flags, PART_DOCUMENT);
    assert_int_equal(findings->parts[1].text_sha256[0], 1);
    assert_false(findings->parts[1].has_level);
}

/* Only what could not be read, and may be a picture. */
static void letters_are_looked_for_where_there_may_be_some(void **state)
{
    static const struct {
        const char *kind;
        unsigned flags;
        bool wanted;
    } parts[] = {
        {"image/jpeg", PART_DOCUMENT | PART_UNREAD, true},
        {"application/pdf", PART_DOCUMENT | PART_UNREAD, true},
        {"application/pdf", PART_DOCUMENT, false},
        {"image/png", 0, false},
        {"application/zip", PART_DOCUMENT | PART_UNREAD, false},
        {"application/pdf", PART_DOCUMENT | PART_UNREAD | PART_OPAQUE, false},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        collect_begin(world->collect, COLLECT_MESSAGE);
        put_part(begin(world, INSPECT_END), "1", parts[i].flags);
        put_text(&world->frame, FOUND_KIND, parts[i].kind);
        take(world);
        if (collect_wants_letters(world->collect) != parts[i].wanted)
            fail_msg("%s with flags %u", parts[i].kind, parts[i].flags);
    }
}

/* Nor does anybody once the number of From mailboxes was said, and digests stay what they were. */
static void what_was_said_first_stays(void **state)
{
    struct world *world = *state;
    static const uint8_t one[DIGEST_BYTES] = {1}, other[DIGEST_BYTES] = {2};
    static const enum inspect_tag digests[] = {FOUND_SHA256, FOUND_TEXT_SHA256, FOUND_SKETCH};
    struct wire_frame *frame = begin(world, INSPECT_FINDINGS);
    put_text(frame, FOUND_ADDRESS, "a@b.example");
    wire_put_number(frame, FOUND_N_FROM, 2);
    wire_put_number(frame, FOUND_FROM_ODD, 1);
    put_part(frame, "1", PART_DOCUMENT);
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        wire_put_bytes(frame, (uint8_t)digests[i], one, sizeof one);
    take(world);
    wire_put_number(begin(world, INSPECT_FINDINGS), FOUND_N_FROM, 1);
    assert_refused(world, "another number of From mailboxes");
    put_text(begin(world, INSPECT_FINDINGS), FOUND_ADDRESS, "minister@interieur.gov.example");
    assert_refused(world, "one more address");
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        put_part(begin(world, INSPECT_FINDINGS), "1", 0);
        wire_put_bytes(&world->frame, (uint8_t)digests[i], one, sizeof one);
        take(world);
        put_part(begin(world, INSPECT_FINDINGS), "1", 0);
        wire_put_bytes(&world->frame, (uint8_t)digests[i], other, sizeof other);
        assert_refused(world, "another digest");
    }
    const struct findings *findings = collect_findings(world->collect);
    assert_int_equal(findings->n_from, 2);
    assert_int_equal(findings->n_addresses, 1);
    assert_memory_equal(findings->parts[0].sha256, one, sizeof one);
}

static void parts_are_found_again_among_many(void **state)
{
    enum { MANY = 20000 };
    struct world *world = *state;
    world->collect = collect_new(world->arena, MANY);
    assert_non_null(world->collect);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < MANY; i++) {
            char path[32];
            (void)snprintf(path, sizeof path, "2!%u.txt", i);
            put_part(begin(world, INSPECT_FINDINGS), path, round ? PART_UNREAD : PART_DOCUMENT);
            take(world);
        }
    const struct findings *findings = collect_findings(world->collect);
    assert_int_equal(findings->n_parts, MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(findings->parts[i].flags, PART_DOCUMENT | PART_UNREAD);
}

struct row {
    const char *name;
    enum policy_role role;
    enum sender_class sender;
    struct part_finding parts[3];
    int level;
    unsigned caveats;
    int levels[3]; /* of the documents; -1: no more */
};

#define TEXT                                                                                                 \
    {                                                                                                        \
        .path = "1"                                                                                          \
    }
#define MARKED(p, l)                                                                                         \
    {                                                                                                        \
        .path = p, .flags = PART_DOCUMENT, .has_level = true, .level = l                                     \
    }
#define DOCUMENT(p)                                                                                          \
    {                                                                                                        \
        .path = p, .flags = PART_DOCUMENT                                                                    \
    }

static const struct row rows[] = {
    {"no document, no level", ROLE_SUBMISSION, SENDER_STAFF, {TEXT}, 0, 0, {-1}},
    {"label on a message without documents",
     ROLE_SUBMISSION,
     SENDER_STAFF,
     {{.path = "0", .has_level = true, .level = 3}},
     0,
     0,
     {-1}},
    {"ours", ROLE_SUBMISSION, SENDER_STAFF, {TEXT, DOCUMENT("2")}, 1, 0, {1, -1}},
    {"a citizen's", ROLE_INBOUND, SENDER_OUTSIDER, {TEXT, DOCUMENT("2")}, 0, 0, {0, -1}},
    {"a bounce", ROLE_INBOUND, SENDER_NULL, {TEXT, DOCUMENT("2")}, 0, 0, {0, -1}},
    {"another ministry's", ROLE_INBOUND, SENDER_GOVERNMENT, {TEXT, DOCUMENT("2")}, 1, 0, {1, -1}},
    {"the strictest wins",
     ROLE_SUBMISSION,
     SENDER_STAFF,
     {MARKED("1", 2), MARKED("2", 4), DOCUMENT("3")},
     4,
     0,
     {2, 4, 1}},
    {"marked public is not released", ROLE_SUBMISSION, SENDER_STAFF, {TEXT, MARKED("2", 0)}, 1, 0, {1, -1}},
    {"marked by a citizen", ROLE_INBOUND, SENDER_OUTSIDER, {TEXT, MARKED("2", 3)}, 3, 0, {3, -1}},
    {"label on the message",
     ROLE_SUBMISSION,
     SENDER_STAFF,
     {{.path = "0", .has_level = true, .level = 3, .caveats = FINDING_ENQUETE},
      DOCUMENT("2"),
      MARKED("3", 4)},
     4,
     CAVEAT_ENQUETE,
     {3, 4, -1}},
    {"personal data",
     ROLE_SUBMISSION,
     SENDER_STAFF,
     {TEXT, {.path = "2", .flags = PART_DOCUMENT, .caveats = FINDING_DCP}},
     2,
     CAVEAT_DCP,
     {2, -1}},
    {"urgent",
     ROLE_SUBMISSION,
     SENDER_STAFF,
     {TEXT, {.path = "2", .flags = PART_DOCUMENT, .caveats = FINDING_URGENT}},
     1,
     CAVEAT_URGENT,
     {1, -1}},
};

static void check_row(struct arena *arena, const struct row *row)
{
    const struct attach_settings attach = {.role = row->role};
    struct message message = {.arena = arena, .attach = &attach};
    struct policy_facts facts = {.sender = {.class = row->sender}};
    struct part_finding parts[3];
    memcpy(parts, row->parts, sizeof parts);
    struct findings findings = {.complete = true, .parts = parts};
    while (findings.n_parts < 3 && parts[findings.n_parts].path)
        findings.n_parts++;
    const struct record_text *texts = NULL;
    struct problem problem;
    assert_int_equal(gather_documents(&message, &findings, NULL, &facts, &texts, &problem), RESULT_OK);
    if (facts.level != row->level || facts.caveats != row->caveats)
        fail_msg("%s: level %d, caveats %u", row->name, facts.level, facts.caveats);
    for (size_t i = 0; i < 3 && (i < facts.n_documents || row->levels[i] >= 0); i++)
        if (i >= facts.n_documents || facts.documents[i].level != row->levels[i])
            fail_msg("%s: document %zu of %zu has another level", row->name, i + 1, facts.n_documents);
}

static void levels_are_those_of_the_strictest_evidence(void **state)
{
    const struct world *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(world->arena, &rows[i]);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(what_a_part_says_is_taken_and_only_rises),
        ROW(what_no_inspector_says_is_refused),
        ROW(lists_are_bounded),
        ROW(paths_hold_names_behind_an_exclamation_mark_only),
        ROW(what_is_wanted_and_not_read_is_an_unread_document),
        ROW(reader_of_documents_cannot_change_the_sender),
        ROW(what_was_said_first_stays),
        ROW(letters_in_pictures_only_raise),
        ROW(letters_are_looked_for_where_there_may_be_some),
        ROW(parts_are_found_again_among_many),
        ROW(levels_are_those_of_the_strictest_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
