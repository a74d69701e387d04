/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-inspector: every message goes through it, so it knows only what needs no large library. */

#include "inspector/card_reader.h"
#include "inspector/html.h"
#include "inspector/plain.h"
#include "inspector/service.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    static const struct reader *const readers[] = {&card_reader, &html_reader, &plain_reader, NULL};
    static const struct skills skills = {.readers = readers};
    return service_main(argc, argv, &skills);
}
