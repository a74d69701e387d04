/* SPDX-License-Identifier: Apache-2.0 */

/* Compound files, and the streams in them without their container, which few mutations leave whole: the first
 * byte says which the rest is. */

#include "fuzz_reader.h"
#include "readers/office_art.h"
#include "readers/ole.h"
#include "readers/ole_excel.h"
#include "readers/ole_powerpoint.h"
#include "readers/ole_properties.h"
#include "readers/ole_word.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* libgsf forgets an entry of a damaged directory: some bytes, in a child that ends with its message. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libglib-2.0.so\n";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&ole_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

static struct bytes all_of(const struct reading *reading)
{
    return (struct bytes){(const uint8_t *)reading->bytes, reading->size};
}

/* The first half is the document, the second its table. */
static void word(struct reading *reading)
{
    struct bytes bytes = all_of(reading);
    ole_word(reading, bytes_cut(bytes, 0, bytes.size / 2), bytes_cut(bytes, bytes.size / 2, bytes.size));
}

static void excel(struct reading *reading)
{
    ole_excel(reading, all_of(reading));
}

static void powerpoint(struct reading *reading)
{
    ole_powerpoint(reading, all_of(reading));
}

static void properties(struct reading *reading)
{
    ole_properties(reading, all_of(reading));
}

static void native(struct reading *reading)
{
    ole_native(reading, all_of(reading));
}

static void pictures(struct reading *reading)
{
    office_art_pictures(reading, all_of(reading));
    office_art_word_data(reading, all_of(reading));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    void (*const reads[])(struct reading * reading) = {ole_reader.read, word,   excel,   powerpoint,
                                                       properties,      native, pictures};
    if (size)
        fuzz_read(reads[*bytes % (sizeof reads / sizeof *reads)], bytes + 1, size - 1, "application/cdfv2");
    return 0;
}
