"""Encodings that people's files have are found, and said where nothing in the file says them."""

from __future__ import annotations

import pytest
from plain_reading import ReadFile

TEXTS = {
    "gb18030": "春花秋月何时了，往事知多少。\n小楼昨夜又东风，故国不堪回首月明中。\n",
    "big5": "春花秋月何時了，往事知多少。\n小樓昨夜又東風，故國不堪回首月明中。\n",
    "shift_jis": "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。\n",
    "euc_jp": "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。\n",
    "euc_kr": "옛날 옛적에 호랑이가 살았습니다.\n어느 날 호랑이는 배가 고팠습니다.\n",
    "cp1251": "Идёт медведь по лесу, видит машина горит.\nСел в неё и сгорел, а курица перешла дорогу.\n",
    "koi8_r": "Идёт медведь по лесу, видит машина горит.\nСел в неё и сгорел, а курица перешла дорогу.\n",
    "cp1250": "Dlaczego kurczak przeszedł przez drogę? Żeby przejść.\nZażółć gęślą jaźń, powiedział ktoś.\n",
    "cp1253": "Γιατί το κοτόπουλο πέρασε τον δρόμο;\nΓια να πάει απέναντι, βέβαια.\n",
    "cp1254": "Tavuk neden karşıya geçti?\nÇünkü öbür tarafa gitmek istiyordu, şişman ağaç.\n",
    "cp1255": "למה התרנגולת חצתה את הכביש?\nכדי להגיע לצד השני.\n",
    "cp1252": "Warum überquerte das Huhn die Straße?\nUm auf die andere Seite zu kommen, natürlich – „schön“.\n",
    "mac_roman": "Warum überquerte das Huhn die Straße?\nUm auf die andere Seite zu kommen, natürlich – „schön“.\n",
    "cp850": "Warum überquerte das Huhn die Straße?\nUm schön auf die andere Seite zu kommen, Müller.\n",
    "cp852": "Proč kuře přešlo přes silnici?\nProtože bylo příliš pozdě, řekl žluťoučký kůň.\n",
    "cp866": "Идёт медведь по лесу, видит машина горит.\nСел в неё и сгорел, а курица перешла дорогу.\n",
    "cp1257": "Kodėl višta perėjo kelią?\nNes buvo vėlu, ąžuolas šaukė, o žąsis juokėsi.\n",
    "cp874": "ทำไมไก่ถึงข้ามถนน\nเพื่อไปอีกฝั่งหนึ่งของถนน\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_file_in_another_encoding_is_read_and_said(read_file: ReadFile, encoding: str) -> None:
    text = TEXTS[encoding]
    found = read_file("jokes.txt", text.encode(encoding))
    assert found.texts.tolist() == text.splitlines()
    assert found.reading.encoding not in {None, "utf-8"}
    assert "is not UTF-8; it was read as" in " ".join(found.notices)


WESTERN = [
    ("cp1252", "“Größe” – Können Äpfel süß sein… don’t"),
    ("cp1252", "Perché il pollo è così? Perché no, è già lì, città."),
    ("cp1252", "Price: £5 only, isn’t it?"),
    ("mac_roman", "“Größe” – Können Äpfel süß sein… don’t"),
    ("mac_roman", "Pourquoi l’œuf a-t-il traversé ? Parce qu’il était déjà là… « Ça alors ! »"),
    ("mac_roman", "Mañana voy."),
    ("mac_roman", "Price: £5 only, isn’t it?"),
    ("cp850", "Perché il pollo è così? Perché no, è già lì, città."),
    ("cp437", "Mañana voy, señor."),
]


@pytest.mark.parametrize(("encoding", "text"), WESTERN)
def test_accents_of_western_languages_stand_where_letters_may(read_file: ReadFile, encoding: str, text: str) -> None:
    lines = [f"{number}. {text}" for number in (1, 3, 7)]
    assert read_file("jokes.txt", "\n".join(lines).encode(encoding)).texts.tolist() == lines


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["春花秋月何时了，往事知多少。\n小楼昨夜。\n", "Идёт медведь по лесу.\nСел в неё.\n", "Why?\nSo.\n"]
)
def test_utf_16_without_a_mark_is_found_in_any_script(read_file: ReadFile, text: str, encoding: str) -> None:
    found = read_file("jokes.txt", text.encode(encoding))
    assert found.texts.tolist() == text.splitlines()
    assert found.reading.encoding == encoding


def test_utf_8_says_nothing(read_file: ReadFile) -> None:
    found = read_file("jokes.txt", "Ça va?\n春花秋月\n")
    assert (found.reading.encoding, found.notices) == ("utf-8", ())
