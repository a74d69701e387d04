/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/trial.h"

#include "base/clock.h"
#include "base/fd.h"
#include "seal/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ALL_BASE_MS = 60 * 1000, /* for the whole, and for each key */
    ONE_MOST_MS = 5000,      /* for one gpg, or settings->deadline_ms when that is less, and for each key */
    ONE_LEAST_MS = 1000,
    KEY_MS = 50,
    PARTS = 8,           /* a group that fails is tried again in so many */
    DOUBTS_AT_FIRST = 2, /* so many keys in doubt before one was good: it is gpg */
};

static const char FIELDS[] = "Content-Type: text/plain\r\n";
static const char BODY[] = "Khatm tries a key.\r\n";

enum outcome {
    GOOD,
    REFUSED, /* by gpg, for what is in one of the keys */
    DOUBT,   /* it was not sealed */
};

struct trial {
    const struct trial_place *place;
    struct key_candidate *keys;
    size_t n;
    size_t *doubts; /* places in `keys` */
    size_t n_doubts;
    const struct key_candidate *good; /* one to which gpg can encrypt */
    struct client_wanted *wanted;
    int message_fd, output_fd;
    int64_t deadline_ms;
    struct problem said; /* by the last one that was not good */
};

static int64_t attempt_deadline(const struct trial *trial, size_t n)
{
    int64_t most_ms = trial->place->settings->deadline_ms;
    if (most_ms > ONE_MOST_MS)
        most_ms = ONE_MOST_MS;
    if (most_ms < ONE_LEAST_MS)
        most_ms = ONE_LEAST_MS;
    int64_t until_ms = clock_monotonic_ms() + most_ms + KEY_MS * (int64_t)n;
    return until_ms < trial->deadline_ms ? until_ms : trial->deadline_ms;
}

static enum result ready_process(const struct trial_place *place, struct problem *problem)
{
    const char *const argv[] = {place->settings->program, place->settings->gpg, place->ring, NULL};
    if (helper_alive(place->process))
        return RESULT_OK;
    helper_kill(place->process);
    return helper_start(place->process, argv, problem);
}

/* Two keys may have one subkey; gpg takes it once. */
static void want(struct client_wanted *wanted, const struct key_candidate *keys, size_t n)
{
    wanted->n = 0;
    for (size_t i = 0; i < n; i++) {
        size_t seen = 0;
        while (seen < wanted->n && wanted->key_ids[seen] != keys[i].key_id)
            seen++;
        if (seen < wanted->n)
            continue;
        memcpy(wanted->fingerprints[wanted->n], keys[i].fingerprint, sizeof keys[i].fingerprint);
        wanted->key_ids[wanted->n++] = keys[i].key_id;
    }
}

/* One gpg for n keys. */
static enum outcome attempt(struct trial *trial, const struct key_candidate *keys, size_t n)
{
    const struct trial_place *place = trial->place;
    const struct seal_request request = {.message_fd = trial->message_fd,
                                         .body_size = sizeof BODY - 1,
                                         .inner_header = FIELDS,
                                         .inner_header_size = sizeof FIELDS - 1,
                                         .boundary = "khatm-trial",
                                         .output_fd = trial->output_fd};
    struct seal_outcome outcome = {.refused = false};
    want(trial->wanted, keys, n);
    enum result result = ready_process(place, &trial->said);
    if (result == RESULT_OK && (ftruncate(trial->output_fd, 0) != 0 || lseek(trial->output_fd, 0, SEEK_SET)))
        result = problem_set(&trial->said, RESULT_TRY_LATER, "khatm-sealer: its output: %s", strerror(errno));
    if (result == RESULT_OK)
        result = client_seal_to(place->process, place->frame, trial->wanted, &request,
                                attempt_deadline(trial, n), &outcome, &trial->said);
    if (result == RESULT_OK)
        return GOOD;
    helper_kill(place->process);
    return outcome.refused ? REFUSED : DOUBT;
}

static enum result impossible(const struct trial *trial, struct problem *problem)
{
    const struct problem said = trial->said;
    return problem_set(problem, RESULT_TRY_LATER, "the keys cannot be tried: %s", said.text);
}

static enum result too_late(const struct trial *trial, struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "the keys cannot be tried: not within %lld s",
                       (long long)(ALL_BASE_MS + KEY_MS * (int64_t)trial->n) / 1000);
}

static enum result note(const struct trial *trial, const struct key_candidate *key, bool good,
                        struct problem *problem)
{
    static const char own[] = "khatm-sealer: ";
    const char *why = trial->said.text;
    char phrase[KEY_WHY_ROOM];
    if (strncmp(why, own, sizeof own - 1) == 0)
        why += sizeof own - 1;
    (void)snprintf(phrase, sizeof phrase, "%.*s", KEY_WHY_ROOM - 1, why);
    return key_table_tried(trial->place->table, key, good ? NULL : phrase)
               ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
}

/* Does gpg still do what it did? */
static enum result confirm(struct trial *trial, struct problem *problem)
{
    if (clock_left_ms(trial->deadline_ms) && attempt(trial, trial->good, 1) == GOOD)
        return RESULT_OK;
    return impossible(trial, problem);
}

/* What became of one key; one in doubt is tried once more when all others are done. */
static enum result settle(struct trial *trial, size_t at, enum outcome outcome, struct problem *problem)
{
    const struct key_candidate *key = &trial->keys[at];
    if (outcome == DOUBT) {
        trial->doubts[trial->n_doubts++] = at;
        return RESULT_OK;
    }
    if (outcome == GOOD)
        trial->good = key;
    return note(trial, key, outcome == GOOD, problem);
}

/* One after the other, until gpg has shown that it can. */
static enum result find_good(struct trial *trial, size_t *next, struct problem *problem)
{
    enum result result = RESULT_OK;
    while (result == RESULT_OK && !trial->good && *next < trial->n) {
        size_t at = (*next)++;
        if (!clock_left_ms(trial->deadline_ms))
            return too_late(trial, problem);
        result = settle(trial, at, attempt(trial, &trial->keys[at], 1), problem);
        if (result == RESULT_OK && !trial->good && trial->n_doubts == DOUBTS_AT_FIRST)
            result = impossible(trial, problem);
    }
    return result;
}

/* Of n keys from `first` on, each group as large as can be. */
static enum result search(struct trial *trial, size_t first, size_t n, size_t size, struct problem *problem)
{
    enum result result = RESULT_OK;
    for (size_t at = first, end = first + n; at < end && result == RESULT_OK; at += size) {
        size_t some = size < end - at ? size : end - at;
        if (!clock_left_ms(trial->deadline_ms))
            return too_late(trial, problem);
        enum outcome outcome = attempt(trial, &trial->keys[at], some);
        if (outcome == DOUBT)
            result = confirm(trial, problem);
        if (result == RESULT_OK && outcome != GOOD && some > 1)
            result = search(trial, at, some, (some + PARTS - 1) / PARTS, problem);
        else
            for (size_t i = 0; i < some && result == RESULT_OK; i++)
                result = settle(trial, at + i, outcome, problem);
    }
    return result;
}

static enum result try_doubts_again(struct trial *trial, struct problem *problem)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < trial->n_doubts && result == RESULT_OK; i++) {
        const struct key_candidate *key = &trial->keys[trial->doubts[i]];
        /* By another process: what came before it must not count. */
        helper_kill(trial->place->process);
        enum outcome outcome = attempt(trial, key, 1);
        const struct problem said = trial->said;
        if (outcome == DOUBT)
            result = trial->good ? confirm(trial, problem) : impossible(trial, problem);
        trial->said = said;
        if (result == RESULT_OK)
            result = note(trial, key, outcome == GOOD, problem);
    }
    return result;
}

static enum result run(struct trial *trial, struct problem *problem)
{
    size_t next = 0;
    enum result result = find_good(trial, &next, problem);
    if (result == RESULT_OK && next < trial->n)
        result = search(trial, next, trial->n - next, SEAL_RECIPIENTS_MAX, problem);
    return result == RESULT_OK ? try_doubts_again(trial, problem) : result;
}

enum result trial_run(const struct trial_place *place, struct problem *problem)
{
    struct trial trial = {.place = place, .message_fd = -1, .output_fd = -1};
    enum result result = RESULT_OK;
    trial.keys = key_table_candidates(place->table, clock_wall_ms() / 1000, &trial.n);
    trial.doubts = calloc(trial.n + 1, sizeof *trial.doubts);
    trial.wanted = malloc(sizeof *trial.wanted);
    trial.deadline_ms = clock_monotonic_ms() + ALL_BASE_MS + KEY_MS * (int64_t)trial.n;
    if (!trial.keys || !trial.doubts || !trial.wanted)
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    if (result == RESULT_OK)
        result = exchange_file(BODY, sizeof BODY - 1, &trial.message_fd, problem);
    if (result == RESULT_OK)
        result = exchange_file("", 0, &trial.output_fd, problem);
    if (result == RESULT_OK && trial.n)
        result = run(&trial, problem);
    if (result != RESULT_OK)
        key_table_untry(place->table);
    fd_close(&trial.message_fd);
    fd_close(&trial.output_fd);
    free(trial.keys);
    free(trial.doubts);
    free(trial.wanted);
    return result;
}
