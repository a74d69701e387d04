/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/hosts.h"

#include <stdio.h>
#include <string.h>

/* What ip_is_private does not name: special use (RFC 6890), benchmarks, multicast and above; in IPv6 all but
 * what is handed out to networks, and there the tunnels that have an IPv4 address in them. */
static bool is_of_the_internet(const struct ip *ip)
{
    static const struct {
        bool six;
        uint8_t network[4];
        unsigned bits;
    } others[] = {{false, {0}, 8},   {false, {192, 0, 0}, 24},       {false, {198, 18}, 15},
                  {false, {224}, 3}, {true, {0x20, 0x01, 0, 0}, 32}, {true, {0x20, 0x02}, 16}};
    static const uint8_t unicast[] = {0x20};
    if (ip_is_private(ip) || (ip->six && !ip_matches(ip, unicast, 3)))
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].six == ip->six && ip_matches(ip, others[i].network, others[i].bits))
            return false;
    return true;
}

bool hosts_may_ask(const struct hosts_allowed *allowed, const struct ip *ip)
{
    for (size_t i = 0; i < allowed->n_networks; i++)
        if (ip_network_holds(&allowed->networks[i], ip))
            return true;
    return is_of_the_internet(ip);
}

struct count {
    size_t seen; /* addresses, also those that may not be asked */
    bool unknown;
    const char *why;
};

static void take(const struct dns_answer *answer, bool six, const struct hosts_allowed *allowed,
                 struct hosts_found *found, struct count *count)
{
    const size_t size = six ? 16 : 4;
    if (answer->status == DNS_TRY_LATER || answer->status == DNS_UNUSABLE) {
        count->unknown = true;
        count->why = answer->why;
    }
    for (size_t i = 0; answer->status == DNS_FOUND && i < answer->n_records; i++) {
        struct ip ip = {.six = six};
        if (answer->records[i].size != size)
            continue;
        memcpy(ip.bytes, answer->records[i].bytes, size);
        count->seen++;
        if (hosts_may_ask(allowed, &ip) && found->n_addresses < HOSTS_ADDRESSES_MAX)
            found->addresses[found->n_addresses++] = ip;
    }
}

static enum result look_up(struct resolver *resolver, const struct hosts_allowed *allowed,
                           struct hosts_found *found, struct problem *problem)
{
    struct count count = {.why = ""};
    resolver_start(resolver, found->host, DNS_AAAA);
    take(resolver_ask(resolver, found->host, DNS_A), false, allowed, found, &count);
    take(resolver_ask(resolver, found->host, DNS_AAAA), true, allowed, found, &count);
    if (found->n_addresses)
        return RESULT_OK;
    if (count.unknown)
        return problem_set(problem, RESULT_TRY_LATER, "DNS does not say where it is: %s", count.why);
    return count.seen ? problem_set(problem, RESULT_BAD_INPUT,
                                    "its addresses are not of the Internet: private-networks in section wkd "
                                    "names those that may be asked")
                      : problem_set(problem, RESULT_NOT_FOUND, "there is no such server");
}

enum result hosts_find(struct resolver *resolver, const char *domain, const struct hosts_allowed *allowed,
                       struct hosts_found *found_out, struct problem *problem)
{
    *found_out = (struct hosts_found){.advanced = true};
    int length = snprintf(found_out->host, sizeof found_out->host, "openpgpkey.%s", domain);
    enum result result = length < (int)sizeof found_out->host ? look_up(resolver, allowed, found_out, problem)
                                                              : RESULT_NOT_FOUND;
    if (result != RESULT_NOT_FOUND)
        return result;
    *found_out = (struct hosts_found){.advanced = false};
    (void)snprintf(found_out->host, sizeof found_out->host, "%s", domain);
    return look_up(resolver, allowed, found_out, problem);
}
