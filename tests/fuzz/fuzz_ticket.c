/* SPDX-License-Identifier: Apache-2.0 */

/* Tickets: as a stranger would write one, which is never good, and with a seal that is right, as only a
 * holder of the key could make it, so that what stands behind the seal is read, too. */

#include "ticket/ticket.h"

#include <stdlib.h>
#include <string.h>

enum { NOW = 1000 };

static const struct ticket_key key = {.id = "one", .bytes = {1}};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum result read_one(struct arena *arena, const char *value, struct ticket *ticket)
{
    const char *why = NULL;
    enum result result = ticket_read(value, &key, 1, NOW, arena, ticket, &why);
    if (!why || (result == RESULT_OK && (ticket->expires <= NOW || !ticket->reference)))
        abort();
    return result;
}

/* "v=1;k=one;", the input without blanks, and the seal over that. */
static const char *sealed(struct arena *arena, const char *input)
{
    uint8_t mac[DIGEST_BYTES];
    char hex[DIGEST_HEX], *text = arena_printf(arena, "v=1;k=one;%s", input);
    size_t used = 0;
    for (size_t i = 0; text[i]; i++)
        if (!strchr(" \t\r\n", text[i]))
            text[used++] = text[i];
    text[used] = '\0';
    const char *over = arena_printf(arena, "khatm ticket\n%s\n", text);
    if (digest_hmac(key.bytes, sizeof key.bytes, over, strlen(over), mac) != RESULT_OK)
        abort();
    hex_encode(mac, sizeof mac, hex);
    return arena_printf(arena, "%s;m=%s", text, hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new(0);
    char *input = arena_strndup(arena, (const char *)bytes, size);
    struct ticket ticket;
    if (read_one(arena, input, &ticket) == RESULT_OK)
        abort();
    if (read_one(arena, sealed(arena, input), &ticket) == RESULT_OK &&
        ticket_is_for(&ticket, "nobody@finances.gov.example") == FACT_YES)
        abort();
    arena_free(arena);
    return 0;
}
