/* SPDX-License-Identifier: Apache-2.0 */

/* Received fields, one after the other (a line that begins with a blank continues), behind one relay. What
 * stands below the relay's own two fields at most must not matter, and nobody of ours is ever its client. */

#include "sender/hop.h"
#include "sender/received.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8, RELAYS_OWN_FIELDS = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t split(char *text, const char **values)
{
    size_t n = 0;
    for (char *at = text; at && n < FIELDS; n++) {
        char *end = at;
        values[n] = at;
        while ((end = strchr(end, '\n')) && (end[1] == ' ' || end[1] == '\t'))
            end++;
        if (end)
            *end++ = '\0';
        at = end;
    }
    return n;
}

static void check(const struct hop *hop, const struct ip_network *relay)
{
    struct ip ip;
    if (!hop->address)
        return;
    if (!ip_parse(hop->address, &ip) || ip_is_private(&ip) || ip_network_holds(relay, &ip) ||
        hop->relays != 1)
        abort();
    if (hop->helo && strlen(hop->helo) >= RECEIVED_HELO_ROOM)
        abort();
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct ip_network relay = {{false, {192, 0, 2, 1}}, 32};
    const char *values[FIELDS];
    struct hop all, own;
    struct arena *arena = arena_new(0);
    char *text = malloc(size + 1);
    if (!arena || !text)
        abort();
    memcpy(text, bytes, size);
    text[size] = '\0';
    size_t n = split(text, values);
    struct hop_input input = {"192.0.2.1", "relay", &relay, 1, values, n};
    if (hop_find(&input, arena, &all) != RESULT_OK)
        abort();
    check(&all, &relay);
    input.n_received = n < RELAYS_OWN_FIELDS ? n : RELAYS_OWN_FIELDS;
    if (hop_find(&input, arena, &own) != RESULT_OK)
        abort();
    if (all.relays == 1 && all.address && (!same(all.address, own.address) || !same(all.helo, own.helo)))
        abort();
    free(text);
    arena_free(arena);
    return 0;
}
