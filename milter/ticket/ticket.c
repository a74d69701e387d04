/* SPDX-License-Identifier: Apache-2.0 */
#include "ticket/ticket.h"

#include "base/buffer.h"
#include "policy/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RCPT_HEX = 2 * TICKET_RCPT_BYTES,
    RCPTS_LEAST = 8, /* so many digests stand in every ticket, and twice as many in the next larger */
    RCPTS_MOST = 2048,
    VALUE_MAX = 64 * 1024,
    LOGIN_MAX = 320,
    LINE_COLUMNS = 72,
    TIME_DIGITS = 12,
};

/* What a digest is of stands before it, so that none can pass for another's. */
static enum result keyed(const struct ticket_key *key, const char *purpose, const char *a, const char *b,
                         uint8_t out[DIGEST_BYTES])
{
    struct buffer text;
    buffer_init(&text, 2 * VALUE_MAX);
    buffer_printf(&text, "khatm %s\n%s\n%s", purpose, a, b);
    enum result result = text.failed ? RESULT_TRY_LATER
                                     : digest_hmac(key->bytes, sizeof key->bytes, text.bytes, text.size, out);
    buffer_free(&text);
    return result;
}

static enum result rcpt_digest(const struct ticket_key *key, const char *reference, const char *rcpt,
                               char hex[RCPT_HEX + 1])
{
    uint8_t digest[DIGEST_BYTES];
    enum result result = keyed(key, "recipient", reference, rcpt, digest);
    if (result == RESULT_OK)
        hex_encode(digest, TICKET_RCPT_BYTES, hex);
    return result;
}

/* --- writing
 * -------------------------------------------------------------------------------------------------- */

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, RCPT_HEX);
}

/* Sorted, and filled up with random ones to a power of two. */
static enum result list_digests(const struct ticket *ticket, const struct ticket_key *key,
                                const char *const *rcpts, size_t n_rcpts, struct arena *arena,
                                const char **list_out)
{
    char hex[RCPT_HEX + 1];
    uint8_t filler[TICKET_RCPT_BYTES];
    size_t room = RCPTS_LEAST;
    enum result result = RESULT_OK;
    while (room < n_rcpts)
        room *= 2;
    char *list = room <= RCPTS_MOST ? arena_alloc(arena, room * RCPT_HEX + 1, 1) : NULL;
    for (size_t i = 0; list && result == RESULT_OK && i < room; i++) {
        if (i < n_rcpts)
            result = rcpt_digest(key, ticket->reference, rcpts[i], hex);
        else if ((result = random_bytes(filler, sizeof filler)) == RESULT_OK)
            hex_encode(filler, sizeof filler, hex);
        if (result == RESULT_OK)
            memcpy(list + i * RCPT_HEX, hex, RCPT_HEX);
    }
    if (!list || result != RESULT_OK)
        return RESULT_TRY_LATER;
    qsort(list, room, RCPT_HEX, compare_digests);
    *list_out = list;
    return RESULT_OK;
}

/* Blanks in the value say nothing: a fold may stand anywhere. */
static const char *fold(struct arena *arena, const char *text)
{
    size_t length = strlen(text), used = 0;
    char *folded = arena_alloc(arena, length + length / LINE_COLUMNS * 2 + 2, 1);
    if (!folded)
        return NULL;
    folded[used++] = ' ';
    for (size_t i = 0; i < length; i++) {
        if (i && i % LINE_COLUMNS == 0) {
            folded[used++] = '\n';
            folded[used++] = '\t';
        }
        folded[used++] = text[i];
    }
    return folded;
}

enum result ticket_write(const struct ticket *ticket, const struct ticket_key *key, const char *const *rcpts,
                         size_t n_rcpts, struct arena *arena, const char **value_out)
{
    const char *digests = NULL, *login = ticket->login ? ticket->login : "";
    char body[DIGEST_HEX], mac_hex[DIGEST_HEX], login_hex[2 * LOGIN_MAX + 1];
    uint8_t mac[DIGEST_BYTES];
    size_t login_size = strlen(login) < LOGIN_MAX ? strlen(login) : LOGIN_MAX;
    enum result result = list_digests(ticket, key, rcpts, n_rcpts, arena, &digests);
    if (result != RESULT_OK)
        return result;
    hex_encode(ticket->body, DIGEST_BYTES, body);
    hex_encode((const uint8_t *)login, login_size, login_hex);
    const char *text =
        arena_printf(arena, "v=1;k=%s;r=%s;o=%s;s=%s;l=%s;x=%" PRId64 ";b=%s;t=%s", key->id,
                     ticket->reference, role_name(ticket->role), sender_class_name(ticket->sender), login_hex,
                     ticket->expires, body, digests);
    if (!text || keyed(key, "ticket", text, "", mac) != RESULT_OK)
        return RESULT_TRY_LATER;
    hex_encode(mac, sizeof mac, mac_hex);
    text = arena_printf(arena, "%s;m=%s", text, mac_hex);
    *value_out = text ? fold(arena, text) : NULL;
    return *value_out ? RESULT_OK : RESULT_TRY_LATER;
}

/* --- reading
 * -------------------------------------------------------------------------------------------------- */

/* The value without blanks; NULL: no memory, or too long to be one. */
static char *unfolded(struct arena *arena, const char *value)
{
    size_t used = 0, length = strnlen(value, VALUE_MAX + 1);
    char *text = length > VALUE_MAX ? NULL : arena_alloc(arena, length + 1, 1);
    for (; text && *value; value++)
        if (!strchr(" \t\r\n", *value))
            text[used++] = *value;
    return text;
}

/* Cuts the next "NAME=VALUE;" off; NULL: it is not the next one. */
static char *take(char **rest, const char *name)
{
    size_t length = strlen(name);
    char *at = *rest;
    if (!at || strncmp(at, name, length) != 0 || at[length] != '=')
        return NULL;
    char *end = strchr(at, ';');
    if (end)
        *end = '\0';
    *rest = end ? end + 1 : NULL;
    return at + length + 1;
}

static const struct ticket_key *find_key(const struct ticket_key *keys, size_t n_keys, const char *id)
{
    for (size_t i = 0; i < n_keys; i++)
        if (strcmp(keys[i].id, id) == 0)
            return &keys[i];
    return NULL;
}

/* As long for a good one as for a bad one. */
static bool is_same(const char *a, const char *b)
{
    unsigned char differs = 0;
    if (strlen(a) != strlen(b))
        return false;
    for (size_t i = 0; a[i]; i++)
        differs |= (unsigned char)(a[i] ^ b[i]);
    return differs == 0;
}

/* Nothing of it is believed before its seal was seen to be right. */
static enum result check_seal(char *text, const struct ticket_key *keys, size_t n_keys,
                              const struct ticket_key **key_out, const char **why_out)
{
    static const char start[] = "v=1;k=";
    char id[TICKET_KEY_ID_ROOM], expected[DIGEST_HEX];
    uint8_t mac[DIGEST_BYTES];
    char *seal = strstr(text, ";m=");
    size_t id_size = strncmp(text, start, sizeof start - 1) == 0 ? strcspn(text + sizeof start - 1, ";") : 0;
    *why_out = "not a ticket";
    if (!seal || !id_size || id_size >= sizeof id)
        return RESULT_BAD_INPUT;
    memcpy(id, text + sizeof start - 1, id_size);
    id[id_size] = '\0';
    *key_out = find_key(keys, n_keys, id);
    *why_out = "made with a key that is not known here";
    if (!*key_out)
        return RESULT_BAD_INPUT;
    *seal = '\0';
    if (keyed(*key_out, "ticket", text, "", mac) != RESULT_OK)
        return RESULT_TRY_LATER;
    hex_encode(mac, sizeof mac, expected);
    *why_out = "altered";
    return is_same(expected, seal + 3) ? RESULT_OK : RESULT_BAD_INPUT;
}

static bool read_time(const char *text, int64_t *time_out)
{
    size_t length = strlen(text);
    if (!length || length > TIME_DIGITS || strspn(text, "0123456789") != length)
        return false;
    *time_out = strtoll(text, NULL, 10);
    return true;
}

static bool read_login(const char *hex, struct arena *arena, const char **login_out)
{
    size_t size = strlen(hex) / 2;
    char *login = size ? arena_alloc(arena, size + 1, 1) : NULL;
    *login_out = login;
    return !*hex || (login && hex_decode(hex, (uint8_t *)login, size) == RESULT_OK);
}

/* Ours, to the last byte: what does not fit here is of another version. */
static bool read_all(char *text, struct arena *arena, struct ticket *ticket)
{
    char *rest = text;
    const char *version = take(&rest, "v"), *id = take(&rest, "k"), *reference = take(&rest, "r"),
               *role = take(&rest, "o"), *sender = take(&rest, "s"), *login = take(&rest, "l"),
               *expires = take(&rest, "x"), *body = take(&rest, "b"), *digests = take(&rest, "t");
    if (!version || !id || !reference || !role || !sender || !login || !expires || !body || !digests || rest)
        return false;
    ticket->reference = reference;
    ticket->digests = digests;
    return role_parse(role, &ticket->role) && sender_class_parse(sender, &ticket->sender) &&
           read_login(login, arena, &ticket->login) && read_time(expires, &ticket->expires) &&
           hex_decode(body, ticket->body, DIGEST_BYTES) == RESULT_OK && strlen(digests) % RCPT_HEX == 0;
}

enum result ticket_read(const char *value, const struct ticket_key *keys, size_t n_keys, int64_t now,
                        struct arena *arena, struct ticket *ticket_out, const char **why_out)
{
    *ticket_out = (struct ticket){0};
    *why_out = "too long to be a ticket";
    char *text = unfolded(arena, value);
    if (!text)
        return strnlen(value, VALUE_MAX + 1) > VALUE_MAX ? RESULT_BAD_INPUT : RESULT_TRY_LATER;
    enum result result = check_seal(text, keys, n_keys, &ticket_out->key, why_out);
    if (result != RESULT_OK)
        return result;
    *why_out = "of another version";
    if (!read_all(text, arena, ticket_out))
        return RESULT_BAD_INPUT;
    *why_out = "expired";
    return now < ticket_out->expires ? RESULT_OK : RESULT_BAD_INPUT;
}

enum fact ticket_is_for(const struct ticket *ticket, const char *rcpt)
{
    char hex[RCPT_HEX + 1];
    if (rcpt_digest(ticket->key, ticket->reference, rcpt, hex) != RESULT_OK)
        return FACT_UNKNOWN;
    for (const char *at = ticket->digests; *at; at += RCPT_HEX)
        if (memcmp(at, hex, RCPT_HEX) == 0)
            return FACT_YES;
    return FACT_NO;
}
