/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/text.h"
#include "doctor/routes.h"
#include "postfix/tables.h"

#include <string.h>
#include <sys/stat.h>

enum { MILTER_NAME = 1024 };

/* "PORT@ADDRESS" of khatm.conf as Postfix writes it. */
static const char *network_milter(struct doctor *doctor, const char *socket)
{
    const char *colon = strchr(socket, ':'), *at = strrchr(socket, '@');
    if (!colon || !at || at < colon)
        return "";
    bool six = strchr(at, ':') != NULL;
    return doctor_text(doctor, six ? "inet:[%s]:%.*s" : "inet:%s:%.*s", at + 1, (int)(at - colon - 1),
                       colon + 1);
}

const char *our_milter(struct doctor *doctor)
{
    const char *socket = doctor->config->socket;
    return strncmp(socket, "unix:", 5) == 0 ? socket : network_milter(doctor, socket);
}

/* A chrooted service looks below the queue directory, and a name that does not begin with / is there too. */
static bool is_our_path(const struct doctor *doctor, const char *path)
{
    const char *queue = postfix_value(doctor->postfix, "queue_directory"), *ours = doctor->config->socket + 5;
    size_t length = strlen(queue);
    if (strcmp(path, ours) == 0)
        return true;
    if (strncmp(ours, queue, length) != 0 || ours[length] != '/')
        return false;
    return strcmp(path, ours + length) == 0 || strcmp(path, ours + length + 1) == 0;
}

/* Of { unix:/path, command_timeout = … } what stands first. False: too long. */
static bool name_in(const char *word, char name[MILTER_NAME])
{
    word += strspn(word, "{ \t");
    size_t length = strcspn(word, ", \t}");
    if (length >= MILTER_NAME)
        return false;
    memcpy(name, word, length);
    name[length] = '\0';
    return true;
}

bool is_our_milter(struct doctor *doctor, const char *word)
{
    char name[MILTER_NAME];
    if (!name_in(word, name))
        return false;
    if (strncmp(doctor->config->socket, "unix:", 5) == 0)
        return strncmp(name, "unix:", 5) == 0 && is_our_path(doctor, name + 5);
    const char *ours = our_milter(doctor), *port = strrchr(ours, ':');
    return text_equal_nocase(name, ours) ||
           (strstr(ours, ":127.0.0.1:") &&
            text_equal_nocase(name, doctor_text(doctor, "inet:localhost%s", port)));
}

/* From 0; -1: not in it. */
static int place_of_ours(struct doctor *doctor, const char *list)
{
    const char *word = NULL;
    for (int place = 0; (word = tables_word(doctor->arena, &list)); place++)
        if (is_our_milter(doctor, word))
            return place;
    return -1;
}

/* The list with ours in front; without blanks, which postconf -P does not take. */
static const char *ours_first(struct doctor *doctor, const char *list)
{
    const char *word = NULL, *text = our_milter(doctor);
    while ((word = tables_word(doctor->arena, &list)))
        if (!is_our_milter(doctor, word))
            text = doctor_text(doctor, "%s,%s", text, word);
    return text;
}

static bool is_entry(const struct postfix_service *service)
{
    return strcmp(service->command, "smtpd") == 0;
}

/* Of a program on this machine, and on purpose without a milter: what it sends on passes the egress hop. */
static bool is_left_to_egress(struct doctor *doctor, const struct postfix_service *service,
                              const struct postfix_override *override)
{
    return !doctor->config->seals_at_submission && override && !*override->value &&
           route_is_loopback(doctor, service->name);
}

void check_services(struct doctor *doctor)
{
    bool by_main = false;
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const struct postfix_override *override = NULL;
        if (!is_entry(service))
            continue;
        const char *list = postfix_service_value(doctor->postfix, service, "smtpd_milters", &override);
        if (place_of_ours(doctor, list) >= 0 || (!override && by_main) ||
            is_left_to_egress(doctor, service, override))
            continue;
        by_main = by_main || !override;
        doctor_say(doctor, DOCTOR_LEAK, "milter-missing",
                   override ? doctor_text(doctor, "%s:%u: mail that comes in at %s does not pass khatmd",
                                          override->place.file, override->place.line, service->name)
                            : doctor_text(doctor,
                                          "smtpd_milters does not name khatmd: mail that comes in at %s "
                                          "does not pass it",
                                          service->name),
                   override
                       ? doctor_text(doctor, "postconf -P '%s/smtpd_milters=%s'", service->name,
                                     ours_first(doctor, list))
                       : doctor_text(doctor, "postconf -e 'smtpd_milters=%s'", ours_first(doctor, list)));
    }
}

/* Debian chroots Postfix's services: then a path begins at the queue. */
static void check_path(struct doctor *doctor, const struct postfix_service *service, const char *name)
{
    const char *queue = postfix_value(doctor->postfix, "queue_directory"), *path = name + 5,
               *ours = doctor->config->socket + 5;
    const char *seen = *path != '/'           ? doctor_text(doctor, "%s/%s", queue, path)
                       : service->is_chrooted ? doctor_text(doctor, "%s%s", queue, path)
                                              : path;
    struct stat st;
    if (strcmp(seen, ours) != 0 && (stat(seen, &st) != 0 || !S_ISSOCK(st.st_mode)))
        doctor_say(doctor, DOCTOR_TROUBLE, "socket-access",
                   doctor_text(doctor,
                               "%s is %schrooted: it looks for khatmd at %s, not at %s: its mail waits",
                               service->name, service->is_chrooted ? "" : "not ", seen, ours),
                   doctor_text(doctor, "postconf -F '%s/chroot=%s'", service->name,
                               service->is_chrooted ? "n" : "y"));
}

void check_reach(struct doctor *doctor)
{
    if (strncmp(doctor->config->socket, "unix:", 5) != 0)
        return;
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        bool is_cleanup = strcmp(service->command, "cleanup") == 0;
        const char *list = "", *word = NULL;
        char name[MILTER_NAME];
        if (is_entry(service) || is_cleanup)
            list = postfix_service_value(doctor->postfix, service,
                                         is_cleanup ? "non_smtpd_milters" : "smtpd_milters", NULL);
        while ((word = tables_word(doctor->arena, &list)))
            if (is_our_milter(doctor, word) && name_in(word, name))
                check_path(doctor, service, name);
    }
}

/* Does the sendmail command lead here? Not to an instance without pickup(8). */
static bool takes_local_mail(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->services.n; i++)
        if (strcmp(doctor->services.all[i].command, "pickup") == 0)
            return true;
    return false;
}

void check_local(struct doctor *doctor)
{
    const char *list = postfix_value(doctor->postfix, "non_smtpd_milters");
    if (place_of_ours(doctor, list) < 0 && takes_local_mail(doctor))
        doctor_say(doctor, DOCTOR_LEAK, "local-missing",
                   "non_smtpd_milters does not name khatmd: mail of the sendmail command does not pass it",
                   doctor_text(doctor, "postconf -e 'non_smtpd_milters=%s'", ours_first(doctor, list)));
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const struct postfix_override *override = NULL;
        list = postfix_service_value(doctor->postfix, service, "non_smtpd_milters", &override);
        if (override && strcmp(service->command, "cleanup") == 0 && place_of_ours(doctor, list) < 0)
            doctor_say(doctor, DOCTOR_LEAK, "local-missing",
                       doctor_text(doctor, "%s:%u: local mail through %s does not pass khatmd",
                                   override->place.file, override->place.line, service->name),
                       doctor_text(doctor, "postconf -PX '%s/non_smtpd_milters'", service->name));
    }
}

bool list_has(struct doctor *doctor, const char *list, const char *wanted)
{
    const char *word = NULL;
    while ((word = tables_word(doctor->arena, &list)))
        if (text_equal_nocase(word, wanted))
            return true;
    return false;
}

const char *network_outside(struct doctor *doctor, const char *networks)
{
    const char *word = NULL;
    while ((word = tables_word(doctor->arena, &networks)))
        if (!text_starts_nocase(word, "127.") && !text_starts_nocase(word, "[::1]") &&
            !text_starts_nocase(word, "[::ffff:127."))
            return word;
    return NULL;
}

static void check_no_milters(struct doctor *doctor, const struct postfix_service *service)
{
    const struct postfix_override *override = NULL;
    const char *value =
        postfix_service_value(doctor->postfix, service, "receive_override_options", &override);
    if (override && list_has(doctor, value, "no_milters"))
        doctor_say(doctor, DOCTOR_LEAK, "no-milters",
                   doctor_text(doctor, "%s:%u: %s takes mail with receive_override_options=no_milters",
                               override->place.file, override->place.line, service->name),
                   doctor_text(doctor, "postconf -PX '%s/receive_override_options'", service->name));
}

void check_exceptions(struct doctor *doctor)
{
    const char *maps = postfix_value(doctor->postfix, "smtpd_milter_maps");
    if (list_has(doctor, postfix_value(doctor->postfix, "receive_override_options"), "no_milters"))
        doctor_say(doctor, DOCTOR_LEAK, "no-milters",
                   "receive_override_options has no_milters: no mail passes khatmd",
                   "postconf -X receive_override_options");
    if (*maps)
        doctor_say(
            doctor, DOCTOR_LEAK, "milter-maps",
            doctor_text(doctor, "smtpd_milter_maps = %s: clients in it pass other milters, or none", maps),
            "postconf -X smtpd_milter_maps");
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const struct postfix_override *override = NULL;
        check_no_milters(doctor, service);
        maps = postfix_service_value(doctor->postfix, service, "smtpd_milter_maps", &override);
        if (override && *maps)
            doctor_say(doctor, DOCTOR_LEAK, "milter-maps",
                       doctor_text(doctor,
                                   "%s:%u: smtpd_milter_maps = %s: clients in it pass other milters, or none",
                                   override->place.file, override->place.line, maps),
                       doctor_text(doctor, "postconf -PX '%s/smtpd_milter_maps'", service->name));
    }
}

/* Whether a section of khatm.conf names it. */
static bool is_named(const struct doctor *doctor, const char *daemon_name)
{
    for (size_t i = 0; i < doctor->config->n_attaches; i++)
        if (strcmp(doctor->config->attaches[i].daemon_name, daemon_name) == 0)
            return true;
    return false;
}

static const char *name_of_role(struct doctor *doctor, enum policy_role role)
{
    for (size_t i = 0; i < doctor->config->n_attaches; i++)
        if (doctor->config->attaches[i].role == role &&
            strcmp(doctor->config->attaches[i].daemon_name, "*") != 0)
            return doctor->config->attaches[i].daemon_name;
    return "NAME-OF-AN-ATTACH-SECTION";
}

static void check_role(struct doctor *doctor, const struct postfix_service *service, enum policy_role wanted)
{
    const char *name = postfix_service_value(doctor->postfix, service, "milter_macro_daemon_name", NULL);
    const char *mend = doctor_text(doctor, "postconf -P '%s/milter_macro_daemon_name=%s'", service->name,
                                   name_of_role(doctor, wanted));
    if (!is_named(doctor, name))
        doctor_say(
            doctor, DOCTOR_TROUBLE, "role-unnamed",
            doctor_text(doctor,
                        "%s calls itself %s, which no attach section of khatm.conf names: it is trusted "
                        "with nothing",
                        service->name, name),
            mend);
    else if (config_attach(doctor->config, name)->role != wanted && wanted != ROLE_INBOUND)
        doctor_say(doctor, DOCTOR_TROUBLE, "role-wrong",
                   doctor_text(doctor, "%s %s, and its name %s has another role in khatm.conf", service->name,
                               wanted == ROLE_LOCAL ? "takes local mail" : "lets staff log in", name),
                   mend);
}

void check_roles(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const char *login = postfix_service_value(doctor->postfix, service, "smtpd_sasl_auth_enable", NULL);
        if (strcmp(service->name, "cleanup/unix") == 0 && takes_local_mail(doctor))
            check_role(doctor, service, ROLE_LOCAL);
        else if (is_entry(service))
            check_role(doctor, service, strcmp(login, "yes") == 0 ? ROLE_SUBMISSION : ROLE_INBOUND);
    }
}

static void check_list_order(struct doctor *doctor, const char *where, const char *list, const char *mend)
{
    int place = place_of_ours(doctor, list);
    const char *rest = list, *first = tables_word(doctor->arena, &rest);
    if (place > 0)
        doctor_say(
            doctor, DOCTOR_TROUBLE, "milter-order",
            doctor_text(doctor,
                        "%s: %s sees mail before khatmd: what it signs is no longer there once the mail "
                        "is sealed",
                        where, first),
            mend);
}

static bool seals(const struct doctor *doctor, const struct postfix_service *service)
{
    const char *name = postfix_service_value(doctor->postfix, service, "milter_macro_daemon_name", NULL);
    const char *login = postfix_service_value(doctor->postfix, service, "smtpd_sasl_auth_enable", NULL);
    return doctor->config->seals_at_submission ? strcmp(login, "yes") == 0
                                               : config_attach(doctor->config, name)->role == ROLE_EGRESS;
}

/* A name or port under which OpenDKIM and the like are found: of others nobody can tell that they sign. */
static bool signs(const char *milter)
{
    size_t length = strlen(milter);
    return strstr(milter, "dkim") || (length > 5 && strcmp(milter + length - 5, ":8891") == 0);
}

/* Before the hop: what is signed there is no longer there once the mail is sealed. */
static void check_early(struct doctor *doctor, const char *where, const char *list)
{
    const char *word = NULL;
    while ((word = tables_word(doctor->arena, &list)))
        if (!is_our_milter(doctor, word) && signs(word))
            doctor_say(
                doctor, DOCTOR_WARNING, "signs-early",
                doctor_text(doctor,
                            "%s: %s signs what the egress hop seals afterwards: the signature is worth "
                            "nothing",
                            where, word),
                doctor_text(doctor, "move %s to the smtpd_milters of the egress hop, behind %s", word,
                            our_milter(doctor)));
}

/* Only where we change mail: at the egress hop, or where staff log in and for local mail. */
void check_order(struct doctor *doctor)
{
    const char *list = postfix_value(doctor->postfix, "non_smtpd_milters");
    if (doctor->config->seals_at_submission)
        check_list_order(doctor, "non_smtpd_milters", list,
                         doctor_text(doctor, "postconf -e 'non_smtpd_milters=%s'", ours_first(doctor, list)));
    else
        check_early(doctor, "non_smtpd_milters", list);
    for (size_t i = 0; i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const char *login = postfix_service_value(doctor->postfix, service, "smtpd_sasl_auth_enable", NULL);
        list = postfix_service_value(doctor->postfix, service, "smtpd_milters", NULL);
        if (is_entry(service) && seals(doctor, service))
            check_list_order(doctor, service->name, list,
                             doctor_text(doctor, "postconf -P '%s/smtpd_milters=%s'", service->name,
                                         ours_first(doctor, list)));
        else if (is_entry(service) && !doctor->config->seals_at_submission && strcmp(login, "yes") == 0)
            check_early(doctor, service->name, list);
    }
}

/* With role inbound a client is a stranger who writes to the house. What of his goes on to others is for the
 * egress hop to decide, and with a single hop for nobody. */
static void check_relay(struct doctor *doctor, const struct postfix_service *service)
{
    const char *relays = postfix_service_value(doctor->postfix, service, "smtpd_relay_restrictions", NULL);
    const char *takes = postfix_service_value(doctor->postfix, service, "smtpd_recipient_restrictions", NULL);
    const char *outside =
        network_outside(doctor, postfix_service_value(doctor->postfix, service, "mynetworks", NULL));
    if (outside && list_has(doctor, *relays ? relays : takes, "permit_mynetworks"))
        doctor_say(doctor, DOCTOR_LEAK, "relay-undecided",
                   doctor_text(doctor,
                               "%s has the role inbound and relays for %s: with seal-at = submission nobody "
                               "decides what of that leaves",
                               service->name, outside),
                   doctor_text(doctor, "postconf -P '%s/mynetworks=127.0.0.0/8'", service->name));
}

void check_relaying(struct doctor *doctor)
{
    for (size_t i = 0; doctor->config->seals_at_submission && i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const char *name = postfix_service_value(doctor->postfix, service, "milter_macro_daemon_name", NULL);
        if (is_entry(service) && config_attach(doctor->config, name)->role == ROLE_INBOUND)
            check_relay(doctor, service);
    }
}
