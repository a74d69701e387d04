/* SPDX-License-Identifier: Apache-2.0 */

/* The resolver against a server that misbehaves, over UDP and TCP, and against none at all. */

#include "base/clock.h"
#include "dns/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_MS = 2500, SLACK_MS = 15000, AT_ONCE_MS = 100, SILENCE_MS = 4000, MEMORY = 32 * 1024 * 1024 };

struct fixture {
    pid_t server;
    int keep; /* the server lives while this is open */
    char name[64];
    struct resolver *resolver;
    struct arena *arena;
};

static struct resolver *resolver_at(const char *server)
{
    struct problem problem = {""};
    struct resolver *resolver = NULL;
    const struct resolver_settings settings = {.servers = &server, .n_servers = 1};
    if (resolver_new(&settings, &resolver, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return resolver;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    int to[2], from[2];
    ssize_t got = 0;
    if (pipe(to) != 0 || pipe(from) != 0)
        return -1;
    fixture.server = fork();
    if (fixture.server == 0) {
        (void)dup2(to[0], 0);
        (void)dup2(from[1], 1);
        (void)close(to[1]);
        (void)execl(KHATM_SOURCE_DIR "/tests/support/dns_faults.py", "dns_faults.py", (char *)NULL);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    fixture.keep = to[1];
    got = read(from[0], fixture.name, sizeof fixture.name - 1);
    (void)close(from[0]);
    if (got <= 1)
        return -1;
    fixture.name[strcspn(fixture.name, "\n")] = '\0';
    fixture.resolver = resolver_at(fixture.name);
    fixture.arena = arena_new(MEMORY);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    resolver_free(fixture->resolver);
    arena_free(fixture->arena);
    (void)close(fixture->keep);
    (void)waitpid(fixture->server, NULL, 0);
    return 0;
}

static const struct {
    const char *name;
    enum dns_status status;
    size_t bytes; /* of the first record, where there is one */
} rows[] = {
    {"good.example", DNS_FOUND, 12},
    {"good.example.", DNS_FOUND, 12},
    {"GOOD.example", DNS_FOUND, 12},
    {"www.lab.test", DNS_FOUND, 12}, /* no built-in empty zone answers */
    {"x.home.arpa", DNS_FOUND, 12},
    {"localhost", DNS_FOUND, 12},
    {"2.0.192.in-addr.arpa", DNS_FOUND, 12},
    {"odd !name\"\\.example", DNS_FOUND, 12},
    {"nowhere.example", DNS_VOID, 0},
    {"nodata.example", DNS_VOID, 0},
    {"..", DNS_VOID, 0},
    {"a..example", DNS_VOID, 0},
    {"large.example", DNS_FOUND, 5000}, /* truncated over UDP */
    {"enormous.example", DNS_UNUSABLE, 0},
    {"many.example", DNS_UNUSABLE, 0},
    {"endless.example", DNS_UNUSABLE, 0}, /* ten megabytes over TCP */
    {"servfail.example", DNS_TRY_LATER, 0},
    {"servfail.example", DNS_TRY_LATER, 0}, /* from the cache */
    {"refused.example", DNS_TRY_LATER, 0},
    {"garbage.example", DNS_TRY_LATER, 0},
    {"wrongid.example", DNS_TRY_LATER, 0},
    {"silent.example", DNS_TRY_LATER, 0},
    {"late.example", DNS_TRY_LATER, 0},
    {"chain5.example", DNS_FOUND, 12},
    {"loop.example", DNS_TRY_LATER, 0},
    {"chain40.example", DNS_TRY_LATER, 0},
    {"good.example", DNS_FOUND, 12}, /* none of it harmed the next */
};

static void every_fault_has_its_answer(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t begin_ms = clock_monotonic_ms();
        resolver_begin(fixture->resolver, fixture->arena, begin_ms + DEADLINE_MS);
        const struct dns_answer *answer = resolver_ask(fixture->resolver, rows[i].name, DNS_TXT);
        size_t bytes = answer->status == DNS_FOUND ? answer->records[0].size : 0;
        if (answer->status != rows[i].status || bytes != rows[i].bytes)
            fail_msg("%s: status %d (%s), %zu bytes", rows[i].name, (int)answer->status, answer->why, bytes);
        if (clock_monotonic_ms() - begin_ms > DEADLINE_MS + SLACK_MS)
            fail_msg("%s: took %lld ms", rows[i].name, (long long)(clock_monotonic_ms() - begin_ms));
        resolver_end(fixture->resolver);
    }
}

static void another_name_in_an_answer_is_not_taken(void **state)
{
    struct fixture *fixture = *state;
    resolver_begin(fixture->resolver, fixture->arena, clock_monotonic_ms() + DEADLINE_MS);
    assert_int_not_equal(resolver_ask(fixture->resolver, "othername.example", DNS_TXT)->status, DNS_FOUND);
    const struct dns_answer *victim = resolver_ask(fixture->resolver, "victim.example", DNS_TXT);
    assert_int_equal(victim->status, DNS_FOUND);
    assert_string_equal((const char *)victim->records[0].bytes, "first second");
    resolver_end(fixture->resolver);
}

static void one_silent_name_does_not_silence_the_rest(void **state)
{
    struct fixture *fixture = *state;
    resolver_begin(fixture->resolver, fixture->arena, clock_monotonic_ms() + DEADLINE_MS);
    resolver_start(fixture->resolver, "silent.other.example", DNS_TXT);
    int64_t begin_ms = clock_monotonic_ms();
    assert_int_equal(resolver_ask(fixture->resolver, "good.other.example", DNS_TXT)->status, DNS_FOUND);
    assert_true(clock_monotonic_ms() - begin_ms < DEADLINE_MS);
    resolver_end(fixture->resolver);
}

static void questions_are_counted(void **state)
{
    struct fixture *fixture = *state;
    char name[64];
    resolver_begin(fixture->resolver, fixture->arena, clock_monotonic_ms() + DEADLINE_MS);
    for (int i = 0; i < RESOLVER_QUESTIONS_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d.example", i);
        assert_int_equal(resolver_ask(fixture->resolver, name, DNS_TXT)->status, DNS_FOUND);
    }
    assert_int_equal(resolver_ask(fixture->resolver, "one-more.example", DNS_TXT)->status, DNS_UNUSABLE);
    assert_int_equal(resolver_ask(fixture->resolver, "n7.example", DNS_TXT)->status, DNS_FOUND);
    resolver_end(fixture->resolver);
}

/* A port on which nobody answers, and nobody says so either. */
static int mute_server(char *name, size_t room)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&address, 0, sizeof address);
    address.ss_family = AF_INET;
    if (bind(fd, (struct sockaddr *)&address, sizeof(struct sockaddr_storage) < 16 ? 0 : 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        fail();
    const uint8_t *port = (const uint8_t *)&address + 2;
    (void)snprintf(name, room, "127.0.0.1@%u", (unsigned)port[0] * 256 + port[1]);
    return fd;
}

static int64_t ask_ms(struct resolver *resolver, struct arena *arena, const char *name,
                      enum dns_status status)
{
    int64_t begin_ms = clock_monotonic_ms();
    resolver_begin(resolver, arena, begin_ms + 2 * DEADLINE_MS);
    assert_int_equal(resolver_ask(resolver, name, DNS_TXT)->status, status);
    resolver_end(resolver);
    return clock_monotonic_ms() - begin_ms;
}

static void a_dead_server_is_remembered(void **state)
{
    struct fixture *fixture = *state;
    char name[64];
    int fd = mute_server(name, sizeof name);
    struct resolver *resolver = resolver_at(name);
    /* The first pays for finding out, the next ones do not. */
    assert_true(ask_ms(resolver, fixture->arena, "a.example", DNS_TRY_LATER) < DEADLINE_MS);
    unsigned held_up = 0;
    for (int i = 0; i < 50; i++)
        held_up += ask_ms(resolver, fixture->arena, "b.example", DNS_TRY_LATER) >= AT_ONCE_MS;
    assert_in_range(held_up, 0, 25); /* by the machine, now and then */
    resolver_free(resolver);
    (void)close(fd);
}

static void settings_that_cannot_be_are_refused(void **state)
{
    static const char *const bad[] = {"localhost",       "127.0.0.1@",    "127.0.0.1@0",
                                      "127.0.0.1@65536", "127.0.0.1@53x", ""};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct problem problem = {""};
        struct resolver *resolver = NULL;
        const struct resolver_settings settings = {.servers = &bad[i], .n_servers = 1};
        assert_int_equal(resolver_new(&settings, &resolver, &problem), RESULT_BAD_INPUT);
        assert_true(strlen(problem.text) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_its_answer),
        cmocka_unit_test(another_name_in_an_answer_is_not_taken),
        cmocka_unit_test(one_silent_name_does_not_silence_the_rest),
        cmocka_unit_test(questions_are_counted),
        cmocka_unit_test(a_dead_server_is_remembered),
        cmocka_unit_test(settings_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
