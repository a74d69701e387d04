/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_PHRASES_H
#define TESTS_FINGERPRINT_PHRASES_H

/* What corpus.c writes its letters with. In forms "~" is a word, "#" a number, "@" a name, "|" a line's end.
 */

static const char *const french_words[] = {
    "dossier",        "service",       "direction",   "ministère",     "décision",    "mesure",
    "budget",         "année",         "agent",       "projet",        "demande",     "commission",
    "rapport",        "contrôle",      "gestion",     "loi",           "article",     "décret",
    "procédure",      "délai",         "marché",      "crédit",        "dépense",     "exercice",
    "région",         "municipalité",  "gouvernorat", "fonctionnaire", "recrutement", "concours",
    "formation",      "mission",       "réunion",     "travaux",       "étude",       "équipement",
    "bâtiment",       "terrain",       "route",       "eau",           "santé",       "école",
    "élève",          "enseignant",    "hôpital",     "impôt",         "douane",      "entreprise",
    "investissement", "emploi",        "statistique", "informatique",  "réseau",      "sécurité",
    "archive",        "courrier",      "signature",   "arrêté",        "circulaire",  "instruction",
    "annexe",         "convention",    "partenaire",  "coopération",   "financement", "subvention",
    "public",         "administratif", "national",    "régional",      "local",       "financier",
    "juridique",      "technique",     "annuel",      "nouveau",       "nécessaire",  "conforme",
    "urgent",         "relatif",       "présent",     "suivant",       "général",     "particulier",
    "transmettre",    "examiner",      "approuver",   "réaliser",      "préparer",    "soumettre",
    "prévoir",        "assurer",       "constater",   "fournir",       "vérifier",    "publier",
    "notifier",       "engager",       "renouveler",  "proposer",      "compléter",   NULL};
static const char *const arabic_words[] = {
    "ملف",    "مصلحة",  "إدارة", "وزارة",  "قرار",  "إجراء",   "ميزانية", "سنة",    "عون",   "مشروع",
    "مطلب",   "لجنة",   "تقرير", "مراقبة", "تصرف",  "قانون",   "فصل",     "أمر",    "أجل",   "صفقة",
    "اعتماد", "نفقة",   "جهة",   "بلدية",  "ولاية", "موظف",    "انتداب",  "مناظرة", "تكوين", "مهمة",
    "اجتماع", "أشغال",  "دراسة", "تجهيز",  "بناية", "أرض",     "طريق",    "ماء",    "صحة",   "مدرسة",
    "تلميذ",  "مستشفى", "ضريبة", "ديوانة", "مؤسسة", "استثمار", "تشغيل",   "إحصاء",  "شبكة",  "أمن",
    "أرشيف",  "مراسلة", "إمضاء", "منشور",  "ملحق",  "اتفاقية", "تعاون",   "تمويل",  "منحة",  "عمومي",
    "إداري",  "وطني",   "جهوي",  "محلي",   "مالي",  "قانوني",  "فني",     "سنوي",   "جديد",  "ضروري",
    "مطابق",  "عاجل",   "متعلق", "حاضر",   "عام",   "خاص",     NULL};

static const char *const french_starts[] = {"",   "re",  "pré",   "sous", "inter", "dé",
                                            "co", "sur", "trans", "en",   "in",    "anti"};
static const char *const french_stems[] = {
    "form", "port", "struct", "serv",  "pos",   "mand",  "gest", "cour",  "tract", "vers",  "scrip",
    "plan", "miss", "duct",   "capac", "util",  "norm",  "régl", "pend",  "tens",  "fact",  "fin",
    "mun",  "nat",  "ger",    "vis",   "voc",   "loc",   "cert", "mesur", "val",   "not",   "cad",
    "clar", "dur",  "équip",  "fisc",  "grav",  "habil", "jur",  "lég",   "mod",   "nom",   "organ",
    "part", "quot", "rat",    "stat",  "tarif", "urb",   "vac",  "zon",   "barr",  "charg", "dot",
    "édit", "fond", "guid",   "hydr",  "immob", "log",   "mat",  "nav",   "opér",  "pat",   "rur",
    "sal",  "terr", "unit",   "vend",  "agr",   "bil",   "cré",  "dat"};
static const char *const french_ends[] = {
    "ation", "ement", "able", "ifier", "iser", "ée",   "ées", "eur",   "ité",     "ure", "ance", "if", "ive",
    "al",    "aux",   "aire", "age",   "ique", "oire", "és",  "ateur", "isation", "ant", "ente", "iel"};
static const char *const arabic_starts[] = {"", "ال", "و", "م", "ت", "ي", "لل", "است", "بال", "وال"};
static const char *const arabic_letters[] = {"ب", "ت", "ث", "ج", "ح", "خ", "د", "ر", "ز", "س", "ش", "ص",
                                             "ض", "ط", "ع", "غ", "ف", "ق", "ك", "ل", "م", "ن", "ه", "و"};
static const char *const arabic_ends[] = {"", "ة", "ات", "ين", "ون", "ها", "ي", "ية"};
static const char *const names[2][12] = {{"Ahmed", "Salma", "Mohamed", "Leila", "Karim", "Nadia", "Trabelsi",
                                          "Jaziri", "Mansour", "Durand", "Bouazizi", "Ferchichi"},
                                         {"أحمد", "سلمى", "محمد", "ليلى", "كريم", "نادية", "الطرابلسي",
                                          "الجزيري", "المنصوري", "البوعزيزي", "الفرشيشي", "الهمامي"}};
static const char *const months[2][12] = {{"janvier", "février", "mars", "avril", "mai", "juin", "juillet",
                                           "août", "septembre", "octobre", "novembre", "décembre"},
                                          {"جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت",
                                           "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"}};

static const char *const french_forms[] = {
    "Le ~ de la ~ prévoit que les ~ et les ~ soient ~ avant la fin du ~ en cours.",
    "Il a été constaté que la ~ du ~ ne répond pas aux ~ de ~ fixées par l'article # de la ~ relative à la "
    "~.",
    "Cette ~ concerne # ~ répartis entre la ~ et le ~ de @.",
    "Les ~ ~ devront ~ la ~ des ~ dans un délai de # jours.",
    "Monsieur @ @ a été chargé de ~ le ~ de ~ auprès du ~ ~.",
    "Une ~ de # dinars sera ~ au titre de la ~ ~ pour ~ les ~.",
    "En raison de la ~, le ~ n'a pas pu ~ ses ~ ni ~ le ~ ~.",
    "La ~ s'est tenue en présence des ~ de la ~ et a ~ la ~ suivante.",
    "Après ~ du ~, la ~ propose de ~ le ~ et d'en ~ la ~.",
    "Toute ~ de ~ doit être accompagnée d'un ~ et d'une ~ ~ par le ~.",
    "Le nombre de ~ est passé de # à # entre la ~ et la ~.",
    "Les ~ de @ ont demandé que le ~ de ~ soit ~ à la ~."};
static const char *const arabic_forms[] = {"تقرر ~ ~ في إطار ~ ~ قبل نهاية ~ الجارية.",
                                           "وقد تبين أن ~ ~ لا يستجيب إلى ~ المنصوص عليها بالفصل # من ~ ~.",
                                           "تشمل هذه ~ عدد # ~ موزعة بين ~ و ~ ~.",
                                           "يتعين على ~ ~ أن ~ ~ في أجل # يوما.",
                                           "كلف السيد @ @ بمهمة ~ لدى ~ ~.",
                                           "رصد مبلغ قدره # دينارا بعنوان ~ ~ لفائدة ~.",
                                           "نظرا إلى ~ لم يتمكن ~ من ~ ~ ~.",
                                           "انعقدت ~ بحضور ~ ~ وأوصت بما يلي ~ ~.",
                                           "بعد ~ ~ تقترح ~ ~ مع ~ ~.",
                                           "ترفق كل ~ بـ ~ و ~ ممضى من ~.",
                                           "ارتفع عدد ~ من # إلى # خلال ~ ~.",
                                           "طلب ~ من @ أن يتم ~ ~ إلى ~."};

static const char *const french_stock_starts[] = {
    "J'ai l'honneur de vous faire connaître que",
    "Vu la loi n° # du # juillet portant organisation de",
    "En réponse à votre lettre citée en référence,",
    "Je vous saurais gré de bien vouloir me faire parvenir",
    "Conformément aux dispositions du décret n° # relatif à",
    "Il vous appartient de prendre toutes les mesures utiles pour",
    "Comme suite à l'entretien que nous avons eu,",
    "J'attache du prix à la bonne application de",
    "Vous voudrez bien trouver ci-joint, pour attribution,",
    "Par délégation du ministre et sur proposition de",
    "Dans le cadre de la mise en œuvre de",
    "Sous réserve de l'avis favorable de"};
static const char *const french_stock_ends[] = {
    "le dossier complet de l'opération susvisée.",
    "la commission supérieure des marchés publics.",
    "les pièces justificatives exigées par la réglementation en vigueur.",
    "la présente circulaire dès sa réception.",
    "l'inspection générale des services administratifs.",
    "la direction générale de la fonction publique.",
    "les crédits inscrits au budget de l'exercice en cours.",
    "la comptabilité publique et ses textes d'application.",
    "le personnel placé sous votre autorité.",
    "la continuité du service public dans les meilleures conditions.",
    "le programme national de modernisation de l'administration.",
    "les observations qu'appelle de votre part ce projet."};
static const char *const arabic_stock_starts[] = {
    "أتشرف بإعلامكم أنه",
    "عملا بأحكام القانون عدد # المؤرخ في # جويلية المتعلق بتنظيم",
    "جوابا على مكتوبكم المشار إليه بالمرجع أعلاه",
    "الرجاء منكم موافاتنا في أقرب الآجال بما يفيد",
    "طبقا لمقتضيات الأمر عدد # المتعلق بضبط",
    "المطلوب منكم اتخاذ كل الإجراءات اللازمة من أجل",
    "تبعا للمحادثة التي جرت بيننا حول",
    "أعلق أهمية بالغة على حسن تطبيق",
    "تجدون طي هذا قصد الاختصاص والمتابعة",
    "بتفويض من الوزير وباقتراح من",
    "في إطار الحرص على إنجاز",
    "بعد أخذ الرأي المطابق الصادر عن"};
static const char *const arabic_stock_ends[] = {"الملف الكامل للعملية المشار إليها أعلاه.",
                                                "اللجنة العليا للصفقات العمومية.",
                                                "الوثائق المثبتة التي يقتضيها التشريع الجاري به العمل.",
                                                "هذا المنشور حال توصلكم به.",
                                                "التفقدية العامة للمصالح الإدارية.",
                                                "الإدارة العامة للوظيفة العمومية.",
                                                "الاعتمادات المرسمة بميزانية السنة الجارية.",
                                                "مجلة المحاسبة العمومية ونصوصها التطبيقية.",
                                                "الأعوان الراجعين إليكم بالنظر.",
                                                "استمرارية المرفق العام في أحسن الظروف.",
                                                "البرنامج الوطني لتحديث الإدارة.",
                                                "الملاحظات التي ترونها بخصوص هذا المشروع."};

/* Of one organisation: the same dice, so the same words. */
static const char *const heads[2] = {
    "REPUBLIQUE TUNISIENNE | MINISTERE DE ~ ET DE ~ | Direction générale de ~ et ~ | Sous-direction de ~ | # "
    "rue @ @ Tunis |",
    "الجمهورية التونسية | وزارة ~ و ~ | الإدارة العامة ~ ~ | # نهج @ تونس |"};
static const char *const feet[2] = {
    "Ministère de ~ et de ~ | # avenue @ @ 1000 Tunis | Tél. # # # Fax # # # | www.gov.example |",
    "وزارة ~ و ~ | # شارع @ 1000 تونس | الهاتف # # # الفاكس # # # |"};

static const char template_opening[] = "Monsieur le Gouverneur, | J'ai l'honneur d'accuser réception de "
                                       "votre correspondance enregistrée au bureau d'ordre central et "
                                       "de vous informer que le ministère, soucieux de répondre dans les "
                                       "délais prescrits aux demandes qui lui sont adressées par les "
                                       "collectivités locales, a examiné avec la plus grande attention les "
                                       "éléments que vous avez bien voulu porter à sa connaissance. |";
static const char template_closing[] =
    "Je vous rappelle que toute correspondance ultérieure relative à cette affaire doit porter en tête le "
    "numéro d'enregistrement "
    "figurant ci-dessus et être adressée au bureau d'ordre central, accompagnée des pièces visées par la "
    "circulaire du Premier "
    "ministre relative aux relations entre l'administration et ses usagers, faute de quoi elle ne pourrait "
    "être traitée. | Je vous "
    "prie d'agréer, Monsieur le Gouverneur, l'expression de ma considération distinguée. |";

enum {
    N_STOCK = 12,
    N_FORMS = 12,
    N_NAMES = 12,
    N_FRENCH_STARTS = sizeof french_starts / sizeof *french_starts,
    N_FRENCH_STEMS = sizeof french_stems / sizeof *french_stems,
    N_FRENCH_ENDS = sizeof french_ends / sizeof *french_ends,
    N_ARABIC_STARTS = sizeof arabic_starts / sizeof *arabic_starts,
    N_ARABIC_LETTERS = sizeof arabic_letters / sizeof *arabic_letters,
    N_ARABIC_ENDS = sizeof arabic_ends / sizeof *arabic_ends,
};

#endif
