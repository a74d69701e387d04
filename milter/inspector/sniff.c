/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/sniff.h"

#include "base/text.h"
#include "inspector/rawscan.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { CHARACTER_MAX = 4, CUT_LEAST = 4096 /* shorter texts are whole */ };

static bool begins(const char *bytes, size_t size, const char *with)
{
    size_t length = strlen(with);
    return size >= length && !strncasecmp(bytes, with, length);
}

/* RFC 5322 2.2: a field whose name no other file starts with. */
static bool begins_like_mail(const char *bytes, size_t size)
{
    static const char *const first[] = {"Return-Path:",    "Received:",     "From:",         "MIME-Version:",
                                        "Message-ID:",     "Date:",         "Delivered-To:", "X-Mozilla-",
                                        "DKIM-Signature:", "Subject:",      "To:",           "ARC-Seal:",
                                        "Content-Type:",   "X-Account-Key:"};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (begins(bytes, size, first[i]))
            return true;
    return false;
}

/* Tab, LF, FF and CR. What is cut may end within a character. */
static bool is_utf8_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r') || c == 0x7f)
            return false;
    }
    for (size_t cut = 0; cut < (size < CUT_LEAST ? 1 : CHARACTER_MAX); cut++)
        if (text_is_utf8(bytes, size - cut))
            return true;
    return false;
}

const char *sniff_text(const char *bytes, size_t size)
{
    static const char *const others[] = {"<",      "%!",       "-----BEGIN ", "{\\",
                                         "begin ", "=ybegin ", "From ",       "ID;P"};
    if (!size)
        return "application/x-empty";
    if (rawscan_magic(bytes, size) || !is_utf8_text(bytes, size))
        return NULL;
    if (begins(bytes, size, "\xef\xbb\xbf")) {
        bytes += 3;
        size -= 3;
    }
    while (size && strchr(" \t\r\n\f", *bytes)) {
        bytes++;
        size--;
    }
    if (begins(bytes, size, "-----BEGIN PGP SIGNED MESSAGE-----"))
        return "text/plain";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins(bytes, size, others[i]))
            return NULL;
    if (begins(bytes, size, "BEGIN:VCARD"))
        return "text/vcard";
    if (begins(bytes, size, "BEGIN:VCALENDAR"))
        return "text/calendar";
    return begins_like_mail(bytes, size) ? "message/rfc822" : "text/plain";
}
