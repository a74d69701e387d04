/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/identity.h"

#include "base/text.h"
#include "policy/recipient.h"

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

static bool may_write_as(const struct config *config, const char *login, const char *address)
{
    for (size_t i = 0; i < config->n_logins; i++)
        if (text_equal_nocase(config->logins[i].login, login))
            return listed(config->logins[i].addresses, address);
    return is_own_address(config, login, address);
}

/* Does the address name a domain that is local or in the registry? */
static bool claims_registry(const struct identity_input *input, const char *address)
{
    struct recipient recipient;
    if (!*address)
        return false;
    recipient_classify(address, input->config->local_domains, input->config->registry, input->config->lists,
                       input->now, &recipient);
    return recipient.class == RCPT_LOCAL || recipient.entry;
}

static enum sender_class class_without_proof(const struct identity_input *input)
{
    for (size_t i = 0; i < input->n_from; i++)
        if (claims_registry(input, input->from[i]))
            return SENDER_CLAIMED;
    if (claims_registry(input, input->envelope_from))
        return SENDER_CLAIMED;
    return *input->envelope_from ? SENDER_OUTSIDER : SENDER_NULL;
}

/* May the login be believed for this message? If not, *why is one phrase (NULL: no memory for it). */
static bool is_staff(const struct identity_input *input, struct arena *arena, const char **why)
{
    const struct config *config = input->config;
    bool protected = listed(input->attach->trusted_hosts, input->client_address) ||
                     tls_number(input->tls_version) >= input->attach->tls_min;
    *why = "login, connection, envelope and From agree";
    if (!input->login)
        *why = "no login";
    else if (!protected)
        *why = arena_printf(arena, "connection: %s, below TLS 1.%d",
                            input->tls_version ? input->tls_version : "no TLS", input->attach->tls_min - 10);
    else if (input->n_from != 1)
        *why = input->n_from ? "more than one From mailbox" : "no From mailbox";
    else if (input->from_odd)
        *why = "From can be read in two ways";
    else if (!may_write_as(config, input->login, input->from[0]))
        *why = arena_printf(arena, "login %s may not write as %s", input->login, input->from[0]);
    else if (!may_write_as(config, input->login, input->envelope_from))
        *why = arena_printf(arena, "login %s may not use the envelope sender <%s>", input->login,
                            input->envelope_from);
    else
        return true;
    return false;
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

enum result identity_of(const struct identity_input *input, struct arena *arena,
                        struct sender_facts *facts_out)
{
    bool outgoing = input->attach->role == ROLE_SUBMISSION || input->attach->role == ROLE_LOCAL;
    const char *why = "no proof of the domain is checked on this service";
    bool staff = outgoing && is_staff(input, arena, &why);
    const struct machine_settings *machine = outgoing && !input->login ? machine_of(input) : NULL;
    *facts_out = (struct sender_facts){
        .login = input->login,
        .envelope_from = input->envelope_from,
        .from = input->n_from == 1 && !input->from_odd ? input->from[0] : NULL,
    };
    if (staff) {
        facts_out->class = SENDER_STAFF;
    } else if (machine) {
        facts_out->class = SENDER_SERVICE;
        why = arena_printf(arena, "machine \"%s\"", machine->name);
    } else {
        facts_out->class = class_without_proof(input);
    }
    facts_out->why = why;
    return why ? RESULT_OK : RESULT_TRY_LATER;
}
