/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/readers.h"

const struct reader *const readers_all[] = {NULL};
