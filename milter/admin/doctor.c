/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/doctor.h"

#include "admin/command.h"
#include "admin/health.h"
#include "admin/printer.h"
#include "admin/scratch.h"
#include "base/clock.h"
#include "dns/name.h"
#include "survey/survey.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char usage_doctor[] = "usage: khatm doctor [--json] [--postfix DIR] [--selector S] [--config FILE]\n"
                            "\n"
                            "Looks at how Khatm is wired into Postfix on this machine: mail that does not\n"
                            "pass it, settings that lose mail, socket, spool, registry, keys, journal, what\n"
                            "own domains publish. Each finding is one line and the line that mends it;\n"
                            "nothing is changed. Run it as root.\n"
                            "\n"
                            "  --config FILE  the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
                            "  --postfix DIR  the folder of main.cf, as postconf -c takes it\n"
                            "  --selector S   of a DKIM key of the own domains; up to 16 times\n"
                            "  --json         print one JSON object\n"
                            "\n"
                            "Exit: 0 nothing to mend, 20 something is to be mended, 64 usage, 75 try later,\n"
                            "78 Postfix's or our configuration is refused\n";

enum { EXIT_FOUND = 20 };

struct options {
    const char *argv0, *config, *postfix;
    const char *selectors[SURVEY_SELECTORS_MAX];
    size_t n_selectors;
    bool json;
};

static int complain(const struct options *options, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", options->argv0, text);
    return code;
}

static void show_text(const struct doctor *doctor)
{
    static const enum tint tints[] = {
        [DOCTOR_LEAK] = TINT_BAD, [DOCTOR_TROUBLE] = TINT_BAD, [DOCTOR_WARNING] = TINT_WARN};
    struct printer printer;
    printer_init(&printer, stdout);
    for (size_t i = 0; i < doctor->n_findings; i++) {
        const struct doctor_finding *one = &doctor->findings[i];
        struct buffer safe;
        buffer_init(&safe, 0);
        printer_column(&printer, doctor_severity_name(one->severity), 8, tints[one->severity]);
        printer_safe(&safe, one->what, SIZE_MAX);
        (void)printf("%s (%s)\n", buffer_text(&safe), one->check);
        buffer_clear(&safe);
        printer_safe(&safe, one->mend, SIZE_MAX);
        (void)printf("        %s\n", buffer_text(&safe));
        buffer_free(&safe);
    }
    if (!doctor->n_findings)
        (void)puts("nothing to mend");
}

static json_t *safe_json(const char *text)
{
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, text, SIZE_MAX);
    json_t *string = json_string(buffer_text(&safe));
    buffer_free(&safe);
    return string;
}

static enum result show_json(const struct doctor *doctor)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < doctor->n_findings; i++) {
        const struct doctor_finding *one = &doctor->findings[i];
        (void)json_array_append_new(findings,
                                    json_pack("{s:s, s:s, s:o, s:o}", "severity",
                                              doctor_severity_name(one->severity), "check", one->check,
                                              "what", safe_json(one->what), "mend", safe_json(one->mend)));
    }
    json_t *whole = json_pack("{s:i, s:o}", "schema", 1, "findings", findings);
    return printer_json(stdout, whole);
}

static int run_with(const struct options *options, struct doctor *doctor)
{
    struct problem problem = {""};
    struct postfix *postfix = NULL;
    enum result result = postfix_read(doctor->arena, options->postfix, &postfix, &problem);
    if (result == RESULT_OK)
        result = postfix_services_read(doctor->arena, postfix, &doctor->services, &problem);
    if (result != RESULT_OK)
        return complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    doctor->postfix = postfix;
    doctor->directory = options->postfix;
    doctor_check_wiring(doctor);
    health_check_keys(doctor);
    health_check_journal(doctor);
    health_check_dns(doctor, options->selectors, options->n_selectors);
    if (doctor->no_memory || (options->json && show_json(doctor) != RESULT_OK))
        return complain(options, EX_TEMPFAIL, "no memory");
    if (!options->json)
        show_text(doctor);
    return doctor->n_findings ? EXIT_FOUND : EX_OK;
}

static int run(const struct options *options, struct doctor *doctor)
{
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    const struct config *config = NULL;
    enum result result = scratch_load(&scratch, options->config, &config, &problem);
    if (result != RESULT_OK)
        return complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    doctor->config = config;
    doctor->spool = health_spool(doctor, options->config);
    int code = run_with(options, doctor);
    config_unref(config);
    scratch_remove(&scratch);
    return code;
}

int cmd_doctor(int argc, char **argv)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"postfix", required_argument, NULL, 'p'},
                                          {"selector", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    struct options options = {.argv0 = argv[0], .config = COMMAND_DEFAULT_CONFIG};
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == 'c')
            options.config = optarg;
        else if (option == 'j')
            options.json = true;
        else if (option == 'p')
            options.postfix = optarg;
        else if (option == 's' && (options.n_selectors == SURVEY_SELECTORS_MAX || !name_is_plain(optarg, 1)))
            return command_usage_error(argv[0], "--selector %s: up to %d, each as it stands after s=", optarg,
                                       SURVEY_SELECTORS_MAX);
        else if (option == 's')
            options.selectors[options.n_selectors++] = optarg;
        else
            return command_usage_error(argv[0], NULL);
    }
    if (optind < argc)
        return command_usage_error(argv[0], "'%s' is one word too many", argv[optind]);
    struct doctor doctor = {.arena = arena_new(0), .now = clock_wall_ms() / 1000};
    int code = doctor.arena ? run(&options, &doctor) : complain(&options, EX_TEMPFAIL, "no memory");
    arena_free(doctor.arena);
    return code;
}
