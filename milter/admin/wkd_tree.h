/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_WKD_TREE_H
#define KHATM_ADMIN_WKD_TREE_H

/* The files of a Web Key Directory as a web server hands them out, DIR/DOMAIN its document root: of the
 * advanced method in .well-known/openpgpkey/DOMAIN, of the direct one in .well-known/openpgpkey. A file is
 * replaced as a whole or stays; nothing that was there and is not ours is removed, and no symbolic link is
 * followed below DIR. Readable by everybody, whatever the umask. One thread. */

#include "base/buffer.h"
#include "base/result.h"

struct wkd_tree {
    int root; /* DIR; -1: not open */
    const char *path;
};

/* DIR exists or can be made. RESULT_BAD_INPUT: it is none. */
enum result wkd_tree_open(const char *path, struct wkd_tree *tree, struct problem *problem) MUST_USE;
void wkd_tree_close(struct wkd_tree *tree);

/* The policy file, which says that there is a directory, with nothing in it. domain: canonical. */
enum result wkd_tree_begin(const struct wkd_tree *tree, const char *domain, struct problem *problem) MUST_USE;
/* name: as of wkd_name. */
enum result wkd_tree_put(const struct wkd_tree *tree, const char *domain, const char *name,
                         const struct buffer *key, struct problem *problem) MUST_USE;
/* Every other file that is handed out as a key there. */
void wkd_tree_each(const struct wkd_tree *tree, const char *domain,
                   void (*visit)(void *context, const char *name), void *context);

#endif
