/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/received.h"

#include "base/text.h"

#include <string.h>

enum { WORDS_MAX = 6, COMMENTS_DEEP = 8, ADDRESS_MAX = 63 };

/* A run of bytes of the value. */
struct span {
    const char *at;
    size_t size;
};

/* What stands between "from" and "by": one word and the comments behind it, without their outer
 * parentheses. */
struct from_clause {
    struct span word, comments[WORDS_MAX];
    size_t n_comments;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trimmed(struct span span)
{
    while (span.size && is_blank(*span.at))
        span = (struct span){span.at + 1, span.size - 1};
    while (span.size && is_blank(span.at[span.size - 1]))
        span.size--;
    return span;
}

static bool equals(struct span span, const char *text)
{
    if (span.size != strlen(text))
        return false;
    for (size_t i = 0; i < span.size; i++)
        if (text_lower(span.at[i]) != text_lower(text[i]))
            return false;
    return true;
}

static bool starts(struct span span, const char *text)
{
    size_t size = strlen(text);
    return span.size >= size && equals((struct span){span.at, size}, text);
}

static bool has(struct span span, char c)
{
    return span.size && memchr(span.at, c, span.size);
}

/* From the opening parenthesis to behind its closing one; 0: it never closes, or is too deep. */
static size_t comment_size(const char *at)
{
    unsigned depth = 0;
    for (size_t i = 0; at[i]; i++) {
        if (at[i] == '\\' && at[i + 1])
            i++;
        else if (at[i] == '(' && ++depth > COMMENTS_DEEP)
            return 0;
        else if (at[i] == ')' && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* The next word or comment, blanks before it skipped; a comment is with its parentheses. Size 0: the end, or
 * what cannot be read, which *broken tells. */
static struct span next_token(const char **cursor, bool *broken)
{
    const char *at = *cursor;
    while (is_blank(*at))
        at++;
    size_t size = *at == '(' ? comment_size(at) : strcspn(at, " \t\r\n()\";");
    if (*at == ';')
        size = 1;
    *broken = *at && !size;
    *cursor = at + size;
    return (struct span){at, size};
}

/* Printable ASCII and folds only: a field of ours holds nothing else there. */
static bool is_plain(const char *value)
{
    for (; *value; value++)
        if ((*value < ' ' || *value > '~') && !is_blank(*value))
            return false;
    return true;
}

/* After "by", to the end. A second "by" says that a stranger's words closed the clause before the relay's own
 * did. */
static bool ends_well(const char *cursor)
{
    bool broken = false;
    for (struct span token = next_token(&cursor, &broken); token.size; token = next_token(&cursor, &broken)) {
        if (equals(token, "by"))
            return false;
        if (*cursor != '"')
            continue;
        const char *end = strchr(cursor + 1, '"'); /* a quoted local part of "for" */
        if (!end)
            return false;
        cursor = end + 1;
    }
    return !broken;
}

static bool read_clause(const char *value, struct from_clause *clause)
{
    bool broken = false;
    const char *cursor = value;
    if (!is_plain(value) || !equals(next_token(&cursor, &broken), "from"))
        return false;
    clause->word = next_token(&cursor, &broken);
    if (!clause->word.size || *clause->word.at == '(' || equals(clause->word, ";"))
        return false;
    for (;;) {
        struct span token = next_token(&cursor, &broken);
        if (equals(token, "by"))
            return clause->n_comments && ends_well(cursor);
        if (!token.size || *token.at != '(' || clause->n_comments == WORDS_MAX)
            return false;
        clause->comments[clause->n_comments++] = trimmed((struct span){token.at + 1, token.size - 2});
    }
}

static bool parse_ip(struct span span, struct ip *ip)
{
    char text[ADDRESS_MAX + 1];
    if (span.size > ADDRESS_MAX)
        return false;
    memcpy(text, span.at, span.size);
    text[span.size] = '\0';
    return ip_parse(text_starts_nocase(text, "IPv6:") ? text + strlen("IPv6:") : text, ip);
}

/* "[192.0.2.1]" at the start; *rest_out is what follows. */
static bool take_literal(struct span span, struct ip *ip, struct span *rest_out)
{
    const char *end = span.size && *span.at == '[' ? memchr(span.at, ']', span.size) : NULL;
    if (!end)
        return false;
    size_t size = (size_t)(end - span.at) + 1;
    *rest_out = (struct span){span.at + size, span.size - size};
    return parse_ip((struct span){span.at + 1, size - 2}, ip);
}

static struct span next_word(struct span *rest)
{
    struct span left = trimmed(*rest);
    size_t size = 0;
    while (size < left.size && !is_blank(left.at[size]))
        size++;
    *rest = (struct span){left.at + size, left.size - size};
    return (struct span){left.at, size};
}

/* "helo=name port=25 ident=x" and nothing else; *helo is set when it is there. With an "@" it would be what
 * Sendmail makes of such an ident. */
static bool are_exim_words(struct span rest, struct span *helo)
{
    bool any = false;
    for (struct span word = next_word(&rest); word.size; word = next_word(&rest), any = true) {
        if (has(word, '@'))
            return false;
        if (starts(word, "helo="))
            *helo = (struct span){word.at + 5, word.size - 5};
        else if (!starts(word, "ident=") && !starts(word, "port="))
            return false;
    }
    return any;
}

/* Behind the address: nothing, a port, Sendmail's doubt, Exim's words. */
static bool is_tail(struct span rest, struct span *helo)
{
    if (rest.size && *rest.at == ':') {
        size_t digits = 1;
        while (digits < rest.size && rest.at[digits] >= '0' && rest.at[digits] <= '9')
            digits++;
        if (!text_is_port(rest.at + 1, digits - 1))
            return false;
        rest = (struct span){rest.at + digits, rest.size - digits};
    }
    if (rest.size && !is_blank(*rest.at))
        return false;
    rest = trimmed(rest);
    return !rest.size || equals(rest, "(may be forged)") || are_exim_words(rest, helo);
}

/* A comment with the client's address: "rdns [A]", "ident@rdns [A]", "[A] helo=H", "A", "ident@A". */
static bool is_tcp_info(struct span comment, struct ip *ip, struct span *helo)
{
    struct span rest;
    size_t before = 0;
    while (before < comment.size && comment.at[before] != '[')
        before++;
    if (before == comment.size) {
        const char *at = comment.size ? memrchr(comment.at, '@', comment.size) : NULL;
        size_t skip = at ? (size_t)(at - comment.at) + 1 : 0;
        return parse_ip((struct span){comment.at + skip, comment.size - skip}, ip);
    }
    struct span name = trimmed((struct span){comment.at, before});
    for (size_t i = 0; i < name.size; i++)
        if (is_blank(name.at[i]) || strchr("()]=\\", name.at[i]))
            return false;
    return take_literal((struct span){comment.at + before, comment.size - before}, ip, &rest) &&
           is_tail(rest, helo);
}

static bool is_helo_comment(struct span comment, struct span *helo)
{
    struct span rest = comment, verb = next_word(&rest);
    if (!equals(verb, "HELO") && !equals(verb, "EHLO"))
        return false;
    *helo = next_word(&rest);
    return !next_word(&rest).size;
}

/* What a relay says beside: how it was encrypted, who logged in. A second address among it is no aside. */
static bool are_asides(const struct from_clause *clause, size_t from)
{
    struct ip ip;
    struct span helo;
    for (size_t i = from; i < clause->n_comments; i++)
        if (has(clause->comments[i], '[') || is_tcp_info(clause->comments[i], &ip, &helo))
            return false;
    return true;
}

static bool read_client(const struct from_clause *clause, struct ip *ip, struct span *helo)
{
    struct span rest, no_name;
    *helo = clause->word;
    if (is_helo_comment(clause->comments[0], helo))
        return clause->n_comments > 1 && is_tcp_info(clause->comments[1], ip, &no_name) &&
               are_asides(clause, 2);
    /* Only Exim begins with the address, and always has its own words behind it. */
    if (are_exim_words(clause->comments[0], helo))
        return take_literal(clause->word, ip, &rest) && is_tail(rest, &no_name) && are_asides(clause, 1);
    return is_tcp_info(clause->comments[0], ip, helo) && are_asides(clause, 1);
}

static bool is_qmail(const char *value)
{
    bool broken = false;
    struct span token = next_token(&value, &broken);
    struct span inside = token.size && *token.at == '(' ? (struct span){token.at + 1, token.size - 2} : token;
    if (!equals(next_word(&inside), "qmail"))
        return false;
    struct span number = next_word(&inside);
    for (size_t i = 0; i < number.size; i++)
        if (number.at[i] < '0' || number.at[i] > '9')
            return false;
    return number.size && equals(trimmed(inside), "invoked from network");
}

enum received_kind received_read(const char *value, struct ip *ip, char helo_out[RECEIVED_HELO_ROOM])
{
    struct from_clause clause = {.n_comments = 0};
    struct span helo;
    *helo_out = '\0';
    if (is_qmail(value))
        return RECEIVED_SAME;
    if (!read_clause(value, &clause) || !read_client(&clause, ip, &helo))
        return RECEIVED_STRANGE;
    if (helo.size < RECEIVED_HELO_ROOM) {
        memcpy(helo_out, helo.at, helo.size);
        helo_out[helo.size] = '\0';
    }
    return RECEIVED_FROM;
}
