"""Names that are spelled in more than one way: with and without their marks, in Greek, in Cyrillic.

All are words of nature in their languages. Each stands beside the spelling that a Latin keyboard gives.
"""
# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are the point

MARKED: tuple[tuple[str, str], ...] = (
    ("Águila", "Aguila"), ("Bjørk", "Bjork"), ("Bølge", "Bolge"), ("Brücke", "Brucke"), ("Chêne", "Chene"),
    ("Düne", "Dune"), ("Étoile", "Etoile"), ("Forêt", "Foret"), ("Gråsten", "Grasten"), ("Hêtre", "Hetre"),
    ("Jodła", "Jodla"), ("Källa", "Kalla"), ("Küste", "Kuste"), ("Måge", "Mage"), ("Marée", "Maree"),
    ("Montaña", "Montana"), ("Möwe", "Mowe"), ("Océan", "Ocean"), ("Rivière", "Riviere"), ("Sjö", "Sjo"),
    ("Śnieg", "Snieg"), ("Strøm", "Strom"), ("Tåge", "Tage"), ("Wróbel", "Wrobel"),
)  # fmt: skip
GREEK: tuple[tuple[str, str], ...] = (
    ("Ακτή", "Akti"), ("Άνεμος", "Anemos"), ("Αστέρι", "Asteri"), ("Βουνό", "Vouno"), ("Βροχή", "Vrochi"),
    ("Γλάρος", "Glaros"), ("Δάφνη", "Dafni"), ("Ελιά", "Elia"), ("Θάλασσα", "Thalassa"), ("Κύμα", "Kyma"),
    ("Λιμάνι", "Limani"), ("Νησί", "Nisi"), ("Ομίχλη", "Omichli"), ("Πέτρα", "Petra"), ("Ποτάμι", "Potami"),
    ("Φάρος", "Faros"),
)  # fmt: skip
CYRILLIC: tuple[tuple[str, str], ...] = (
    ("Берег", "Bereg"), ("Береза", "Bereza"), ("Ветер", "Veter"), ("Волна", "Volna"), ("Гавань", "Gavan"),
    ("Гора", "Gora"), ("Дождь", "Dozhd"), ("Звезда", "Zvezda"), ("Камень", "Kamen"), ("Маяк", "Mayak"),
    ("Море", "More"), ("Небо", "Nebo"), ("Остров", "Ostrov"), ("Река", "Reka"), ("Роса", "Rosa"),
    ("Сосна", "Sosna"), ("Туман", "Tuman"), ("Чайка", "Chayka"),
)  # fmt: skip
