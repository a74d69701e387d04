/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/readers.h"

#include "inspector/plain.h"
#include "readers/archive.h"

const struct reader *const readers_all[] = {&archive_reader, &packed_reader, &plain_reader, NULL};
