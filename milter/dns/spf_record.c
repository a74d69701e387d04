/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/spf_record.h"

#include "base/text.h"
#include "dns/spf_macro.h"

#include <arpa/inet.h>
#include <string.h>

enum { CIDR4_MAX = 32, CIDR6_MAX = 128, CIDR_DIGITS_MAX = 3, VERSION_BYTES = 6 };

/* What may follow a mechanism's name. */
enum argument {
    ARGUMENT_NONE,
    ARGUMENT_DOMAIN,
    ARGUMENT_DOMAIN_NEEDED,
    ARGUMENT_HOST,
    ARGUMENT_IP4,
    ARGUMENT_IP6
};

static const struct {
    const char *name;
    enum argument argument;
} mechanisms[] = {
    [SPF_ALL] = {"all", ARGUMENT_NONE},   [SPF_INCLUDE] = {"include", ARGUMENT_DOMAIN_NEEDED},
    [SPF_A] = {"a", ARGUMENT_HOST},       [SPF_MX] = {"mx", ARGUMENT_HOST},
    [SPF_PTR] = {"ptr", ARGUMENT_DOMAIN}, [SPF_IP4] = {"ip4", ARGUMENT_IP4},
    [SPF_IP6] = {"ip6", ARGUMENT_IP6},    [SPF_EXISTS] = {"exists", ARGUMENT_DOMAIN_NEEDED},
};

struct parser {
    struct arena *arena;
    struct spf_record *record;
    bool has_exp;
};

bool spf_record_is_one(const uint8_t *bytes, size_t size)
{
    char version[VERSION_BYTES + 1] = "";
    if (size < VERSION_BYTES || (size > VERSION_BYTES && bytes[VERSION_BYTES] != ' '))
        return false;
    memcpy(version, bytes, VERSION_BYTES);
    return text_equal_nocase(version, "v=spf1");
}

static bool is_name_char(char c, bool first)
{
    c = text_lower(c);
    return (c >= 'a' && c <= 'z') || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'));
}

/* "0", or digits that begin with none, no larger than `most`. */
static bool parse_bits(const char *text, size_t size, unsigned most, unsigned *bits_out)
{
    unsigned bits = 0;
    if (!size || size > CIDR_DIGITS_MAX || (size > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < size; i++)
        bits = bits * 10 + (unsigned)(text[i] - '0');
    *bits_out = bits;
    return bits <= most;
}

static size_t digits_at_end(const char *text, size_t size)
{
    size_t n = 0;
    while (n < size && text[size - 1 - n] >= '0' && text[size - 1 - n] <= '9')
        n++;
    return n;
}

/* Takes "/24", "//64" or "/24//64" off the end. What looks like one but is none stays, and is no domain then.
 */
static bool take_dual_cidr(const char *text, size_t *size, struct spf_term *term)
{
    size_t digits = digits_at_end(text, *size), rest = *size - digits;
    if (!digits || !rest || text[rest - 1] != '/')
        return true;
    if (rest >= 2 && text[rest - 2] == '/') {
        if (!parse_bits(text + rest, digits, CIDR6_MAX, &term->cidr6))
            return false;
        *size = rest - 2;
        digits = digits_at_end(text, *size);
        rest = *size - digits;
        if (!digits || !rest || text[rest - 1] != '/')
            return true;
    }
    if (!parse_bits(text + rest, digits, CIDR4_MAX, &term->cidr4))
        return false;
    *size = rest - 1;
    return true;
}

static enum result parse_domain(struct parser *parser, const char *text, size_t size, const char **domain_out)
{
    if (!spf_macro_is_domain(text, size))
        return RESULT_BAD_INPUT;
    *domain_out = arena_strndup(parser->arena, text, size);
    return *domain_out ? RESULT_OK : RESULT_TRY_LATER;
}

static enum result parse_host(struct parser *parser, const char *text, size_t size, struct spf_term *term)
{
    if (!take_dual_cidr(text, &size, term))
        return RESULT_BAD_INPUT;
    if (!size)
        return RESULT_OK;
    return text[0] == ':' ? parse_domain(parser, text + 1, size - 1, &term->domain) : RESULT_BAD_INPUT;
}

static enum result parse_network(const char *text, size_t size, int family, struct spf_term *term)
{
    char address[INET6_ADDRSTRLEN];
    unsigned *bits = family == AF_INET ? &term->cidr4 : &term->cidr6;
    if (!size || text[0] != ':')
        return RESULT_BAD_INPUT;
    text++;
    size--;
    const char *slash = memchr(text, '/', size);
    size_t length = slash ? (size_t)(slash - text) : size;
    if (slash) {
        size_t digits = size - length - 1;
        if (digits_at_end(text, size) != digits ||
            !parse_bits(slash + 1, digits, family == AF_INET ? CIDR4_MAX : CIDR6_MAX, bits))
            return RESULT_BAD_INPUT;
    }
    if (length >= sizeof address || memchr(text, '\0', length))
        return RESULT_BAD_INPUT;
    memcpy(address, text, length);
    address[length] = '\0';
    return inet_pton(family, address, term->network) == 1 ? RESULT_OK : RESULT_BAD_INPUT;
}

/* `text`: what stands behind the name. */
static enum result parse_argument(struct parser *parser, const char *text, size_t size, struct spf_term *term)
{
    switch (mechanisms[term->mechanism].argument) {
    case ARGUMENT_NONE:
        return size ? RESULT_BAD_INPUT : RESULT_OK;
    case ARGUMENT_DOMAIN:
        if (!size)
            return RESULT_OK;
        return text[0] == ':' ? parse_domain(parser, text + 1, size - 1, &term->domain) : RESULT_BAD_INPUT;
    case ARGUMENT_DOMAIN_NEEDED:
        return size && text[0] == ':' ? parse_domain(parser, text + 1, size - 1, &term->domain)
                                      : RESULT_BAD_INPUT;
    case ARGUMENT_HOST:
        return parse_host(parser, text, size, term);
    case ARGUMENT_IP4:
        return parse_network(text, size, AF_INET, term);
    case ARGUMENT_IP6:
        return parse_network(text, size, AF_INET6, term);
    }
    return RESULT_BUG;
}

static bool find_mechanism(const char *name, size_t size, enum spf_mechanism *mechanism_out)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (strlen(mechanisms[i].name) == size && text_starts_nocase(name, mechanisms[i].name)) {
            *mechanism_out = (enum spf_mechanism)i;
            return true;
        }
    return false;
}

static enum result parse_directive(struct parser *parser, const char *text, size_t size)
{
    struct spf_record *record = parser->record;
    if (record->n_terms == SPF_TERMS_MAX)
        return RESULT_BAD_INPUT;
    struct spf_term *term = &record->terms[record->n_terms++];
    *term = (struct spf_term){.qualifier = '+', .cidr4 = CIDR4_MAX, .cidr6 = CIDR6_MAX};
    if (text[0] && strchr("+-~?", text[0])) {
        term->qualifier = text[0];
        text++;
        size--;
    }
    size_t name = 0;
    while (name < size && is_name_char(text[name], name == 0))
        name++;
    if (!find_mechanism(text, name, &term->mechanism))
        return RESULT_BAD_INPUT;
    record->has_all |= term->mechanism == SPF_ALL;
    return parse_argument(parser, text + name, size - name, term);
}

/* redirect and exp at most once each; of the others only the grammar matters. */
static enum result parse_modifier(struct parser *parser, const char *name, size_t name_size,
                                  const char *value, size_t size)
{
    bool redirect = name_size == strlen("redirect") && text_starts_nocase(name, "redirect");
    bool exp = name_size == strlen("exp") && text_starts_nocase(name, "exp");
    const char *ignored;
    if (redirect)
        return parser->record->redirect ? RESULT_BAD_INPUT
                                        : parse_domain(parser, value, size, &parser->record->redirect);
    if (!exp)
        return spf_macro_is_string(value, size) ? RESULT_OK : RESULT_BAD_INPUT;
    if (parser->has_exp)
        return RESULT_BAD_INPUT;
    parser->has_exp = true;
    return parse_domain(parser, value, size, &ignored);
}

static enum result parse_term(struct parser *parser, const char *text, size_t size)
{
    size_t name = 0;
    while (name < size && is_name_char(text[name], name == 0))
        name++;
    if (name && name < size && text[name] == '=')
        return parse_modifier(parser, text, name, text + name + 1, size - name - 1);
    return parse_directive(parser, text, size);
}

enum result spf_record_parse(const uint8_t *bytes, size_t size, struct arena *arena,
                             struct spf_record *record, const char **why_out)
{
    struct parser parser = {.arena = arena, .record = record};
    *record = (struct spf_record){.terms = arena_alloc(arena, SPF_TERMS_MAX, sizeof *record->terms)};
    *why_out = "the record is longer than any honest one";
    if (!record->terms)
        return RESULT_TRY_LATER;
    if (size > SPF_RECORD_BYTES_MAX)
        return RESULT_BAD_INPUT;
    /* Terms are compared as C strings: a copy that ends in NUL, in which no NUL can be. */
    char *text = arena_alloc(arena, size + 1, 1);
    if (!text)
        return RESULT_TRY_LATER;
    memcpy(text, bytes, size);
    for (size_t at = VERSION_BYTES; at < size;) {
        if (text[at] == ' ') {
            at++;
            continue;
        }
        const char *space = memchr(text + at, ' ', size - at);
        size_t length = space ? (size_t)(space - (text + at)) : size - at;
        enum result result =
            memchr(text + at, '\0', length) ? RESULT_BAD_INPUT : parse_term(&parser, text + at, length);
        if (result == RESULT_BAD_INPUT) {
            const char *why = arena_printf(arena, "the record has a wrong term: %.*s",
                                           (int)(length < 80 ? length : 80), text + at);
            *why_out = why ? why : "the record has a wrong term";
        }
        if (result != RESULT_OK)
            return result;
        at += length;
    }
    return RESULT_OK;
}
