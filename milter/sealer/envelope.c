/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/envelope.h"

#include "base/text.h"
#include "sealer/fields.h"
#include "sealer/transfer.h"

#include <stdlib.h>
#include <string.h>

static bool broken(struct envelope *envelope, const char *why)
{
    envelope->form = ENVELOPE_BROKEN;
    envelope->why = why;
    return false;
}

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!strchr(" \t\r\n", text.bytes[i]) || !text.bytes[i])
            return false;
    return true;
}

enum delimiter { NO_DELIMITER, DELIMITER, LAST_DELIMITER };

/* A line of the body is a delimiter when it begins like one (RFC 2046, 5.1.1): what follows must be blanks.
 */
static enum delimiter delimiter_of(struct span line, const char *boundary)
{
    size_t size = strlen(boundary);
    if (line.size < size + 2 || memcmp(line.bytes, "--", 2) != 0 ||
        memcmp(line.bytes + 2, boundary, size) != 0)
        return NO_DELIMITER;
    struct span rest = {line.bytes + 2 + size, line.size - 2 - size};
    if (is_blank(rest))
        return DELIMITER;
    bool last = rest.size >= 2 && memcmp(rest.bytes, "--", 2) == 0 &&
                is_blank((struct span){rest.bytes + 2, rest.size - 2});
    return last ? LAST_DELIMITER : NO_DELIMITER;
}

/* The body up to the next delimiter line off *rest; the line end before the delimiter belongs to it. */
static enum delimiter next_piece(struct span *rest, const char *boundary, struct span *piece_out)
{
    const uint8_t *start = rest->bytes;
    for (size_t at = 0; at < rest->size;) {
        const uint8_t *feed = memchr(start + at, '\n', rest->size - at);
        size_t whole = feed ? (size_t)(feed - start) + 1 - at : rest->size - at;
        enum delimiter found = delimiter_of((struct span){start + at, whole}, boundary);
        if (found != NO_DELIMITER) {
            size_t end = at ? at - 1 : 0;
            *piece_out = (struct span){start, end && start[end - 1] == '\r' ? end - 1 : end};
            *rest = (struct span){start + at + whole, rest->size - at - whole};
            return found;
        }
        at += whole;
    }
    *piece_out = *rest;
    *rest = (struct span){start + rest->size, 0};
    return NO_DELIMITER;
}

/* A part's content, its type and how it is encoded. An empty header section counts, too. */
static bool read_part(struct span part, struct content_type *type_out, enum transfer *transfer_out,
                      struct span *content_out)
{
    struct span header;
    struct field type, transfer = {{NULL, 0}, {NULL, 0}};
    size_t body;
    if (!fields_split(part, &header, &body) || fields_count(header, "Content-Type", &type) != 1 ||
        !content_type_read(type.value, type_out))
        return false;
    size_t n = fields_count(header, "Content-Transfer-Encoding", &transfer);
    *transfer_out = n ? transfer_of(transfer.value) : TRANSFER_NONE;
    *content_out = (struct span){part.bytes + body, part.size - body};
    return n <= 1 && *transfer_out != TRANSFER_UNKNOWN;
}

/* The first part says "Version: 1" and no more. */
static bool is_version(struct span text)
{
    static const char version[] = "version: 1";
    size_t at = 0;
    while (at < text.size && strchr(" \t\r\n", text.bytes[at]))
        at++;
    for (size_t i = 0; i < sizeof version - 1; i++, at++)
        if (at >= text.size || text_lower((char)text.bytes[at]) != version[i])
            return false;
    return is_blank((struct span){text.bytes + at, text.size - at});
}

static bool check_first(struct span part, struct envelope *envelope)
{
    struct content_type type;
    enum transfer transfer;
    struct span content;
    if (!read_part(part, &type, &transfer, &content) || transfer != TRANSFER_NONE ||
        strcmp(type.type, "application/pgp-encrypted") != 0 || !is_version(content))
        return broken(envelope, "its first part is not the version of RFC 3156");
    return true;
}

/* False with ENVELOPE_GOOD still: no memory. */
static bool take_second(struct span part, struct envelope *envelope)
{
    struct content_type type;
    enum transfer transfer;
    if (!read_part(part, &type, &transfer, &envelope->armour) ||
        strcmp(type.type, "application/octet-stream") != 0)
        return broken(envelope, "its second part is not the ciphertext of RFC 3156");
    if (transfer == TRANSFER_NONE)
        return true;
    envelope->decoded = malloc(envelope->armour.size + 1);
    if (!envelope->decoded)
        return false;
    size_t size = 0;
    if (!transfer_decode(transfer, envelope->armour, envelope->decoded, &size))
        return broken(envelope, "the encoding of its second part is damaged");
    envelope->armour = (struct span){envelope->decoded, size};
    return true;
}

static bool read_body(struct span body, const char *boundary, struct envelope *envelope)
{
    struct span preamble, first, second;
    if (next_piece(&body, boundary, &preamble) != DELIMITER ||
        next_piece(&body, boundary, &first) != DELIMITER)
        return broken(envelope, "it has not two parts");
    if (next_piece(&body, boundary, &second) != LAST_DELIMITER)
        return broken(envelope, "it has more than two parts, or ends in the middle");
    if (!is_blank(body))
        return broken(envelope, "clear text follows the sealed part");
    return check_first(first, envelope) && take_second(second, envelope);
}

/* Of our kind on top: the type to read the body by. False: none, or broken. */
static bool read_top(struct span header, struct content_type *type, struct envelope *envelope)
{
    struct field field, transfer;
    size_t n = fields_count(header, "Content-Type", &field);
    if (n != 1 || !content_type_read(field.value, type) || strcmp(type->type, "multipart/encrypted") != 0)
        return false;
    const char *protocol = content_type_get(type, "protocol"), *boundary = content_type_get(type, "boundary");
    if (!protocol || !text_equal_nocase(protocol, "application/pgp-encrypted"))
        return false;
    n = fields_count(header, "Content-Transfer-Encoding", &transfer);
    if (n > 1 || (n == 1 && transfer_of(transfer.value) != TRANSFER_NONE))
        return broken(envelope, "a multipart may not be encoded (RFC 2045, 6.4)");
    if (!boundary || !*boundary)
        return broken(envelope, "its parts have no boundary");
    envelope->form = ENVELOPE_GOOD;
    return true;
}

bool envelope_read(struct span message, struct envelope *envelope_out)
{
    struct content_type type;
    struct span header;
    size_t at;
    memset(envelope_out, 0, sizeof *envelope_out);
    if (!fields_split(message, &header, &at) || !read_top(header, &type, envelope_out))
        return true;
    const struct span body = {message.bytes + at, message.size - at};
    return read_body(body, content_type_get(&type, "boundary"), envelope_out) ||
           envelope_out->form == ENVELOPE_BROKEN;
}

static bool is_signed_type(struct span header, struct content_type *type)
{
    struct field field, transfer;
    if (fields_count(header, "Content-Type", &field) != 1 || !content_type_read(field.value, type) ||
        fields_count(header, "Content-Transfer-Encoding", &transfer))
        return false;
    const char *protocol = content_type_get(type, "protocol"), *boundary = content_type_get(type, "boundary");
    return strcmp(type->type, "multipart/signed") == 0 && protocol &&
           text_equal_nocase(protocol, "application/pgp-signature") && boundary && *boundary;
}

bool envelope_signed(struct span entity, struct span *text_out, struct span *signature_out)
{
    struct content_type type;
    struct span header, preamble, second;
    enum transfer transfer;
    size_t at;
    if (!fields_split(entity, &header, &at) || !is_signed_type(header, &type))
        return false;
    const char *boundary = content_type_get(&type, "boundary");
    struct span body = {entity.bytes + at, entity.size - at};
    if (next_piece(&body, boundary, &preamble) != DELIMITER ||
        next_piece(&body, boundary, text_out) != DELIMITER ||
        next_piece(&body, boundary, &second) != LAST_DELIMITER || !is_blank(preamble) || !is_blank(body))
        return false;
    struct content_type signature;
    return read_part(second, &signature, &transfer, signature_out) && transfer == TRANSFER_NONE &&
           strcmp(signature.type, "application/pgp-signature") == 0;
}

void envelope_free(struct envelope *envelope)
{
    free(envelope->decoded);
    envelope->decoded = NULL;
}

const char *envelope_blame(struct span message)
{
    static const char version[] = "application/pgp-encrypted";
    struct content_type type;
    struct span header;
    struct field field;
    size_t at;
    bool mixed = fields_split(message, &header, &at) && fields_count(header, "Content-Type", &field) == 1 &&
                 content_type_read(field.value, &type) && strcmp(type.type, "multipart/mixed") == 0 &&
                 memmem(message.bytes + at, message.size - at, version, sizeof version - 1);
    return mixed ? "a relay made multipart/mixed of it, or clear parts stand beside the ciphertext"
                 : "it is sealed in part only: clear text stands beside the ciphertext";
}
