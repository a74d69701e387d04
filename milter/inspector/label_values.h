/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_LABEL_VALUES_H
#define KHATM_INSPECTOR_LABEL_VALUES_H

/* Labels that programs write, in header fields and in document properties: X-Protective-Marking (Australian
 * e-mail protective marking standard), SIO-Label (RFC 7444), Sensitivity (RFC 4021), labels of Microsoft
 * Information Protection (msip_labels; MSIP_Label_<GUID>_<Attribute>), and properties whose value is a
 * marking. What they say of expiry and downgrading is not believed: a label only raises. */

#include "inspector/forms.h"
#include "inspector/marking_list.h"

struct label_values;

enum { MIP_LABELS_MAX = 4, MIP_GUID_ROOM = 40, MIP_NAME_ROOM = 80 };

/* A MIP label is told in several properties. */
struct mip_labels {
    size_t n;
    struct mip_label {
        char guid[MIP_GUID_ROOM], name[MIP_NAME_ROOM];
        bool switched_off;
    } labels[MIP_LABELS_MAX];
};

/* Borrows both. NULL: no memory. */
struct label_values *label_values_new(const struct forms *forms, const struct fold *fold,
                                      const struct marking_tables *tables);
void label_values_free(struct label_values *values);

/* A header field or a property. False: it is none of these. */
bool label_values_read(const struct label_values *values, const char *name, const char *value,
                       struct mip_labels *mip, struct marking_list *list);
/* "VER=2018.4, NS=gov.ma, SEC=CONFIDENTIEL, CAVEAT=SH:ENQUETE"; where: as it is reported. False: no SEC. */
bool label_values_read_pairs(const struct label_values *values, const char *text, size_t size,
                             const char *where, struct marking_list *list);
/* What the MIP labels say once all was read. */
void label_values_close(const struct label_values *values, const struct mip_labels *mip,
                        struct marking_list *list);

#endif
