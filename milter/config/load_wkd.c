/* SPDX-License-Identifier: Apache-2.0 */
/* The section `wkd` of khatm.conf: keys that are fetched from the domains of the registry. */
#include "base/ip.h"
#include "config/load.h"
#include "config/values.h"

enum { LEAST_MS = 1000, MOST_MS = 120 * 1000, NETWORKS_MAX = 32 };

const struct syntax in_wkd[] = {
    {"fetch", SYNTAX_TEXT, NULL},    {"program", SYNTAX_TEXT, NULL},          {"ca-file", SYNTAX_TEXT, NULL},
    {"deadline", SYNTAX_TEXT, NULL}, {"private-networks", SYNTAX_LIST, NULL}, {NULL, SYNTAX_TEXT, NULL}};

/* As one argument of the program. */
static const char *networks_of(struct values *values, const struct block *block)
{
    const char *const *list = values_list(values, block, "private-networks");
    const char *joined = NULL;
    for (size_t i = 0; list[i]; i++) {
        struct ip_network network;
        const char *wrong =
            i < NETWORKS_MAX ? ip_network_parse(list[i], &network) : "is one too many: name larger ones";
        if (wrong)
            values_wrong(values, values_line(block, "private-networks"), "private-networks: '%s' %s", list[i],
                         wrong);
        joined = joined ? arena_printf(values->arena, "%s,%s", joined, list[i]) : list[i];
        if (!joined)
            values_no_memory(values);
    }
    return joined ? joined : "-";
}

void load_wkd(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "wkd");
    config->wkd = (struct wkd_settings){
        .fetches = values_yes(values, block, "fetch", false),
        .program = load_program(values, block, "program", "khatm-fetcher"),
        .ca_file = values_path(values, block, "ca-file", "/etc/ssl/certs/ca-certificates.crt"),
        .networks = networks_of(values, block),
        .deadline_ms = values_duration_ms(values, block, "deadline", 30000, LEAST_MS, MOST_MS),
    };
}
