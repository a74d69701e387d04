/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/claim.h"

#include "policy/domain.h"
#include "policy/recipient.h"
#include "policy/registry.h"
#include "sender/alignment.h"

#include <string.h>

/* A domain of ours or of the registry that an address names. */
struct named {
    bool known;
    char domain[DOMAIN_ROOM];           /* canonical */
    const struct registry_entry *entry; /* NULL: ours, and not in the registry */
};

static bool is_local(const struct config *config, const char *domain)
{
    for (size_t i = 0; config->local_domains && config->local_domains[i]; i++)
        if (strcmp(config->local_domains[i], domain) == 0)
            return true;
    return false;
}

/* Whatever follows an @, wherever it stands: odd addresses are shown in many ways, and one of them claims. */
static struct named find_named(const struct config *config, const char *address)
{
    struct named named = {.known = false};
    for (const char *at = strchr(address, '@'); at && !named.known; at = strchr(at + 1, '@')) {
        char text[DOMAIN_ROOM * 2];
        size_t size = strcspn(at + 1, "@:,;<>()\"[] \t\r\n");
        if (size >= sizeof text)
            continue;
        memcpy(text, at + 1, size);
        text[size] = '\0';
        if (!domain_canonical(text, named.domain))
            continue;
        named.entry = registry_find(config->registry, named.domain);
        named.known = named.entry || is_local(config, named.domain);
    }
    return named;
}

/* The domain that mail returns to and SPF is asked for: what follows the last @, whatever stands before it.
 */
static bool is_envelope_within(const struct identity_input *input, const struct named *author)
{
    char domain[DOMAIN_ROOM];
    const char *at = strrchr(input->envelope_from, '@');
    if (!at || !domain_canonical(at + 1, domain))
        return false;
    return author->entry->strict ? strcmp(domain, author->domain) == 0
                                 : registry_find(input->config->registry, domain) == author->entry;
}

static struct named find_in_from(const struct identity_input *input)
{
    struct named named = {.known = false};
    for (size_t i = 0; i < input->n_from && !named.known; i++)
        named = find_named(input->config, input->from[i]);
    return named;
}

bool claim_is_plain(const struct identity_input *input)
{
    struct recipient recipient;
    if (input->n_from != 1 || input->from_odd)
        return false;
    recipient_classify(input->from[0], input->config->local_domains, input->config->registry,
                       input->config->lists, input->now, &recipient);
    return recipient.class != RCPT_MALFORMED;
}

static void lack(struct sender_facts *facts, enum sender_lack lacks, const char *why)
{
    facts->class = SENDER_CLAIMED;
    facts->lacks = lacks;
    facts->why = why;
}

static bool is_current(const struct identity_input *input, const struct registry_entry *entry)
{
    return !entry->expires || input->now < entry->expires;
}

/* proofs: NULL when they could not be had. */
static enum result judge_proofs(const struct identity_input *input, const struct named *named,
                                enum registry_proof proof, struct arena *arena, struct sender_facts *facts)
{
    struct alignment alignment;
    const struct alignment_input question = {.registry = input->config->registry,
                                             .entry = named->entry,
                                             .proof = proof,
                                             .from_domain = named->domain,
                                             .proofs = input->proofs};
    if (!input->proofs) {
        facts->proof_unknown = true;
        lack(facts, LACK_PROOFS, input->proofs_why ? input->proofs_why : "SPF and DKIM were not asked");
        return RESULT_OK;
    }
    enum result result = alignment_judge(&question, arena, &alignment);
    if (result != RESULT_OK)
        return result;
    facts->proof_unknown = alignment.proved == FACT_UNKNOWN;
    lack(facts, alignment.lacks, alignment.why);
    if (alignment.proved == FACT_YES)
        facts->class = SENDER_GOVERNMENT;
    return RESULT_OK;
}

/* From is a domain of the registry or ours. */
static enum result judge_author(const struct identity_input *input, const struct named *author,
                                struct arena *arena, struct sender_facts *facts)
{
    if (!claim_is_plain(input)) {
        lack(facts, LACK_FROM,
             input->n_from > 1 ? "more than one From mailbox" : "From can be read in two ways");
        return RESULT_OK;
    }
    if (!author->entry) {
        lack(facts, LACK_ENTRY, "a domain of ours, without login, and not in the registry");
        return RESULT_OK;
    }
    if (*input->envelope_from && !is_envelope_within(input, author)) {
        lack(facts, LACK_ENVELOPE,
             arena_printf(arena, "From is %s, the envelope sender <%s>", author->domain,
                          input->envelope_from));
        return facts->why ? RESULT_OK : RESULT_TRY_LATER;
    }
    enum result result = judge_proofs(input, author, author->entry->proof, arena, facts);
    if (result != RESULT_OK)
        return result;
    facts->must_seal = author->entry->must_seal ? FACT_YES : FACT_NO;
    facts->delivers_broken = author->entry->delivers_broken ? FACT_YES : FACT_NO;
    if (facts->class == SENDER_GOVERNMENT && !is_current(input, author->entry)) {
        facts->class = SENDER_OUTSIDER;
        facts->why = "proved, but the registry's entry has expired";
    }
    return RESULT_OK;
}

/* Only the envelope names such a domain: a list or a forward of a ministry, which carries other people's
 * mail, once it shows that it is one. */
static enum result judge_carrier(const struct identity_input *input, const struct named *carrier,
                                 struct arena *arena, struct sender_facts *facts)
{
    if (!input->n_from || input->from_odd) {
        lack(facts, LACK_FROM, input->n_from ? "From can be read in two ways" : "no From mailbox");
        return RESULT_OK;
    }
    if (!carrier->entry) {
        lack(facts, LACK_ENTRY, "an envelope sender of ours, without login, and not in the registry");
        return RESULT_OK;
    }
    enum result result = judge_proofs(input, carrier, PROOF_EITHER, arena, facts);
    if (result != RESULT_OK)
        return result;
    if (facts->class == SENDER_GOVERNMENT) {
        facts->class = SENDER_OUTSIDER;
        facts->why = arena_printf(arena, "an outsider's mail, carried by %s", carrier->domain);
    }
    return facts->why ? RESULT_OK : RESULT_TRY_LATER;
}

const struct registry_entry *claim_to_prove(const struct identity_input *input)
{
    struct named author = find_in_from(input), envelope = find_named(input->config, input->envelope_from);
    if (!author.known)
        return input->n_from && !input->from_odd ? envelope.entry : NULL;
    /* An envelope of somebody else is refused whatever is proved, and its policy is a stranger's. */
    bool foreign = author.entry && *input->envelope_from && !is_envelope_within(input, &author);
    return claim_is_plain(input) && !foreign ? author.entry : NULL;
}

enum result claim_judge(const struct identity_input *input, struct arena *arena, struct sender_facts *facts)
{
    struct named author = find_in_from(input), envelope = find_named(input->config, input->envelope_from);
    facts->must_seal = facts->delivers_broken = FACT_UNKNOWN;
    if (input->from_unread && !author.known) {
        facts->proof_unknown = input->from_later;
        lack(facts, LACK_FROM, "From could not be read");
        return RESULT_OK;
    }
    if (author.known)
        return judge_author(input, &author, arena, facts);
    if (envelope.known)
        return judge_carrier(input, &envelope, arena, facts);
    facts->class = *input->envelope_from ? SENDER_OUTSIDER : SENDER_NULL;
    facts->why = "claims no domain of the registry";
    return RESULT_OK;
}
