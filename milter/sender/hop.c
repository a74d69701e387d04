/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/hop.h"

#include "sender/received.h"

enum { FIELDS_OF_A_RELAY = 2 };

static bool is_relay(const struct hop_input *input, const struct ip *ip)
{
    for (size_t i = 0; i < input->n_relays; i++)
        if (ip_network_holds(&input->relays[i], ip))
            return true;
    return false;
}

/* What the relay whose fields begin at *next says of its client. NULL: *ip and helo are it; else why not. */
static const char *ask_relay(const struct hop_input *input, size_t *next, struct ip *ip,
                             char helo[RECEIVED_HELO_ROOM])
{
    for (unsigned fields = 0; fields < FIELDS_OF_A_RELAY; fields++) {
        if (*next == input->n_received)
            return "a relay wrote no Received field";
        enum received_kind kind = received_read(input->received[(*next)++], ip, helo);
        if (kind == RECEIVED_FROM)
            return NULL;
        if (kind == RECEIVED_STRANGE)
            break;
    }
    return "the Received field of a relay does not tell its client";
}

/* Back through our relays, from the client that speaks to us. False: hop->why says where it ends. */
static bool walk_back(const struct hop_input *input, struct ip *ip, char helo[RECEIVED_HELO_ROOM],
                      struct hop *hop)
{
    for (size_t next = 0; is_relay(input, ip); hop->relays++) {
        const char *why = ask_relay(input, &next, ip, helo);
        if (why) {
            hop->why = why;
            return false;
        }
    }
    return true;
}

enum result hop_find(const struct hop_input *input, struct arena *arena, struct hop *hop_out)
{
    struct ip ip;
    char address[IP_ROOM], helo[RECEIVED_HELO_ROOM];
    struct hop hop = {.why = "not by network"};
    *hop_out = hop;
    if (!input->client_address || !ip_parse(input->client_address, &ip))
        return RESULT_OK;
    if (!walk_back(input, &ip, helo, &hop)) {
        *hop_out = hop;
        return RESULT_OK;
    }
    hop.why = ip_is_loopback(&ip)  ? "the client is this machine or a relay itself"
              : ip_is_private(&ip) ? "the client is in a private network"
              : hop.relays         ? "the client of a relay"
                                   : "the client";
    if (!ip_is_private(&ip)) {
        const char *said = hop.relays ? helo : input->helo;
        ip_format(&ip, address);
        hop.address = arena_strdup(arena, address);
        hop.helo = said && *said ? arena_strdup(arena, said) : NULL;
        if (!hop.address || (said && *said && !hop.helo))
            return RESULT_TRY_LATER;
    }
    *hop_out = hop;
    return RESULT_OK;
}
