/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/forward.h"

#include "base/text.h"

#include <string.h>

static const struct sign {
    const char *name;
    const char *value; /* how it begins; NULL: whatever it is */
    unsigned flag;
} signs[] = {
    /* RFC 5322 3.6.6: a person who sends on what he got ("redirect", "bounce"). */
    {"Resent-From", NULL, FORWARD_RESENT},
    {"Resent-Sender", NULL, FORWARD_RESENT},
    {"Resent-To", NULL, FORWARD_RESENT},
    {"Resent-Cc", NULL, FORWARD_RESENT},
    {"Resent-Bcc", NULL, FORWARD_RESENT},
    {"Resent-Date", NULL, FORWARD_RESENT},
    {"Resent-Message-ID", NULL, FORWARD_RESENT},
    /* Gmail */
    {"X-Forwarded-For", NULL, FORWARD_AUTOMATIC},
    {"X-Forwarded-To", NULL, FORWARD_AUTOMATIC},
    /* Dovecot's Sieve */
    {"X-Sieve-Redirected-From", NULL, FORWARD_AUTOMATIC},
    /* Exchange and Outlook: rules of a mailbox, forwarding set for a mailbox, [MS-OXCMAIL] 2.1.3.2.21 */
    {"X-MS-Exchange-Inbox-Rules-Loop", NULL, FORWARD_AUTOMATIC},
    {"X-MS-Exchange-ForwardingLoop", NULL, FORWARD_AUTOMATIC},
    {"X-MS-Exchange-Organization-AutoForwarded", "true", FORWARD_AUTOMATIC},
    /* Gateways to X.400 (RFC 2156), Outlook without Exchange */
    {"Autoforwarded", "true", FORWARD_AUTOMATIC},
    {"X-AutoForwarded-By", NULL, FORWARD_AUTOMATIC},
    /* Never registered (RFC 3834 5 has auto-generated and auto-replied), and seen */
    {"Auto-Submitted", "auto-forwarded", FORWARD_AUTOMATIC},
    /* Postfix, Dovecot, qmail; Exim; Cyrus, Fastmail */
    {"Delivered-To", NULL, FORWARD_DELIVERED},
    {"X-Original-To", NULL, FORWARD_DELIVERED},
    {"Envelope-To", NULL, FORWARD_DELIVERED},
    {"X-Delivered-To", NULL, FORWARD_DELIVERED},
};

static bool begins(const char *value, const char *with)
{
    return text_starts_nocase(value + strspn(value, " \t\r\n"), with);
}

static unsigned sign_of(const struct header_field *field)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (text_equal_nocase(field->name, signs[i].name) &&
            (!signs[i].value || begins(field->value, signs[i].value)))
            return signs[i].flag;
    return 0;
}

void gather_forward(const struct message *message, const struct findings *findings,
                    struct policy_facts *facts)
{
    facts->forward = 0;
    facts->forward_why = NULL;
    for (size_t i = 0; i < message->n_headers; i++) {
        unsigned flag = sign_of(&message->headers[i]);
        if (flag && !facts->forward_why)
            facts->forward_why = message->headers[i].name;
        facts->forward |= flag;
    }
    for (size_t i = 0; i < findings->n_parts; i++) {
        const struct part_finding *part = &findings->parts[i];
        /* Not what somebody signed as a whole, or a page saved with its pictures: by their content these are
         * no mail. */
        if (!(part->flags & PART_NESTED) || !part->kind || strcmp(part->kind, "message/rfc822") != 0)
            continue;
        facts->forward |= FORWARD_NESTED;
        if (!facts->forward_why)
            facts->forward_why = "message/rfc822";
    }
}
