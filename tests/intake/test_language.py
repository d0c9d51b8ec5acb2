import pytest

from sayso.errors import LanguageError
from sayso.intake import thread_from_document
from sayso.intake.language import language_of

TEXTS = {
    "en": "WHAT A JOKE OF A MAYOR, SAD REALLY, AND WE ALL KNOW WHO PAYS FOR IT IN THE END, DO WE NOT?",
    "de": "Die Bürgermeisterin sagte am Dienstag, dass die Brücke noch vor Ende Mai geöffnet werde und die Fähre bleibe.",
    "fr": "La maire a déclaré mardi que le pont ouvrirait avant la fin du mois de mai et que le bac resterait en service.",
    "es": "La alcaldesa dijo el martes que el puente se abriría antes de que terminara mayo y que el transbordador seguiría.",
    "nl": "De burgemeester zei dinsdag dat de brug nog voor eind mei open zou gaan en dat de veerpont zou blijven varen.",
    "ru": "Мэр заявила во вторник, что мост откроется до конца мая, а паром будет ходить всё лето, как и прежде, каждый день.",
    "zh": "市长星期二表示，大桥将在五月底之前通车，渡轮整个夏天都会继续运营，与往年没有任何不同。",
}


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_languages_are_told_apart(code: str) -> None:
    assert language_of(TEXTS[code]) == code


@pytest.mark.parametrize(
    "text", ["", "Nein!", "Slava Ukraini, heroiam slava", "👍 " * 40, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"]
)
def test_short_texts_are_not_judged(text: str) -> None:
    assert language_of(text) is None


def test_english_with_foreign_names_and_quotes_is_english() -> None:
    text = "The chancellor told the Bundestag on Tuesday: “Wir schaffen das”, and the Süddeutsche Zeitung said that it was so."
    assert language_of(text) == "en"


def test_an_article_is_refused_and_a_comment_marked() -> None:
    rows = [{"text": TEXTS["de"]}, {"text": TEXTS["en"]}, {"text": "Jawohl."}]
    thread = thread_from_document({"id": "d", "text": TEXTS["en"], "comments": rows})
    assert thread.language == "en"
    assert [post.language for post in thread.posts] == ["en", "de", "en", None]
    with pytest.raises(LanguageError, match=r"looks like French \(fr\); the model reads English only"):
        thread_from_document({"id": "d", "text": TEXTS["fr"]})
