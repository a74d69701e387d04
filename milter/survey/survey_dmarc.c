/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "policy/domain.h"
#include "survey/survey.h"

#include <string.h>

static const char version[] = "v=DMARC1";
enum { VERSION_BYTES = sizeof version - 1, PARENTS_MAX = 8 };

/* RFC 7489, 6.6.3: records that begin otherwise are none. */
static bool is_one(const struct dns_record *record)
{
    if (record->size < VERSION_BYTES || memcmp(record->bytes, version, VERSION_BYTES) != 0)
        return false;
    return record->size == VERSION_BYTES || strchr(" \t;", record->bytes[VERSION_BYTES]);
}

static unsigned count(const struct dns_answer *answer, const struct dns_record **record_out)
{
    unsigned n = 0;
    for (size_t i = 0; i < answer->n_records; i++)
        if (is_one(&answer->records[i])) {
            *record_out = &answer->records[i];
            n++;
        }
    return n;
}

static const char *policy_of(const char *text)
{
    static const char *const policies[] = {"none", "quarantine", "reject"};
    for (size_t i = 0; text && i < sizeof policies / sizeof *policies; i++)
        if (text_equal_nocase(text, policies[i]))
            return policies[i];
    return NULL;
}

static void read_record(struct arena *arena, const struct dns_record *record, bool above,
                        struct survey_dmarc *out)
{
    struct dkim_tags tags;
    out->state = SURVEY_BAD;
    out->why = "its tags cannot be read";
    out->record = survey_zone_text(arena, record);
    if (dkim_tags_parse((const char *)record->bytes, record->size, arena, &tags) != RESULT_OK)
        return;
    const char *p = dkim_tag(&tags, "p"), *sp = dkim_tag(&tags, "sp");
    out->why = "its policy (p=) is missing or not known";
    out->policy = policy_of(above && sp ? sp : p);
    if (!policy_of(p) || !out->policy)
        return;
    out->state = SURVEY_GOOD;
    out->why = "";
    if (!strcmp(out->policy, "none"))
        survey_note(&out->notes, "p=none only watches: raise it to quarantine, then reject");
    if (!dkim_tag(&tags, "rua"))
        survey_note(&out->notes, "it asks for no reports (rua=)");
}

/* True: there is nothing more to look for. */
static bool look_at(struct resolver *resolver, struct arena *arena, const char *at, bool above,
                    struct survey_dmarc *out)
{
    const struct dns_record *record = NULL;
    const struct dns_answer *answer = resolver_ask(resolver, survey_say(arena, "_dmarc.%s", at), DNS_TXT);
    unsigned n = count(answer, &record);
    out->dnssec = answer->dnssec;
    if (answer->status == DNS_VOID || (answer->status == DNS_FOUND && !n))
        return false;
    out->found_at = at;
    out->state = answer->status == DNS_TRY_LATER ? SURVEY_UNKNOWN : SURVEY_BAD;
    out->why = survey_say(arena, "%s", answer->why);
    if (n > 1)
        out->why = "more than one DMARC record, which is as good as none";
    else if (n == 1)
        read_record(arena, record, above, out);
    return true;
}

void survey_dmarc(struct resolver *resolver, struct arena *arena, const char *domain,
                  struct survey_dmarc *out)
{
    const char *at = domain;
    *out = (struct survey_dmarc){.state = SURVEY_ABSENT, .why = "no policy is published"};
    for (int i = 0; i < PARENTS_MAX && at && strchr(at, '.'); i++, at = domain_parent(at))
        if (look_at(resolver, arena, at, i > 0, out))
            return;
}
