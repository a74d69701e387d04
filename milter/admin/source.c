/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/source.h"

#include "admin/command.h"
#include "config/config.h"

#include <stdio.h>

int source_failed(const struct source *source, const struct problem *problem)
{
    (void)fprintf(stderr, "%s: %s\n", source->argv0, problem->text);
    return EX_IOERR;
}

int source_open(const struct source *source, struct journal **journal_out)
{
    struct problem problem = {{0}};
    const struct config *config = NULL;
    const char *store = source->journal;
    if (!store) {
        if (config_load(source->config ? source->config : COMMAND_DEFAULT_CONFIG, &config, &problem) !=
            RESULT_OK) {
            (void)fprintf(stderr, "%s: %s\n", source->argv0, problem.text);
            return EX_CONFIG;
        }
        store = config->journal.store;
    }
    enum result result = journal_open_readonly(store, journal_out, &problem);
    if (config)
        config_unref(config);
    return result == RESULT_OK ? EX_OK : source_failed(source, &problem);
}
