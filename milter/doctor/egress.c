/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/text.h"
#include "doctor/routes.h"
#include "postfix/tables.h"

#include <string.h>

/* With sealing at egress every message that leaves must pass one service of this machine. */

static const char exit_client[] = "khatm-out";

static const char *value_of(struct doctor *doctor, const struct postfix_service *service, const char *name)
{
    return postfix_service_value(doctor->postfix, service, name, NULL);
}

static const char *set(struct doctor *doctor, const struct postfix_service *service, const char *name,
                       const char *wanted)
{
    return doctor_text(doctor, "postconf -P '%s/%s=%s'", service->name, name, wanted);
}

/* Of the routes that count, one names this client. */
static bool is_route(struct doctor *doctor, const struct postfix_service *service)
{
    static const char *const settings[] = {"default_transport", "relay_transport"};
    size_t length = strcspn(service->name, "/");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const char *value = postfix_value(doctor->postfix, settings[i]);
        if (strncmp(value, service->name, length) == 0 && (!value[length] || value[length] == ':'))
            return true;
    }
    return false;
}

static bool is_exit(struct doctor *doctor, const struct hop *hop, const struct postfix_service *service)
{
    const char *filter = hop->is_elsewhere ? "" : value_of(doctor, &hop->service, "content_filter");
    size_t length = strcspn(service->name, "/");
    return strncmp(filter, service->name, length) == 0 && (filter[length] == ':' || !filter[length]);
}

/* Should a route ever go another way: a client bound to this machine cannot leave it. */
static void check_guard(struct doctor *doctor, const struct postfix_service *client)
{
    const char *address = value_of(doctor, client, "smtp_bind_address");
    const char *address6 = value_of(doctor, client, "smtp_bind_address6");
    if (!route_is_loopback(doctor, address))
        doctor_say(doctor, DOCTOR_WARNING, "egress-guard",
                   doctor_text(doctor,
                               "%s may connect to the Internet: what is ever routed past the egress hop "
                               "leaves in clear",
                               client->name),
                   set(doctor, client, "smtp_bind_address", "127.0.0.1"));
    if (strcmp(value_of(doctor, client, "inet_protocols"), "ipv4") != 0 &&
        !route_is_loopback(doctor, *address6 ? doctor_text(doctor, "[%s]", address6) : ""))
        doctor_say(doctor, DOCTOR_WARNING, "egress-guard",
                   doctor_text(doctor,
                               "%s may connect to the Internet by IPv6: what is ever routed past the egress "
                               "hop leaves in clear",
                               client->name),
                   set(doctor, client, "inet_protocols", "ipv4"));
}

/* What the ticket of a message vouches for arrives at the hop as it was. */
static void check_body(struct doctor *doctor, const struct postfix_service *client)
{
    static const struct {
        const char *name, *wanted;
    } settings[] = {{"smtp_line_length_limit", "0"},   {"smtp_header_checks", ""},
                    {"smtp_body_checks", ""},          {"smtp_mime_header_checks", ""},
                    {"smtp_nested_header_checks", ""}, {"smtp_generic_maps", ""}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const char *value = value_of(doctor, client, settings[i].name);
        if (strcmp(value, settings[i].wanted) != 0)
            doctor_say(doctor, DOCTOR_TROUBLE, "egress-changes",
                       doctor_text(doctor,
                                   "%s has %s = %s: what is changed on the way to the egress hop is refused "
                                   "there",
                                   client->name, settings[i].name, value),
                       set(doctor, client, settings[i].name, settings[i].wanted));
    }
}

static void check_clients(struct doctor *doctor, const struct hop *hop)
{
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *client = &doctor->services.all[i];
        if (strcmp(client->command, "smtp") != 0 || is_exit(doctor, hop, client))
            continue;
        const char *instead = value_of(doctor, client, "smtp_fallback_relay");
        if (*instead && is_route(doctor, client))
            doctor_say(doctor, DOCTOR_LEAK, "egress-bypass",
                       doctor_text(doctor,
                                   "%s has smtp_fallback_relay = %s: there mail goes while the egress hop is "
                                   "down",
                                   client->name, instead),
                       set(doctor, client, "smtp_fallback_relay", ""));
        if (is_route(doctor, client))
            check_body(doctor, client);
        check_guard(doctor, client);
    }
}

/* What left the hop must not come back to it, and where it goes is said there alone. */
static void check_exit(struct doctor *doctor, const struct hop *hop)
{
    const char *filter = value_of(doctor, &hop->service, "content_filter");
    const char *colon = strchr(filter, ':'), *smarthost = postfix_value(doctor->postfix, "relayhost");
    if (!hop_leads_out(doctor, hop, filter))
        doctor_say(doctor, DOCTOR_TROUBLE, "egress-loop",
                   doctor_text(doctor,
                               "%s has content_filter = %s: mail that passed the egress hop comes back to "
                               "it instead of leaving",
                               hop->service.name, filter),
                   set(doctor, &hop->service, "content_filter", doctor_text(doctor, "%s:", exit_client)));
    else if (*smarthost && (!colon || !colon[1]))
        doctor_say(doctor, DOCTOR_WARNING, "egress-relayhost",
                   doctor_text(doctor,
                               "relayhost = %s counts for nothing: mail leaves the egress hop as its "
                               "content_filter says, %s",
                               smarthost, filter),
                   set(doctor, &hop->service, "content_filter",
                       doctor_text(doctor, "%.*s:%s", (int)strcspn(filter, ":"), filter, smarthost)));
}

/* After the decision nobody is added, and no header check leads another way. */
static void check_rewriting(struct doctor *doctor, const struct hop *hop)
{
    static const char *const options[] = {"no_address_mappings", "no_header_body_checks"};
    const char *value = value_of(doctor, &hop->service, "receive_override_options");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (!list_has(doctor, value, options[i])) {
            doctor_say(doctor, DOCTOR_LEAK, "egress-mappings",
                       doctor_text(doctor,
                                   "%s has no %s: maps and checks add recipients, or lead mail another way, "
                                   "after it was decided on",
                                   hop->service.name, options[i]),
                       set(doctor, &hop->service, "receive_override_options",
                           doctor_text(doctor, "%s,%s,no_unknown_recipient_checks", options[0], options[1])));
            return;
        }
}

/* Whoever may send there speaks for this machine. */
static void check_clients_of_hop(struct doctor *doctor, const struct hop *hop)
{
    const char *outside = network_outside(doctor, value_of(doctor, &hop->service, "mynetworks"));
    if (outside)
        doctor_say(doctor, DOCTOR_LEAK, "egress-open",
                   doctor_text(doctor, "%s takes mail from %s: only this machine should hand it any",
                               hop->service.name, outside),
                   set(doctor, &hop->service, "mynetworks", "127.0.0.0/8"));
}

/* verify(8) asks the server of a recipient; by the hop it would ask ourselves. */
static void check_probes(struct doctor *doctor, const struct hop *hop)
{
    static const char *const settings[] = {"address_verify_default_transport",
                                           "address_verify_relay_transport"};
    bool asks = false;
    for (size_t i = 0; !asks && i < postfix_count(doctor->postfix); i++) {
        const char *name = NULL, *value = NULL;
        postfix_get(doctor->postfix, i, &name, &value);
        asks = strstr(value, "reject_unverified_") != NULL;
    }
    for (size_t i = 0; !asks && i < postfix_count_overrides(doctor->postfix); i++)
        asks = strstr(postfix_get_override(doctor->postfix, i)->value, "reject_unverified_") != NULL;
    for (size_t i = 0; asks && i < sizeof settings / sizeof *settings; i++) {
        const char *value = postfix_value(doctor->postfix, settings[i]);
        if (route_of(doctor, hop, value) == ROUTE_HOP)
            doctor_say(doctor, DOCTOR_TROUBLE, "egress-probes",
                       doctor_text(doctor,
                                   "%s = %s: reject_unverified_… asks the egress hop instead of the "
                                   "recipient's server",
                                   settings[i], value),
                       doctor_text(doctor, "postconf -e '%s=%s'", settings[i], exit_client));
    }
}

/* A refusal at the hop is told by reports; one of those that may not leave must be told to somebody. */
void check_reports(struct doctor *doctor)
{
    const char *classes = postfix_value(doctor->postfix, "notify_classes");
    if (!doctor->config->seals_at_submission && !list_has(doctor, classes, "2bounce"))
        doctor_say(
            doctor, DOCTOR_WARNING, "reports-lost",
            doctor_text(doctor,
                        "notify_classes = %s: a delivery report that the egress hop refuses is told "
                        "to nobody",
                        classes),
            doctor_text(doctor, "postconf -e 'notify_classes=%s%s2bounce'", classes, *classes ? ", " : ""));
}

/* What a user's .forward or list may start sends where it likes. */
void check_programs(struct doctor *doctor)
{
    const char *from = postfix_value(doctor->postfix, "allow_mail_to_commands");
    if (!doctor->config->seals_at_submission &&
        (list_has(doctor, from, "forward") || list_has(doctor, from, "include")))
        doctor_say(doctor, DOCTOR_LEAK, "programs",
                   doctor_text(doctor,
                               "allow_mail_to_commands = %s: a program in a user's file may send mail on by "
                               "ways of its own",
                               from),
                   "postconf -e 'allow_mail_to_commands=alias'");
}

/* An instance that is there for the hop alone, and routes what it lets through. */
static bool is_for_the_hop(struct doctor *doctor, const struct hop *hop)
{
    static const char *const routes[] = {"default_transport", "relay_transport"};
    if (hop->is_elsewhere || *value_of(doctor, &hop->service, "content_filter"))
        return false;
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        bool takes_mail = service->is_network || strcmp(service->command, "pickup") == 0;
        if (takes_mail && strcmp(service->name, hop->service.name) != 0)
            return false;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (route_of(doctor, hop, postfix_value(doctor->postfix, routes[i])) == ROUTE_HOP)
            return false;
    return true;
}

void check_egress(struct doctor *doctor)
{
    struct hop hop;
    if (doctor->config->seals_at_submission)
        return;
    if (!egress_hop_find(doctor, &hop)) {
        doctor_say(doctor, DOCTOR_LEAK, "egress-missing",
                   "seal-at = egress, and no smtpd service has a milter_macro_daemon_name of role egress: "
                   "documents leave in clear",
                   doctor_text(doctor,
                               "/usr/share/khatm/postfix/khatm-postfix --apply%s%s%s --milter '%s' && "
                               "postfix reload",
                               doctor->directory ? " -c '" : "", doctor->directory ? doctor->directory : "",
                               doctor->directory ? "'" : "", our_milter(doctor)));
        return;
    }
    bool apart = is_for_the_hop(doctor, &hop);
    if (!apart) {
        check_bypasses(doctor, &hop);
        check_clients(doctor, &hop);
        check_probes(doctor, &hop);
    }
    if (hop.is_elsewhere)
        return;
    if (!apart)
        check_exit(doctor, &hop);
    check_rewriting(doctor, &hop);
    check_clients_of_hop(doctor, &hop);
}
