/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/resolver.h"

#include "base/clock.h"
#include "base/text.h"
#include "dns/loop.h"
#include "dns/name.h"
#include "dns/probe.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unbound-event.h>
#include <unbound.h>

enum {
    QUIET_MS = 1000,   /* a question open for so long: is there a server at all? */
    PROBE_MS = 700,    /* for an answer to that */
    SILENCE_MS = 4000, /* not asked again for so long once nobody was there */
    RESOLV_CONF_LINES = 200,
    RCODE_NXDOMAIN = 3,
    ESCAPED_MAX = DNS_NAME_MAX * 4 + 8,
    SERVER_TEXT = 64,
};

struct question {
    char name[DNS_NAME_MAX + 1];
    enum dns_type type;
    bool done, unbound_has_it;
    int id; /* libunbound's, while it has it */
    struct resolver *resolver;
    struct dns_answer answer;
};

struct resolver {
    struct loop *loop;
    struct ub_ctx *context;
    struct probe_server servers[PROBE_SERVERS_MAX];
    char server_texts[PROBE_SERVERS_MAX][SERVER_TEXT];
    size_t n_servers;
    bool validates;
    bool ask_servers_first; /* nobody was there the last time */
    int64_t silent_until_ms, probe_at_ms;
    struct arena *arena; /* of the message */
    int64_t deadline_ms;
    struct question *questions[RESOLVER_QUESTIONS_MAX];
    size_t n_questions;
};

static const struct dns_answer answer_void = {.status = DNS_VOID, .why = ""};
static const struct dns_answer answer_no_room = {.status = DNS_TRY_LATER, .why = "no memory for an answer"};
static const struct dns_answer answer_too_many = {.status = DNS_UNUSABLE,
                                                  .why = "more questions than one message may cause"};

static const struct {
    const char *name, *value;
} options[] = {
    {"do-not-query-localhost:", "no"},
    /* Built-in empty zones would answer in the name of somebody else's server. "nodefault" is what the manual
     * says, but libunbound 1.17 stores it wrong when it comes by this way. */
    {"local-zone:", "test. transparent"},
    {"local-zone:", "localhost. transparent"},
    {"local-zone:", "home.arpa. transparent"},
    {"unblock-lan-zones:", "yes"},
    {"use-syslog:", "no"},
    {"rrset-cache-size:", "4m"},
    {"msg-cache-size:", "4m"},
    {"key-cache-size:", "1m"},
    {"neg-cache-size:", "256k"},
    {"infra-cache-numhosts:", "1000"},
    {"outgoing-range:", "64"},
    {"outgoing-num-tcp:", "8"},
    {"num-queries-per-thread:", "256"},
    {"cache-max-ttl:", "3600"},
    {"cache-max-negative-ttl:", "300"},
    /* Servers are configured, few and ours. libunbound doubles its patience with a server for each answer
     * that is late and shuns it in the end: a few names whose own servers are dead would cost everybody else
     * his answers. So what it thinks of a server is forgotten each second, and a question is repeated until
     * our own deadline, not so often that a resolver that is at work on it is asked again every 50 ms. */
    {"infra-host-ttl:", "1"},
    {"infra-cache-min-rtt:", "400"},
    {"infra-keep-probing:", "yes"},
    {"outbound-msg-retry:", "20"},
    {"max-sent-count:", "64"},
    {"minimal-responses:", "yes"},
    {"rrset-roundrobin:", "no"}, /* one policy, one reading */
    {"qname-minimisation:", "no"},
    {"tcp-idle-timeout:", "10000"},
};

static enum result configure(struct resolver *resolver, struct problem *problem)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int error = ub_ctx_set_option(resolver->context, options[i].name, options[i].value);
        if (error)
            return problem_set(problem, RESULT_BUG, "resolver: libunbound refuses %s %s: %s", options[i].name,
                               options[i].value, ub_strerror(error));
    }
    /* Without anchors a validator would only cost time. */
    int error = ub_ctx_set_option(resolver->context,
                                  "module-config:", resolver->validates ? "validator iterator" : "iterator");
    for (size_t i = 0; i < resolver->n_servers && !error; i++)
        error = ub_ctx_set_fwd(resolver->context, resolver->server_texts[i]);
    if (error)
        return problem_set(problem, RESULT_BAD_INPUT, "resolver: libunbound refuses a server: %s",
                           ub_strerror(error));
    return RESULT_OK;
}

static enum result add_server(struct resolver *resolver, const char *text, struct problem *problem)
{
    if (resolver->n_servers == PROBE_SERVERS_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "resolver: more than %d servers", PROBE_SERVERS_MAX);
    if (strlen(text) >= SERVER_TEXT || !probe_parse(text, &resolver->servers[resolver->n_servers]))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "resolver: \"%s\" is no DNS server: write ADDRESS or ADDRESS@PORT", text);
    (void)snprintf(resolver->server_texts[resolver->n_servers], SERVER_TEXT, "%s", text);
    resolver->n_servers++;
    return RESULT_OK;
}

/* resolv.conf(5). An entry that is no plain address (a scope) is passed over as long as another one is
 * usable. */
static enum result add_system_servers(struct resolver *resolver, struct problem *problem)
{
    char line[256], address[SERVER_TEXT];
    FILE *file = fopen("/etc/resolv.conf", "re");
    if (!file)
        return problem_set(problem, RESULT_BAD_INPUT, "/etc/resolv.conf: %s: name the servers in khatm.conf",
                           strerror(errno));
    for (int i = 0; i < RESOLV_CONF_LINES && fgets(line, sizeof line, file); i++)
        if (sscanf(line, "nameserver %63s", address) == 1 && resolver->n_servers < PROBE_SERVERS_MAX)
            (void)add_server(resolver, address, problem);
    (void)fclose(file);
    if (!resolver->n_servers)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "/etc/resolv.conf: names no DNS server: name one in khatm.conf");
    return RESULT_OK;
}

static enum result add_servers(struct resolver *resolver, const struct resolver_settings *settings,
                               struct problem *problem)
{
    for (size_t i = 0; i < settings->n_servers; i++) {
        enum result result = add_server(resolver, settings->servers[i], problem);
        if (result != RESULT_OK)
            return result;
    }
    return settings->n_servers ? RESULT_OK : add_system_servers(resolver, problem);
}

static enum result add_anchors(struct resolver *resolver, const char *path, struct problem *problem)
{
    if (!path)
        return RESULT_OK;
    int error = ub_ctx_add_ta_file(resolver->context, path);
    if (error)
        return problem_set(problem, RESULT_BAD_INPUT, "%s: libunbound cannot use it as trust anchors: %s",
                           path, ub_strerror(error));
    return RESULT_OK;
}

enum result resolver_new(const struct resolver_settings *settings, struct resolver **resolver_out,
                         struct problem *problem)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        return problem_set(problem, RESULT_TRY_LATER, "resolver: no memory");
    resolver->validates = settings->trust_anchors != NULL;
    resolver->loop = loop_new();
    resolver->context = resolver->loop ? ub_ctx_create_ub_event(loop_base(resolver->loop)) : NULL;
    enum result result = resolver->context ? add_servers(resolver, settings, problem)
                                           : problem_set(problem, RESULT_TRY_LATER, "resolver: no memory");
    if (result == RESULT_OK) {
        (void)ub_ctx_debugout(resolver->context, NULL);
        result = configure(resolver, problem);
    }
    if (result == RESULT_OK)
        result = add_anchors(resolver, settings->trust_anchors, problem);
    if (result != RESULT_OK) {
        resolver_free(resolver);
        return result;
    }
    *resolver_out = resolver;
    return RESULT_OK;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    if (resolver->context)
        ub_ctx_delete(resolver->context);
    loop_free(resolver->loop);
    free(resolver);
}

static void finish(struct question *question, enum dns_status status, const char *why)
{
    question->done = true;
    question->answer.status = status;
    question->answer.why = why;
}

static void take_answer(void *argument, int rcode, void *packet, int size, int secure, char *why_bogus,
                        int rate_limited)
{
    struct question *question = argument;
    struct dns_answer *answer = &question->answer;
    (void)rate_limited;
    question->unbound_has_it = false;
    finish(question, DNS_TRY_LATER, "the DNS server could not answer");
    if (secure == 1) {
        const char *copy =
            arena_printf(question->resolver->arena, "DNSSEC: the answer is forged or broken: %s",
                         why_bogus ? why_bogus : "no reason given");
        answer->why = copy ? copy : "DNSSEC: the answer is forged or broken";
        return;
    }
    if (question->resolver->validates)
        answer->dnssec = secure == 2 ? PROOF_DNSSEC_SECURE : PROOF_DNSSEC_INSECURE;
    if (rcode == RCODE_NXDOMAIN) {
        finish(question, DNS_VOID, "");
        return;
    }
    if (rcode != 0 || !packet || size <= 0)
        return;
    answer->why = "";
    if (answer_read(packet, (size_t)size, question->type, question->resolver->arena, answer) != RESULT_OK)
        finish(question, DNS_TRY_LATER, "a DNS answer that cannot be read");
}

/* libunbound reads names as zone files write them. */
static void escape(const char *name, char *out)
{
    char *to = out;
    for (const char *from = name; *from; from++) {
        if (isalnum((unsigned char)*from) || strchr("-_.", *from))
            *to++ = *from;
        else
            to += sprintf(to, "\\%03u", (unsigned)(unsigned char)*from);
    }
    *to = '\0';
}

static void put(struct resolver *resolver, struct question *question)
{
    char escaped[ESCAPED_MAX];
    escape(question->name, escaped);
    question->unbound_has_it = true;
    int error = ub_resolve_event(resolver->context, escaped, (int)question->type, 1, question, take_answer,
                                 &question->id);
    if (!error)
        return;
    question->unbound_has_it = false;
    finish(question, DNS_TRY_LATER, ub_strerror(error));
}

/* The question's place among those of this message, made when it is new. NULL: no room. */
static struct question *find_or_add(struct resolver *resolver, const char *name, enum dns_type type)
{
    char wanted[DNS_NAME_MAX + 1];
    if (!name_normalise(name, wanted, sizeof wanted))
        return NULL;
    for (size_t i = 0; i < resolver->n_questions; i++)
        if (resolver->questions[i]->type == type && strcmp(resolver->questions[i]->name, wanted) == 0)
            return resolver->questions[i];
    if (resolver->n_questions == RESOLVER_QUESTIONS_MAX)
        return NULL;
    struct question *question = arena_alloc(resolver->arena, 1, sizeof *question);
    if (!question)
        return NULL;
    memcpy(question->name, wanted, strlen(wanted) + 1);
    question->type = type;
    question->resolver = resolver;
    question->answer.why = "";
    resolver->questions[resolver->n_questions++] = question;
    if (clock_monotonic_ms() < resolver->silent_until_ms)
        finish(question, DNS_TRY_LATER, "no DNS server answers");
    else
        put(resolver, question);
    return question;
}

static void give_up(struct resolver *resolver, const char *why)
{
    for (size_t i = 0; i < resolver->n_questions; i++) {
        struct question *question = resolver->questions[i];
        if (question->unbound_has_it)
            (void)ub_cancel(resolver->context, question->id);
        question->unbound_has_it = false;
        if (!question->done)
            finish(question, DNS_TRY_LATER, why);
    }
}

/* Nobody there: says so to all who wait, and for a while to all who come. */
static void look_for_servers(struct resolver *resolver)
{
    int64_t left_ms = clock_left_ms(resolver->deadline_ms);
    bool there =
        probe_servers(resolver->servers, resolver->n_servers, left_ms < PROBE_MS ? left_ms : PROBE_MS);
    int64_t now_ms = clock_monotonic_ms();
    resolver->probe_at_ms = now_ms + QUIET_MS;
    resolver->ask_servers_first = !there;
    if (there)
        return;
    resolver->silent_until_ms = now_ms + SILENCE_MS;
    /* Answers may have come while we looked elsewhere. */
    if (loop_turn(resolver->loop, now_ms) == RESULT_OK)
        give_up(resolver, "no DNS server answers");
}

static void wait_for(struct resolver *resolver, const struct question *question)
{
    resolver->probe_at_ms = clock_monotonic_ms() + QUIET_MS;
    if (!question->done && resolver->ask_servers_first)
        look_for_servers(resolver);
    while (!question->done) {
        int64_t now_ms = clock_monotonic_ms();
        if (now_ms >= resolver->deadline_ms) {
            give_up(resolver, "DNS did not answer in the time allowed");
            return;
        }
        int64_t until_ms = resolver->probe_at_ms;
        if (resolver->deadline_ms < until_ms)
            until_ms = resolver->deadline_ms;
        if (loop_turn(resolver->loop, until_ms) != RESULT_OK)
            give_up(resolver, "the resolver cannot wait for an answer");
        else if (!question->done && clock_monotonic_ms() >= resolver->probe_at_ms)
            look_for_servers(resolver);
    }
}

void resolver_begin(struct resolver *resolver, struct arena *arena, int64_t deadline_ms)
{
    resolver->arena = arena;
    resolver->deadline_ms = deadline_ms;
    resolver->n_questions = 0;
}

void resolver_hurry(struct resolver *resolver, int64_t deadline_ms)
{
    if (deadline_ms < resolver->deadline_ms)
        resolver->deadline_ms = deadline_ms;
}

void resolver_end(struct resolver *resolver)
{
    give_up(resolver, "");
    resolver->n_questions = 0;
    resolver->arena = NULL;
}

void resolver_start(struct resolver *resolver, const char *name, enum dns_type type)
{
    if (name_can_be_asked(name, 1))
        (void)find_or_add(resolver, name, type);
}

const struct dns_answer *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type)
{
    if (!name_can_be_asked(name, 1))
        return &answer_void;
    struct question *question = find_or_add(resolver, name, type);
    if (!question)
        return resolver->n_questions == RESOLVER_QUESTIONS_MAX ? &answer_too_many : &answer_no_room;
    wait_for(resolver, question);
    return &question->answer;
}

/* A name that libunbound answers by itself: finishes the context and makes its worker without a packet sent.
 */
enum result resolver_warm(struct resolver *resolver, struct problem *problem)
{
    struct arena *arena = arena_new(1024 * 1024);
    if (!arena)
        return problem_set(problem, RESULT_TRY_LATER, "resolver: no memory");
    resolver_begin(resolver, arena, clock_monotonic_ms() + QUIET_MS);
    const struct dns_answer *answer = resolver_ask(resolver, "warm-up.invalid", DNS_TXT);
    bool works = answer->status == DNS_VOID;
    enum result result = works ? RESULT_OK
                               : problem_set(problem, RESULT_BAD_INPUT,
                                             "resolver: libunbound does not start: %s", answer->why);
    resolver_end(resolver);
    arena_free(arena);
    return result;
}
