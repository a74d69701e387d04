/* SPDX-License-Identifier: Apache-2.0 */

/* Who counts as staff, machine, claimed domain or outsider, row by row. */

#include "policy/lists.h"
#include "policy/names.h"
#include "policy/registry.h"
#include "sender/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const local_domains[] = {"interieur.gov.example", NULL};
static const char *const loopback[] = {"127.0.0.1", NULL};
static const char *const scanner_clients[] = {"10.0.4.17", NULL};
static const char *const head_addresses[] = {"chef@interieur.gov.example", "direction@interieur.gov.example",
                                             NULL};
static const struct login_settings logins[] = {{"chef", head_addresses}};
static const struct machine_settings machines[] = {
    {"scanner", scanner_clients, "scanner@interieur.gov.example"}};
static const struct attach_settings submission = {"khatm-submission", ROLE_SUBMISSION, 12, loopback, NULL, 0};
static const struct attach_settings inbound = {"khatm-inbound", ROLE_INBOUND, 0, NULL, NULL, 0};

struct row {
    const char *name;
    const struct attach_settings *attach;
    const char *login, *tls, *client, *envelope;
    const char *from[3];
    bool odd;
    enum sender_class expected;
    const char *why; /* must stand in the phrase; NULL: anything */
};

#define AGENT "agent@interieur.gov.example"
#define PEER  "note@finances.gov.example"
#define FAR   "192.0.2.7"

static const struct row rows[] = {
    {"staff: all agree", &submission, AGENT, "TLSv1.2", FAR, AGENT, {AGENT}, false, SENDER_STAFF, NULL},
    {"staff: TLS 1.3", &submission, AGENT, "TLSv1.3", FAR, AGENT, {AGENT}, false, SENDER_STAFF, NULL},
    {"staff: case does not matter",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     "Agent@Interieur.GOV.example",
     {AGENT},
     false,
     SENDER_STAFF,
     NULL},
    {"staff: login without domain",
     &submission,
     "agent",
     "TLSv1.2",
     FAR,
     AGENT,
     {AGENT},
     false,
     SENDER_STAFF,
     NULL},
    {"staff: webmail on a trusted host needs no TLS",
     &submission,
     AGENT,
     NULL,
     "127.0.0.1",
     AGENT,
     {AGENT},
     false,
     SENDER_STAFF,
     NULL},
    {"staff: an address of the logins file",
     &submission,
     "chef",
     "TLSv1.2",
     FAR,
     head_addresses[1],
     {"direction@interieur.gov.example"},
     false,
     SENDER_STAFF,
     NULL},
    {"TLS 1.0",
     &submission,
     AGENT,
     "TLSv1",
     FAR,
     AGENT,
     {AGENT},
     false,
     SENDER_CLAIMED,
     "TLSv1, below TLS 1.2"},
    {"TLS 1.1", &submission, AGENT, "TLSv1.1", FAR, AGENT, {AGENT}, false, SENDER_CLAIMED, "below TLS 1.2"},
    {"no TLS", &submission, AGENT, NULL, FAR, AGENT, {AGENT}, false, SENDER_CLAIMED, "no TLS"},
    {"a version nobody knows",
     &submission,
     AGENT,
     "TLSv9",
     FAR,
     AGENT,
     {AGENT},
     false,
     SENDER_CLAIMED,
     "TLSv9"},
    {"no login", &submission, NULL, "TLSv1.2", FAR, AGENT, {AGENT}, false, SENDER_CLAIMED, "no login"},
    {"From of a colleague",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     AGENT,
     {"adjoint@interieur.gov.example"},
     false,
     SENDER_CLAIMED,
     "may not write as adjoint@"},
    {"envelope of a colleague",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     "adjoint@interieur.gov.example",
     {AGENT},
     false,
     SENDER_CLAIMED,
     "envelope sender <adjoint@"},
    {"an address that only starts like the login",
     &submission,
     "agent",
     "TLSv1.2",
     FAR,
     AGENT,
     {"agent2@interieur.gov.example"},
     false,
     SENDER_CLAIMED,
     "may not write as"},
    {"the login at another domain",
     &submission,
     "agent",
     "TLSv1.2",
     FAR,
     "agent@finances.gov.example",
     {"agent@finances.gov.example"},
     false,
     SENDER_CLAIMED,
     "may not write as"},
    {"two From mailboxes",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     AGENT,
     {AGENT, "x@gmail.com"},
     false,
     SENDER_CLAIMED,
     "more than one From"},
    {"no From", &submission, AGENT, "TLSv1.2", FAR, AGENT, {NULL}, false, SENDER_CLAIMED, "no From"},
    {"From in two readings",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     AGENT,
     {AGENT},
     true,
     SENDER_CLAIMED,
     "two ways"},
    {"login with the null sender",
     &submission,
     AGENT,
     "TLSv1.2",
     FAR,
     "",
     {AGENT},
     false,
     SENDER_CLAIMED,
     "envelope sender <>"},
    {"machine",
     &submission,
     NULL,
     NULL,
     "10.0.4.17",
     "scanner@interieur.gov.example",
     {"scanner@interieur.gov.example"},
     false,
     SENDER_SERVICE,
     "scanner"},
    {"machine from another address",
     &submission,
     NULL,
     NULL,
     "10.0.4.18",
     "scanner@interieur.gov.example",
     {"scanner@interieur.gov.example"},
     false,
     SENDER_CLAIMED,
     "no login"},
    {"machine writing as somebody else",
     &submission,
     NULL,
     NULL,
     "10.0.4.17",
     "scanner@interieur.gov.example",
     {AGENT},
     false,
     SENDER_CLAIMED,
     "no login"},
    {"inbound: a login is worth nothing",
     &inbound,
     AGENT,
     "TLSv1.3",
     FAR,
     AGENT,
     {AGENT},
     false,
     SENDER_CLAIMED,
     NULL},
    {"inbound: a peer without proof",
     &inbound,
     NULL,
     "TLSv1.3",
     FAR,
     PEER,
     {PEER},
     false,
     SENDER_CLAIMED,
     "not asked"},
    {"inbound: a peer in From alone",
     &inbound,
     NULL,
     NULL,
     FAR,
     "x@gmail.com",
     {PEER},
     false,
     SENDER_CLAIMED,
     NULL},
    {"inbound: a peer in the second From",
     &inbound,
     NULL,
     NULL,
     FAR,
     "x@gmail.com",
     {"x@gmail.com", PEER},
     false,
     SENDER_CLAIMED,
     NULL},
    {"inbound: a peer in the envelope alone",
     &inbound,
     NULL,
     NULL,
     FAR,
     PEER,
     {"x@gmail.com"},
     false,
     SENDER_CLAIMED,
     NULL},
    {"inbound: citizen",
     &inbound,
     NULL,
     NULL,
     FAR,
     "x@gmail.com",
     {"x@gmail.com"},
     false,
     SENDER_OUTSIDER,
     NULL},
    {"inbound: bounce", &inbound, NULL, NULL, FAR, "", {"mailer-daemon@gmail.com"}, false, SENDER_NULL, NULL},
    {"inbound: bounce in a peer's name", &inbound, NULL, NULL, FAR, "", {PEER}, false, SENDER_CLAIMED, NULL},
    {"inbound: a domain that only ends like a peer",
     &inbound,
     NULL,
     NULL,
     FAR,
     "x@evilfinances.gov.example",
     {"x@evilfinances.gov.example"},
     false,
     SENDER_OUTSIDER,
     NULL},
};

static void test_rows(void **state)
{
    (void)state;
    struct registry *registry = registry_new();
    struct lists *lists = lists_new();
    const char *const no_circles[] = {NULL};
    struct registry_entry entry = {.domain = "finances.gov.example", .max_level = 3, .circles = no_circles};
    assert_int_equal(registry_add(registry, &entry, NULL), POLICY_OK);
    struct config config = {.local_domains = local_domains,
                            .logins = logins,
                            .n_logins = 1,
                            .machines = machines,
                            .n_machines = 1,
                            .registry = registry,
                            .lists = lists};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct arena *arena = arena_new(0);
        struct identity_input input = {.config = &config,
                                       .attach = row->attach,
                                       .login = row->login,
                                       .tls_version = row->tls,
                                       .client_address = row->client,
                                       .envelope_from = row->envelope,
                                       .from = row->from,
                                       .from_odd = row->odd,
                                       .now = 1795000000};
        struct sender_facts facts;
        while (input.n_from < 3 && row->from[input.n_from])
            input.n_from++;
        assert_int_equal(identity_of(&input, arena, &facts), RESULT_OK);
        if (facts.class != row->expected || (row->why && !strstr(facts.why, row->why)))
            fail_msg("%s: %s, %s", row->name, sender_class_name(facts.class), facts.why);
        arena_free(arena);
    }
    registry_free(registry);
    lists_free(lists);
}

static void test_no_memory_is_never_staff(void **state)
{
    (void)state;
    struct config config = {.local_domains = local_domains};
    struct arena *arena = arena_new(1); /* room for nothing */
    const char *from[] = {"adjoint@interieur.gov.example"};
    struct identity_input input = {.config = &config,
                                   .attach = &submission,
                                   .login = AGENT,
                                   .tls_version = "TLSv1.2",
                                   .envelope_from = AGENT,
                                   .from = from,
                                   .n_from = 1};
    struct sender_facts facts;
    config.registry = registry_new();
    config.lists = lists_new();
    assert_int_equal(identity_of(&input, arena, &facts), RESULT_TRY_LATER);
    registry_free((struct registry *)(uintptr_t)config.registry);
    lists_free((struct lists *)(uintptr_t)config.lists);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_no_memory_is_never_staff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
