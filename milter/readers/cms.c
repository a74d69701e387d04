/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/cms.h"

#include "readers/ber.h"
#include "readers/deflated.h"

#include "inspector/rawscan.h"

#include <string.h>
#include <strings.h>

enum { NAME_BYTES = 256, FIELD_NAME_MAX = 76 };

static const char *const kinds[] = {"application/pkcs7-mime", NULL};

static bool is_oid(struct bytes value, const char *oid, size_t size)
{
    return value.size == size && !memcmp(value.at, oid, size);
}

/* EncapsulatedContentInfo, behind what stands before it: NULL when there is none. */
static bool find_content(struct bytes info, bool *compressed_out, struct ber_element *content_out)
{
    static const char signed_data[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
                      compressed[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09";
    struct bytes oid, data, skipped, encapsulated;
    if (!ber_take(&info, BER_OID, &oid) || !ber_take(&info, BER_CONTEXT_0, &data) ||
        !ber_take(&data, BER_SEQUENCE, &data) || !ber_take(&data, BER_INTEGER, &skipped))
        return false;
    *compressed_out = is_oid(oid, compressed, sizeof compressed - 1);
    if (!*compressed_out && !is_oid(oid, signed_data, sizeof signed_data - 1))
        return false;
    /* Of algorithms: one that compresses, those that digest. */
    return ber_take(&data, *compressed_out ? BER_SEQUENCE : BER_SET, &skipped) &&
           ber_take(&data, BER_SEQUENCE, &encapsulated) && ber_take(&encapsulated, BER_OID, &skipped) &&
           ber_take(&encapsulated, BER_CONTEXT_0, &data) && ber_next(&data, content_out);
}

/* RFC 5322 2.2: a field, or the empty line that ends a header section without any. */
static bool is_entity(const char *bytes, size_t size)
{
    size_t at = 0;
    if (size >= 2 && (bytes[0] == '\n' || (bytes[0] == '\r' && bytes[1] == '\n')))
        return true;
    while (at < size && at < FIELD_NAME_MAX && bytes[at] > ' ' && bytes[at] < 0x7f && bytes[at] != ':')
        at++;
    return at && at < size && bytes[at] == ':' && !rawscan_magic(bytes, size);
}

/* "contract.pdf.p7m" holds "contract.pdf". */
static const char *inner_name(const struct reading *reading, char name[NAME_BYTES])
{
    size_t size = reading->name ? strlen(reading->name) : 0;
    if (size <= 4 || size >= NAME_BYTES || strcasecmp(reading->name + size - 4, ".p7m") != 0 ||
        !strcasecmp(reading->name, "smime.p7m"))
        return NULL;
    memcpy(name, reading->name, size - 4);
    name[size - 4] = '\0';
    return name;
}

/* The entity has no field that says it is mail; so it gets one. */
static void hand_on(struct reading *reading, struct buffer *content)
{
    static const char first[] = "MIME-Version: 1.0\r\n";
    char name[NAME_BYTES];
    if (!is_entity(buffer_text(content), content->size)) {
        (void)reading_embedded(reading, inner_name(reading, name), buffer_text(content), content->size);
        return;
    }
    struct buffer message;
    buffer_init(&message, BUDGET_DOCUMENT_MAX);
    buffer_append(&message, first, sizeof first - 1);
    buffer_append(&message, buffer_text(content), content->size);
    if (message.failed)
        reading_raise(reading, PART_UNREAD, "no memory for what is signed");
    else
        (void)reading_embedded(reading, NULL, buffer_text(&message), message.size);
    buffer_free(&message);
}

static void read_content(struct reading *reading, const struct ber_element *element, bool compressed)
{
    struct buffer content;
    buffer_init(&content, BUDGET_DOCUMENT_MAX);
    if (!budget_bytes(reading->budget, element->value.size))
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    else if (!ber_octets(element, &content))
        reading_raise(reading, PART_UNREAD, "damaged content");
    else if (compressed)
        deflated_embedded(reading, (struct bytes){(const uint8_t *)buffer_text(&content), content.size},
                          "damaged content");
    else if (content.size)
        hand_on(reading, &content);
    if (reading->size - element->value.size > CMS_BESIDE_MAX)
        reading_raise(reading, PART_UNREAD, "much stands beside what is signed");
    buffer_free(&content);
}

static void read_cms(struct reading *reading)
{
    struct bytes all = {(const uint8_t *)reading->bytes, reading->size}, info;
    struct ber_element content;
    bool compressed;
    if (!ber_take(&all, BER_SEQUENCE, &info) || !find_content(info, &compressed, &content)) {
        reading_raise(reading, PART_UNREAD, "no content that is signed");
        return;
    }
    if (all.size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes behind its end");
    read_content(reading, &content, compressed);
}

const struct reader cms_reader = {.name = "CMS", .kinds = kinds, .read = read_cms};
