/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-reader: for messages that have something to open. */

#include "inspector/service.h"
#include "readers/readers.h"

int main(int argc, char **argv)
{
    return service_main(argc, argv, readers_all, true);
}
