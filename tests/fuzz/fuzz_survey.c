/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain publishes, looked at as a whole. Input: a line "domain<tab>selector", then DNS
 * (auth_stub.h). Whatever it is: no crash, all texts printable ASCII, and a policy that is called good gives
 * no client an error when it is evaluated for that client. */
#include "auth_stub.h"

#include "admin/domains_test.h"
#include "authenticator/spf_eval.h"
#include "dns/name.h"

#include <stdlib.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, LINE_BYTES = 512, VOIDS_ALLOWED = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

static void insist_printable(const char *text)
{
    for (; text && *text; text++)
        insist((*text >= ' ' && *text <= '~') || *text == '\n');
}

static void evaluate(const struct resolver *dns, const char *domain, const char *address)
{
    struct resolver resolver = *dns;
    struct spf_question question = {.resolver = &resolver,
                                    .arena = dns->arena,
                                    .sender_local = "a",
                                    .sender_domain = domain,
                                    .helo = domain};
    const char *why = "";
    resolver.questions = 0;
    insist(address_parse(address, &question.client));
    enum spf_verdict verdict = spf_evaluate(&question, domain, &why);
    insist(verdict != SPF_PROOF_PERMERROR && verdict != SPF_PROOF_NONE);
    insist(verdict != SPF_PROOF_PASS || !question.everybody);
}

static void look_at(struct resolver *resolver, const char *domain, const char *selector)
{
    struct domains_tested *tested = arena_alloc(resolver->arena, 1, sizeof *tested);
    const struct survey_own own = {domain, "own",
                                   "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="};
    const struct survey_request request = {.resolver = resolver,
                                           .arena = resolver->arena,
                                           .domain = domain,
                                           .selectors = &selector,
                                           .n_selectors = 1,
                                           .own = &own,
                                           .n_own = 1};
    char *text = NULL;
    size_t size = 0;
    if (!tested)
        return;
    survey_run(&request, &tested->survey);
    tested->demand.proof = PROOF_BOTH;
    demands_judge(&tested->survey, &tested->demand, &tested->answer);
    suggest(&tested->survey, resolver->arena, &tested->suggestions);
    struct printer plain = {.out = open_memstream(&text, &size)};
    insist(plain.out != NULL);
    domains_test_text(&plain, tested);
    insist(domains_test_json(plain.out, tested) == RESULT_OK);
    (void)fclose(plain.out);
    insist_printable(text);
    free(text);
    const struct survey_spf *spf = &tested->survey.spf;
    if (spf->state != SURVEY_GOOD || spf->depends)
        return;
    if (spf->voids[0] <= VOIDS_ALLOWED)
        evaluate(resolver, domain, "192.0.2.77");
    if (spf->voids[1] <= VOIDS_ALLOWED)
        evaluate(resolver, domain, "2001:db8::77");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char line[LINE_BYTES] = "";
    const uint8_t *end = memchr(bytes, '\n', size);
    if (!end || (size_t)(end - bytes) >= sizeof line)
        return 0;
    memcpy(line, bytes, (size_t)(end - bytes));
    char *rest = line;
    const char *domain = strsep(&rest, "\t"), *selector = rest ? rest : "s1";
    /* As the command line lets them through. */
    if (!name_is_plain(domain, 2) || !name_is_plain(selector, 1))
        return 0;
    struct resolver resolver = {.arena = arena_new(ARENA_BYTES),
                                .zone = (const char *)end + 1,
                                .size = size - (size_t)(end + 1 - bytes)};
    if (resolver.arena)
        look_at(&resolver, domain, selector);
    arena_free(resolver.arena);
    return 0;
}
