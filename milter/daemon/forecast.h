/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_FORECAST_H
#define KHATM_DAEMON_FORECAST_H

/* Which keys of the registry end soon, said in the log while there is time: 60, 30 and 7 days ahead, each
 * once, and from then on every day until it is mended. By the daemon's housekeeping; remembers nothing beyond
 * the process. One thread. */

#include "config/config.h"
#include "seal/keys.h"

#include <stdint.h>

struct forecast;

struct forecast *forecast_new(void); /* NULL: no memory */
void forecast_free(struct forecast *forecast);
/* now: seconds since 1970. Without memory nothing is said this time. */
void forecast_say(struct forecast *forecast, const struct config *config, const struct keys *keys,
                  int64_t now);

#endif
