/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains_test.h"

#include "admin/cage.h"
#include "admin/domains.h"
#include "admin/own_keys.h"
#include "admin/scratch.h"
#include "base/public_key.h"
#include "dns/name.h"
#include "policy/domain.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

enum { ARENA_MAX = 32 * 1024 * 1024, PARTS = 3, MARGIN_MS = 5000 };

/* All that the child needs. */
struct job {
    const struct domains_options *options;
    const struct registry_entry *entry;
    struct survey_request request;
    struct printer printer;
    int64_t now;
};

static void judge(const struct job *job, struct domains_tested *tested)
{
    const struct registry_entry *entry = job->entry;
    struct demand_answer answer;
    tested->entry = entry;
    tested->expired = entry && entry->expires && entry->expires <= job->now;
    tested->demand =
        (struct demand){.proof = entry ? entry->proof : PROOF_BOTH, .dnssec = entry && entry->dnssec};
    demands_judge(&tested->survey, &tested->demand, &tested->answer);
    for (int proof = 0; proof < PROOF_COUNT; proof++) {
        const struct demand other = {.proof = (enum registry_proof)proof, .dnssec = tested->demand.dnssec};
        demands_judge(&tested->survey, &other, &answer);
        tested->could[proof] = answer.whole == DEMAND_MET;
    }
    suggest(&tested->survey, job->request.arena, &tested->suggestions);
}

static int exit_code(enum demand_state state)
{
    switch (state) {
    case DEMAND_MET:
        return EX_OK;
    case DEMAND_UNKNOWN:
        return EX_TEMPFAIL;
    case DEMAND_UNTESTED:
    case DEMAND_NOT_MET:
        break;
    }
    return DOMAINS_EXIT_NOT_MET;
}

/* In the cage. */
static int look(void *context, FILE *out)
{
    struct job *job = context;
    struct domains_tested *tested = arena_alloc(job->request.arena, 1, sizeof *tested);
    if (!tested)
        return EX_OSERR;
    survey_run(&job->request, &tested->survey);
    judge(job, tested);
    job->printer.out = out;
    if (!job->options->json)
        domains_test_text(&job->printer, tested);
    else if (domains_test_json(out, tested) != RESULT_OK)
        return EX_OSERR;
    return exit_code(domains_tested_state(tested));
}

/* What is loaded late is loaded now: the cage has no files. */
static void warm_libraries(void)
{
    public_key_warm();
    json_object_seed(0);
}

static int run(struct job *job)
{
    struct problem problem = {""};
    struct buffer said;
    int code = EX_TEMPFAIL;
    const struct cage_work work = {.run = look,
                                   .context = job,
                                   .wall_ms = PARTS * job->request.deadline_ms + MARGIN_MS,
                                   .colours = job->printer.colour};
    warm_libraries();
    buffer_init(&said, CAGE_SAYS_MAX);
    enum result result = cage_run(&work, &said, &code, &problem);
    if (result != RESULT_OK)
        code = domains_complain(job->options, EX_TEMPFAIL, problem.text);
    else if (code == EX_OSERR)
        code = domains_complain(job->options, EX_TEMPFAIL, "no memory");
    else
        (void)fputs(buffer_text(&said), stdout);
    buffer_free(&said);
    return code;
}

static int make_resolver(const struct domains_options *options, const struct dns_settings *dns,
                         struct resolver **resolver_out)
{
    struct problem problem = {""};
    const struct resolver_settings settings = {
        .servers = options->n_servers ? options->servers : dns->servers,
        .n_servers = options->n_servers ? options->n_servers : dns->n_servers,
        .trust_anchors = dns->trust_anchors};
    enum result result = resolver_new(&settings, resolver_out, &problem);
    if (result == RESULT_OK)
        result = resolver_warm(*resolver_out, &problem);
    if (result == RESULT_OK)
        return EX_OK;
    if (result == RESULT_BAD_INPUT && options->n_servers)
        return command_usage_error(options->argv0, "%s", problem.text);
    return domains_complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
}

static int test_with(const struct domains_options *options, const struct config *config, const char *domain)
{
    struct resolver *resolver = NULL;
    struct problem problem = {""};
    struct arena *arena = arena_new(ARENA_MAX);
    struct job job = {.options = options,
                      .entry = registry_find(config->registry, domain),
                      .request = {.arena = arena,
                                  .deadline_ms = config->resolver.deadline_ms,
                                  .domain = domain,
                                  .selectors = options->selectors,
                                  .n_selectors = options->n_selectors},
                      .now = (int64_t)time(NULL)};
    printer_init(&job.printer, stdout);
    int code = arena ? make_resolver(options, &config->resolver, &resolver)
                     : domains_complain(options, EX_TEMPFAIL, "no memory");
    job.request.resolver = resolver;
    if (code == EX_OK && own_keys_read(config, &job.request, &problem) != RESULT_OK)
        (void)domains_complain(options, EX_OK, problem.text);
    if (code == EX_OK)
        code = run(&job);
    resolver_free(resolver);
    arena_free(arena);
    return code;
}

int domains_test(const struct domains_options *options)
{
    char domain[DOMAIN_ROOM];
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    const struct config *config = NULL;
    if (!domain_canonical(options->object, domain))
        return command_usage_error(
            options->argv0, "'%s' is not a domain: write it like interieur.gov.example", options->object);
    for (size_t i = 0; i < options->n_selectors; i++)
        if (!name_is_plain(options->selectors[i], 1))
            return command_usage_error(
                options->argv0,
                "'%s' is no selector: it stands in signatures after s=", options->selectors[i]);
    enum result result = scratch_load(&scratch, options->config, &config, &problem);
    if (result != RESULT_OK)
        return domains_complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    if (config->registry_file.trust == REGISTRY_KEPT)
        (void)domains_complain(options, 0, config->registry_file.refused);
    int code = test_with(options, config, domain);
    config_unref(config);
    scratch_remove(&scratch);
    return code;
}
