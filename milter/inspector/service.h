/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_SERVICE_H
#define KHATM_INSPECTOR_SERVICE_H

/* What khatm-inspector and khatm-reader have in common, which is all but the readers: started by the daemon
 * with a control socket as descriptor 3, they load everything that reading mail needs from disk, then fork a
 * child for each message, which closes the sandbox behind it before it reads a byte. The only argument is how
 * many children there may be at once. */

#include "inspector/skills.h"

/* Returns the exit code. */
int service_main(int argc, char **argv, const struct skills *skills);

#endif
