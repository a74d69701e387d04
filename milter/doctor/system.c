/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/ip.h"
#include "config/socket.h"
#include "policy/date.h"
#include "policy/registry.h"

#include <errno.h>
#include <grp.h>
#include <linux/magic.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPOOLED_MESSAGES_MIN = 4, DAYS_BEFORE = 30 };

static const char restart_khatmd[] = "systemctl restart khatmd";

/* As the account that Postfix's services have, in a child that gives everything else up. Answers errno; 0: it
 * could connect. */
static int connect_as(const struct passwd *user, const struct sockaddr *address, socklen_t size)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
                              setuid(user->pw_uid) != 0))
            _exit(EPERM);
        int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _exit(fd >= 0 && connect(fd, address, size) == 0 ? 0 : errno);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

static void try_connection(struct doctor *doctor)
{
    struct sockaddr_storage address;
    socklen_t size;
    const char *owner = postfix_value(doctor->postfix, "mail_owner");
    const struct passwd *user = getpwnam(*owner ? owner : "postfix");
    if (!user) {
        doctor_say(doctor, DOCTOR_TROUBLE, "socket-access",
                   doctor_text(doctor, "there is no account %s, which Postfix wants to run as", owner),
                   "postconf -e mail_owner=postfix");
        return;
    }
    if (!socket_address(doctor->config->socket, &address, &size))
        return;
    int why = connect_as(user, (const struct sockaddr *)&address, size);
    if (why == EACCES)
        doctor_say(doctor, DOCTOR_TROUBLE, "socket-access",
                   doctor_text(doctor, "%s: %s may not connect to it: all mail waits", doctor->config->socket,
                               owner),
                   doctor_text(doctor, "usermod -a -G khatm %s && postfix stop && postfix start", owner));
    else if (why)
        doctor_say(doctor, DOCTOR_TROUBLE, "socket-silent",
                   doctor_text(doctor, "%s: nobody answers there (%s): all mail waits",
                               doctor->config->socket, strerror(why)),
                   restart_khatmd);
}

static void check_open(struct doctor *doctor)
{
    const char *socket = doctor->config->socket, *at = strrchr(socket, '@');
    struct stat st;
    struct ip ip;
    if (strncmp(socket, "unix:", 5) == 0) {
        if (stat(socket + 5, &st) == 0 && st.st_mode & S_IWOTH)
            doctor_say(
                doctor, DOCTOR_LEAK, "socket-open",
                doctor_text(doctor,
                            "%s: every account may speak to khatmd as if it were Postfix, login and all",
                            socket + 5),
                "set socket-mode = 0660 in khatm.conf, then: systemctl restart khatmd");
    } else if (at && ip_parse(at + 1, &ip) && !ip_is_loopback(&ip))
        doctor_say(
            doctor, DOCTOR_LEAK, "socket-open",
            doctor_text(doctor, "%s: other machines may speak to khatmd as if they were Postfix", socket),
            "set socket = \"unix:/run/khatm/milter.sock\" in khatm.conf");
}

void check_socket(struct doctor *doctor)
{
    check_open(doctor);
    try_connection(doctor);
}

void check_spool(struct doctor *doctor)
{
    const char *path = doctor->spool;
    uint64_t want = SPOOLED_MESSAGES_MIN * doctor->config->spool.message_limit;
    struct statfs fs;
    if (statfs(path, &fs) != 0) {
        doctor_say(doctor, DOCTOR_TROUBLE, "spool", doctor_text(doctor, "%s: %s", path, strerror(errno)),
                   doctor_text(doctor, "install -d -o khatm -g khatm -m 0700 '%s'", path));
        return;
    }
    uint64_t size = (uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize;
    if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
        doctor_say(doctor, DOCTOR_WARNING, "spool-disk",
                   doctor_text(doctor, "%s is on a disk: mail is written to it in clear", path),
                   doctor_text(doctor,
                               "mount -t tmpfs -o size=%lluM,mode=0700,uid=khatm,gid=khatm tmpfs '%s'",
                               (unsigned long long)(want >> 20), path));
    else if (size < want)
        doctor_say(
            doctor, DOCTOR_TROUBLE, "spool-size",
            doctor_text(doctor,
                        "%s has room for %llu MB: %d messages as big as spool.message-limit need %llu MB",
                        path, (unsigned long long)(size >> 20), SPOOLED_MESSAGES_MIN,
                        (unsigned long long)(want >> 20)),
            doctor_text(doctor, "mount -o remount,size=%lluM '%s'", (unsigned long long)(want >> 20), path));
}

static const char ask_authority[] =
    "get a new issue from the authority, then: khatm domains check && khatm reload";

void check_registry(struct doctor *doctor)
{
    const struct registry_settings *file = &doctor->config->registry_file;
    int64_t ends = config_registry_ends(doctor->config);
    char day[DATE_ROOM];
    if (file->trust == REGISTRY_KEPT)
        doctor_say(doctor, DOCTOR_TROUBLE, "registry-refused",
                   doctor_text(doctor, "%s; the last good one is in force", file->refused),
                   "khatm domains check");
    if (file->trust == REGISTRY_BY_FILE)
        doctor_say(doctor, DOCTOR_WARNING, "registry-unsigned",
                   doctor_text(doctor,
                               "%s: no authority is pinned: whoever can write the registry decides who is "
                               "government",
                               doctor->config->path),
                   "set authority and authority-key in khatm.conf; see government.domains(5)");
    date_format(ends, day);
    if (ends && ends - doctor->now < DAYS_BEFORE * DAY_SECONDS)
        doctor_say(doctor, DOCTOR_WARNING, "registry-ends",
                   doctor_text(doctor, "the registry is refused from %s", day), ask_authority);
}

void check_entries(struct doctor *doctor)
{
    for (size_t i = 0; doctor->config->local_domains[i]; i++) {
        const char *domain = doctor->config->local_domains[i];
        if (!registry_find(doctor->config->registry, domain))
            doctor_say(
                doctor, DOCTOR_WARNING, "own-entry",
                doctor_text(doctor,
                            "%s is in no entry of the registry: other administrations refuse to send it "
                            "documents, and take its own for a stranger's",
                            domain),
                doctor_text(doctor, "khatm domains test %s, and ask the authority for an entry", domain));
    }
}

/* Deadlines and proofs are wrong with a wrong clock, and one that was set back is seen by what is dated
 * already. */
void check_clock(struct doctor *doctor)
{
    if (doctor->now + DAY_SECONDS < registry_issued(doctor->config->registry))
        doctor_say(doctor, DOCTOR_TROUBLE, "clock",
                   "the clock is before the day on which the registry was issued",
                   "timedatectl set-ntp true");
}
