/* SPDX-License-Identifier: Apache-2.0 */
/* tests/policy/recipients.cases: one test a row. */
#include "cases.h"

#include "policy/date.h"
#include "policy/names.h"
#include "policy/recipient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const local_domains[] = {"interieur.gov.example", NULL};

static struct {
    struct registry *registry;
    struct lists *lists;
    int64_t today;
    struct case_row rows[CASE_ROWS_MAX];
    char names[CASE_ROWS_MAX][160];
} world;

static size_t put_utf8(unsigned code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : 2;
    out[0] = (char)(code < 0x800 ? 0xc0 | code >> 6 : 0xe0 | code >> 12);
    if (more == 2)
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[more] = (char)(0x80 | (code & 0x3f));
    return more + 1;
}

static void unescape(const char *from, char *out, size_t room)
{
    size_t n = 0;
    while (*from && n + 4 < room) {
        unsigned code;
        if (from[0] == '\\' && from[1] == 'x' && sscanf(from + 2, "%2x", &code) == 1) {
            out[n++] = (char)code;
            from += 4;
        } else if (from[0] == '\\' && from[1] == 'u' && sscanf(from + 2, "%4x", &code) == 1) {
            n += put_utf8(code, out + n);
            from += 6;
        } else {
            out[n++] = *from++;
        }
    }
    out[n] = '\0';
}

static void classify_row(void **state)
{
    const struct case_row *row = *state;
    struct recipient recipient;
    char address[300], got[600];
    unescape(row->given, address, sizeof address);
    recipient_classify(address, local_domains, world.registry, world.lists, world.today, &recipient);
    (void)snprintf(got, sizeof got, "%s%s%s", rcpt_class_name(recipient.class),
                   *recipient.suggestion ? " " : "", recipient.suggestion);
    if (strcmp(got, row->expected) != 0)
        fail_msg("recipients.cases:%u: %s\n  expected %s\n  got      %s (%s)", row->line, row->given,
                 row->expected, got, recipient.why);
    assert_true(*recipient.why);
    for (const char *c = recipient.why; *c; c++)
        assert_in_range(*c, 0x20, 0x7e);
    assert_int_equal(recipient.class == RCPT_MALFORMED, !*recipient.domain);
}

static void an_expired_partner_is_told(void **state)
{
    struct recipient recipient;
    recipient_classify("x@ancien.example", local_domains, world.registry, world.lists, world.today,
                       &recipient);
    assert_int_equal(recipient.class, RCPT_OTHER);
    assert_non_null(strstr(recipient.why, "expired, its last day was 2026-10-31"));
    recipient_classify("x@ancien.example", local_domains, world.registry, world.lists,
                       world.today - 30 * DAY_SECONDS, &recipient);
    assert_int_equal(recipient.class, RCPT_PARTNER);
}

static enum rcpt_class class_of(const char *address)
{
    struct recipient recipient;
    recipient_classify(address, local_domains, world.registry, world.lists, world.today, &recipient);
    return recipient.class;
}

/* RFC 5321 4.5.3.1 and RFC 1035 2.3.4: 254 octets of an address, 63 of a label, 253 of a domain. A local part
 * of more than 64 is only more than a server has to take. */
static void lengths(void **state)
{
    static const struct {
        size_t local, label, labels;
        enum rcpt_class class;
    } rows[] = {
        {64, 0, 0, RCPT_GOVERNMENT}, {65, 0, 0, RCPT_GOVERNMENT},   {233, 0, 0, RCPT_GOVERNMENT},
        {234, 0, 0, RCPT_MALFORMED}, {50000, 0, 0, RCPT_MALFORMED}, {1, 63, 1, RCPT_OTHER},
        {1, 64, 1, RCPT_MALFORMED},  {1, 60, 4, RCPT_OTHER},        {1, 61, 4, RCPT_MALFORMED},
        {1, 1, 100, RCPT_OTHER},     {1, 1, 50000, RCPT_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static char address[200000];
        size_t n = 0;
        memset(address, 'a', rows[i].local);
        n = rows[i].local;
        address[n++] = '@';
        for (size_t k = 0; k < rows[i].labels; k++) {
            memset(address + n, 'b', rows[i].label);
            n += rows[i].label;
            address[n++] = '.';
        }
        (void)strcpy(address + n, rows[i].labels ? "example" : "finances.gov.example");
        if (class_of(address) != rows[i].class)
            fail_msg("row %zu: %s", i, rcpt_class_name(class_of(address)));
    }
}

static void add_entry(const char *domain, bool subdomains, enum registry_kind kind, const char *last_day)
{
    struct refusal refusal = {0};
    int64_t expires = 0;
    if (last_day)
        assert_true(date_parse(last_day, &expires));
    struct registry_entry entry = {.kind = kind,
                                   .domain = domain,
                                   .subdomains = subdomains,
                                   .max_level = 3,
                                   .expires = expires ? expires + DAY_SECONDS : 0,
                                   .reason = "marché"};
    if (registry_add(world.registry, &entry, &refusal) != POLICY_OK) {
        (void)fprintf(stderr, "%s\n", refusal.text);
        exit(1);
    }
}

static void load_consumer_list(void)
{
    static char text[65536];
    struct refusal refusal = {0};
    FILE *file = fopen(KHATM_SOURCE_DIR "/policy/lists/consumer.domains", "r");
    size_t size = file ? fread(text, 1, sizeof text, file) : 0;
    world.lists = lists_new();
    if (!size || !world.lists || lists_parse_consumer(world.lists, text, size, &refusal) != POLICY_OK) {
        (void)fprintf(stderr, "consumer.domains:%u: %s\n", refusal.line, refusal.text);
        exit(1);
    }
    (void)fclose(file);
}

int main(void)
{
    static struct CMUnitTest tests[CASE_ROWS_MAX + 2] = {cmocka_unit_test(an_expired_partner_is_told),
                                                         cmocka_unit_test(lengths)};
    size_t n = case_read("recipients", world.rows, 0);
    if (!date_parse("2026-11-21", &world.today))
        return 1;
    world.registry = registry_new();
    add_entry("finances.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("justice.gov.example", true, REGISTRY_GOVERNMENT, NULL);
    add_entry("sante.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("mef.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("interne.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("clrni.kiwi", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("anrt.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("anre.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("region1.gov.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("préfecture.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("وزارة.example", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("sport.gov.zz", false, REGISTRY_GOVERNMENT, NULL);
    add_entry("sg.com", false, REGISTRY_PARTNER, "2027-01-31");
    add_entry("outlock.com", false, REGISTRY_PARTNER, "2027-01-31");
    add_entry("dupont.fr", false, REGISTRY_PARTNER, "2027-01-31");
    add_entry("avocats.example", false, REGISTRY_PARTNER, "2027-01-31");
    add_entry("ancien.example", false, REGISTRY_PARTNER, "2026-10-31");
    load_consumer_list();
    for (size_t i = 0; i < n; i++) {
        struct case_row *row = &world.rows[i];
        (void)snprintf(world.names[i], sizeof world.names[i], "recipients.cases:%u %.60s", row->line,
                       row->given);
        tests[i + 2] =
            (struct CMUnitTest){.name = world.names[i], .test_func = classify_row, .initial_state = row};
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = _cmocka_run_group_tests("recipients", tests, n + 2, NULL, NULL);
    registry_free(world.registry);
    lists_free(world.lists);
    for (size_t i = 0; i < n; i++) {
        free(world.rows[i].given);
        free(world.rows[i].expected);
    }
    return failed;
}
