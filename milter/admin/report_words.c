/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_words.h"

#include <string.h>

struct both {
    const char *in[LANGUAGES];
};

static const struct both words[WORD_COUNT] = {
    [WORD_TITLE] = {{"Rapport de la passerelle Khatm", "تقرير بوابة ختم"}},
    [WORD_SKIP] = {{"Aller au contenu", "انتقل إلى المحتوى"}},
    [WORD_CONTENTS] = {{"Sommaire", "المحتويات"}},
    [WORD_PERIOD] = {{"Période", "الفترة"}},
    [WORD_ALL] = {{"tout le journal", "السجل كله"}},
    [WORD_FROM] = {{"du", "من"}},
    [WORD_BEFORE] = {{"jusqu’au", "إلى غاية"}},
    [WORD_COVERS] = {{"Couvre", "يشمل"}},
    [WORD_COVERS_NOTHING] = {{"rien : le journal n’a aucun enregistrement de cette période",
                              "لا شيء: ليس في السجل أي قيد من هذه الفترة"}},
    [WORD_RECORDS] = {{"les enregistrements", "القيود"}},
    [WORD_TO] = {{"à", "إلى"}},
    [WORD_GAPS] = {{"Lacunes", "النواقص"}},
    [WORD_NO_GAPS] = {{"aucune", "لا يوجد"}},
    [WORD_MISSING] = {{"en tout, à savoir :", "إجمالا، وهي:"}},
    [WORD_UTC] = {{"Toutes les heures sont en temps universel (UTC).", "كل الأوقات بالتوقيت العالمي (UTC)."}},
    [WORD_ENDS] = {{"Clés, partenaires et registre", "المفاتيح والشركاء والسجل الحكومي"}},
    [WORD_WORST_FIRST] = {{"Le plus urgent d’abord.", "الأكثر استعجالا أولا."}},
    [WORD_AS_OF] = {{"État au", "الحالة بتاريخ"}},
    [WORD_NEWS] = {{"à traiter", "تتطلب إجراء"}},
    [WORD_OUT_OF] = {{"sur", "من"}},
    [WORD_NOT_LOOKED_AT] = {{"N’a pas pu être examiné en entier :", "تعذر الفحص الكامل:"}},
    [WORD_STEP] = {{"Échéance", "الأجل"}},
    [WORD_WHAT] = {{"Objet", "النوع"}},
    [WORD_WHOSE] = {{"Titulaire", "صاحبه"}},
    [WORD_KEY] = {{"Empreinte de la clé", "بصمة المفتاح"}},
    [WORD_STATE] = {{"État", "الحالة"}},
    [WORD_SINCE] = {{"le", "منذ"}},
    [WORD_UNTIL] = {{"Utilisable jusqu’au", "صالح إلى"}},
    [WORD_FOR_GOOD] = {{"sans échéance", "دون أجل محدد"}},
    [WORD_DAYS_LEFT] = {{"Jours restants", "الأيام المتبقية"}},
    [WORD_TO_DO] = {{"Mesure à prendre", "الإجراء المطلوب"}},
    [WORD_CONTACT] = {{"Contact :", "جهة الاتصال:"}},
    [WORD_DECISIONS] = {{"Décisions (en nombre de messages)", "القرارات (بعدد الرسائل)"}},
    [WORD_DECISION] = {{"Décision", "القرار"}},
    [WORD_DECIDED] = {{"Appliquées", "مطبقة"}},
    [WORD_OBSERVED] = {{"Seulement observées", "مرصودة فقط"}},
    [WORD_REASONS] = {{"Refus par motif", "حالات الرفض حسب السبب"}},
    [WORD_REASON] = {{"Motif", "السبب"}},
    [WORD_MEANING] = {{"Sens", "المعنى"}},
    [WORD_OBSERVED_REASONS] = {{"Refus observés par motif (aucun message n’a été bloqué)",
                                "حالات الرفض المرصودة حسب السبب (لم تمنع أي رسالة)"}},
    [WORD_RCPT_DOMAINS] = {{"Refus par domaine du destinataire", "حالات الرفض حسب نطاق المرسل إليه"}},
    [WORD_SENDER_DOMAINS] = {{"Refus par domaine de l’expéditeur", "حالات الرفض حسب نطاق المرسل"}},
    [WORD_DOMAIN] = {{"Domaine", "النطاق"}},
    [WORD_MESSAGES] = {{"Messages", "الرسائل"}},
    [WORD_RECIPIENTS] = {{"Destinataires", "المرسل إليهم"}},
    [WORD_BY_DAY] = {{"Messages par jour", "الرسائل حسب اليوم"}},
    [WORD_DAY] = {{"Jour", "اليوم"}},
    [WORD_REFUSALS] = {{"Refus", "حالات الرفض"}},
    [WORD_OBSERVED_REFUSALS] = {{"Auraient été refusés (mode observation)", "كانت سترفض (وضع الرصد)"}},
    [WORD_REFERENCE] = {{"Référence", "المرجع"}},
    [WORD_TIME] = {{"Date et heure", "التاريخ والوقت"}},
    [WORD_SENDER] = {{"Expéditeur", "المرسل"}},
    [WORD_REFUSED_TO] = {{"Destinataires refusés", "المرسل إليهم المرفوضون"}},
    [WORD_TYPED] = {{"adressé à", "موجهة إلى"}},
    [WORD_LEVEL] = {{"Niveau", "المستوى"}},
    [WORD_DOCUMENTS] = {{"Documents", "الوثائق"}},
    [WORD_NAMELESS] = {{"(sans nom)", "(بلا اسم)"}},
    [WORD_NONE] = {{"aucun", "لا يوجد"}},
    [WORD_MORE] = {{"autres, dans le format JSON du rapport", "غيرها، في صيغة JSON من التقرير"}},
};

const char *word(enum word which, enum language language)
{
    return words[which].in[language];
}

const char *word_verdict(enum verdict verdict, enum language language)
{
    static const struct both names[] = {
        [VERDICT_PASS] = {{"transmis tels quels", "مررت كما هي"}},
        [VERDICT_SEAL] = {{"scellés", "ختمت"}},
        [VERDICT_UNSEAL] = {{"descellés", "فض ختمها"}},
        [VERDICT_TRY_LATER] = {{"différés", "أجلت"}},
        [VERDICT_REJECT] = {{"refusés", "رفضت"}},
    };
    return names[verdict].in[language];
}

const char *word_reason(enum reason reason, enum language language)
{
    static const struct both meanings[REASON_COUNT] = {
        [REASON_NONE] = {{"", ""}},
        [REASON_RECIPIENT] = {{"adresse qui se lit de deux façons", "عنوان يقرأ بطريقتين"}},
        [REASON_LOOKALIKE] = {{"domaine qui ressemble à un domaine officiel", "نطاق يشبه نطاقا رسميا"}},
        [REASON_SENDER] = {{"identité de l’expéditeur non établie", "مرسل لم تثبت هويته"}},
        [REASON_LEVEL] = {{"niveau trop élevé pour le courriel", "مستوى أعلى مما يسمح به البريد"}},
        [REASON_CIRCLE] = {{"destinataire hors du cercle autorisé", "مرسل إليه خارج الدائرة المسموح بها"}},
        [REASON_REPLY_TO] = {{"adresse de réponse chez un fournisseur grand public",
                              "عنوان الرد بريد إلكتروني شخصي"}},
        [REASON_FORWARD] = {{"transfert d’un document administratif", "إعادة توجيه وثيقة إدارية"}},
        [REASON_CONSUMER] = {{"messagerie grand public", "بريد إلكتروني شخصي"}},
        [REASON_UNLISTED] = {{"destinataire absent du registre", "مرسل إليه غير مدرج في السجل الحكومي"}},
        [REASON_UNREADABLE] = {{"contenu illisible", "محتوى تتعذر قراءته"}},
        [REASON_NO_KEY] = {{"aucune clé utilisable pour le destinataire", "لا مفتاح صالح للمرسل إليه"}},
        [REASON_MIXED] = {{"en clair pour l’un, scellé pour un autre", "مختومة لمرسل إليه وغير مختومة لآخر"}},
        [REASON_AUTH] = {{"origine non prouvée", "مصدر غير مثبت"}},
        [REASON_AUTH_DKIM] = {{"origine non prouvée : DKIM", "مصدر غير مثبت: DKIM"}},
        [REASON_AUTH_SPF] = {{"origine non prouvée : SPF", "مصدر غير مثبت: SPF"}},
        [REASON_SEAL_BROKEN] = {{"sceau rompu", "ختم مكسور"}},
        [REASON_NOT_SEALED] = {{"document reçu sans sceau", "وثيقة واردة بلا ختم"}},
        [REASON_TOO_BIG] = {{"message trop volumineux", "رسالة كبيرة الحجم"}},
        [REASON_UNSIGNABLE] = {{"en-tête impossible à signer", "ترويسة يتعذر توقيعها"}},
        [REASON_UNDECIDED] = {{"aucune règle ne correspond", "لا قاعدة تنطبق"}},
        [REASON_INTERNAL] = {{"panne passagère", "عطل مؤقت"}},
        [REASON_RETURN] = {{"restitution à son auteur", "إرجاع إلى صاحبه"}},
    };
    return meanings[reason].in[language];
}

const char *word_level(int level, enum language language)
{
    static const struct both names[] = {
        {{"Public", "للعموم"}},
        {{"Interne", "للاستعمال الإداري"}},
        {{"Diffusion restreinte", "محدود التداول"}},
        {{"Confidentiel", "كتوم"}},
        {{"Secret", "سري"}},
        {{"Très secret", "سري للغاية"}},
    };
    bool known = level >= 0 && (size_t)level < sizeof names / sizeof *names;
    return known ? names[level].in[language] : "?";
}

const char *word_subject(enum report_subject subject, enum language language)
{
    static const struct both names[] = {
        [SUBJECT_GATEWAY] = {{"clé de passerelle", "مفتاح بوابة"}},
        [SUBJECT_OWN] = {{"notre clé", "مفتاحنا"}},
        [SUBJECT_PERSON] = {{"clé personnelle", "مفتاح شخصي"}},
        [SUBJECT_SIGNING] = {{"clé de signature", "مفتاح التوقيع"}},
        [SUBJECT_PARTNER] = {{"partenaire", "شريك"}},
        [SUBJECT_MINISTRY] = {{"entrée du registre", "مدخل في السجل الحكومي"}},
        [SUBJECT_REGISTRY] = {{"registre", "السجل الحكومي"}},
    };
    return names[subject].in[language];
}

const char *word_step(enum outlook_stage stage, enum language language)
{
    static const struct both names[] = {
        [OUTLOOK_NONE] = {{"sans objet", "لا ينطبق"}},
        [OUTLOOK_UNKNOWN] = {{"inconnue", "غير معروف"}},
        [OUTLOOK_GOOD] = {{"plus de 60 jours", "أكثر من 60 يوما"}},
        [OUTLOOK_60] = {{"60 jours ou moins", "60 يوما أو أقل"}},
        [OUTLOOK_30] = {{"30 jours ou moins", "30 يوما أو أقل"}},
        [OUTLOOK_7] = {{"7 jours ou moins", "7 أيام أو أقل"}},
        [OUTLOOK_UNUSABLE] = {{"inutilisable", "غير صالح"}},
    };
    return names[stage].in[language];
}

const char *word_state(const char *state, enum language language)
{
    static const struct {
        const char *name;
        struct both both;
    } names[] = {
        {"usable", {{"utilisable", "صالح"}}},
        {"valid", {{"en vigueur", "ساري المفعول"}}},
        {"none", {{"aucune clé dans le registre", "لا مفتاح في السجل الحكومي"}}},
        {"unknown", {{"inconnu", "غير معروف"}}},
        {"missing", {{"absente : pas encore importée", "غائب: لم يستورد بعد"}}},
        {"expired", {{"a expiré", "منتهي الصلاحية"}}},
        {"revoked", {{"révoquée", "ملغى"}}},
        {"disabled", {{"désactivée ici", "معطل هنا"}}},
        {"sign-only", {{"signe mais ne chiffre pas", "يوقع ولا يشفر"}}},
        {"weak", {{"trop faible", "ضعيف"}}},
        {"broken", {{"défectueuse : rien ne se chiffre avec elle", "معيب: لا يشفر به شيء"}}},
        {"unreadable", {{"trousseau illisible", "حافظة المفاتيح لا تقرأ"}}},
        {"no-secret", {{"partie secrète absente", "الجزء السري غائب"}}},
        {"not-signing", {{"ne sert pas à signer", "لا يصلح للتوقيع"}}},
        {"fails", {{"ne signe pas", "لا يوقع"}}},
        {"unpinned", {{"ce n’est pas celle que nomme le registre", "ليس المفتاح المذكور في السجل الحكومي"}}},
        {"unused",
         {{"nommée par le registre, absente des réglages", "مذكور في السجل الحكومي وغائب عن الإعدادات"}}},
        {"refused", {{"édition refusée ; la précédente reste en vigueur", "إصدار مرفوض؛ يبقى السابق ساريا"}}},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, state) == 0)
            return names[i].both.in[language];
    return state;
}

const char *word_action(enum report_action action, enum language language)
{
    static const struct both names[] = {
        [ACTION_NONE] = {{"rien", "لا شيء"}},
        [ACTION_IMPORT] = {{"Demander la clé à jour à son titulaire, puis l’importer.",
                            "طلب المفتاح المحدث من صاحبه ثم استيراده."}},
        [ACTION_ANOTHER] =
            {{"Demander une autre clé à son titulaire, la faire inscrire au registre, puis l’importer.",
              "طلب مفتاح آخر من صاحبه وتسجيله في السجل الحكومي ثم استيراده."}},
        [ACTION_ENABLE] = {{"Si elle doit servir, la réactiver dans le trousseau de cette passerelle.",
                            "إعادة تفعيله في حافظة هذه البوابة إن وجب استعماله."}},
        [ACTION_PROLONG] = {{"Prolonger la clé, sous-clé comprise, puis la remettre aux autres passerelles.",
                             "تمديد المفتاح مع مفتاحه الفرعي ثم تسليمه إلى البوابات الأخرى."}},
        [ACTION_RENEW] = {{"Prolonger la clé dans son trousseau, puis en remettre la partie publique aux "
                           "autres passerelles.",
                           "تمديد المفتاح في حافظته ثم تسليم جزئه العلني إلى البوابات الأخرى."}},
        [ACTION_MEND] = {{"Remettre la clé de signature en état ; d’ici là, ce qui doit être scellé attend.",
                          "إصلاح مفتاح التوقيع؛ وإلى ذلك الحين ينتظر كل ما يجب ختمه."}},
        [ACTION_PIN] =
            {{"Faire inscrire la clé de signature au registre, ou corriger les réglages de la passerelle.",
              "طلب تسجيل مفتاح التوقيع في السجل الحكومي أو تصحيح إعدادات البوابة."}},
        [ACTION_ENTRY] =
            {{"Si l’entrée doit rester, demander à l’autorité une édition du registre qui la prolonge.",
              "طلب إصدار من السجل الحكومي يمدده من السلطة المختصة إن وجب بقاؤه."}},
        [ACTION_ISSUE] = {{"Obtenir de l’autorité la nouvelle édition du registre.",
                           "الحصول من السلطة المختصة على الإصدار الجديد من السجل الحكومي."}},
        [ACTION_REFUSED] = {{"Chercher pourquoi l’édition reçue est refusée.",
                             "البحث عن سبب رفض الإصدار الوارد."}},
    };
    return names[action].in[language];
}

const char *word_command(enum report_action action)
{
    static const char *const commands[] = {
        [ACTION_NONE] = NULL,
        [ACTION_IMPORT] = "khatm keys import FILE",
        [ACTION_ANOTHER] = "khatm keys import FILE",
        [ACTION_ENABLE] = "khatm keys check",
        [ACTION_PROLONG] = "khatm keys export",
        [ACTION_RENEW] = "khatm keys check",
        [ACTION_MEND] = "khatm keys check",
        [ACTION_PIN] = "khatm keys check",
        [ACTION_ENTRY] = NULL,
        [ACTION_ISSUE] = "khatm domains check && khatm reload",
        [ACTION_REFUSED] = "khatm domains check",
    };
    return commands[action];
}

const char *word_name(const char *name, enum language language)
{
    static const struct {
        const char *name;
        struct both both;
    } names[] = {
        {"<>", {{"(sans expéditeur)", "(بلا مرسل)"}}},
        {"(none)", {{"(aucun)", "(لا يوجد)"}}},
        {"(no domain)", {{"(sans domaine)", "(بلا نطاق)"}}},
        {"(over-long domain)", {{"(domaine trop long)", "(نطاق أطول مما يجوز)"}}},
        {"(others)", {{"(autres)", "(غيرها)"}}},
        {"(erased)", {{"(effacé)", "(ممحو)"}}},
        {"(damaged)", {{"(altéré)", "(متضرر)"}}},
    };
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].both.in[language];
    return name;
}

static const char *const names[LANGUAGES] = {"fr", "ar"};

bool language_parse(const char *name, enum language *language_out)
{
    for (size_t i = 0; i < LANGUAGES; i++)
        if (strcmp(names[i], name) == 0) {
            *language_out = (enum language)i;
            return true;
        }
    return false;
}

const char *language_name(enum language language)
{
    return names[language];
}
