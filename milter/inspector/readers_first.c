/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/readers_first.h"

#include "inspector/card_reader.h"
#include "inspector/html.h"
#include "inspector/plain.h"

#include <stddef.h>

const struct reader *const readers_first[] = {&card_reader, &html_reader, &plain_reader, NULL};
