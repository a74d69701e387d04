/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/forecast.h"
#include "daemon/generation.h"
#include "daemon/signing.h"
#include "helper/pages.h"
#include "journal/journal.h"
#include "mta/mta.h"
#include "policy/date.h"
#include "policy/registry.h"
#include "seal/check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGISTRY_WARN_DAYS = 30,
    KEYS_LOOK_MS = 2000,   /* have the homes of the keys changed, does one end? */
    KEYS_AGAIN_MS = 30000, /* after a ring that could not be made */
    IDLE_MS = 60 * 1000,   /* of a process that was started for a burst of mail, and of ourselves */
};

struct daemon {
    const char *config_path;
    pthread_mutex_t swap; /* guards these two */
    struct generation *current;
    unsigned long messages; /* that took a generation */
    struct journal *journal;
    int64_t refreshed_ms, looked_ms, warned_day; /* housekeeping's own, as are */
    int64_t busy_ms;                             /* the last time */
    bool rested;                                 /* since then */
    unsigned long seen;                          /* messages */
    struct forecast *forecast;
    struct signing_news signing;
};

static struct generation *current(struct daemon *daemon)
{
    pthread_mutex_lock(&daemon->swap);
    struct generation *generation = generation_ref(daemon->current);
    pthread_mutex_unlock(&daemon->swap);
    return generation;
}

struct generation *daemon_generation(struct daemon *daemon)
{
    pthread_mutex_lock(&daemon->swap);
    struct generation *generation = generation_ref(daemon->current);
    daemon->messages++;
    pthread_mutex_unlock(&daemon->swap);
    return generation;
}

/* At start there is no registry in force to stay with, so the last good one takes the place of a bad one. */
static enum result load(const char *path, bool falls_back, const struct config **config_out,
                        struct problem *problem)
{
    const struct config_trust trust = {.verify = seal_verify_registry, .falls_back = falls_back};
    return config_load_trusted(path, &trust, config_out, problem);
}

static void say_fallback(const struct config *config)
{
    if (config->registry_file.trust == REGISTRY_KEPT)
        log_error("alert: registry refused, the last good one (serial %lld) is in force: %s",
                  (long long)registry_serial(config->registry), config->registry_file.refused);
}

static void say_warnings(const struct config *config)
{
    for (size_t i = 0; config->warnings[i]; i++)
        log_warning("%s", config->warnings[i]);
}

static void say_untried(const struct generation *generation)
{
    struct problem problem = {""};
    if (sealer_trouble(generation->sealer, &problem) != RESULT_OK)
        log_error("alert: keys: what must be sealed is put off: %s", problem.text);
}

enum result daemon_new(const char *config_path, struct daemon **daemon_out, struct problem *problem)
{
    const struct config *config = NULL;
    struct daemon *daemon = calloc(1, sizeof *daemon);
    if (!daemon)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    daemon->config_path = config_path;
    daemon->refreshed_ms = daemon->busy_ms = clock_monotonic_ms();
    daemon->forecast = forecast_new();
    (void)pthread_mutex_init(&daemon->swap, NULL);
    enum result result = load(config_path, true, &config, problem);
    /* Before all that a khatmd which serves there has open. */
    if (result == RESULT_OK)
        result = mta_try(config->socket, problem);
    if (result == RESULT_OK)
        result = journal_open(config->journal.store, config->journal.wait_ms, &daemon->journal, problem);
    if (result == RESULT_OK)
        result = generation_new(config, &daemon->current, problem);
    else
        config_unref(config);
    if (result == RESULT_OK && !daemon->forecast)
        result = problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (result == RESULT_OK)
        result = config_keep_registry(daemon->current->config, problem);
    if (result != RESULT_OK) {
        daemon_free(daemon);
        return result;
    }
    say_fallback(daemon->current->config);
    say_warnings(daemon->current->config);
    say_untried(daemon->current);
    signing_begin(&daemon->signing, daemon->current);
    *daemon_out = daemon;
    return RESULT_OK;
}

void daemon_free(struct daemon *daemon)
{
    if (!daemon)
        return;
    generation_unref(daemon->current);
    journal_close(daemon->journal);
    forecast_free(daemon->forecast);
    (void)pthread_mutex_destroy(&daemon->swap);
    free(daemon);
}

/* What a running daemon holds open and cannot exchange; NULL: nothing of it changed. */
static const char *changed_for_good(const struct config *next, const struct config *old)
{
    if (strcmp(next->journal.store, old->journal.store) != 0)
        return "journal.store";
    if (strcmp(next->socket, old->socket) != 0)
        return "socket";
    if (strcmp(next->state, old->state) != 0)
        return "state";
    return NULL;
}

enum result daemon_reload(struct daemon *daemon, struct problem *problem)
{
    const struct config *config = NULL;
    struct generation *next = NULL, *old = current(daemon);
    enum result result = load(daemon->config_path, false, &config, problem);
    if (result == RESULT_OK && config_is_same(config, old->config)) {
        config_unref(config);
        result = sealer_refresh(old->sealer, problem);
        signing_look(&daemon->signing, old);
        generation_unref(old);
        return result;
    }
    const char *fixed = result == RESULT_OK ? changed_for_good(config, old->config) : NULL;
    if (fixed) {
        config_unref(config);
        result = problem_set(problem, RESULT_BAD_INPUT, "%s: %s cannot change while running: restart khatmd",
                             daemon->config_path, fixed);
    } else if (result == RESULT_OK) {
        result = generation_new(config, &next, problem);
        /* The keys in use were tried; those of a new ring have to be before they replace them. */
        if (result == RESULT_OK && sealer_trouble(old->sealer, problem) == RESULT_OK)
            result = sealer_trouble(next->sealer, problem);
        if (result != RESULT_OK)
            generation_unref(next);
    }
    if (result == RESULT_OK) { /* the configuration is next's now */
        result = config_keep_registry(config, problem);
        if (result != RESULT_OK)
            generation_unref(next);
    }
    if (result == RESULT_OK) {
        say_warnings(config);
        signing_begin(&daemon->signing, next);
        pthread_mutex_lock(&daemon->swap);
        daemon->current = next;
        pthread_mutex_unlock(&daemon->swap);
        generation_unref(old); /* the daemon's own reference */
    }
    generation_unref(old);
    return result;
}

/* Once a day, a month ahead: a registry that ends stays in force only until the next start. */
static void warn_of_end(struct daemon *daemon, const struct config *config)
{
    char day[DATE_ROOM];
    int64_t now = clock_wall_ms() / 1000, ends = config_registry_ends(config);
    if (now / DAY_SECONDS == daemon->warned_day)
        return;
    daemon->warned_day = now / DAY_SECONDS;
    date_format(ends, day);
    if (ends && ends - now < REGISTRY_WARN_DAYS * DAY_SECONDS)
        log_warning("alert: registry: from %s on it is refused: get the next issue from the authority", day);
}

static void say_failed(struct sealer *sealer, const struct problem *problem)
{
    struct problem untried;
    bool waits = sealer_trouble(sealer, &untried) != RESULT_OK;
    log_error("alert: keys: refresh failed, %s: %s",
              waits ? "what must be sealed is put off" : "the keys known so far stay in use", problem->text);
}

/* A key that was taken in mends refusals at once; between changes a look costs a few stat(2). */
static void look_at_keys(struct daemon *daemon, const struct generation *generation)
{
    struct problem problem = {""};
    struct sealer *const pools[] = {generation->sealer, generation->unsealer};
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms < daemon->looked_ms)
        return;
    daemon->looked_ms = now_ms + KEYS_LOOK_MS;
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        if (!pools[i] || sealer_is_current(pools[i]))
            continue;
        if (sealer_refresh(pools[i], &problem) == RESULT_OK) {
            log_info("keys: their home changed, a new ring is in use");
        } else {
            daemon->looked_ms = now_ms + KEYS_AGAIN_MS;
            say_failed(pools[i], &problem);
        }
    }
    forecast_say(daemon->forecast, generation->config, sealer_keys(generation->sealer),
                 clock_wall_ms() / 1000);
}

/* What a burst of mail or the start left in memory is given back when it is quiet: once. */
static void rest(struct daemon *daemon, const struct generation *generation)
{
    enum { OWN_REFERENCES = 2 }; /* the daemon's and housekeeping's */
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&daemon->swap);
    bool busy = daemon->messages != daemon->seen || generation->references > OWN_REFERENCES;
    daemon->seen = daemon->messages;
    pthread_mutex_unlock(&daemon->swap);
    if (busy) {
        daemon->busy_ms = now_ms;
        daemon->rested = false;
    } else if (!daemon->rested && now_ms - daemon->busy_ms >= IDLE_MS) {
        daemon->rested = true;
        pages_rest();
    }
}

void daemon_housekeeping(struct daemon *daemon)
{
    struct problem problem = {""};
    struct generation *generation = current(daemon);
    if (clock_monotonic_ms() - daemon->refreshed_ms >= generation->config->sealing.refresh_ms) {
        daemon->refreshed_ms = clock_monotonic_ms();
        if (sealer_refresh(generation->sealer, &problem) != RESULT_OK ||
            (generation->unsealer && sealer_refresh(generation->unsealer, &problem) != RESULT_OK))
            say_failed(generation->sealer, &problem);
    }
    look_at_keys(daemon, generation);
    generation_retire(generation, IDLE_MS);
    rest(daemon, generation);
    signing_look(&daemon->signing, generation);
    warn_of_end(daemon, generation->config);
    generation_unref(generation);
}

bool daemon_observes(struct daemon *daemon)
{
    struct generation *generation = current(daemon);
    bool observes = generation->config->mode == MODE_OBSERVE;
    generation_unref(generation);
    return observes;
}

const struct config *daemon_config(struct daemon *daemon)
{
    struct generation *generation = current(daemon);
    const struct config *config = config_ref(generation->config);
    generation_unref(generation);
    return config;
}

struct journal *daemon_journal(struct daemon *daemon)
{
    return daemon->journal;
}
