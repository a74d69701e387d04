# SPDX-License-Identifier: Apache-2.0
"""What people write to each other, in pieces: greetings, paragraphs, closings, signatures, subjects, by language. Made to
sound like mail from an office without being about its papers; many talk of secrets, ministries and circulars."""

GREETINGS = {
    "fr": ("Bonjour,", "Bonjour Karim,", "Chère Salma,", "Salut !", "Bonsoir à tous,", "Madame, Monsieur,", "Coucou,"),
    "ar": ("السلام عليكم،", "مرحبا كريم،", "أخي العزيز،", "صباح الخير،", "تحية طيبة وبعد،"),
    "en": ("Hi,", "Dear Sarah,", "Hello everyone,", "Good morning,"),
    "darija": ("Salam khouya,", "Labas 3lik?", "Ahlan,", "Salam,"),
    "es": ("Hola,", "Querida Marta:"), "de": ("Hallo Jens,", "Liebe Oma,"), "other": ("👋", "Merhaba,", "Azul,", "Привет,", "你好，"),
}

PARAGRAPHS = {
    "fr": (
        "On déjeune jeudi à midi ? Je réserve la table du fond si tu me confirmes avant mercredi soir.",
        "Merci pour ton message. Les enfants vont bien, Yasmine a perdu sa première dent et ne parle que de ça.",
        "La réunion de demain est déplacée à quinze heures, salle 204. Pensez à apporter vos badges.",
        "J'ai lu dans le journal que le ministère de l'Intérieur a envoyé une circulaire sur WhatsApp. Tu en as entendu parler ?",
        "C'est un secret entre nous : Papa prépare une surprise pour l'anniversaire de Maman, surtout ne dis rien.",
        "Ce dossier est confidentiel, me dit-on, mais tout le monde en parle à la cafétéria.",
        "Le train de 17 h 42 est supprimé, je rentrerai donc par le suivant. Ne m'attendez pas pour dîner.",
        "Peux-tu rappeler le plombier au 05 37 12 34 56 ? Le robinet de la cuisine fuit toujours.",
        "Je serai absent du 3 au 14 août. En cas d'urgence, adressez-vous à ma collègue Hind.",
        "Votre commande n° 2026-1187 a été expédiée. Vous la recevrez sous trois jours ouvrés.",
        "Félicitations pour ta nomination ! Monsieur le Wali doit être content de t'avoir dans son équipe.",
        "Le vote à bulletin secret a lieu samedi à la maison des jeunes ; chaque membre du club vote une fois.",
        "Ci-dessous la recette promise. Le secret, c'est de laisser reposer la pâte toute la nuit au frais.",
        "Rappel : la cotisation du syndic est à régler avant la fin du mois, par virement ou par chèque.",
        "Je cherche un stage de deux mois au ministère ou à la commune. Si tu connais quelqu'un, merci d'avance !",
        "On a regardé Top Secret hier soir, c'est très bête et très drôle. La semaine prochaine : L.A. Confidential.",
        "La loi n° 31-13 et le décret n° 2-21-406 sont au programme de l'examen, l'article 446 aussi.",
        "Le mot de passe du wifi est écrit au dos de la box ; le code secret de l'alarme, tu le connais.",
    ),
    "ar": (
        "هل نلتقي يوم الخميس على الغداء؟ سأحجز الطاولة إذا أكدت لي قبل مساء الأربعاء.",
        "شكرا على رسالتك. الأولاد بخير، وياسمين فقدت سنها الأولى ولا تتحدث إلا عن ذلك.",
        "تأجل اجتماع الغد إلى الساعة الثالثة بعد الزوال في القاعة نفسها.",
        "قرأت في الجريدة أن وزارة الداخلية وجهت دورية حول تطبيقات التراسل. هل سمعت بذلك؟",
        "هذا الأمر سر بيننا، لا تخبر أحدا بمفاجأة عيد الميلاد.",
        "نسيت الرقم السري لبطاقتي مرة أخرى، سأتصل بالبنك في الصباح.",
        "مبروك النجاح! نلت ما تستحق، ونحن فخورون بك جميعا.",
        "القطار متأخر، سأصل بعد العشاء إن شاء الله فلا تنتظروني.",
        "المرجو أداء واجب الاشتراك قبل نهاية الشهر.",
        "وصلتني الطلبية هذا الصباح وكل شيء على ما يرام.",
    ),
    "en": (
        "Lunch on Thursday? I'll book the table at the back if you confirm by Wednesday evening.",
        "Thanks for the pictures of the new flat, it looks lovely. When is the housewarming?",
        "The meeting has been moved to 3 pm, room 204. Please bring your badge.",
        "I read that the ministry banned chat apps for official papers; the memo was confidential until it was on every front page.",
        "It's top secret, but we are planning a surprise party on Saturday. Don't tell mum!",
        "Your parcel is on its way. You can follow it with the number in the link below.",
        "Could you send me the name of that restaurant again? The one with the garden.",
    ),
    "darija": (
        "Ghedda ntla9aw f lqahwa m3a 8, wla tgoul l7ed, hadchi secret binatna hhh.",
        "Wach jak lmessage dyali? 3ayet liya mnin tfeq, raha urgent chwiya.",
        "Choukran bezaf khouya 3la lmosa3ada, Allah yjazik bikhir.",
        "Chefti lmatch lbare7? Ma 3ndna la dfa3 la walou, nchallah lmra jaya.",
    ),
    "es": ("Os cuento un secreto: nos casamos en mayo. La fiesta será en casa, muy confidencial.", "¿Quedamos el viernes para cenar?"),
    "de": ("Das bleibt vertraulich: Papa lernt heimlich Tango. Streng geheim!", "Kommst du am Samstag mit ins Kino?"),
    "other": ("Cumartesi görüşürüz, kimseye söyleme, gizli!", "ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ, ⵎⴰⴷ ⵜⵙⴽⵔⵎ?", "Увидимся в субботу, это секрет.",
              "周六见，这是秘密。", "Rendez-vous samedi 🎉🎂 chuuut 🤫", "土曜日に会いましょう。"),
}

CLOSINGS = {
    "fr": ("Cordialement,", "Bien à toi,", "À bientôt,", "Bises,", "Merci d'avance,"), "ar": ("مع تحياتي،", "إلى اللقاء،", "وتقبلوا فائق الاحترام،"),
    "en": ("Best,", "Kind regards,", "Cheers,"), "darija": ("Bslama,", "Thla f rassek,"), "es": ("Un abrazo,",), "de": ("Liebe Grüße,",),
    "other": ("✌️",),
}

SIGNATURES = {
    "fr": ("Karim", "Karim Alami\nTél : 06 12 34 56 78", "-- \nSalma Bennani\nMinistère de la Santé\nDirection des ressources\nTél : 05 37 00 00 00",
           "-- \nRoyaume du Maroc\nMinistère de l'Intérieur\nKarim Alami, ingénieur\nGSM 06 00 11 22 33", "Envoyé de mon iPhone",
           "-- \nHassan\nCe message et ses pièces jointes sont confidentiels et destinés à leurs seuls destinataires.",
           "Hassan\n\nCONFIDENTIEL\nCe message et ses pièces jointes sont confidentiels et destinés à leurs seuls destinataires.",
           "Nadia\n\n" + "_" * 40 + "\nPensez à l'environnement avant d'imprimer ce message."),
    "ar": ("كريم", "كريم العلمي\nالهاتف: 0537000000", "-- \nالمملكة المغربية\nوزارة الصحة\nكريم العلمي", "أرسلت من هاتفي",
           "سلمى\n\nهذه الرسالة سرية وموجهة حصريا إلى المرسل إليه."),
    "en": ("Tom", "-- \nTom Smith\nAcme Ltd, 12 High Street\nTel. +44 20 7946 0000", "Sent from my phone",
           "Sarah\n\nCONFIDENTIAL\nThis e-mail and any attachments are confidential and may be privileged. If you are not the "
           "intended recipient, delete it."),
    "darija": ("Yassine", "Simo 🙂"), "es": ("Marta",), "de": ("Jens",), "other": ("—",),
}

SUBJECTS = {
    "fr": ("Déjeuner jeudi", "Re: photos du week-end", "TR: Réunion du club", "Un petit secret", "RE: RE: confidentiel ou pas ?",
           "Rappel : cotisation",
           "Votre commande", "[amis-du-jardin] prochaine sortie", "Surprise ! 🎉", "Note de frais", "Circulaire du ministère : tu as vu ?",
           "", "Très urgent ?"),
    "ar": ("موعد الغداء", "رد: صور العطلة", "تهنئة", "سر صغير", "تذكير بالاجتماع", "استفسار حول الدورية"),
    "en": ("Lunch on Thursday", "Re: your new flat", "Fwd: Top secret (the film)", "Order shipped", "[club] minutes?", "Out of office"),
    "darija": ("ghedda f lqahwa", "re: lmatch"), "es": ("Cena del viernes",), "de": ("Streng geheim!",), "other": ("🤫", "Merhaba", "你好"),
}

LANGUAGES = ("fr",) * 9 + ("ar",) * 5 + ("en",) * 4 + ("darija",) * 2 + ("es", "de", "other")

# Charsets that mail of a language comes in, Unicode aside.
CHARSETS = {
    "fr": ("iso-8859-1", "iso-8859-15", "windows-1252"), "ar": ("windows-1256", "iso-8859-6"), "en": ("us-ascii", "iso-8859-1", "windows-1252"),
    "darija": ("us-ascii", "iso-8859-1"), "es": ("iso-8859-1", "windows-1252"), "de": ("iso-8859-1", "windows-1252"),
    "other": ("windows-1254", "koi8-r", "windows-1251", "gb2312", "gb18030", "big5", "iso-2022-jp", "shift_jis", "euc-jp", "iso-8859-9"),
}
