/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/services.h"

#include "base/buffer.h"
#include "postfix/command.h"

#include <string.h>

/* name type private unprivileged chroot wakeup processes command … */
static bool take_line(struct arena *arena, char *line, struct postfix_service *service)
{
    char *words[8], *save = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!(words[i] = strtok_r(i ? NULL : line, " \t", &save)))
            return false;
    *service =
        (struct postfix_service){.name = arena_printf(arena, "%s/%s", words[0], words[1]),
                                 .command = words[7],
                                 .is_network = strcmp(words[1], "inet") == 0 || strcmp(words[1], "pass") == 0,
                                 .is_chrooted = strcmp(words[4], "y") == 0};
    return service->name != NULL;
}

enum result postfix_services_read(struct arena *arena, const struct postfix *postfix,
                                  struct postfix_services *services_out, struct problem *problem)
{
    const char *const argv[] = {"postconf", "-c", postfix_directory(postfix), "-M", NULL};
    struct buffer out;
    int status = -1;
    size_t lines = 1;
    *services_out = (struct postfix_services){0};
    buffer_init(&out, 0);
    enum result result = command_output(argv, NULL, &out, &status, problem);
    char *text = result == RESULT_OK && !status ? arena_strdup(arena, buffer_text(&out)) : NULL;
    buffer_free(&out);
    if (result != RESULT_OK || status)
        return result != RESULT_OK ? result : RESULT_BAD_INPUT;
    for (const char *c = text; c && *c; c++)
        lines += *c == '\n';
    struct postfix_service *all = arena_alloc(arena, lines, sizeof *all);
    if (!text || !all)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        services_out->n += take_line(arena, line, &all[services_out->n]);
    services_out->all = all;
    return RESULT_OK;
}

const char *postfix_service_value(const struct postfix *postfix, const struct postfix_service *service,
                                  const char *name, const struct postfix_override **override_out)
{
    if (override_out)
        *override_out = NULL;
    for (size_t i = 0; i < postfix_count_overrides(postfix); i++) {
        const struct postfix_override *override = postfix_get_override(postfix, i);
        if (strcmp(override->service, service->name) != 0 || strcmp(override->name, name) != 0)
            continue;
        if (override_out)
            *override_out = override;
        return override->value;
    }
    return postfix_value(postfix, name);
}
