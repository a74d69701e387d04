/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/markings.h"
#include "inspector/text_sink.h"

const struct text_consumer *const text_consumers[] = {&markings_consumer, NULL};
