/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/zip_load.h"

#include <string.h>

struct loading {
    struct budget *budget;
    struct buffer *buffer;
};

static bool take(void *context, const uint8_t *bytes, size_t size)
{
    struct loading *loading = context;
    if (!budget_bytes(loading->budget, size))
        return false;
    buffer_append(loading->buffer, bytes, size);
    return !loading->buffer->failed;
}

void zip_load_buffer(struct buffer *buffer)
{
    buffer_init(buffer, BUDGET_DOCUMENT_MAX);
}

const char *zip_load_why(enum result result, const struct zip_entry *entry, const struct budget *budget)
{
    switch (result) {
    case RESULT_OK:
        return NULL;
    case RESULT_UNCERTAIN:
        return entry->encrypted ? "password" : "packed in an unknown way";
    case RESULT_NOT_FOUND:
        return budget->exhausted ? budget->exhausted : "a packed file too big to be read";
    case RESULT_TRY_LATER:
        return "no memory to unpack it";
    case RESULT_BAD_INPUT:
    case RESULT_BUG:
        break;
    }
    return "a damaged archive";
}

const char *zip_load(struct reading *reading, const struct zip *zip, const struct zip_entry *entry,
                     struct buffer *buffer)
{
    struct loading loading = {.budget = reading->budget, .buffer = buffer};
    buffer_clear(buffer);
    return zip_load_why(zip_read(zip, entry, take, &loading), entry, reading->budget);
}

void zip_load_name(const struct zip_entry *entry, char *name, size_t room)
{
    struct bytes bytes = bytes_cut(entry->name, 0, room - 1);
    memcpy(name, bytes.at, bytes.size);
    name[bytes.size] = '\0';
}
