/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole_message.h"

#include "readers/lzfu.h"
#include "readers/outlet.h"

#include <stdio.h>
#include <string.h>

/* Property tags ([MS-OXPROPS]) and types ([MS-OXCDATA] 2.11.1), as they stand in names of streams. */
enum {
    SUBJECT = 0x0037,
    BODY = 0x1000,
    RTF = 0x1009,
    HTML = 0x1013,
    ATTACHED = 0x3701,
    SHORT_NAME = 0x3704,
    LONG_NAME = 0x3707,
    TYPE_8 = 0x001e,
    TYPE_16 = 0x001f,
    TYPE_OBJECT = 0x000d,
    TYPE_BINARY = 0x0102,
    DEPTH_MAX = 8,
    NAME_ROOM_BYTES = 512,
};

static struct cfb *find(const struct cfb *storage, unsigned tag, unsigned type)
{
    char name[64];
    (void)snprintf(name, sizeof name, "__substg1.0_%04X%04X", tag, type);
    return cfb_find(storage, name);
}

bool ole_message_is(const struct cfb *storage)
{
    struct cfb *properties = cfb_find(storage, "__properties_version1.0");
    cfb_close(properties);
    return properties != NULL;
}

static bool load(struct reading *reading, const struct cfb *storage, unsigned tag, unsigned type,
                 struct buffer *buffer)
{
    struct cfb *stream = find(storage, tag, type);
    buffer_clear(buffer);
    if (!stream)
        return false;
    const char *why = cfb_load(reading, stream, buffer);
    cfb_close(stream);
    if (why)
        reading_raise(reading, PART_UNREAD, why);
    return true;
}

static void show(struct reading *reading, const struct cfb *storage, unsigned tag, enum text_place place,
                 struct buffer *buffer)
{
    struct outlet outlet;
    outlet_open(&outlet, reading, place);
    if (load(reading, storage, tag, TYPE_16, buffer))
        outlet_codepage(&outlet, CODEPAGE_UTF16, buffer_text(buffer), buffer->size);
    else if (load(reading, storage, tag, TYPE_8, buffer))
        outlet_codepage(&outlet, CODEPAGE_LATIN, buffer_text(buffer), buffer->size);
    outlet_put(&outlet, '\n');
    outlet_flush(&outlet);
}

static void name_of(struct reading *reading, const struct cfb *storage, struct buffer *buffer, char *name,
                    size_t room)
{
    static const unsigned tags[] = {LONG_NAME, SHORT_NAME};
    name[0] = '\0';
    for (size_t i = 0; i < sizeof tags / sizeof *tags && !name[0]; i++) {
        if (load(reading, storage, tags[i], TYPE_16, buffer))
            outlet_string(buffer_text(buffer), buffer->size, CODEPAGE_UTF16, name, room);
        else if (load(reading, storage, tags[i], TYPE_8, buffer))
            outlet_string(buffer_text(buffer), buffer->size, CODEPAGE_LATIN, name, room);
    }
}

static void read_message(struct reading *reading, const struct cfb *storage, unsigned depth);

/* A file, a message within, or an object of a program, which stays unread. */
static void attachment(struct reading *reading, const struct cfb *storage, struct buffer *buffer,
                       unsigned depth)
{
    char name[NAME_ROOM_BYTES];
    name_of(reading, storage, buffer, name, sizeof name);
    if (load(reading, storage, ATTACHED, TYPE_BINARY, buffer)) {
        (void)reading_embedded(reading, name[0] ? name : NULL, buffer_text(buffer), buffer->size);
        return;
    }
    struct cfb *object = find(storage, ATTACHED, TYPE_OBJECT);
    if (object && cfb_is_storage(object) && ole_message_is(object) && depth < DEPTH_MAX)
        read_message(reading, object, depth + 1);
    else
        (void)reading_closed(reading, name[0] ? name : NULL, PART_UNREAD, "an attachment of an unknown form");
    cfb_close(object);
}

static void unpack_text(struct reading *reading, const struct buffer *packed)
{
    const struct bytes bytes = {(const uint8_t *)buffer_text(packed), packed->size};
    struct buffer rtf;
    buffer_init(&rtf, BUDGET_DOCUMENT_MAX);
    const char *why = budget_bytes(reading->budget, bytes_u32(bytes, 4)) ? lzfu_unpack(bytes, &rtf)
                                                                         : reading->budget->exhausted;
    if (why)
        (void)reading_closed(reading, "message.rtf", PART_UNREAD | PART_AMBIGUOUS, why);
    else if (rtf.size)
        (void)reading_embedded(reading, "message.rtf", buffer_text(&rtf), rtf.size);
    buffer_free(&rtf);
}

static void read_message(struct reading *reading, const struct cfb *storage, unsigned depth)
{
    struct buffer buffer;
    buffer_init(&buffer, BUDGET_DOCUMENT_MAX);
    show(reading, storage, SUBJECT, TEXT_TITLE, &buffer);
    show(reading, storage, BODY, TEXT_BODY, &buffer);
    bool has_text = buffer.size != 0;
    if (load(reading, storage, HTML, TYPE_BINARY, &buffer) && buffer.size)
        (void)reading_embedded(reading, "message.html", buffer_text(&buffer), buffer.size);
    else if (!has_text && load(reading, storage, RTF, TYPE_BINARY, &buffer) && buffer.size)
        unpack_text(reading, &buffer);
    for (unsigned i = 0; i < cfb_children(storage) && !reading->budget->exhausted; i++) {
        struct cfb *child = cfb_child(storage, i);
        if (child && cfb_is_storage(child) && !strncmp(cfb_name(child), "__attach_version1.0_", 20))
            attachment(reading, child, &buffer, depth);
        cfb_close(child);
    }
    buffer_free(&buffer);
}

void ole_message(struct reading *reading, const struct cfb *storage)
{
    read_message(reading, storage, 0);
}
