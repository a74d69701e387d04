/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/role.h"

#include <stdio.h>
#include <string.h>

static bool is(const struct entity *entity, const char *type)
{
    return strcmp(entity->fields.type, type) == 0;
}

static unsigned place_of(const struct structure *structure, size_t entity)
{
    unsigned place = 1;
    size_t parent = structure->entities[entity].parent;
    for (size_t i = parent + 1; i < entity; i++)
        place += structure->entities[i].parent == parent;
    return place;
}

/* Where mail programs show text without being asked. */
static bool in_body_place(const struct structure *structure, size_t entity)
{
    while (entity) {
        const struct entity *parent = &structure->entities[structure->entities[entity].parent];
        if (parent->form == FORM_MESSAGE)
            return true;
        bool first = place_of(structure, entity) == 1;
        bool shown = is(parent, "multipart/mixed") || is(parent, "multipart/alternative") ||
                     is(parent, "multipart/related") ||
                     (first && (is(parent, "multipart/signed") || is(parent, "multipart/report")));
        if (!shown)
            return false;
        entity = structure->entities[entity].parent;
    }
    return true;
}

static enum role role_in_parent(const struct structure *structure, size_t at, const struct entity *entity)
{
    static const char *const reports[] = {"message/delivery-status",
                                          "message/global-delivery-status",
                                          "message/disposition-notification",
                                          "message/global-disposition-notification",
                                          "message/feedback-report",
                                          "text/rfc822-headers",
                                          "message/global-headers"};
    const struct entity *parent = at ? &structure->entities[entity->parent] : NULL;
    if (!parent || parent->form != FORM_MULTIPART)
        return ROLE_DOCUMENT;
    if (is(parent, "multipart/encrypted"))
        return is(entity, "application/pgp-encrypted") ? ROLE_PGP_VERSION : ROLE_PGP_MESSAGE;
    bool signature = is(entity, "application/pgp-signature") || is(entity, "application/pkcs7-signature") ||
                     is(entity, "application/x-pkcs7-signature");
    if (is(parent, "multipart/signed") && signature && place_of(structure, at) == 2)
        return ROLE_SIGNATURE;
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        if (is(parent, "multipart/report") && is(entity, reports[i]))
            return ROLE_REPORT;
    return ROLE_DOCUMENT;
}

static const struct {
    const char *type;
    enum role role;
} claims[] = {{"image/png", ROLE_PICTURE},
              {"image/x-png", ROLE_PICTURE},
              {"image/jpeg", ROLE_PICTURE},
              {"image/jpg", ROLE_PICTURE},
              {"image/pjpeg", ROLE_PICTURE},
              {"image/gif", ROLE_PICTURE},
              {"text/vcard", ROLE_CONTACT},
              {"text/x-vcard", ROLE_CONTACT},
              {"text/directory", ROLE_CONTACT},
              {"application/vcard", ROLE_CONTACT},
              {"text/calendar", ROLE_CALENDAR},
              {"application/ics", ROLE_CALENDAR},
              {"text/x-vcalendar", ROLE_CALENDAR},
              {"application/pgp-keys", ROLE_KEYS},
              {"application/ms-tnef", ROLE_TNEF},
              {"application/vnd.ms-tnef", ROLE_TNEF},
              {"application/octet-stream", ROLE_MAYBE_TEXT}};

enum role role_of(const struct structure *structure, const struct mime *mime, size_t at)
{
    const struct entity *entity = &structure->entities[at];
    enum role role = role_in_parent(structure, at, entity);
    if (role != ROLE_DOCUMENT)
        return role;
    if (is(entity, "message/partial") || is(entity, "message/external-body"))
        return ROLE_ELSEWHERE;
    if (is(entity, "application/pkcs7-mime") || is(entity, "application/x-pkcs7-mime"))
        return ROLE_CMS;
    bool body_type = is(entity, "text/plain") || is(entity, "text/html");
    if (body_type && !entity->fields.attached && !(mime && mime->parts[at].name) &&
        in_body_place(structure, at))
        return ROLE_BODY;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        if (is(entity, claims[i].type))
            return claims[i].role;
    return strncmp(entity->fields.type, "text/", 5) ? ROLE_DOCUMENT : ROLE_TEXT;
}

/* From the leaf upwards, so it is written from the end of the room. */
void role_path(const struct structure *structure, size_t entity, char path[ROLE_PATH_ROOM])
{
    char text[ROLE_PATH_ROOM];
    size_t start = sizeof text - 1;
    text[start] = '\0';
    for (bool top = false; !top; entity = structure->entities[entity].parent) {
        const struct entity *one = &structure->entities[entity];
        const struct entity *parent = &structure->entities[one->parent];
        top = entity == 0;
        bool counted = !top && parent->form == FORM_MULTIPART;
        /* A multipart that is a whole message has no number; its children stand in for it. */
        if (!counted && one->form == FORM_MULTIPART)
            continue;
        char number[16];
        int size = snprintf(number, sizeof number, "%u%s", counted ? place_of(structure, entity) : 1U,
                            text[start] ? "." : "");
        if (size < 0 || (size_t)size > start)
            break;
        start -= (size_t)size;
        memcpy(text + start, number, (size_t)size);
    }
    (void)snprintf(path, ROLE_PATH_ROOM, "%s", text[start] ? text + start : "0");
}
