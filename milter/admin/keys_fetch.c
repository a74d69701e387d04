/* SPDX-License-Identifier: Apache-2.0 */
/* `khatm keys fetch`: what other domains of the registry publish of the keys that we have of them. */
#include "admin/keys_take.h"
#include "policy/domain.h"
#include "seal/export.h"
#include "wkd/client.h"
#include "wkd/path.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERVERS_AT_ONCE = 16 };

/* What is shown while it goes on is written over by this. */
static const char blank_line[] = "\r                                                            \r";

struct question {
    const struct registry_entry *entry;
    char address[SEAL_ADDRESS_MAX + 1], fingerprint[FINGERPRINT_HEX]; /* as in struct keys_asked */
    char local[WKD_LOCAL_MAX + 1], domain[DOMAIN_ROOM];               /* of the address; canonical */
    bool taken_on;
};

/* Several threads ask, each a server of its own. All that is here, the world and what is printed are of one
 * of them at a time, which lets go while it waits for its server. */
struct round {
    struct keys_world *world;
    struct question *questions;
    size_t n_questions, n_done;
    const struct registry_entry *entry; /* that is looked at */
    int code;
    pthread_mutex_t lock;
    bool on_terminal;
};

/* One server, with a fetcher of its own. */
struct server {
    struct round *round;
    struct fetcher *fetcher;                        /* NULL: none runs */
    char said[FETCH_HOST_MAX + FETCH_WHY_MAX + 16]; /* the last complaint about it: told once */
    bool given_up;                                  /* for now */
    char found[FINGERPRINT_HEX]; /* a key that came under one of its addresses need not under others */
};

/* The gravest of all: what is not right, then what may be right later, then what ends. */
static void note(struct round *round, int code)
{
    static const int order[] = {EX_OK, KEYS_EXIT_SOON, KEYS_EXIT_UNUSABLE, EX_TEMPFAIL, EX_DATAERR};
    size_t old = 0, new = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        old = order[i] == round->code ? i : old;
        new = order[i] == code ? i : new;
    }
    round->code = order[new > old ? new : old];
}

static void complain(struct round *round, int code, const char *text)
{
    note(round, keys_complain(round->world->options, code, text));
}

/* False: no server of the entry that is looked at can be asked for that address. */
static bool aim(const struct round *round, const char *address, struct question *question)
{
    const char *at = strrchr(address, '@');
    if (!at || at - address > WKD_LOCAL_MAX || !domain_canonical(at + 1, question->domain) ||
        registry_find(round->world->config->registry, question->domain) != round->entry)
        return false;
    question->entry = round->entry;
    (void)snprintf(question->address, sizeof question->address, "%s", address);
    (void)snprintf(question->local, sizeof question->local, "%.*s", (int)(at - address), address);
    return true;
}

static void ask_for(struct round *round, const char *address, const char *fingerprint)
{
    struct question question = {.taken_on = false};
    if (!aim(round, address, &question))
        return;
    (void)snprintf(question.fingerprint, sizeof question.fingerprint, "%s", fingerprint);
    struct question *questions = realloc(round->questions, (round->n_questions + 1) * sizeof *questions);
    if (!questions) {
        complain(round, EX_TEMPFAIL, "no memory");
        return;
    }
    round->questions = questions;
    round->questions[round->n_questions++] = question;
}

/* Under the addresses that it has there: those that its owner gave it, and told us with it. */
static void ask_for_domain_key(struct round *round, struct seal_exporter *home, const char *fingerprint)
{
    struct problem problem = {""};
    struct buffer key;
    struct export_addresses addresses = {.n = 0};
    const struct export_key wanted = {.fingerprint = fingerprint};
    buffer_init(&key, 0);
    enum result result = seal_exporter_give(home, &wanted, &addresses, &key, &problem);
    buffer_free(&key);
    if (result == RESULT_TRY_LATER)
        complain(round, EX_TEMPFAIL, problem.text);
    for (size_t i = 0; result == RESULT_OK && i < addresses.n; i++)
        ask_for(round, addresses.addresses[i], fingerprint);
}

static void ask_for_person(void *context, const char *address, const char *certifier,
                           const struct key_info *key)
{
    struct round *round = context;
    if (outlook_entry_for(round->world->config->registry, address, certifier) == round->entry)
        ask_for(round, address, key->fingerprint);
}

/* Only others of the registry, and only while they count. */
static bool may_be_asked(const struct keys_world *world, const struct registry_entry *entry)
{
    return entry->key_fingerprint && !keys_is_own(world, entry) &&
           !(entry->expires && entry->expires <= world->now);
}

static enum result open_home(const struct keys_world *world, struct seal_exporter **home_out,
                             struct problem *problem)
{
    const struct registry *registry = world->config->registry;
    size_t n = 0;
    char(*names)[FINGERPRINT_HEX] = calloc(2 * registry_count(registry) + 1, sizeof *names);
    if (!names)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (entry->key_fingerprint)
            memcpy(names[n++], entry->key_fingerprint, sizeof *names);
        if (entry->signing_fingerprint)
            memcpy(names[n++], entry->signing_fingerprint, sizeof *names);
    }
    enum result result = n ? seal_exporter_open(&world->config->sealing,
                                                (const char(*)[FINGERPRINT_HEX])names, n, home_out, problem)
                           : RESULT_NOT_FOUND;
    free(names);
    return result;
}

/* Everything of ours that somebody else could have renewed or revoked. domain: NULL: of all. */
static void collect(struct round *round, const char *domain)
{
    struct keys_world *world = round->world;
    const struct registry *registry = world->config->registry;
    struct problem problem = {""};
    struct seal_exporter *home = NULL;
    keys_ask(world);
    enum result result = open_home(world, &home, &problem);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND)
        complain(round, EX_TEMPFAIL, problem.text);
    for (size_t i = 0; i < registry_count(registry) && home; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (!may_be_asked(world, entry) || (domain && strcmp(entry->domain, domain) != 0))
            continue;
        round->entry = entry;
        ask_for_domain_key(round, home, entry->key_fingerprint);
        if (entry->signing_fingerprint && strcmp(entry->signing_fingerprint, entry->key_fingerprint) != 0)
            ask_for_domain_key(round, home, entry->signing_fingerprint);
        if (world->sealer && entry->user_keys != USER_KEYS_NEVER)
            keys_each_person(sealer_keys(world->sealer), world->now, ask_for_person, round);
    }
    seal_exporter_free(home);
}

/* A line that the next one writes over. */
static void show_progress(const struct round *round)
{
    if (round->on_terminal)
        (void)fprintf(stderr, "\rasked for %zu of %zu keys", round->n_done, round->n_questions);
}

static void hide_progress(const struct round *round)
{
    if (round->on_terminal)
        (void)fputs(blank_line, stderr);
}

/* Ctrl-C: the shell's next line would begin behind what is shown. */
static void leave_terminal(int signal)
{
    (void)!write(STDERR_FILENO, blank_line, sizeof blank_line - 1);
    (void)raise(signal); /* its default is back */
}

/* Who is told to ignore them goes on ignoring them. */
static void watch_interrupts(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction leave = {.sa_handler = leave_terminal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction now;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &leave, NULL);
}

static void hold(struct round *round)
{
    (void)pthread_mutex_lock(&round->lock);
    hide_progress(round);
}

static void let_go(struct round *round)
{
    show_progress(round);
    (void)pthread_mutex_unlock(&round->lock);
}

static void start_fetcher(struct server *server)
{
    struct round *round = server->round;
    struct problem problem = {""};
    const struct config *config = round->world->config;
    let_go(round);
    enum result result = fetcher_start(&config->wkd, &config->resolver, &server->fetcher, &problem);
    hold(round);
    if (result == RESULT_OK)
        return;
    server->fetcher = NULL;
    complain(round, EX_TEMPFAIL, problem.text);
}

static void tell_outcome(struct server *server, const struct question *question, enum fetch_outcome outcome,
                         const struct fetch_said *said)
{
    struct round *round = server->round;
    char line[sizeof server->said + SEAL_ADDRESS_MAX + 64], complaint[sizeof server->said];
    bool absent = outcome == FETCH_NOT_PUBLISHED;
    /* Nobody need publish anything; who named an address wants to know. */
    int code = outcome == FETCH_FAILED ? EX_TEMPFAIL
               : absent && !strchr(round->world->options->object ? round->world->options->object : "", '@')
                   ? EX_OK
                   : EX_DATAERR;
    server->given_up = outcome == FETCH_FAILED;
    note(round, code);
    (void)snprintf(complaint, sizeof complaint, "%s: %s", said->host, said->why);
    if (!absent && strcmp(complaint, server->said) == 0)
        return;
    memcpy(server->said, complaint, sizeof complaint);
    (void)snprintf(line, sizeof line, "%s: not fetched: %s", question->address, complaint);
    (void)keys_complain(round->world->options, 0, line);
}

static void take(struct server *server, const struct question *question, const struct buffer *key,
                 const char *host)
{
    struct round *round = server->round;
    struct problem problem = {""};
    struct keys_taken taken;
    char line[sizeof problem.text + SEAL_ADDRESS_MAX + FETCH_HOST_MAX + 64];
    const struct keys_asked asked = {question->entry, question->address, question->fingerprint};
    enum result result = keys_take(round->world, key, &asked, &taken, &problem);
    if (result != RESULT_OK) {
        (void)snprintf(line, sizeof line, "%s: what %s hands out is not taken in: %s", question->address,
                       host, problem.text);
        complain(round, result == RESULT_BAD_INPUT ? EX_DATAERR : EX_TEMPFAIL, line);
        return;
    }
    (void)snprintf(server->found, sizeof server->found, "%s", taken.fingerprint);
    if (taken.changed)
        note(round, keys_taken_say(round->world, &taken));
    else if (round->world->options->object)
        (void)printf("nothing new: the key %s of %s\n", taken.fingerprint, question->address);
}

static void put(struct server *server, const struct question *question)
{
    struct round *round = server->round;
    struct fetch_said said = {.host = ""};
    struct buffer key;
    if (!server->fetcher || server->given_up ||
        (server->found[0] && strcmp(server->found, question->fingerprint) == 0))
        return;
    buffer_init(&key, FETCH_KEY_MAX);
    let_go(round);
    enum fetch_outcome outcome = fetcher_get(server->fetcher, question->local, question->domain, &key, &said);
    hold(round);
    if (outcome == FETCH_FOUND)
        take(server, question, &key, said.host);
    else
        tell_outcome(server, question, outcome, &said);
    buffer_free(&key);
}

/* From the first question that nobody has taken on: all that go to the same server, one after the other. */
static void ask_server(struct round *round, size_t first)
{
    struct server server = {.round = round};
    const char *domain = round->questions[first].domain;
    for (size_t i = first; i < round->n_questions; i++)
        if (strcmp(round->questions[i].domain, domain) == 0)
            round->questions[i].taken_on = true;
    start_fetcher(&server);
    for (size_t i = first; i < round->n_questions; i++)
        if (strcmp(round->questions[i].domain, domain) == 0) {
            put(&server, &round->questions[i]);
            round->n_done++;
        }
    fetcher_free(server.fetcher);
}

static void *ask_servers(void *context)
{
    struct round *round = context;
    hold(round);
    for (size_t i = 0; i < round->n_questions; i++)
        if (!round->questions[i].taken_on)
            ask_server(round, i);
    let_go(round);
    return NULL;
}

/* Who does not answer is waited for as long as the deadline says: the others do not wait for it. */
static void ask_all(struct round *round)
{
    pthread_t threads[SERVERS_AT_ONCE - 1]; /* and this one */
    size_t n = 0;
    (void)pthread_mutex_init(&round->lock, NULL);
    round->on_terminal = round->n_questions && isatty(STDERR_FILENO);
    if (round->on_terminal)
        watch_interrupts();
    while (n + 1 < SERVERS_AT_ONCE && n + 1 < round->n_questions &&
           pthread_create(&threads[n], NULL, ask_servers, round) == 0)
        n++;
    (void)ask_servers(round);
    for (size_t i = 0; i < n; i++)
        (void)pthread_join(threads[i], NULL);
    hide_progress(round);
    (void)pthread_mutex_destroy(&round->lock);
}

/* ADDRESS or DOMAIN. EX_OK, or the exit code, having complained. */
static int find_entry(struct round *round, const char *object)
{
    const struct keys_world *world = round->world;
    char domain[DOMAIN_ROOM], line[SEAL_ADDRESS_MAX + 160];
    const char *at = strrchr(object, '@');
    if (strlen(object) > SEAL_ADDRESS_MAX || at == object || (at && at - object > WKD_LOCAL_MAX) ||
        !domain_canonical(at ? at + 1 : object, domain))
        return keys_complain(world->options, EX_DATAERR, "that is neither a domain nor an address");
    round->entry = registry_find(world->config->registry, domain);
    if (round->entry && may_be_asked(world, round->entry))
        return EX_OK;
    (void)snprintf(line, sizeof line, "%.253s is %s: it is not asked", domain,
                   !round->entry                      ? "in no entry of the registry"
                   : keys_is_own(world, round->entry) ? "ours"
                                                      : "of an entry that has ended or has no key");
    return keys_complain(world->options, EX_DATAERR, line);
}

static int fetch(struct keys_world *world)
{
    const char *object = world->options->object;
    struct problem problem = {""};
    struct round round = {.world = world};
    if (!world->config->wkd.fetches)
        return keys_complain(
            world->options, EX_CONFIG,
            "no server is asked for keys: fetch = yes in section wkd of khatm.conf(5) turns it on");
    int code = object ? find_entry(&round, object) : EX_OK;
    if (code != EX_OK)
        return code;
    if (keys_ready_home(world, &problem) != RESULT_OK)
        return keys_complain(world->options, EX_TEMPFAIL, problem.text);
    if (object && strchr(object, '@'))
        ask_for(&round, object, "");
    else
        collect(&round, round.entry ? round.entry->domain : NULL);
    if (object && !round.n_questions && round.code == EX_OK)
        complain(
            &round, EX_DATAERR,
            "no key of that domain is here, so that no address of it is known: khatm keys fetch ADDRESS");
    ask_all(&round);
    free(round.questions);
    return round.code;
}

int keys_fetch(const struct keys_options *options)
{
    struct keys_world world;
    int code = keys_open(options, &world);
    if (code == EX_OK)
        code = fetch(&world);
    keys_close(&world);
    return code;
}
