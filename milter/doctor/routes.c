/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/routes.h"

#include "base/ip.h"
#include "base/text.h"
#include "postfix/tables.h"

#include <string.h>

struct end {
    const char *host, *port; /* "" when not written */
};

/* "[host]:port", "host:port", "[host]", "host". */
static struct end split(struct doctor *doctor, const char *text)
{
    struct end end = {.host = "", .port = ""};
    bool braced = *text == '[';
    size_t size = braced ? strcspn(text + 1, "]") : strcspn(text, ":");
    const char *rest = text + size + 2 * (size_t)braced;
    if (braced && !text[1 + size])
        return end;
    end.host = doctor_text(doctor, "%.*s", (int)size, text + braced);
    end.port = *rest == ':' ? rest + 1 : "";
    return end;
}

/* "127.0.0.1:2603/inet", "2603/inet". */
static void locate(struct doctor *doctor, struct hop *hop)
{
    size_t size = strcspn(hop->service.name, "/");
    const char *name = doctor_text(doctor, "%.*s", (int)size, hop->service.name);
    struct end end = split(doctor, name);
    bool port_only = !*end.port;
    hop->host = port_only ? "" : end.host;
    hop->port = port_only ? name : end.port;
    hop->nexthop = doctor_text(doctor, "[%s]:%s", *hop->host ? hop->host : "127.0.0.1", hop->port);
}

static bool find_in(struct doctor *doctor, const struct postfix *postfix,
                    const struct postfix_services *services, struct hop *hop)
{
    for (size_t i = 0; i < services->n; i++) {
        const struct postfix_service *service = &services->all[i];
        const char *name = postfix_service_value(postfix, service, "milter_macro_daemon_name", NULL);
        if (strcmp(service->command, "smtpd") != 0 ||
            config_attach(doctor->config, name)->role != ROLE_EGRESS)
            continue;
        *hop = (struct hop){.postfix = postfix, .service = *service};
        locate(doctor, hop);
        return true;
    }
    return false;
}

bool hop_find_here(struct doctor *doctor, struct hop *hop_out)
{
    return find_in(doctor, doctor->postfix, &doctor->services, hop_out);
}

bool egress_hop_find(struct doctor *doctor, struct hop *hop_out)
{
    const char *rest = postfix_value(doctor->postfix, "multi_instance_directories"), *word = NULL;
    if (hop_find_here(doctor, hop_out))
        return true;
    while ((word = tables_word(doctor->arena, &rest))) {
        struct postfix *other = NULL;
        struct postfix_services services;
        struct problem problem = {""};
        if (postfix_read(doctor->arena, word, &other, &problem) != RESULT_OK ||
            postfix_services_read(doctor->arena, other, &services, &problem) != RESULT_OK)
            doctor_say(doctor, DOCTOR_WARNING, "instance-unread",
                       doctor_text(doctor, "%s: %s", word, problem.text),
                       doctor_text(doctor, "postconf -c '%s'", word));
        else if (find_in(doctor, other, &services, hop_out)) {
            hop_out->is_elsewhere = true;
            return true;
        }
    }
    return false;
}

const struct postfix_service *route_service(const struct doctor *doctor, const char *transport)
{
    size_t length = strlen(transport);
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        if (strncmp(service->name, transport, length) == 0 && strcmp(service->name + length, "/unix") == 0)
            return service;
    }
    return NULL;
}

static bool is_loopback_host(const char *host)
{
    struct ip ip;
    return text_equal_nocase(host, "localhost") || (ip_parse(host, &ip) && ip_is_loopback(&ip));
}

bool route_is_loopback(struct doctor *doctor, const char *nexthop)
{
    return is_loopback_host(split(doctor, nexthop).host);
}

static bool is_hop(struct doctor *doctor, const struct hop *hop, const char *nexthop)
{
    struct end end = split(doctor, nexthop);
    bool host = *hop->host ? text_equal_nocase(end.host, hop->host) : is_loopback_host(end.host);
    return host && strcmp(end.port, hop->port) == 0;
}

/* A mailbox server of our own: on this machine, at an address that is not of the Internet, or under one of
 * our names. */
static bool is_of_the_house(struct doctor *doctor, const char *host)
{
    struct ip ip;
    if (is_loopback_host(host))
        return true;
    if (ip_parse(host, &ip))
        return ip_is_private(&ip);
    for (size_t i = 0; doctor->config->local_domains[i]; i++) {
        const char *domain = doctor->config->local_domains[i];
        size_t length = strlen(domain), whole = strlen(host);
        if (whole > length && host[whole - length - 1] == '.' &&
            text_equal_nocase(host + whole - length, domain))
            return true;
    }
    return false;
}

static enum route by_lmtp(struct doctor *doctor, const char *nexthop)
{
    if (strncmp(nexthop, "unix:", 5) == 0)
        return ROUTE_HERE;
    if (strncmp(nexthop, "inet:", 5) == 0)
        nexthop += 5;
    return is_of_the_house(doctor, split(doctor, nexthop).host) ? ROUTE_HERE : ROUTE_AWAY;
}

enum route route_of(struct doctor *doctor, const struct hop *hop, const char *destination)
{
    static const char *const here[] = {"local", "virtual", "error", "discard"};
    size_t size = strcspn(destination, ":");
    const char *nexthop = destination[size] ? destination + size + 1 : "";
    const struct postfix_service *service =
        route_service(doctor, doctor_text(doctor, "%.*s", (int)size, destination));
    nexthop += strspn(nexthop, " \t");
    if (!size && !*nexthop)
        return ROUTE_CLASS;
    for (size_t i = 0; service && i < sizeof here / sizeof *here; i++)
        if (strcmp(service->command, here[i]) == 0)
            return ROUTE_HERE;
    /* ":nexthop" has the client of its class, which then connects to that. Of several hosts the second is for
     * when the first is down. */
    if ((!service && size) || strpbrk(nexthop, ", \t"))
        return ROUTE_AWAY;
    if (is_hop(doctor, hop, nexthop))
        return ROUTE_HOP;
    if (!size)
        return ROUTE_AWAY;
    if (strcmp(service->command, "lmtp") == 0)
        return by_lmtp(doctor, nexthop);
    return strcmp(service->command, "pipe") == 0 ? ROUTE_PROGRAM : ROUTE_AWAY;
}

bool hop_leads_out(struct doctor *doctor, const struct hop *hop, const char *filter)
{
    const struct postfix_service *service =
        route_service(doctor, doctor_text(doctor, "%.*s", (int)strcspn(filter, ":"), filter));
    return service && strcmp(service->command, "smtp") == 0 && route_of(doctor, hop, filter) == ROUTE_AWAY;
}

bool filter_is_past_egress(struct doctor *doctor, const char *filter)
{
    const char *colon = strchr(filter, ':');
    const struct postfix_service *service =
        route_service(doctor, doctor_text(doctor, "%.*s", (int)strcspn(filter, ":"), filter));
    return !doctor->config->seals_at_submission && service && strcmp(service->command, "pipe") != 0 &&
           !route_is_loopback(doctor, colon ? colon + 1 : "");
}
