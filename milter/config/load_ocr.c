/* SPDX-License-Identifier: Apache-2.0 */
/* The section `ocr` of khatm.conf: letters in pictures. */
#include "base/text.h"
#include "config/load.h"
#include "config/values.h"

#include <string.h>
#include <unistd.h>

#define MIB ((uint64_t)1024 * 1024)

enum { LANGUAGE_MAX = 32, LEAST_MS = 1000, MOST_MS = 120 * 1000 };

const struct syntax in_ocr[] = {{"languages", SYNTAX_LIST, NULL}, {"program", SYNTAX_TEXT, NULL},
                                {"data", SYNTAX_TEXT, NULL},      {"workers", SYNTAX_TEXT, NULL},
                                {"deadline", SYNTAX_TEXT, NULL},  {"memory", SYNTAX_TEXT, NULL},
                                {NULL, SYNTAX_TEXT, NULL}};

/* A file name without its end, and one argument of a program. */
static bool is_language(const char *name)
{
    size_t size = strlen(name);
    return size >= 3 && size <= LANGUAGE_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == size;
}

static void add_language(struct values *values, const struct block *block, const char *name,
                         struct ocr_settings *ocr)
{
    unsigned line = values_line(block, "languages");
    if (!is_language(name)) {
        values_wrong(values, line, "languages: %s is no name of tesseract's, such as fra or ara", name);
        return;
    }
    const char *file = arena_printf(values->arena, "%s/%s.traineddata", ocr->data, name);
    if (file && access(file, R_OK) != 0)
        values_wrong(values, line, "languages: %s cannot be read: install tesseract-ocr-%s", file, name);
    ocr->languages = ocr->languages ? arena_printf(values->arena, "%s+%s", ocr->languages, name) : name;
    if (!file || !ocr->languages)
        values_no_memory(values);
}

void load_ocr(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "ocr");
    struct ocr_settings *ocr = &config->inspector.ocr;
    *ocr = (struct ocr_settings){
        .program = load_program(values, block, "program", "khatm-ocr"),
        .data = values_path(values, block, "data", "/usr/share/tesseract-ocr/5/tessdata"),
        .workers = values_number(values, block, "workers", 1, 1, 64),
        .deadline_ms = values_duration_ms(values, block, "deadline", 20000, LEAST_MS, MOST_MS),
        .memory = values_size(values, block, "memory", 512 * MIB, 128 * MIB, 16384 * MIB),
    };
    for (const char *const *name = values_list(values, block, "languages"); *name; name++)
        add_language(values, block, *name, ocr);
}
