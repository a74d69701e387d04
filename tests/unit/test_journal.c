/* SPDX-License-Identifier: Apache-2.0 */

/* What is appended is found again, field by field; what is erased is gone and the rest still stands. */

#include "journal_sample.h"

struct scratch_state {
    struct scratch scratch;
    struct journal *journal;
};

static int setup(void **state)
{
    struct scratch_state *made = calloc(1, sizeof *made);
    assert_non_null(made);
    scratch_make(&made->scratch);
    made->journal = open_journal(&made->scratch);
    *state = made;
    return 0;
}

static int teardown(void **state)
{
    struct scratch_state *made = *state;
    journal_close(made->journal);
    scratch_remove(&made->scratch);
    free(made);
    return 0;
}

static void assert_text(const char *row, const char *field, const char *actual, const char *expected)
{
    if (!expected && !actual)
        return;
    if (!expected || !actual || strcmp(expected, actual) != 0)
        fail_msg("%s: %s: '%s' instead of '%s'", row, field, actual ? actual : "NULL",
                 expected ? expected : "NULL");
}

static const struct text_field {
    const char *name;
    size_t offset;
} record_fields[] =
    {
        {"node", offsetof(struct record, node)},
        {"queue_id", offsetof(struct record, queue_id)},
        {"message_id", offsetof(struct record, message_id)},
        {"client_address", offsetof(struct record, client_address)},
        {"login", offsetof(struct record, login)},
        {"envelope_from", offsetof(struct record, envelope_from)},
        {"from", offsetof(struct record, from)},
        {"rule", offsetof(struct record, rule)},
        {"policy_digest", offsetof(struct record, policy_digest)},
        {"basis", offsetof(struct record, basis)},
        {"sealed_sha256", offsetof(struct record, sealed_sha256)},
        {"ticket", offsetof(struct record, ticket)},
        {"detail", offsetof(struct record, detail)},
},
  rcpt_fields[] = {{"address", offsetof(struct record_rcpt, address)},
                   {"rule", offsetof(struct record_rcpt, rule)},
                   {"typed", offsetof(struct record_rcpt, typed)}},
  document_fields[] = {{"path", offsetof(struct record_document, path)},
                       {"name", offsetof(struct record_document, name)},
                       {"kind", offsetof(struct record_document, kind)},
                       {"sha256", offsetof(struct record_document, sha256)}};
enum {
    RECORD_FIELDS = sizeof record_fields / sizeof *record_fields,
    RCPT_FIELDS = sizeof rcpt_fields / sizeof *rcpt_fields,
    DOCUMENT_FIELDS = sizeof document_fields / sizeof *document_fields,
};

static const char *text_at(const void *base, size_t offset)
{
    const char *text;
    memcpy(&text, (const char *)base + offset, sizeof text);
    return text;
}

struct expected {
    const char *row;
    const struct sample *sample;
};

static void assert_texts(const char *row, const struct text_field *fields, size_t n, const void *actual,
                         const void *expected)
{
    for (size_t i = 0; i < n; i++)
        assert_text(row, fields[i].name, text_at(actual, fields[i].offset),
                    text_at(expected, fields[i].offset));
}

static void assert_document(const char *row, const struct record_document *a, const struct record_document *b)
{
    assert_texts(row, document_fields, DOCUMENT_FIELDS, a, b);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->caveats, b->caveats);
    assert_int_equal(a->unread, b->unread);
    assert_int_equal(a->opaque, b->opaque);
    assert_int_equal(a->ambiguous, b->ambiguous);
    assert_int_equal(a->size_bytes, b->size_bytes);
    for (size_t i = 0; b->references && b->references[i]; i++)
        assert_text(row, "reference", a->references[i], b->references[i]);
    assert_int_equal(!a->references, !b->references);
}

static void assert_same(const struct record *a, void *context)
{
    const struct expected *expected = context;
    const struct record *b = &expected->sample->record;
    assert_texts(expected->row, record_fields, RECORD_FIELDS, a, b);
    assert_string_equal(a->reference, b->reference);
    assert_int_equal(a->time_ms, b->time_ms);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->sender, b->sender);
    assert_int_equal(a->lacks, b->lacks);
    assert_int_equal(a->observed, b->observed);
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->caveats, b->caveats);
    assert_int_equal(a->content, b->content);
    assert_int_equal(a->alert, b->alert);
    assert_int_equal(a->proven, b->proven);
    assert_int_equal(a->forward, b->forward);
    assert_int_equal(a->n_rcpts, b->n_rcpts);
    assert_int_equal(a->n_documents, b->n_documents);
    for (size_t i = 0; i < a->n_rcpts; i++) {
        assert_texts(expected->row, rcpt_fields, RCPT_FIELDS, &a->rcpts[i], &b->rcpts[i]);
        assert_int_equal(a->rcpts[i].class, b->rcpts[i].class);
        assert_int_equal(a->rcpts[i].verdict, b->rcpts[i].verdict);
        assert_int_equal(a->rcpts[i].reason, b->rcpts[i].reason);
    }
    for (size_t i = 0; i < a->n_documents; i++)
        assert_document(expected->row, &a->documents[i], &b->documents[i]);
}

static void round_trip(struct journal *journal, const char *row, const struct sample *sample)
{
    struct expected expected = {row, sample};
    (void)append(journal, &sample->record);
    assert_int_equal(
        find(journal, (struct journal_query){.reference = sample->record.reference}, assert_same, &expected),
        1);
}

#define ZERO_SHA "0000000000000000000000000000000000000000000000000000000000000000"

static char all_bytes[256], long_name[10241];

static const struct {
    const char *name, *text;
} texts[] = {
    {"plain", "plain"},
    {"absent", NULL},
    {"empty", ""},
    {"line ends", "a\r\nX-Injected: 1\r\n\r\nb\n"},
    {"quotes", "\"quoted\\\" 'single' \\u0041 \\"},
    {"every byte but NUL", all_bytes},
    {"terminal escapes", "\033[2J\033]0;x\007\xc2\x9b"},
    {"right-to-left override", "fdp.\xe2\x80\xae\xe2\x80\x8f"
                               "exe"},
    {"Arabic and accents", "تقرير été"},
    {"a character of the escape range", "\xf4\x8f\xb8\x80\xf4\x8f\xbb\xbf\xf4\x8f\xbc\x80"},
    {"surrogates, overlong, cut short", "\xed\xa0\x80\xc0\xaf\xf4\x90\x80\x80\xe2\x82"},
    {"10 kB", long_name},
    {"exclamation marks", "2!a!b"},
    {"SQL and printf", "'); DROP TABLE record;-- %s%n"},
    {"the word for what is gone", "(erased)"},
};

static void set_text(void *base, size_t offset, const char *text)
{
    memcpy((char *)base + offset, &text, sizeof text);
}

static void test_every_field_and_text(void **state)
{
    struct scratch_state *made = *state;
    for (int i = 1; i < 256; i++)
        all_bytes[i - 1] = (char)i;
    memset(long_name, 'x', sizeof long_name - 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sample sample;
        sample_make(&sample);
        for (size_t k = 0; k < RECORD_FIELDS; k++)
            set_text(&sample.record, record_fields[k].offset, texts[i].text);
        for (size_t k = 0; k < RCPT_FIELDS; k++)
            set_text(&sample.rcpts[0], rcpt_fields[k].offset, texts[i].text);
        for (size_t k = 0; k < DOCUMENT_FIELDS; k++)
            set_text(&sample.documents[0], document_fields[k].offset, texts[i].text);
        if (texts[i].text)
            sample.numbers[0] = texts[i].text;
        round_trip(made->journal, texts[i].name, &sample);
    }
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", made->scratch.path);
}

static void test_every_enum(void **state)
{
    struct scratch_state *made = *state;
    for (int i = 0; i < REASON_COUNT; i++) {
        struct sample sample;
        sample_make(&sample);
        sample.record.role = (enum policy_role)(i % ROLE_COUNT);
        sample.record.sender = (enum sender_class)(i % SENDER_CLASS_COUNT);
        sample.record.lacks = (enum sender_lack)(i % SENDER_LACK_COUNT);
        sample.record.verdict = (enum verdict)(i % (VERDICT_REJECT + 1));
        sample.record.reason = (enum reason)i;
        sample.record.observed = i % 2;
        sample.record.proven = i % 3 == 0;
        sample.record.forward = (unsigned)i % (1u << FORWARD_FLAG_COUNT);
        sample.record.content = (unsigned)i % 16;
        sample.record.caveats = (unsigned)i % 32;
        sample.record.level = i % (LEVEL_MAX + 1);
        sample.rcpts[1].class = (enum rcpt_class)(i % RCPT_CLASS_COUNT);
        sample.rcpts[1].reason = (enum reason)i;
        sample.record.n_rcpts = (size_t)i % 3;
        sample.record.n_documents = (size_t)i % 3;
        round_trip(made->journal, "enum", &sample);
    }
}

static void test_value_outside_its_enum_is_refused(void **state)
{
    struct scratch_state *made = *state;
    struct problem problem = {{0}};
    struct sample sample;
    uint64_t sequence;
    sample_make(&sample);
    sample.record.caveats = 1U << 20;
    assert_int_equal(journal_append(made->journal, &sample.record, &sequence, &problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, sample.record.reference));
}

static void test_queries(void **state)
{
    struct scratch_state *made = *state;
    struct sample sample;
    sample_make(&sample);
    (void)append(made->journal, &sample.record);
    const char *const either[] = {ZERO_SHA, SAMPLE_SHA, NULL};
    const struct {
        const char *name;
        struct journal_query query;
        size_t n;
    } rows[] = {
        {"everything", {0}, 1},
        {"reference", {.reference = sample.record.reference}, 1},
        {"another reference", {.reference = "KH-0000-0000"}, 0},
        {"digest", {.sha256 = SAMPLE_SHA}, 1},
        {"digest in capitals",
         {.sha256 = "3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855A"},
         1},
        {"one of two digests", {.any_sha256 = either}, 1},
        {"none of no digests", {.any_sha256 = either + 2}, 0},
        {"Message-ID", {.message_id = "<a.b@interieur.gov.example>"}, 1},
        {"Message-ID without <>", {.message_id = "a.b@interieur.gov.example"}, 1},
        {"Message-ID by another case", {.message_id = "A.B@interieur.gov.example"}, 0},
        {"login", {.person = SAMPLE_LOGIN}, 1},
        {"From, by another case", {.person = "Chef@Interieur.GOV.example"}, 1},
        {"recipient", {.person = "quelquun@gmail.com"}, 1},
        {"somebody else", {.person = "quelqu@gmail.com"}, 0},
        {"a person is no Message-ID", {.message_id = SAMPLE_LOGIN}, 0},
        {"number", {.reference_number = "2026/88"}, 1},
        {"from this time", {.from_ms = sample.record.time_ms}, 1},
        {"until this time", {.until_ms = sample.record.time_ms}, 0},
        {"before the next", {.until_ms = sample.record.time_ms + 1}, 1},
        {"both conditions",
         {.reference = sample.record.reference, .person = "chef@interieur.gov.example"},
         1},
        {"one of two conditions", {.reference = sample.record.reference, .person = "x@y.example"}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (find(made->journal, rows[i].query, NULL, NULL) != rows[i].n)
            fail_msg("%s: not %zu", rows[i].name, rows[i].n);
}

static void test_bad_digest_is_said(void **state)
{
    struct scratch_state *made = *state;
    struct problem problem = {{0}};
    struct counting counting = {0};
    const struct journal_query query = {.sha256 = "xyz"};
    assert_int_equal(journal_find(made->journal, &query, count_one, &counting, &problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "64 hexadecimal digits"));
}

static void test_known_documents(void **state)
{
    static const struct {
        const char *name;
        enum verdict verdict;
        enum sender_class sender;
        bool observed;
        enum fact known;
    } rows[] = {
        {"staff, sealed", VERDICT_SEAL, SENDER_STAFF, false, FACT_YES},
        {"staff, passed", VERDICT_PASS, SENDER_STAFF, false, FACT_YES},
        {"machine, passed", VERDICT_PASS, SENDER_SERVICE, false, FACT_YES},
        {"government, unsealed", VERDICT_UNSEAL, SENDER_GOVERNMENT, false, FACT_YES},
        {"staff, passed while observing", VERDICT_PASS, SENDER_STAFF, true, FACT_YES},
        {"staff, refused", VERDICT_REJECT, SENDER_STAFF, false, FACT_NO},
        {"staff, would be refused", VERDICT_REJECT, SENDER_STAFF, true, FACT_NO},
        {"staff, deferred", VERDICT_TRY_LATER, SENDER_STAFF, false, FACT_NO},
        {"citizen, passed", VERDICT_PASS, SENDER_OUTSIDER, false, FACT_NO},
        {"claimed, passed", VERDICT_PASS, SENDER_CLAIMED, false, FACT_NO},
        {"bounce, passed", VERDICT_PASS, SENDER_NULL, false, FACT_NO},
    };
    struct scratch_state *made = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        char sha256[65], sealed[65];
        sample_make(&sample);
        (void)snprintf(sha256, sizeof sha256, "%064zx", i + 1);
        (void)snprintf(sealed, sizeof sealed, "%064zx", i + 1000);
        sample.documents[0].sha256 = sha256;
        sample.record.sealed_sha256 = sealed;
        sample.record.verdict = rows[i].verdict;
        sample.record.sender = rows[i].sender;
        sample.record.observed = rows[i].observed;
        assert_int_equal(journal_knows_document(made->journal, sha256, NULL), FACT_NO);
        (void)append(made->journal, &sample.record);
        if (journal_knows_document(made->journal, sha256, NULL) != rows[i].known ||
            journal_knows_document(made->journal, sealed, NULL) != rows[i].known)
            fail_msg("%s", rows[i].name);
    }
    assert_int_equal(journal_knows_document(made->journal, "not a digest", NULL), FACT_UNKNOWN);
}

static void test_same_reference_twice(void **state)
{
    struct scratch_state *made = *state;
    struct problem problem = {{0}};
    struct sample sample;
    uint64_t sequence;
    sample_make(&sample);
    assert_int_equal(append(made->journal, &sample.record), 0);
    assert_int_equal(journal_append(made->journal, &sample.record, &sequence, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "is taken"));
    sample_make(&sample);
    assert_int_equal(append(made->journal, &sample.record), 1);
}

static void test_references_are_of_their_form(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char reference[REFERENCE_BYTES];
        assert_int_equal(journal_reference(reference), RESULT_OK);
        assert_int_equal(strlen(reference), REFERENCE_BYTES - 1);
        assert_memory_equal(reference, "KH-", 3);
        assert_int_equal(reference[7], '-');
        assert_int_equal(strspn(reference + 3, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
        assert_int_equal(strspn(reference + 8, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_field_and_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_enum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_value_outside_its_enum_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_digest_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(test_known_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_reference_twice, setup, teardown),
        cmocka_unit_test(test_references_are_of_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
