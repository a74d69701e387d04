/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/identity.h"

#include "base/text.h"
#include "sender/alignment.h"
#include "sender/claim.h"

#include <stdlib.h>
#include <string.h>

static bool listed(const char *const *list, const char *value)
{
    for (; list && *list && value; list++)
        if (text_equal_nocase(*list, value))
            return true;
    return false;
}

/* "TLSv1.2" is 12; 0 for no TLS or a name nobody knows. */
static int tls_number(const char *version)
{
    static const struct {
        const char *name;
        int number;
    } names[] = {{"TLSv1", 10}, {"TLSv1.0", 10}, {"TLSv1.1", 11}, {"TLSv1.2", 12}, {"TLSv1.3", 13}};
    for (size_t i = 0; version && i < sizeof names / sizeof *names; i++)
        if (strcmp(version, names[i].name) == 0)
            return names[i].number;
    return 0;
}

/* A login without a domain belongs to the first local domain. */
static bool is_own_address(const struct config *config, const char *login, const char *address)
{
    size_t length = strlen(login);
    if (strchr(login, '@'))
        return text_equal_nocase(login, address);
    return config->local_domains && config->local_domains[0] && text_starts_nocase(address, login) &&
           address[length] == '@' && text_equal_nocase(address + length + 1, config->local_domains[0]);
}

bool identity_is_service(const struct config *config, const char *address)
{
    for (size_t i = 0; i < config->n_machines; i++)
        if (text_equal_nocase(config->machines[i].from, address))
            return true;
    return false;
}

bool identity_may_write_as(const struct config *config, const char *login, const char *address)
{
    for (size_t i = 0; i < config->n_logins; i++)
        if (text_equal_nocase(config->logins[i].login, login))
            return listed(config->logins[i].addresses, address);
    return is_own_address(config, login, address);
}

/* May the login be believed for this message? If not, *facts says what it lacks (why NULL: no memory). */
static bool is_staff(const struct identity_input *input, struct arena *arena, struct sender_facts *facts)
{
    const struct config *config = input->config;
    bool protected = listed(input->attach->trusted_hosts, input->client_address) ||
                     tls_number(input->tls_version) >= input->attach->tls_min;
    facts->lacks = LACK_NOTHING;
    facts->why = "login, connection, envelope and From agree";
    if (!input->login) {
        facts->lacks = LACK_LOGIN;
        facts->why = "no login";
    } else if (!protected) {
        facts->lacks = LACK_TLS;
        facts->why =
            arena_printf(arena, "connection: %s, below TLS 1.%d",
                         input->tls_version ? input->tls_version : "no TLS", input->attach->tls_min - 10);
    } else if (input->n_from != 1 || input->from_odd) {
        facts->lacks = LACK_FROM;
        facts->why = input->n_from == 1  ? "From can be read in two ways"
                     : input->n_from > 1 ? "more than one From mailbox"
                                         : "no From mailbox";
    } else if (!identity_may_write_as(config, input->login, input->from[0])) {
        facts->lacks = LACK_AUTHOR;
        facts->why = arena_printf(arena, "login %s may not write as %s", input->login, input->from[0]);
    } else if (!identity_may_write_as(config, input->login, input->envelope_from)) {
        facts->lacks = LACK_ENVELOPE;
        facts->why = arena_printf(arena, "login %s may not use the envelope sender <%s>", input->login,
                                  input->envelope_from);
    }
    return facts->lacks == LACK_NOTHING;
}

static const struct machine_settings *machine_of(const struct identity_input *input)
{
    for (size_t i = 0; i < input->config->n_machines; i++) {
        const struct machine_settings *machine = &input->config->machines[i];
        bool same_from =
            input->n_from == 1 && !input->from_odd && text_equal_nocase(input->from[0], machine->from);
        bool same_envelope = text_equal_nocase(input->envelope_from, machine->from) || !*input->envelope_from;
        if (listed(machine->clients, input->client_address) && same_from && same_envelope)
            return machine;
    }
    return NULL;
}

const char *identity_to_prove(const struct identity_input *input)
{
    const struct registry_entry *entry = input->attach->role == ROLE_INBOUND ? claim_to_prove(input) : NULL;
    return entry ? entry->domain : NULL;
}

bool address_to_prove(const struct identity_input *input, const struct sender_facts *facts,
                      char domain[DOMAIN_ROOM])
{
    const char *at = facts->from ? strrchr(facts->from, '@') : NULL;
    return input->attach->role == ROLE_INBOUND && facts->class == SENDER_OUTSIDER && at &&
           claim_is_plain(input) && domain_canonical(at + 1, domain);
}

/* As an entry of the registry for this one domain would have it. */
enum result address_is_proven(const struct identity_input *input, const char *domain, struct arena *arena,
                              enum fact *proven_out)
{
    const struct registry_entry entry = {.domain = domain, .strict = true};
    bool same = text_equal_nocase(input->envelope_from, input->from[0]);
    struct alignment alignment;
    const struct alignment_input question = {.registry = input->config->registry,
                                             .entry = &entry,
                                             .proof = same ? PROOF_EITHER : PROOF_DKIM,
                                             .from_domain = domain,
                                             .proofs = input->proofs};
    enum result result = alignment_judge(&question, arena, &alignment);
    *proven_out = result == RESULT_OK ? alignment.proved : FACT_UNKNOWN;
    return result;
}

/* A service that staff or programs of ours send by: nobody's domain is proved here. */
static enum result judge_outgoing(const struct identity_input *input, struct arena *arena,
                                  struct sender_facts *facts)
{
    const struct machine_settings *machine = input->login ? NULL : machine_of(input);
    struct sender_facts without = *facts;
    if (is_staff(input, arena, facts)) {
        facts->class = SENDER_STAFF;
    } else if (machine) {
        facts->class = SENDER_SERVICE;
        facts->lacks = LACK_NOTHING;
        facts->why = arena_printf(arena, "machine \"%s\"", machine->name);
    } else {
        if (claim_judge(input, arena, &without) != RESULT_OK)
            return RESULT_TRY_LATER;
        facts->class = without.class;
    }
    return facts->why ? RESULT_OK : RESULT_TRY_LATER;
}

/* At the last hop nobody logs in and no client is a stranger's: a ticket tells who sent it, or nothing does.
 * What cannot be proved here now cannot be proved here later. */
static enum result judge_leaving(const struct identity_input *input, struct arena *arena,
                                 struct sender_facts *facts)
{
    if (input->ticket) {
        facts->class = input->ticket_sender;
        facts->login = input->ticket_login;
        facts->why = arena_printf(arena, "ticket of %s", input->ticket);
        return facts->why ? RESULT_OK : RESULT_TRY_LATER;
    }
    enum result result = claim_judge(input, arena, facts);
    if (result != RESULT_OK || facts->class != SENDER_CLAIMED)
        return result;
    facts->proof_unknown = false;
    facts->lacks = LACK_TICKET;
    facts->why = "no ticket that is good for this message";
    return RESULT_OK;
}

enum result identity_of(const struct identity_input *input, struct arena *arena,
                        struct sender_facts *facts_out)
{
    bool outgoing = input->attach->role == ROLE_SUBMISSION || input->attach->role == ROLE_LOCAL;
    *facts_out = (struct sender_facts){
        .login = input->login,
        .envelope_from = input->envelope_from,
        .from = input->n_from == 1 && !input->from_odd ? input->from[0] : NULL,
        .proven = FACT_NO,
    };
    if (input->attach->role == ROLE_EGRESS)
        return judge_leaving(input, arena, facts_out);
    return outgoing ? judge_outgoing(input, arena, facts_out) : claim_judge(input, arena, facts_out);
}
