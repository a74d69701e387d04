# SPDX-License-Identifier: Apache-2.0
"""Two administrative letters, and a private one of the same length that has their formulas and their signature: line by
line, the date line marked."""

import re


def _lines(text):
    """What is indented goes on."""
    return re.sub("\n +", " ", text).split("\n")


FRENCH = _lines("""\
Ministère des Finances
Direction générale du budget
Tunis, le 12 novembre 2026
Objet : report des crédits de paiement de l'exercice
Monsieur le Directeur,
J'ai l'honneur de porter à votre connaissance que les crédits ouverts au titre du chapitre quatre n'ont pas été
    consommés dans les délais prévus par la loi, et que leur report sur l'exercice suivant suppose l'accord préalable
    du contrôleur des dépenses.
Les services régionaux ont transmis leurs états le mois dernier. Il en ressort que douze marchés de travaux sont
    suspendus faute de réception des équipements, que trois conventions attendent encore la signature du bailleur, et
    que les indemnités dues aux agents détachés n'ont été liquidées qu'à moitié.
Je vous prie en conséquence de bien vouloir arrêter la liste des opérations prioritaires, de la faire viser par la
    commission compétente et de me l'adresser avant la fin du mois, accompagnée des pièces justificatives et d'un
    échéancier révisé.
Toute opération qui ne figurera pas sur cette liste sera clôturée d'office, et les sommes correspondantes seront
    annulées sans autre avis.
Veuillez agréer, Monsieur le Directeur, l'assurance de ma considération distinguée.
Le directeur général du budget""")

ARABIC = _lines("""\
وزارة المالية
الإدارة العامة للميزانية
تونس في 12 نوفمبر 2026
الموضوع: تأجيل اعتمادات الدفع بعنوان السنة الجارية
السيد المدير
أتشرف بإعلامكم أن الاعتمادات المفتوحة بعنوان الباب الرابع لم تستهلك في الآجال التي ضبطها القانون، وأن نقلها إلى السنة
    المقبلة يستوجب الموافقة المسبقة لمراقب المصاريف العمومية.
وقد أحالت المصالح الجهوية كشوفها خلال الشهر الماضي، ويتبين منها أن اثنتي عشرة صفقة أشغال متوقفة بسبب عدم استلام
    التجهيزات، وأن ثلاث اتفاقيات ما زالت تنتظر إمضاء الممول، وأن المنح الراجعة للأعوان الملحقين لم يصرف منها إلا
    النصف.
وبناء على ذلك أدعوكم إلى ضبط قائمة العمليات ذات الأولوية وعرضها على تأشيرة اللجنة المختصة وموافاتي بها قبل نهاية الشهر
    مصحوبة بالوثائق المؤيدة وبجدول زمني محين.
وكل عملية لا ترد في هذه القائمة تغلق تلقائيا وتلغى المبالغ الموافقة لها دون إعلام آخر.
وتفضلوا سيدي المدير بقبول فائق عبارات التقدير والاحترام
المدير العام للميزانية""")

DATE_LINE = 2

PRIVATE = _lines("""\
Ministère des Finances
Direction générale du budget
Tunis, le 12 novembre 2026
Monsieur le Directeur,
J'ai l'honneur de vous confirmer que ma fille souhaite reprendre ses leçons de piano au conservatoire dès la rentrée
    de janvier, si une place se libère dans le cours du mercredi après-midi avec le professeur qui la suivait l'année
    passée.
Nous avions dû interrompre ces leçons à cause du déménagement de sa grand-mère, qui habite maintenant avec nous et que
    je conduis chaque semaine à la clinique. Les horaires sont redevenus réguliers, et le trajet ne pose plus de
    difficulté depuis que le tramway s'arrête devant chez vous.
Je vous prie de bien vouloir me dire si le règlement peut se faire par trimestre, et s'il faut racheter les partitions
    que l'école lui avait prêtées. Elle a gardé le cahier bleu et les études faciles, mais nous ne retrouvons plus la
    sonatine.
Elle jouera volontiers au concert de Noël si vous manquez encore de petits élèves, et son frère pourrait tourner les
    pages comme la dernière fois.
Veuillez agréer, Monsieur le Directeur, l'assurance de ma considération distinguée.
Un agent de la direction générale du budget""")


def edited(lines, share=10):
    """One word in so many is another; the same every time."""
    words, n = [], 0
    for line in lines:
        parts = line.split(" ")
        for at, _ in enumerate(parts):
            n += 1
            if n % share == share // 2:
                parts[at] = f"{parts[at][::-1]}x"
        words.append(" ".join(parts))
    return words


def redated(lines):
    return [*lines[:DATE_LINE], lines[DATE_LINE].replace("12", "27").replace("2026", "2027"), *lines[DATE_LINE + 1:]]
