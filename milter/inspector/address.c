/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/address.h"

#include "base/text.h"
#include "inspector/fields.h"
#include "inspector/structure.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum address_field field;
} address_fields[] = {
    {"From", ADDRESS_FROM},
    {"Sender", ADDRESS_SENDER},
    {"To", ADDRESS_TO},
    {"Cc", ADDRESS_CC},
    {"Reply-To", ADDRESS_REPLY},
    {"Errors-To", ADDRESS_REPLY},
    {"Return-Receipt-To", ADDRESS_REPLY},
    {"Disposition-Notification-To", ADDRESS_REPLY},
    {"Resent-To", ADDRESS_REPLY},
};

static const struct {
    const char *prefix;
    enum inspect_mark mark;
} marks[] = {
    {"Resent-", MARK_RESENT},
    {"X-Forwarded-", MARK_AUTO_FORWARDED},
    {"X-Autoforward", MARK_AUTO_FORWARDED},
    {"Autoforwarded", MARK_AUTO_FORWARDED},
    {"Auto-Forwarded", MARK_AUTO_FORWARDED},
    {"X-MS-Exchange-Inbox-Rules-Loop", MARK_AUTO_FORWARDED},
    {"X-MS-Exchange-ForwardingLoop", MARK_AUTO_FORWARDED},
    {"X-Sieve-Redirected-From", MARK_AUTO_FORWARDED},
    {"X-Autoreply-From", MARK_AUTO_FORWARDED},
};

struct addresses {
    struct report *report;
    GMimeParserOptions *options;
    unsigned n_from, n_from_fields, n_all;
    bool from_odd;
};

static bool name_starts(const struct field *field, const char *prefix)
{
    size_t length = strlen(prefix);
    if (!field->name || field->name_size < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text_lower(field->name[i]) != text_lower(prefix[i]))
            return false;
    return true;
}

static void give(struct addresses *all, enum address_field field, InternetAddress *address)
{
    /* Not get_addr, which turns A-labels into letters that no domain is compared in. */
    const char *text = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
    if (field == ADDRESS_FROM)
        all->n_from++;
    if (++all->n_all > INSPECT_ADDRESSES_MAX) {
        report_limit(all->report, LIMIT_HEADERS, "too many addresses");
        return;
    }
    char clean[INSPECT_ADDRESS_MAX + 1];
    /* An address that is not printable ASCII is somebody else's idea of one; the '?' makes it match none. */
    text_printable_ascii(text ? text : "", clean, sizeof clean);
    report_address(all->report, field, clean);
}

/* A group has no groups in it (RFC 5322 3.4). */
static void give_group(struct addresses *all, enum address_field field, InternetAddressGroup *group)
{
    InternetAddressList *members = internet_address_group_get_members(group);
    int count = members ? internet_address_list_length(members) : 0;
    all->from_odd |= field == ADDRESS_FROM;
    for (int i = 0; i < count; i++) {
        InternetAddress *member = internet_address_list_get_address(members, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(member))
            give(all, field, member);
    }
}

static void give_list(struct addresses *all, enum address_field field, InternetAddressList *list)
{
    int count = internet_address_list_length(list);
    for (int i = 0; i < count; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(address))
            give(all, field, address);
        else
            give_group(all, field, INTERNET_ADDRESS_GROUP(address));
    }
}

/* The bytes of an encoded word, without its charset: '@' and '<' are the same in all that mail uses. */
static bool word_hides_address(const char *word)
{
    const char *end = strstr(word, "?=");
    const char *charset_end = strchr(word + 2, '?');
    if (!end || !charset_end || charset_end[1] == '\0' || charset_end[2] != '?')
        return false;
    char letter = text_lower(charset_end[1]);
    const char *text = charset_end + 3;
    end = strstr(text, "?=");
    if (!end)
        return true;
    size_t size = (size_t)(end - text);
    unsigned char bytes[1024];
    if (size > sizeof bytes - 8)
        return true;
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, letter == 'b' ? GMIME_CONTENT_ENCODING_BASE64
                                                      : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    size_t got = g_mime_encoding_step(&state, text, size, (char *)bytes);
    return memchr(bytes, '@', got) || memchr(bytes, '<', got) || memchr(bytes, '>', got) ||
           (letter != 'b' && letter != 'q');
}

/* What another reader could take for another address, or for a second one. */
static bool from_is_odd(const char *value)
{
    unsigned at_signs = 0, angles = 0;
    bool quoted = false;
    for (const char *c = value; *c; c++) {
        bool control = (unsigned char)*c < 0x20 && *c != '\t';
        if ((unsigned char)*c >= 0x7f || control)
            return true;
        if (quoted && *c == '\\' && c[1])
            c++;
        else if (*c == '"')
            quoted = !quoted;
        else if (!quoted &&
                 (strchr("(:;", *c) || (c[0] == '=' && c[1] == '?' && (angles || word_hides_address(c)))))
            return true;
        else if (!quoted && *c == '<')
            angles++;
        else if (!quoted && *c == '@')
            at_signs++;
    }
    return quoted || angles > 1 || at_signs > 1;
}

/* "a@b.example (Office)" is how a name was written once, and everybody reads it so, unless the comment could
 * be taken for an address. Cuts it off. */
static void cut_name_in_comment(char *value)
{
    size_t end = strlen(value);
    while (end && (value[end - 1] == ' ' || value[end - 1] == '\t'))
        end--;
    char *open = strrchr(value, '(');
    if (!end || value[end - 1] != ')' || !open || open == value || !strchr(" \t", open[-1]))
        return;
    for (const char *c = open + 1; c < value + end - 1; c++)
        if (strchr("()<>@\"\\", *c) || (unsigned char)*c >= 0x7f ||
            (c[0] == '=' && c[1] == '?' && word_hides_address(c)))
            return;
    *open = '\0';
}

/* "a@b.example <a@b.example>" is wrong but says the same twice, and is common. */
static bool says_it_twice(const char *value, const char *address)
{
    const char *angle = strchr(value, '<');
    size_t size = strlen(address);
    while (*value == ' ' || *value == '\t')
        value++;
    if (!angle || !size || (size_t)(angle - value) < size || strncasecmp(value, address, size) != 0)
        return false;
    for (value += size; value < angle; value++)
        if (*value != ' ' && *value != '\t')
            return false;
    return strlen(angle) >= size + 2 && !strncasecmp(angle + 1, address, size) && angle[size + 1] == '>';
}

static void check_from(struct addresses *all, char *value, InternetAddressList *list)
{
    bool one = list && internet_address_list_length(list) == 1;
    InternetAddress *first = one ? internet_address_list_get_address(list, 0) : NULL;
    const char *address = first && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    cut_name_in_comment(value);
    bool plain = address && strchr(address, '@') && (!from_is_odd(value) || says_it_twice(value, address));
    all->from_odd |= !plain;
}

static void read_field(struct addresses *all, enum address_field field, const struct field *raw)
{
    bool from = field == ADDRESS_FROM;
    all->n_from_fields += from;
    if (memchr(raw->value, '\0', raw->value_size)) {
        all->from_odd |= from;
        return;
    }
    char *value = strndup(raw->value, raw->value_size);
    if (!value) {
        report_limit(all->report, LIMIT_MEMORY, "no memory for an address field");
        return;
    }
    for (char *c = value; *c; c++)
        if (*c == '\n' || (*c == '\r' && c[1] == '\n'))
            *c = ' ';
    InternetAddressList *list = internet_address_list_parse(all->options, value);
    if (from)
        check_from(all, value, list);
    if (list) {
        give_list(all, field, list);
        g_object_unref(list);
    }
    free(value);
}

static void take_marks(struct report *report, const struct field *field)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (name_starts(field, marks[i].prefix))
            report->marks |= marks[i].mark;
}

void address_read(const char *section, size_t size, struct report *report)
{
    struct addresses all = {.report = report, .options = g_mime_parser_options_new()};
    struct field field;
    size_t at = 0;
    while (field_next(section, size, &at, &field)) {
        take_marks(report, &field);
        for (size_t i = 0; i < sizeof address_fields / sizeof *address_fields; i++)
            if (field_is(&field, address_fields[i].name))
                read_field(&all, address_fields[i].field, &field);
    }
    g_mime_parser_options_free(all.options);
    report_number(report, FOUND_N_FROM,
                  all.n_from < INSPECT_ADDRESSES_MAX ? all.n_from : INSPECT_ADDRESSES_MAX);
    if (all.from_odd || all.n_from_fields > 1)
        report_number(report, FOUND_FROM_ODD, 1);
}
