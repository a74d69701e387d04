/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "config/status.h"
#include "daemon/daemon.h"
#include "daemon/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum {
    LOOK_MS = 1000,
    LOOK_SOON_MS = 250,
    PAIR_MS = 30000, /* for the other half of registry and signature */
    /* After a failure that may be over by then; after a refusal, since a day that is yet to come comes. */
    AGAIN_MS = 60000,
    AGAIN_REFUSED_MS = 3600000,
};

struct reload {
    struct watch *watch;
    struct status status;
    char *directory;     /* where the status is; NULL: nowhere yet */
    bool cannot_tell;    /* said so in the log */
    struct problem said; /* of a refusal, in the log */
    int64_t say_ms;      /* a refusal is to be said then, unless it is mended; 0: none */
    int64_t again_ms;    /* 0: it is not to be tried again */
};

enum result reload_new(const char *config_path, struct reload **reload_out, struct problem *problem)
{
    struct reload *reload = calloc(1, sizeof *reload);
    if (reload)
        reload->watch = watch_new(config_path);
    if (!reload || !reload->watch || watch_note(reload->watch) != RESULT_OK) {
        reload_free(reload);
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    }
    *reload_out = reload;
    return RESULT_OK;
}

void reload_free(struct reload *reload)
{
    if (!reload)
        return;
    if (reload->directory)
        status_remove(reload->directory);
    free(reload->directory);
    watch_free(reload->watch);
    free(reload);
}

/* For `khatm reload`; the daemon itself does not depend on it. */
static void tell(struct reload *reload, struct daemon *daemon, enum result result, const char *why)
{
    struct problem problem = {""};
    struct status *status = &reload->status;
    const struct config *config = daemon_config(daemon);
    bool later = result == RESULT_TRY_LATER || result == RESULT_UNCERTAIN;
    status->outcome = result == RESULT_OK ? STATUS_IN_FORCE : later ? STATUS_LATER : STATUS_REFUSED;
    status->time = clock_wall_ms() / 1000;
    (void)snprintf(status->digest, sizeof status->digest, "%s", config->digest);
    (void)snprintf(status->why, sizeof status->why, "%s", why);
    if (!reload->directory)
        reload->directory = strdup(config->state);
    if (reload->directory && status_write(reload->directory, status, &problem) != RESULT_OK &&
        !reload->cannot_tell) {
        reload->cannot_tell = true;
        log_warning("khatm reload will not learn what comes of it: %s", problem.text);
    }
    config_unref(config);
}

static void say(struct reload *reload)
{
    reload->say_ms = 0;
    log_error("reload refused, what was in force stays: %s", reload->said.text);
}

static enum result attempt(struct reload *reload, struct daemon *daemon, struct problem *problem)
{
    (void)sd_notify(0, "RELOADING=1");
    enum result result = watch_note(reload->watch);
    if (result == RESULT_OK)
        result = daemon_reload(daemon, problem);
    else
        (void)problem_set(problem, result, "no memory");
    (void)sd_notify(0, "READY=1");
    reload->status.attempts++;
    reload->again_ms = clock_monotonic_ms() + (result == RESULT_BAD_INPUT ? AGAIN_REFUSED_MS : AGAIN_MS);
    if (result == RESULT_OK) {
        watch_accept(reload->watch);
        reload->said = (struct problem){""};
        reload->say_ms = reload->again_ms = 0;
    }
    tell(reload, daemon, result, result == RESULT_OK ? "" : problem->text);
    return result;
}

void reload_begin(struct reload *reload, struct daemon *daemon)
{
    const struct config *config = daemon_config(daemon);
    bool kept = config->registry_file.trust == REGISTRY_KEPT;
    const char *why = kept ? config->registry_file.refused : "";
    watch_accept(reload->watch);
    if (kept) { /* the daemon said so */
        (void)problem_set(&reload->said, RESULT_BAD_INPUT, "%s", why);
        reload->again_ms = clock_monotonic_ms() + AGAIN_REFUSED_MS;
    }
    if (status_self(&reload->status) == RESULT_OK)
        tell(reload, daemon, kept ? RESULT_BAD_INPUT : RESULT_OK, why);
    config_unref(config);
}

void reload_now(struct reload *reload, struct daemon *daemon)
{
    struct problem problem = {""};
    if (attempt(reload, daemon, &problem) == RESULT_OK) {
        log_info("reloaded");
        return;
    }
    reload->said = problem;
    say(reload);
}

/* again: nothing changed, so that the same is not said twice. */
static void try_by_itself(struct reload *reload, struct daemon *daemon, bool again)
{
    struct problem problem = {""};
    if (attempt(reload, daemon, &problem) == RESULT_OK) {
        log_info("reloaded: its files changed");
        return;
    }
    if (again && strcmp(problem.text, reload->said.text) == 0)
        return;
    reload->said = problem;
    if (watch_pair_is_half(reload->watch))
        reload->say_ms = clock_monotonic_ms() + PAIR_MS;
    else
        say(reload);
}

static bool is_wanted(struct daemon *daemon)
{
    const struct config *config = daemon_config(daemon);
    bool wanted = config->reloads_by_itself;
    config_unref(config);
    return wanted;
}

int reload_look(struct reload *reload, struct daemon *daemon)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!is_wanted(daemon))
        return LOOK_MS;
    enum watch_sight sight = watch_look(reload->watch, now_ms);
    if (sight == WATCH_UNSETTLED)
        return LOOK_SOON_MS;
    bool again = reload->again_ms && now_ms >= reload->again_ms;
    if (sight == WATCH_CHANGED || again)
        try_by_itself(reload, daemon, sight != WATCH_CHANGED);
    else if (reload->say_ms && now_ms >= reload->say_ms)
        say(reload);
    return LOOK_MS;
}
