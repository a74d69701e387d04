/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/card.h"

#include "base/text.h"
#include "inspector/card_line.h"

#include <stdlib.h>
#include <string.h>

enum { COMPONENT_MAX = 16 };

struct card {
    enum card_kind kind;
    unsigned depth, components;
    char open[CARD_DEPTH_MAX][COMPONENT_MAX + 1];
    size_t text;
    struct code_mix heads; /* names, groups and parameters of all lines */
    struct rawscan *scan;
    struct picture_allowance *allowance;
};

static const char malformed[] = "card or calendar that is none by its content";

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (text_equal_nocase(name, *names))
            return true;
    return false;
}

static const char *judge_picture(struct card *card, const char *base64, size_t size)
{
    const char *odd;
    size_t decoded;
    char *bytes = card_decode(base64, size, ENCODING_BASE64, &decoded, &odd);
    if (!bytes)
        return "no memory for a card";
    const char *why = odd ? malformed : picture_judge(card->allowance, bytes, decoded, true);
    free(bytes);
    return why;
}

static const char *judge_component(struct card *card, const struct card_property *property, bool begins)
{
    static const char *const contact[] = {"VCARD", NULL};
    static const char *const calendar[] = {"VCALENDAR", "VEVENT", "VTODO",     "VTIMEZONE", "STANDARD",
                                           "DAYLIGHT",  "VALARM", "VFREEBUSY", NULL};
    char name[COMPONENT_MAX + 1];
    if (property->value_size > COMPONENT_MAX)
        return malformed;
    memcpy(name, property->value, property->value_size);
    name[property->value_size] = '\0';
    if (!begins) {
        if (!card->depth || !text_equal_nocase(card->open[--card->depth], name))
            return malformed;
        return NULL;
    }
    bool outer = text_equal_nocase(name, card->kind == CARD_CONTACT ? "VCARD" : "VCALENDAR");
    if (outer != !card->depth || card->depth == CARD_DEPTH_MAX ||
        !is_one_of(name, card->kind == CARD_CONTACT ? contact : calendar))
        return malformed;
    memcpy(card->open[card->depth++], name, sizeof name);
    card->components++;
    return NULL;
}

/* As it is shown: line ends are written \n in a value. */
static void scan_value(struct rawscan *scan, const char *value, size_t size)
{
    const char *end = value + size, *sign;
    while ((sign = memchr(value, '\\', (size_t)(end - value))) && sign + 1 < end) {
        rawscan_feed(scan, value, (size_t)(sign - value));
        if (sign[1] == 'n' || sign[1] == 'N')
            rawscan_feed(scan, "\n", 1);
        else
            rawscan_feed(scan, sign + 1, 1);
        value = sign + 2;
    }
    rawscan_feed(scan, value, (size_t)(end - value));
    rawscan_feed(scan, "\n", 1);
}

static const char *scan_quoted(struct rawscan *scan, const char *value, size_t size)
{
    const char *odd;
    size_t decoded;
    char *text = card_decode(value, size, ENCODING_QUOTED, &decoded, &odd);
    if (!text)
        return "no memory for a card";
    scan_value(scan, text, decoded);
    free(text);
    return odd;
}

/* Text goes on as mail shows it: through the scan that bodies go through. */
static const char *judge_text(struct card *card, const struct card_property *property)
{
    /* RFC 5545 and 6350, and what Outlook and others always add. */
    static const char *const prose[] = {"ADR",     "ATTENDEE", "COMMENT",    "CONTACT",   "DESCRIPTION",
                                        "LABEL",   "LOCATION", "NOTE",       "ORGANIZER", "SUMMARY",
                                        "EXDATE",  "RDATE",    "X-ALT-DESC", "FREEBUSY",  "MEMBER",
                                        "RELATED", "URL",      "CATEGORIES", NULL};
    size_t most = is_one_of(property->name, prose) ? CARD_VALUE_MAX : CARD_PRIVATE_VALUE_MAX;
    card->text += property->value_size;
    if (property->value_size > most || property->params_size > CARD_PRIVATE_VALUE_MAX ||
        card->text > (card->kind == CARD_CONTACT ? CONTACT_TEXT_MAX : CALENDAR_TEXT_MAX))
        return "card or calendar with too much text";
    if (card_is_quoted(property))
        return scan_quoted(card->scan, property->value, property->value_size);
    scan_value(card->scan, property->value, property->value_size);
    return NULL;
}

static const char *judge_property(struct card *card, const struct card_property *property)
{
    static const char *const files[] = {"ATTACH", "AGENT", "SOUND", "KEY", "IMAGE", NULL};
    static const char *const pictures[] = {"PHOTO", "LOGO", NULL};
    bool begins = !strcmp(property->name, "BEGIN");
    if (begins || !strcmp(property->name, "END"))
        return judge_component(card, property, begins);
    if (!card->depth)
        return malformed;
    if (is_one_of(property->name, files) || strstr(property->name, "ATTACH"))
        return "card or calendar with a file in it";
    bool picture = is_one_of(property->name, pictures), binary = card_says_binary(property);
    if (binary && !picture)
        return "card or calendar with a file in it";
    if (picture && binary)
        return judge_picture(card, property->value, property->value_size);
    const char *base64;
    size_t size;
    if (picture && card_data_link(property, &base64, &size))
        return judge_picture(card, base64, size);
    return judge_text(card, property);
}

/* As files in them are found. */
static const char *judge_head(struct card *card, const char *line, const struct card_property *property)
{
    code_mix_feed(&card->heads, line, (size_t)(property->value - line));
    code_mix_end(&card->heads);
    if (card->heads.found && !card->scan->found)
        card->scan->found = "base64 in pieces";
    return card->heads.found ? card->scan->found : NULL;
}

static const char *judge_lines(struct card *card, const char *text, size_t size)
{
    const char *end = text + size;
    while (text < end) {
        struct card_property property;
        if (*text == '\n' || *text == '\r') {
            text++;
            continue;
        }
        size_t length = card_property_read(text, end, &property);
        const char *why = length ? judge_property(card, &property) : malformed;
        if (!why)
            why = judge_head(card, text, &property);
        if (why)
            return why;
        text += length;
    }
    return card->depth || !card->components ? malformed : NULL;
}

const char *card_judge(enum card_kind kind, const char *bytes, size_t size, struct rawscan *scan,
                       struct picture_allowance *allowance)
{
    struct card card = {.kind = kind, .scan = scan, .allowance = allowance};
    if (size > CARD_BYTES_MAX)
        return "card or calendar that is too large";
    char *text = calloc(1, size + 1);
    if (!text)
        return "no memory for a card";
    size_t unfolded = card_unfold(bytes, size, text);
    text[unfolded] = '\0';
    rawscan_init(scan);
    const char *why = memchr(bytes, '\0', size) ? malformed : judge_lines(&card, text, unfolded);
    rawscan_finish(scan);
    free(text);
    return why ? why : scan->found;
}
