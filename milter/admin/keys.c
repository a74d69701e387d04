/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"

#include <getopt.h>
#include <string.h>

const char usage_keys[] = "usage: khatm keys list [--json] [--config FILE]\n"
                          "       khatm keys check [--json] [--config FILE]\n"
                          "       khatm keys import [--config FILE] FILE|-\n"
                          "       khatm keys fetch [--config FILE] [DOMAIN|ADDRESS]\n"
                          "       khatm keys export [--wkd DIR] [--config FILE] [DOMAIN]\n"
                          "       khatm keys test [--json] [--config FILE] [DOMAIN]\n"
                          "\n"
                          "The keys of the domains in the registry, and the one that signs here: which are\n"
                          "usable, until when, and why not.\n"
                          "\n"
                          "  list    every domain of the registry with its pinned key, and the key that\n"
                          "          signs\n"
                          "  check   only what is to be mended now or within 60 days; for cron: silent when\n"
                          "          there is nothing\n"
                          "  import  take in one public key whose fingerprint the registry pins, new or\n"
                          "          prolonged; khatmd sees it at once\n"
                          "  fetch   ask the domains of the registry by HTTPS for their keys as they are\n"
                          "          now (Web Key Directory)\n"
                          "  export  our own public key, armoured, to hand out\n"
                          "  test    encrypt something to each usable key; open what is sealed to our own\n"
                          "\n"
                          "  --config FILE  the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
                          "  --json         print one JSON object\n"
                          "  --wkd DIR      of export: into DIR, as a web server hands keys out (Web Key\n"
                          "                 Directory)\n"
                          "\n"
                          "Exit: 0 good, 10 a key ends soon, 20 a key cannot be used, 64 usage, 65 FILE, or\n"
                          "what was fetched, is not taken in, 73 DIR cannot be opened, 75 try later, 78 the\n"
                          "configuration is refused\n";

static int read_options(int argc, char **argv, struct keys_options *options)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"wkd", required_argument, NULL, 'w'},
                                          {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == 'c')
            options->config = optarg;
        else if (option == 'j')
            options->json = true;
        else if (option == 'w')
            options->wkd = optarg;
        else
            return command_usage_error(argv[0], NULL);
    }
    return EX_OK;
}

int cmd_keys(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct keys_options *options);
        bool takes_object;
        const char *asks; /* for what it must be told; NULL: for nothing */
    } words[] = {{"list", keys_list, false, NULL},
                 {"check", keys_check, false, NULL},
                 {"import", keys_import, true, "which file? - is the standard input"},
                 {"fetch", keys_fetch, true, NULL},
                 {"export", keys_export, true, NULL},
                 {"test", keys_test, true, NULL}};
    struct keys_options options = {.argv0 = argv[0], .config = COMMAND_DEFAULT_CONFIG};
    int code = read_options(argc, argv, &options);
    if (code != EX_OK)
        return code;
    if (optind == argc)
        return command_usage_error(argv[0], "list, check, import, fetch, export or test?");
    const char *word = argv[optind++];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i].name) != 0)
            continue;
        options.object = words[i].takes_object && optind < argc ? argv[optind++] : NULL;
        if (words[i].asks && !options.object)
            return command_usage_error(argv[0], "%s: %s", word, words[i].asks);
        if (options.wkd && words[i].run != keys_export)
            return command_usage_error(argv[0], "--wkd goes with export");
        if (optind < argc)
            return command_usage_error(argv[0], "'%s' is one word too many", argv[optind]);
        return words[i].run(&options);
    }
    return command_usage_error(argv[0], "there is no '%s': list, check, import, fetch, export or test", word);
}
