/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CARD_H
#define KHATM_INSPECTOR_CARD_H

/* Business cards (vCard, RFC 6350 and its forerunners) and calendars (iCalendar, RFC 5545), which share the
 * grammar of their lines. A card is conversation when every line of it is a property of a known component, no
 * value is a file (ATTACH, base64, data:) and nothing before the values is one, a portrait or logo on it is
 * small enough for a picture of conversation, and text stays within limits. Lines are unfolded before they
 * are looked at, since folds hide blocks. */

#include "inspector/picture.h"
#include "inspector/rawscan.h"

enum card_kind { CARD_CONTACT, CARD_CALENDAR };

enum {
    CARD_BYTES_MAX = 192 * 1024,  /* as it stands, a portrait included */
    CONTACT_TEXT_MAX = 16 * 1024, /* all values but pictures */
    CALENDAR_TEXT_MAX = 64 * 1024,
    CARD_VALUE_MAX = 32 * 1024,    /* of one value */
    CARD_PRIVATE_VALUE_MAX = 1024, /* of one that no RFC knows */
    CARD_DEPTH_MAX = 4,
};

/* scan: room, any content. NULL: conversation. Otherwise why
 * not: a phrase. */
const char *card_judge(enum card_kind kind, const char *bytes, size_t size, struct rawscan *scan,
                       struct picture_allowance *allowance);

#endif
