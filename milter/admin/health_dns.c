/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/health.h"

#include "admin/cage.h"
#include "admin/own_keys.h"
#include "base/public_key.h"
#include "survey/suggest.h"
#include "survey/survey.h"

#include <stdio.h>
#include <string.h>

/* What other gateways will see of our own mail. The answers of DNS are read in the cage, which writes three
 * lines a finding: the number of its check, what it is, what mends it. */

enum { ARENA_MAX = 32 * 1024 * 1024, PARTS = 3, MARGIN_MS = 5000, DOMAINS_MAX = 16, TXT_STRING_MAX = 255 };
enum own { OWN_SPF, OWN_DKIM, OWN_DMARC, OWN_DNS };

static const char *const checks[] = {
    [OWN_SPF] = "own-spf", [OWN_DKIM] = "own-dkim", [OWN_DMARC] = "own-dmarc", [OWN_DNS] = "own-dns"};

struct job {
    struct survey_request request;
    const char *const *domains; /* NULL-terminated */
};

struct saying {
    FILE *out;
    const struct survey *survey;
    const struct suggestions *suggestions;
};

/* A TXT record's strings have at most 255 octets each. What has escapes in it is never as long. */
static void put_record(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, "publish: %s. IN TXT \"", name);
    for (size_t octets = 0; *value; value++) {
        if (octets++ == TXT_STRING_MAX) {
            (void)fputs("\" \"", out);
            octets = 1;
        }
        (void)fputc(*value, out);
    }
    (void)fputs("\"\n", out);
}

/* The suggestion for that name, else the command that says more. */
static void say(const struct saying *saying, enum own check, const char *name, const char *what,
                const char *why)
{
    const char *domain = saying->survey->domain;
    (void)fprintf(saying->out, "%d\n%s %s%s%s\n", (int)check, domain, what, *why ? ": " : "", why);
    for (size_t i = 0; i < saying->suggestions->n; i++)
        if (check != OWN_DNS && strcmp(saying->suggestions->all[i].name, name) == 0) {
            put_record(saying->out, name, saying->suggestions->all[i].value);
            return;
        }
    (void)fprintf(saying->out, "khatm domains test %s\n", domain);
}

static void say_state(const struct saying *saying, enum own check, enum survey_state state, const char *name,
                      const char *why)
{
    static const char *const records[] = {
        [OWN_SPF] = "SPF record", [OWN_DKIM] = "DKIM key", [OWN_DMARC] = "DMARC policy"};
    char what[80];
    if (state == SURVEY_GOOD || state == SURVEY_UNKNOWN)
        return;
    (void)snprintf(what, sizeof what, state == SURVEY_ABSENT ? "publishes no %s" : "publishes a wrong %s",
                   records[check]);
    say(saying, check, name, what, state == SURVEY_ABSENT ? "" : why);
}

static bool is_unknown(const struct survey *survey)
{
    bool keys = false;
    for (size_t i = 0; i < survey->n_keys; i++)
        keys = keys || survey->keys[i].state == SURVEY_UNKNOWN;
    return keys || survey->spf.state == SURVEY_UNKNOWN || survey->dmarc.state == SURVEY_UNKNOWN;
}

/* One good key is enough, but for those that sign here. */
static void say_keys(const struct saying *saying, struct arena *arena)
{
    const struct survey *survey = saying->survey;
    bool has_good = false;
    for (size_t i = 0; i < survey->n_keys; i++)
        has_good = has_good || survey->keys[i].state == SURVEY_GOOD;
    for (size_t i = 0; i < survey->n_keys; i++) {
        const struct survey_key *key = &survey->keys[i];
        if (has_good && !key->own)
            continue;
        const char *name = arena_printf(arena, "%s._domainkey.%s", key->selector, survey->domain);
        say_state(saying, OWN_DKIM, key->state, name ? name : "", key->why);
    }
}

static bool look_at(const struct job *job, struct survey *survey, FILE *out)
{
    struct suggestions suggestions;
    const struct saying saying = {.out = out, .survey = survey, .suggestions = &suggestions};
    const char *dmarc = arena_printf(job->request.arena, "_dmarc.%s", job->request.domain);
    survey_run(&job->request, survey);
    suggest(survey, job->request.arena, &suggestions);
    say_state(&saying, OWN_SPF, survey->spf.state, survey->domain, survey->spf.why);
    say_keys(&saying, job->request.arena);
    say_state(&saying, OWN_DMARC, survey->dmarc.state, dmarc ? dmarc : "", survey->dmarc.why);
    if (is_unknown(survey))
        say(&saying, OWN_DNS, "", "cannot be looked at now: DNS did not say what it publishes",
            survey->spf.state == SURVEY_UNKNOWN ? survey->spf.why : survey->dmarc.why);
    return !is_unknown(survey);
}

/* In the cage. Where DNS is silent it is not waited for again. */
static int look(void *context, FILE *out)
{
    struct job *job = context;
    struct survey *survey = arena_alloc(job->request.arena, 1, sizeof *survey);
    bool answered = survey != NULL;
    for (size_t i = 0; answered && i < DOMAINS_MAX && job->domains[i]; i++) {
        job->request.domain = job->domains[i];
        answered = look_at(job, survey, out);
    }
    return 0;
}

/* Lines of the child, which a stranger's bytes may have taken over: only a known check becomes a finding. */
static void take(struct doctor *doctor, char *text)
{
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        const char *what = strtok_r(NULL, "\n", &save), *mend = strtok_r(NULL, "\n", &save);
        size_t check = (size_t)(unsigned char)*line - '0';
        if (!what || !mend || check >= sizeof checks / sizeof *checks)
            return;
        doctor_say(doctor, DOCTOR_WARNING, checks[check], what, mend);
    }
}

static void ask(struct doctor *doctor, struct job *job)
{
    struct problem problem = {""};
    struct buffer said;
    int code = 0;
    size_t n = 0;
    while (n < DOMAINS_MAX && job->domains[n])
        n++;
    const struct cage_work work = {
        .run = look, .context = job, .wall_ms = (int64_t)n * PARTS * job->request.deadline_ms + MARGIN_MS};
    buffer_init(&said, CAGE_SAYS_MAX);
    public_key_warm();
    enum result result = cage_run(&work, &said, &code, &problem);
    char *text = result == RESULT_OK ? arena_strdup(doctor->arena, buffer_text(&said)) : NULL;
    buffer_free(&said);
    if (text)
        take(doctor, text);
    else
        doctor_say(doctor, DOCTOR_WARNING, checks[OWN_DNS],
                   doctor_text(doctor, "DNS could not be asked: %s",
                               result == RESULT_OK ? "no memory" : problem.text),
                   doctor_text(doctor, "khatm domains test %s", job->domains[0]));
}

void health_check_dns(struct doctor *doctor, const char *const *selectors, size_t n_selectors)
{
    const struct config *config = doctor->config;
    const struct resolver_settings settings = {.servers = config->resolver.servers,
                                               .n_servers = config->resolver.n_servers,
                                               .trust_anchors = config->resolver.trust_anchors};
    struct problem problem = {""};
    struct resolver *resolver = NULL;
    struct job job = {.request = {.arena = arena_new(ARENA_MAX),
                                  .deadline_ms = config->resolver.deadline_ms,
                                  .selectors = selectors,
                                  .n_selectors = n_selectors},
                      .domains = config->local_domains};
    enum result result = job.request.arena ? resolver_new(&settings, &resolver, &problem) : RESULT_TRY_LATER;
    if (result == RESULT_OK)
        result = resolver_warm(resolver, &problem);
    job.request.resolver = resolver;
    struct problem closed = {""};
    if (result == RESULT_OK && own_keys_read(config, &job.request, &closed) != RESULT_OK)
        doctor_say(doctor, DOCTOR_TROUBLE, checks[OWN_DKIM],
                   doctor_text(doctor, "what leaves cannot be signed: %s", closed.text), "khatm check");
    if (result == RESULT_OK)
        ask(doctor, &job);
    else
        doctor_say(doctor, DOCTOR_WARNING, checks[OWN_DNS],
                   doctor_text(doctor, "DNS cannot be asked: %s", problem.text), "khatm check");
    resolver_free(resolver);
    arena_free(job.request.arena);
}
