/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-ocr: what khatm-reader left unread because it is a picture of a page. It goes over the message as
 * khatm-reader does, opens what that opens, and guesses letters. Arguments: how many children, languages, the
 * directory of their data. */

#include "base/log.h"
#include "inspector/kind.h"
#include "inspector/service.h"
#include "ocr/letters.h"
#include "ocr/picture_reader.h"
#include "readers/readers.h"

#include <errno.h>
#include <stddef.h>

enum { READERS_MAX = 32 };

static const char *languages, *data;

static enum result prepare(struct problem *problem)
{
    return letters_prepare(languages, data, problem);
}

/* Reads nothing: it stands in the list for what has to be loaded. */
static const char *const no_kinds[] = {NULL};
static const struct reader letters_loader = {.name = "letters", .kinds = no_kinds, .prepare = prepare};

int main(int argc, char **argv)
{
    const struct reader *readers[READERS_MAX + 1] = {&letters_loader, &picture_reader};
    const struct skills skills = {.readers = readers,
                                  .last = true,
                                  .patient = true,
                                  .recognise = letters_recognise,
                                  .kind_new = kind_new,
                                  .kind_free = kind_free,
                                  .kind_of = kind_of};
    if (argc != 4) {
        log_open(program_invocation_short_name, 0, LOG_LEVEL_INFO);
        log_error("is started by khatmd, with a number of children, languages and a directory");
        return 64;
    }
    languages = argv[2];
    data = argv[3];
    for (size_t i = 0; readers_all[i] && i + 2 < READERS_MAX; i++)
        readers[i + 2] = readers_all[i];
    return service_main(2, argv, &skills);
}
