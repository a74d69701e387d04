/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_RESIDENT_H
#define KHATM_SEALER_RESIDENT_H

/* A gpg that stays: `gpg --server` encrypts one message after the other, where four fifths of what a small
 * message costs is gpg's start. GnuPG leaves that mode undocumented, as not ready for use, so nothing depends
 * on it: it signs nothing, a gpg that fails in it is killed at once, and the caller seals that message as
 * ever, with a gpg of its own (sealer/gpg.h). What comes out is checked by the caller to its last byte, as
 * from any gpg. It talks Assuan over a socket; input and output are pipes whose ends it is handed
 * (SCM_RIGHTS), and it says on a descriptor of status lines when an encryption came to its end.
 *
 * The program's file is looked at before each message: another one there ends the gpg that runs. No timeouts
 * here: the process has its own timer, which takes this gpg along. Not thread-safe. */

#include "sealer/gpg.h"

struct resident;

/* For one home directory; both are borrowed. gpg is started by the first message. NULL: no memory. */
struct resident *resident_new(const char *program, const char *homedir);
void resident_free(struct resident *resident);

/* encryption->signer is NULL. RESULT_OK: gpg answered OK, said END_ENCRYPTION and read the whole input; the
 * caller still checks every byte. RESULT_TRY_LATER: it did not, or there is no such gpg; none is left. */
enum result resident_encrypt(struct resident *resident, const struct gpg_encryption *encryption) MUST_USE;

bool resident_runs(const struct resident *resident);
/* Kills and reaps it. Nothing to do without one. */
void resident_end(struct resident *resident);

#endif
