/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/judge.h"

#include "inspect/findings.h"
#include "inspector/charset.h"
#include "inspector/polyglot.h"

#include <string.h>
#include <strings.h>

enum {
    REPORT_BYTES_MAX = 64 * 1024, /* of a delivery report's fields */
    VERSION_BYTES_MAX = 128,
    KEYS_BYTES_MAX = 32 * 1024,
    NOT_UTF8_MAX = 8, /* cut characters in text that says it is UTF-8 */
};

void judgement_raise(struct judgement *judgement, unsigned flags, const char *why)
{
    judgement->flags |= flags;
    if (!judgement->why)
        judgement->why = why;
}

/* Flags that hold whatever the content turns out to be. */
void judge_role(struct judgement *judgement, enum role role, const struct entity *entity, bool two_names)
{
    if (entity->fields.odd)
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, entity->fields.odd);
    /* A signature is proven by its packets, and Thunderbird gives it two names. */
    if (two_names && role != ROLE_SIGNATURE)
        judgement_raise(judgement, PART_DOCUMENT | PART_AMBIGUOUS, "two names with different extensions");
    switch (role) {
    case ROLE_BODY:
    case ROLE_SIGNATURE:
    case ROLE_REPORT:
    case ROLE_PGP_VERSION:
        break;
    case ROLE_PICTURE:
    case ROLE_CONTACT:
    case ROLE_CALENDAR:
    case ROLE_TNEF:
    case ROLE_KEYS:
    case ROLE_MAYBE_TEXT:
        /* Conversation, if judge_content says READ. */
        judgement_raise(judgement, PART_WANTED, NULL);
        break;
    case ROLE_PGP_MESSAGE:
    case ROLE_CMS:
        judgement_raise(judgement, PART_DOCUMENT, "encrypted or signed by somebody");
        break;
    case ROLE_TEXT:
    case ROLE_DOCUMENT:
        judgement_raise(judgement, PART_DOCUMENT | PART_WANTED, "attachment");
        break;
    case ROLE_ELSEWHERE:
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
                        "its content is somewhere else");
        break;
    }
}

bool judge_is_text(const struct content *content)
{
    return !content->text.nul && content->text.controls <= TEXT_CONTROLS_MAX;
}

/* Without a charset readers take one that contains ASCII: letters may differ, but nothing is hidden, since
 * encoded blocks and file magic are ASCII and were looked for. */
static void judge_charset(struct judgement *judgement, const char *charset, const struct content *content)
{
    if (charset_hides_text(charset))
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "charset that hides text");
    else if (content->text.eight_bit && charset[0] && !charset_is_known(charset))
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "unknown charset");
    else if (charset[0] && charset_is_utf8(charset) && content->not_utf8 > NOT_UTF8_MAX)
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "not the charset it says");
}

static bool begins(const struct content *content, const char *with)
{
    size_t size = strlen(with);
    return content->head_size >= size && !strncasecmp(content->head, with, size);
}

/* Some readers skip empty lines before a header section. */
static bool begins_with_fields(const struct content *content)
{
    return begins(content, "Content-Type:") || begins(content, "Content-Transfer-Encoding:") ||
           begins(content, "Content-Disposition:") || begins(content, "MIME-Version:");
}

static void judge_body(struct judgement *judgement, const struct entity *entity,
                       const struct content *content)
{
    bool xml =
        !strcmp(entity->fields.type, "text/plain") && (begins(content, "<?xml") || begins(content, "<svg"));
    if (begins_with_fields(content))
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
                        "fields of a header section behind its end");
    if (xml || rawscan_magic(content->head, content->head_size))
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD, "a file where text should be");
    else if (!judge_is_text(content))
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD, "not text");
    else {
        judgement->kind = entity->fields.type;
        judge_charset(judgement, entity->fields.charset, content);
        if (content->text.found)
            judgement_raise(judgement, PART_DOCUMENT, content->text.found);
    }
}

/* By its bytes. Of text it is also asked whether two readers would take the same from it. */
static void judge_document(struct judgement *judgement, struct judge *judge, const struct entity *entity,
                           const struct content *content, const char *why)
{
    judgement_raise(judgement, PART_DOCUMENT, why);
    judgement->kind = document_kind(judge->opener, content->head, content->head_size, content->size);
    if (strncmp(judgement->kind, "text/", 5) != 0)
        return;
    /* Mail programs show it by its label, readers by its beginning. */
    if (!strcmp(entity->fields.type, "text/html") && !strcmp(judgement->kind, "text/plain"))
        judgement->kind = "text/html";
    if (!judge_is_text(content))
        judgement_raise(judgement, PART_UNREAD, "not plain text");
    else
        judge_charset(judgement, entity->fields.charset, content);
}

static bool only_fields(const struct content *content)
{
    const char *at = content->head, *end = at + content->head_size;
    if (content->size > REPORT_BYTES_MAX || content->size != content->head_size)
        return false;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = stop ? stop : end;
        const char *colon = memchr(at, ':', (size_t)(line_end - at));
        bool blank = *at == ' ' || *at == '\t' || *at == '\r' || at == line_end;
        if (!blank && (!colon || colon == at || memchr(at, ' ', (size_t)(colon - at))))
            return false;
        at = line_end + 1;
    }
    return true;
}

static void judge_report(struct judgement *judgement, const struct content *content)
{
    if (!only_fields(content) || !judge_is_text(content) || content->text.found)
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD, "no delivery report by its content");
    else {
        judgement->kind = "text/plain";
        judgement_raise(judgement, PART_READ, NULL); /* mail programs show it */
    }
}

static void judge_signature(struct judgement *judgement, const struct entity *entity,
                            const struct content *content)
{
    bool pgp = !strcmp(entity->fields.type, "application/pgp-signature");
    enum cms_kind cms = cms_peek((const uint8_t *)content->head, content->head_size, content->size);
    bool good =
        pgp ? content->armoured && content->packets == PACKETS_SIGNATURES : cms == CMS_DETACHED_SIGNATURE;
    bool held = content->whole && polyglot_holds_file(content->whole, (size_t)content->size);
    if (!good || held || content->size > SIGNATURE_BYTES_MAX) {
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD, "no signature by its content");
        return;
    }
    judgement_raise(judgement, PART_SIGNATURE, NULL);
    judgement->kind = entity->fields.type;
}

static void judge_version(struct judgement *judgement, const struct content *content)
{
    bool good = content->size < VERSION_BYTES_MAX && content->head_size >= 8 &&
                !memcmp(content->head, "Version:", 8) && only_fields(content) && judge_is_text(content);
    if (good)
        judgement->kind = "text/plain";
    else
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
                        "no OpenPGP version part by its content");
}

static void judge_encrypted(struct judgement *judgement, enum role role, const struct content *content)
{
    enum cms_kind cms = cms_peek((const uint8_t *)content->head, content->head_size, content->size);
    bool opaque = role == ROLE_CMS ? cms == CMS_ENVELOPED : content->packets == PACKETS_ENCRYPTED;
    judgement->why = NULL;
    if (opaque) {
        judgement->kind = role == ROLE_CMS ? "application/pkcs7-mime" : "application/pgp-encrypted";
        judgement_raise(judgement, PART_DOCUMENT | PART_OPAQUE, "encrypted by somebody");
    } else if (role == ROLE_CMS && cms == CMS_READABLE) {
        judgement->kind = "application/pkcs7-mime";
        judgement_raise(judgement, PART_DOCUMENT | PART_WANTED, "signed by somebody");
    } else
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
                        "says that it is encrypted and is not");
}

static void judge_picture(struct judgement *judgement, struct judge *judge, const struct entity *entity,
                          const struct content *content)
{
    bool referenced = references_have(&judge->references, entity->fields.content_id);
    const char *why = entity->fields.attached && !referenced ? "picture that is attached" : NULL;
    if (!why)
        why = content->whole
                  ? picture_judge(&judge->pictures, content->whole, (size_t)content->size, referenced)
                  : "picture too large for a logo";
    if (why)
        judge_document(judgement, judge, entity, content, why);
    else {
        judgement->kind = rawscan_magic(content->head, content->head_size);
        judgement_raise(judgement, PART_READ, NULL);
    }
}

static void judge_card(struct judgement *judgement, struct judge *judge, enum card_kind kind,
                       const struct entity *entity, const struct content *content)
{
    static const char *const kinds[] = {[CARD_CONTACT] = "text/vcard", [CARD_CALENDAR] = "text/calendar"};
    judge->scan->found = NULL;
    const char *why =
        content->whole && judge_is_text(content)
            ? card_judge(kind, content->whole, (size_t)content->size, judge->scan, &judge->pictures)
            : "card or calendar that is none by its content";
    if (!why) {
        judgement->kind = kinds[kind];
        judge_charset(judgement, entity->fields.charset, content);
        if (!(judgement->flags & PART_DOCUMENT))
            judgement_raise(judgement, PART_READ, NULL);
        return;
    }
    /* Its reader sees text where the scan saw a file. */
    if (why == judge->scan->found)
        judgement_raise(judgement, PART_UNREAD, why);
    judge_document(judgement, judge, entity, content, why);
}

static void judge_keys(struct judgement *judgement, struct judge *judge, const struct entity *entity,
                       const struct content *content)
{
    bool keys = content->armoured && content->packets == PACKETS_PUBLIC_KEYS &&
                content->size <= KEYS_BYTES_MAX && judge_is_text(content);
    if (!keys) {
        judge_document(judgement, judge, entity, content, "no public key by its content");
        return;
    }
    judgement->kind = "application/pgp-keys";
    judgement_raise(judgement, PART_READ, NULL);
}

/* What Outlook makes of a message with formatted text: winmail.dat. */
static void judge_tnef(struct judgement *judgement, struct judge *judge, const struct entity *entity,
                       const struct content *content)
{
    const char *magic = rawscan_magic(content->head, content->head_size);
    judgement->maybe = magic && !strcmp(magic, "application/vnd.ms-tnef");
    if (judgement->maybe)
        judgement->kind = magic;
    else
        judge_document(judgement, judge, entity, content, "attachment");
}

/* No type, or one that says nothing: by the first bytes alone. */
static void judge_unlabelled(struct judgement *judgement, struct judge *judge, const struct entity *entity,
                             const struct content *content)
{
    const char *magic = rawscan_magic(content->head, content->head_size);
    if (magic && !strncmp(magic, "image/", 6))
        judge_picture(judgement, judge, entity, content);
    else if (magic && !strcmp(magic, "application/vnd.ms-tnef"))
        judge_tnef(judgement, judge, entity, content);
    else if (content->head_size > 11 && !strncasecmp(content->head, "BEGIN:VCARD", 11))
        judge_card(judgement, judge, CARD_CONTACT, entity, content);
    else if (content->head_size > 15 && !strncasecmp(content->head, "BEGIN:VCALENDAR", 15))
        judge_card(judgement, judge, CARD_CALENDAR, entity, content);
    else
        judge_document(judgement, judge, entity, content, "attachment");
}

void judge_content(struct judgement *judgement, struct judge *judge, enum role role,
                   const struct entity *entity, const struct content *content)
{
    if (content->odd)
        judgement_raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, content->odd);
    switch (role) {
    case ROLE_BODY:
        judge_body(judgement, entity, content);
        break;
    case ROLE_SIGNATURE:
        judge_signature(judgement, entity, content);
        break;
    case ROLE_REPORT:
        judge_report(judgement, content);
        break;
    case ROLE_PGP_VERSION:
        judge_version(judgement, content);
        break;
    case ROLE_PGP_MESSAGE:
    case ROLE_CMS:
        judge_encrypted(judgement, role, content);
        break;
    case ROLE_PICTURE:
        judge_picture(judgement, judge, entity, content);
        break;
    case ROLE_CONTACT:
        judge_card(judgement, judge, CARD_CONTACT, entity, content);
        break;
    case ROLE_CALENDAR:
        judge_card(judgement, judge, CARD_CALENDAR, entity, content);
        break;
    case ROLE_KEYS:
        judge_keys(judgement, judge, entity, content);
        break;
    case ROLE_TNEF:
        judge_tnef(judgement, judge, entity, content);
        break;
    case ROLE_MAYBE_TEXT:
        judge_unlabelled(judgement, judge, entity, content);
        break;
    case ROLE_TEXT:
    case ROLE_DOCUMENT:
        judge_document(judgement, judge, entity, content, "attachment");
        break;
    case ROLE_ELSEWHERE:
        break;
    }
}

/* The whole of it only where it could be conversation; base64 with its line ends is 4/3 of what it holds. */
static unsigned whole_up_to(const struct entity *entity, uint64_t most)
{
    return entity->end_at - entity->body_at <= most + most / 2 ? WANT_WHOLE : 0;
}

unsigned judge_wants(enum role role, const struct entity *entity)
{
    switch (role) {
    case ROLE_BODY:
    case ROLE_REPORT:
    case ROLE_PGP_VERSION:
        return WANT_TEXT;
    case ROLE_SIGNATURE:
        return WANT_TEXT | WANT_PACKETS | whole_up_to(entity, SIGNATURE_BYTES_MAX);
    case ROLE_KEYS:
        return WANT_TEXT | WANT_PACKETS;
    case ROLE_PGP_MESSAGE:
        return WANT_DIGEST | WANT_PACKETS;
    case ROLE_TEXT:
        return WANT_DIGEST | WANT_TEXT | WANT_WHOLE;
    case ROLE_DOCUMENT:
    case ROLE_TNEF:
    case ROLE_CMS:
        return WANT_DIGEST | WANT_WHOLE;
    case ROLE_PICTURE:
        return whole_up_to(entity, PICTURE_BYTES_MAX);
    case ROLE_CONTACT:
    case ROLE_CALENDAR:
    case ROLE_MAYBE_TEXT:
        return WANT_TEXT | whole_up_to(entity, CARD_BYTES_MAX);
    case ROLE_ELSEWHERE:
        break;
    }
    return WANT_DIGEST;
}
