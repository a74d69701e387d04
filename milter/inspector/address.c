/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/address.h"

#include "base/text.h"
#include "inspector/encoded_word.h"
#include "inspector/fields.h"
#include "inspector/from.h"
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

/* Further addresses that an odd From may name; past it, it is odd and names enough. */
enum {
    NAMED_MAX = 16,
    FROM_MAX = 1000, /* From mailboxes that are told; more are counted, so that the reader knows of them */
};

struct addresses {
    struct report *report;
    GMimeParserOptions *options;
    unsigned n_from, n_from_fields, n_named, n_all;
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

static void give(struct addresses *all, enum address_field field, const char *text)
{
    if (field == ADDRESS_FROM && ++all->n_from > FROM_MAX)
        return;
    if (++all->n_all > INSPECT_ADDRESSES_MAX) {
        report_limit(all->report, LIMIT_HEADERS, "too many addresses");
        return;
    }
    char clean[INSPECT_ADDRESS_MAX + 1];
    /* An address that is not printable ASCII is somebody else's idea of one; the '?' makes it match none. */
    text_printable_ascii(text ? text : "", clean, sizeof clean);
    report_address(all->report, field, clean);
}

static void give_mailbox(struct addresses *all, enum address_field field, InternetAddress *address)
{
    /* Not get_addr, which turns A-labels into letters that no domain is compared in. */
    give(all, field, internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address)));
}

/* A group has no groups in it (RFC 5322 3.4). */
static void give_group(struct addresses *all, enum address_field field, InternetAddressGroup *group)
{
    InternetAddressList *members = internet_address_group_get_members(group);
    int count = members ? internet_address_list_length(members) : 0;
    for (int i = 0; i < count; i++) {
        InternetAddress *member = internet_address_list_get_address(members, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(member))
            give_mailbox(all, field, member);
    }
}

static void give_list(struct addresses *all, enum address_field field, InternetAddressList *list)
{
    int count = internet_address_list_length(list);
    for (int i = 0; i < count; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(address))
            give_mailbox(all, field, address);
        else
            give_group(all, field, INTERNET_ADDRESS_GROUP(address));
    }
}

static bool is_mailbox(InternetAddress *address, const char *text)
{
    if (!address || !INTERNET_ADDRESS_IS_MAILBOX(address))
        return false;
    const char *found = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
    return found && text_equal_nocase(found, text);
}

/* The mailbox is in the list, or in a group of it. */
static bool list_has(InternetAddressList *list, const char *text)
{
    int count = list ? internet_address_list_length(list) : 0;
    for (int i = 0; i < count; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address)
                ? list_has(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), text)
                : is_mailbox(address, text))
            return true;
    }
    return false;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* What else somebody may read in a From that can be read in two ways: whoever it names is claimed. */
static void give_named(struct addresses *all, const char *value, size_t size, InternetAddressList *list)
{
    char address[FROM_ADDRESS_ROOM];
    for (size_t at = 0; from_next_address(value, size, &at, address);) {
        bool letters = !is_ascii(strrchr(address, '@')); /* GMime has its A-labels, if it is one */
        if (letters || list_has(list, address) || all->n_named == NAMED_MAX)
            continue;
        all->n_named++;
        give(all, ADDRESS_FROM, address);
    }
}

static void give_hidden(struct addresses *all, const struct field *raw, InternetAddressList *list)
{
    struct encoded_word word;
    give_named(all, raw->value, raw->value_size, list);
    for (size_t at = 0; encoded_word_next(raw->value, raw->value_size, &at, &word);)
        give_named(all, word.text, word.size, list);
}

static bool gmime_agrees(InternetAddressList *list, const char *text)
{
    char plain[FROM_ADDRESS_ROOM];
    InternetAddress *address =
        list && internet_address_list_length(list) == 1 ? internet_address_list_get_address(list, 0) : NULL;
    const char *found = address && INTERNET_ADDRESS_IS_MAILBOX(address)
                            ? internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address))
                            : NULL;
    return found && from_read(found, strlen(found), plain) && text_equal_nocase(plain, text);
}

static void read_from(struct addresses *all, const struct field *raw, InternetAddressList *list)
{
    char address[FROM_ADDRESS_ROOM];
    if (from_read(raw->value, raw->value_size, address) && gmime_agrees(list, address)) {
        give(all, ADDRESS_FROM, address);
        return;
    }
    all->from_odd = true;
    if (list)
        give_list(all, ADDRESS_FROM, list);
    give_hidden(all, raw, list);
}

/* For GMime: a string, folds as blanks. NULL: no memory, or a NUL within, behind which it would see nothing.
 */
static char *unfolded(struct addresses *all, const struct field *raw)
{
    if (memchr(raw->value, '\0', raw->value_size))
        return NULL;
    char *value = strndup(raw->value, raw->value_size);
    if (!value)
        report_limit(all->report, LIMIT_MEMORY, "no memory for an address field");
    for (char *c = value; c && *c; c++)
        if (*c == '\n' || (*c == '\r' && c[1] == '\n'))
            *c = ' ';
    return value;
}

static void read_field(struct addresses *all, enum address_field field, const struct field *raw)
{
    char *value = unfolded(all, raw);
    InternetAddressList *list = value ? internet_address_list_parse(all->options, value) : NULL;
    if (field == ADDRESS_FROM) {
        all->n_from_fields++;
        read_from(all, raw, list);
    } else if (list) {
        give_list(all, field, list);
    }
    if (list)
        g_object_unref(list);
    free(value);
}

/* A line that is no field here and From to somebody: blanks or worse around its name. */
static bool almost_from(const struct field *line, struct field *from_out)
{
    const char *at = line->value, *end = at + line->value_size;
    while (at < end && ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f))
        at++;
    if (line->name || end - at < 5 || strncasecmp(at, "from", 4) != 0)
        return false;
    for (at += 4; at < end && ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f);)
        at++;
    if (at == end || *at != ':')
        return false;
    *from_out = (struct field){"From", at + 1, 4, (size_t)(end - at - 1)};
    return true;
}

static void take_marks(struct report *report, const struct field *field)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (name_starts(field, marks[i].prefix))
            report->marks |= marks[i].mark;
}

/* From comes first: whatever else the section names must not use up what may be told. */
static void read_all(struct addresses *all, const char *section, size_t size, bool from)
{
    struct field field;
    size_t at = 0;
    while (field_next(section, size, &at, &field)) {
        if (from)
            take_marks(all->report, &field);
        if (almost_from(&field, &field))
            all->from_odd = true;
        for (size_t i = 0; i < sizeof address_fields / sizeof *address_fields; i++)
            if ((address_fields[i].field == ADDRESS_FROM) == from && field_is(&field, address_fields[i].name))
                read_field(all, address_fields[i].field, &field);
    }
}

void address_read(const char *section, size_t size, struct report *report)
{
    struct addresses all = {.report = report, .options = g_mime_parser_options_new()};
    read_all(&all, section, size, true);
    read_all(&all, section, size, false);
    g_mime_parser_options_free(all.options);
    report_number(report, FOUND_N_FROM,
                  all.n_from < INSPECT_ADDRESSES_MAX ? all.n_from : INSPECT_ADDRESSES_MAX);
    if (all.from_odd || all.n_from_fields > 1)
        report_number(report, FOUND_FROM_ODD, 1);
}
