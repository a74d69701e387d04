/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/fingerprint.h"
#include "inspector/markings.h"

const struct text_consumer *const text_consumers[] = {&markings_consumer, &fingerprint_consumer, NULL};
