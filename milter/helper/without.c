/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/without.h"

#include <stddef.h>

void *without_object(void)
{
    return NULL;
}

int without_success(void)
{
    return -1;
}
