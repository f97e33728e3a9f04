"""The words of tables and of the ticker, in English, Russian and Kazakh."""

from kzt_rates.cli.terminal import can_show
from kzt_rates.currency import symbol_of
from kzt_rates.money import name_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from kzt_rates.typing import Language

# Published names are written out in full, and a line is to fit a terminal of 80 columns.
MAX_NAME_CHARACTERS = 30

# What tells whether a terminal has the letters of a language.
_LETTERS = {"en": "", "kk": "АЯаяӘҒҚҢӨҰҮҺІәғқңөұүһі", "ru": "АЯаяЁё"}

_WORDS: "dict[Language, dict[str, str]]" = {
    "en": {
        "sheet": "Official rates for {}",
        "carried to": "carried to {}",
        "provisional": "provisional",
        "provisional rate": "provisional",
        "incomplete": "incomplete",
        "refused": "{} was refused: {}",
        "code": "Code",
        "name": "Name",
        "sign": "Sign",
        "nominal": "Nominal",
        "value": "Value",
        "per unit": "Per unit",
        "change": "Change",
        "first": "First",
        "last": "Last",
        "successor": "Successor",
        "history": "{} in {}, {} to {}, {} days",
        "history of a day": "{} in {}, {} to {}, {} day",
        "date": "Date",
        "rate": "Rate",
        "carried from": "carried from {}",
        "missing": "{} days have no rate: ",
        "missing a day": "{} day has no rate: ",
        "without": "{} without a rate",
        "to": "{} to {}",
        "min": "min",
        "max": "max",
    },
    "kk": {
        "sheet": "Ресми бағамдар, {}",
        "carried to": "{} күніне көшірілген",
        "provisional": "алдын ала",
        "provisional rate": "алдын ала",
        "incomplete": "толық емес",
        "refused": "{} қабылданбады: {}",
        "code": "Код",
        "name": "Атауы",
        "sign": "Белгі",
        "nominal": "Номинал",
        "value": "Бағам",
        "per unit": "Бірлікке",
        "change": "Өзгеріс",
        "first": "Алғашқы",
        "last": "Соңғы",
        "successor": "Мұрагері",
        "history": "{}/{}, {} – {}, {} күн",
        "history of a day": "{}/{}, {} – {}, {} күн",
        "date": "Күні",
        "rate": "Бағам",
        "carried from": "{} күнгі бағам",
        "missing": "{} күнде бағам жоқ: ",
        "missing a day": "{} күнде бағам жоқ: ",
        "without": "бағамсыз: {}",
        "to": "{} – {}",
        "min": "ең төмен",
        "max": "ең жоғары",
    },
    "ru": {
        "sheet": "Официальные курсы на {}",
        "carried to": "перенесены на {}",
        "provisional": "предварительные",
        "provisional rate": "предварительный",
        "incomplete": "неполные",
        "refused": "{} не принят: {}",
        "code": "Код",
        "name": "Название",
        "sign": "Знак",
        "nominal": "Номинал",
        "value": "Курс",
        "per unit": "За единицу",
        "change": "Изменение",
        "first": "Первая дата",
        "last": "Последняя",
        "successor": "Преемник",
        "history": "{} в {}, {} – {}, дней: {}",
        "history of a day": "{} в {}, {} – {}, дней: {}",
        "date": "Дата",
        "rate": "Курс",
        "carried from": "курс за {}",
        "missing": "Дней без курса: {}. ",
        "missing a day": "Дней без курса: {}. ",
        "without": "без курса: {}",
        "to": "{} – {}",
        "min": "мин.",
        "max": "макс.",
    },
}


class Words:
    """The words of one language; English where the terminal has no letters for another.

    What goes to a file is UTF-8, and needs no terminal.
    """

    def __init__(self, options: "Namespace") -> None:
        wanted: Language = getattr(options, "language", None) or "en"
        self._in_file = options.output is not None
        self.language: Language = wanted if self.shows(_LETTERS[wanted]) else "en"

    def say(self, phrase: str, *facts: object) -> str:
        """Return a phrase with its facts."""
        return _WORDS[self.language][phrase].format(*facts)

    def count(self, phrase: str, number: int, *facts: object) -> str:
        """Return a phrase that ends with a number, or the one for a single thing."""
        from kzt_rates.cli.output import count_text

        single = {"history": "history of a day", "missing": "missing a day"}
        chosen = single.get(phrase, phrase) if number == 1 else phrase
        return self.say(chosen, *facts, count_text(number))

    def readable(self, names: "dict[Language, str]") -> "dict[Language, str]":
        """Return those languages whose letters the terminal has."""
        return {code: name for code, name in names.items() if self.shows(_LETTERS[code])}

    def name(self, code: str, published: "str | None" = None) -> str:
        """Return a currency's name, cut where it is long, or the code of one that has none."""
        name = name_in(self.language, code, published)
        if not self.shows(name.replace("–", "-")):
            return code
        if len(name) > MAX_NAME_CHARACTERS:
            return name[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
        return name

    def sign(self, code: str) -> str:
        """Return a currency's sign, its code where the terminal lacks the sign."""
        sign = symbol_of(code)
        return sign if self.shows(sign) else code

    def shows(self, text: str) -> bool:
        """Return whether a text can be read where the answer goes."""
        return self._in_file or can_show(text)
