/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/text_sink.h"

const struct text_consumer *const text_consumers[] = {NULL};
