/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-reader: for messages that have something to open. */

#include "inspector/kind.h"
#include "inspector/readers_first.h"
#include "inspector/service.h"
#include "readers/readers.h"

int main(int argc, char **argv)
{
    static const struct skills skills = {.readers = readers_all,
                                         .first = readers_first,
                                         .last = true,
                                         .kind_new = kind_new,
                                         .kind_free = kind_free,
                                         .kind_of = kind_of};
    return service_main(argc, argv, &skills);
}
