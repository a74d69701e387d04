/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-inspector: every message without a hint of a document goes through it, so it knows only what needs no
 * large library. */

#include "inspector/readers_first.h"
#include "inspector/service.h"

int main(int argc, char **argv)
{
    static const struct skills skills = {.readers = readers_first};
    return service_main(argc, argv, &skills);
}
