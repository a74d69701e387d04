/* SPDX-License-Identifier: Apache-2.0 */
#include "signing.h"

#include "base/clock.h"
#include "base/log.h"
#include "generation.h"
#include "policy/date.h"
#include "policy/registry.h"

#include <string.h>

/* Who verifies goes by the registry: a seal by another key is broken there. */
static void compare(const struct config *config)
{
    for (size_t i = 0; config->signing.key && config->local_domains[i]; i++) {
        const struct registry_entry *entry = registry_find(config->registry, config->local_domains[i]);
        const char *pinned = entry ? registry_signer(entry) : NULL;
        if (entry && (!pinned || strcmp(pinned, config->signing.key) != 0))
            log_warning(
                "alert: signing: what %s seals is signed by %s, but the registry pins %s for it: other "
                "gateways refuse it: have the authority write signing-key in its entry",
                entry->domain, config->signing.key, pinned ? pinned : "no key");
    }
}

/* As the ends of other keys are told (seal/outlook.h). */
static int stage_of(int64_t left)
{
    static const int days[] = {60, 30, 7};
    int stage = 0;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        stage += left < days[i] * DAY_SECONDS;
    return stage;
}

static void warn_of_end(struct signing_news *news, const struct config *config, int64_t now, int64_t ends)
{
    enum { DAILY = 3 };
    char day[DATE_ROOM];
    int stage = ends ? stage_of(ends - now) : 0;
    bool again = stage == DAILY && now / DAY_SECONDS != news->warned_day, worse = stage > news->stage;
    news->stage = stage;
    if (!worse && !again)
        return;
    news->warned_day = now / DAY_SECONDS;
    date_format(ends, day);
    log_warning("alert: signing: the key %s in %s ends on %s: renew it there", config->signing.key,
                config->signing.homedir, day);
}

void signing_look(struct signing_news *news, const struct generation *generation)
{
    int64_t now = clock_wall_ms() / 1000, ends = 0;
    struct problem problem = {""};
    switch (sealer_can_sign(generation->sealer, now, &ends, &problem)) {
    case RESULT_NOT_FOUND:
        news->said = (struct problem){""};
        return;
    case RESULT_OK:
        if (news->said.text[0])
            log_warning("signing: the key %s can be used again", generation->config->signing.key);
        news->said = (struct problem){""};
        warn_of_end(news, generation->config, now, ends);
        return;
    case RESULT_TRY_LATER:
    case RESULT_BAD_INPUT:
    case RESULT_UNCERTAIN:
    case RESULT_BUG:
        break;
    }
    if (strcmp(problem.text, news->said.text) == 0)
        return;
    news->said = problem;
    log_error("alert: %s; until then what must be sealed is put off", problem.text);
}

void signing_begin(struct signing_news *news, const struct generation *generation)
{
    compare(generation->config);
    signing_look(news, generation);
}
