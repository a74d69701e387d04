/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/signing.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/generation.h"
#include "policy/date.h"
#include "seal/sign_outlook.h"

#include <string.h>

struct look {
    struct signing_news *news;
    int64_t now;
};

static void warn_of_end(struct signing_news *news, const struct sign_outlook *outlook, int64_t now)
{
    char words[OUTLOOK_WORDS];
    bool again = outlook->stage == OUTLOOK_7 && now / DAY_SECONDS != news->warned_day;
    bool worse = outlook->stage > news->stage;
    news->stage = outlook->stage;
    if (!outlook_is_news(outlook->stage) || (!worse && !again))
        return;
    news->warned_day = now / DAY_SECONDS;
    sign_outlook_say(outlook, words);
    log_warning("alert: signing: %s: renew it there", words);
}

static void on_key(void *context, const struct sign_outlook *outlook)
{
    const struct look *look = context;
    struct signing_news *news = look->news;
    if (outlook->entry || outlook->state == SIGN_UNKNOWN)
        return;
    if (outlook->state == SIGN_USABLE) {
        if (news->said.text[0])
            log_warning("signing: the key %s can be used again", outlook->key);
        news->said = (struct problem){""};
        warn_of_end(news, outlook, look->now);
        return;
    }
    if (strcmp(outlook->why.text, news->said.text) == 0)
        return;
    news->said = outlook->why;
    log_error("alert: %s; until then what must be sealed is put off", outlook->why.text);
}

void signing_look(struct signing_news *news, const struct generation *generation)
{
    struct look look = {.news = news, .now = clock_wall_ms() / 1000};
    if (!generation->config->signing.homedir)
        news->said = (struct problem){""};
    sign_outlook_each(generation->config, generation->sealer, look.now, on_key, &look);
}

static void on_domain(void *context, const struct sign_outlook *outlook)
{
    char words[OUTLOOK_WORDS], mend[OUTLOOK_WORDS];
    (void)context;
    if (!outlook->entry)
        return;
    sign_outlook_say(outlook, words);
    sign_outlook_mend(outlook, mend);
    log_warning("alert: signing: %s: %s", words, mend);
}

void signing_begin(struct signing_news *news, const struct generation *generation)
{
    sign_outlook_each(generation->config, NULL, clock_wall_ms() / 1000, on_domain, NULL);
    signing_look(news, generation);
}
