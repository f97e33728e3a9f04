"""The words of the line, the pictures and the page, in Kazakh, Russian and English."""

from datetime import date

from kzt_rates.typing import Language

# as readers of Kazakhstan expect them beside each other; the first is that of a page without one
ORDER: tuple[Language, ...] = ("ru", "kk", "en")
OWN_NAMES: dict[Language, str] = {"ru": "Русский", "kk": "Қазақша", "en": "English"}

# within a date
_MONTHS: dict[Language, tuple[str, ...]] = {
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
    "kk": (
        "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
        "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip

_WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "heading": "Курсы валют Нацбанка РК",
        "up": "выше на {} тенге",
        "down": "ниже на {} тенге",
        "same": "без изменений",
        "stale": "курсы на сегодня ещё не получены",
        "stale badge": "устарел",
        "none today badge": "последний",
        "provisional badge": "предв.",
        "none today": "на сегодня банк курсов не установил",
        "stale draft": "окончательные курсы ещё не получены",
        "provisional": "предварительно",
        # errors
        "bad codes": "Неверный код валюты: «{}». Пишите коды через запятую: USD,EUR.",
        "bad code": "Неверный код валюты: «{}». Пишите три латинские буквы: USD.",
        "bad date": "Неверная дата: «{}». Пишите 2025-11-29.",
        "bad amount": "Неверная сумма: «{}». Пишите 1250 или 1250,50.",
        "bad lang": "Неизвестный язык: «{}». Есть ru, kk и en.",
        "bad theme": "Неизвестная тема: «{}». Есть auto, light и dark.",
        "bad changes": "Неверный параметр changes: «{}». Пишите 1 или 0.",
        "bad last": "Неверный период: «{}». Есть {}.",
        "bad width": "Неверная ширина: «{}». Пишите число от 240 до 1280.",
        "bad day": "Курсов на {} быть не может: пишите дату с {} по {}.",
        "bad query": "Неизвестный или повторный параметр в адресе.",
        "unknown currency": "Нацбанк не публикует курс такой валюты: {}.",
        "none": "Нет официального курса {} на {}.",
        "no sheet": "На {} банк курсов не установил.",
        "not yet": "Курсы на {} ещё не опубликованы.",
        "not known": "Курсы на {} здесь неизвестны.",
        "code not known": "Курс {} на {} здесь неизвестен.",
        "refused": "Банк прислал недостоверный курс {} на {}: он не принят.",
        "unreachable": "Курсы сейчас недоступны. Повторите позже.",
        # pictures
        "tenge": "тенге",
        "badge": "{name}: {value} за {nominal} {code} на {date}",
        "chart": "{name}, {start} – {end}",
        "chart text": "Тенге за {nominal} {code}: {first} – {first_value}; минимум "
        "{low} ({low_date}), максимум {high} ({high_date}); {last} – {last_value}.",
        "no figures": "Нет курсов за этот период",
        "unknown figures": "Курсы здесь неизвестны",
        # the page
        "title": "Официальный курс тенге",
        "subtitle": "Курсы Национального банка Казахстана по датам, с 1993 года",
        "languages": "Язык",
        "today": "Сегодня",
        "converter": "Конвертер",
        "amount": "Сумма",
        "from": "Из",
        "to": "В",
        "convert": "Пересчитать",
        "at rates of": "по курсу на {}",
        "chart of": "График",
        "periods": "Период графика",
        "1m": "1 месяц",
        "3m": "3 месяца",
        "1y": "1 год",
        "5y": "5 лет",
        "all": "всё время",
        "rates on": "Курсы на {}",
        "the day before": "Предыдущий день",
        "the day after": "Следующий день",
        "date": "Дата",
        "show": "Показать",
        "currency": "Валюта",
        "for": "За",
        "rate": "Курс,\N{NO-BREAK SPACE}₸",
        "change": "За день,\N{NO-BREAK SPACE}₸",
        "new": "нет данных за день раньше",
        "carried": "Курсы на {} ещё не получены: показаны курсы на {}.",
        "none carried": "На {} банк курсов не установил: показаны курсы на {}.",
        "incomplete": "Показаны не все курсы: банк мог опубликовать больше.",
        "source": "Источник: Национальный банк Казахстана. Курсы официальные, не для "
        "обмена наличных.",
        "feed": "Лента новых курсов",
        "on your page": "Курсы на вашем сайте",
        "data": "Данные и описание",
        "skip": "К курсам",
        "embed intro": "Строка с курсами для любой страницы. Если новых данных нет, прежний текст "
        "остаётся и виден с датой.",
        "embed frame": "Без JavaScript: фрейм",
        "embed script": "Элемент, который обновляется сам",
        "embed pinned": "То же с закреплённой версией (SRI)",
        "embed pinned note": "Эта версия не изменится. После обновления сервера возьмите новый "
        "фрагмент: иначе останется ваш текст с его датой.",
        "embed more": "Другие элементы",
        "embed policy": "Если на вашей странице действует Content-Security-Policy, разрешите "
        "адрес этого "
        "сайта в script-src, connect-src и frame-src.",
        "embed view": "Так это выглядит",
        "back": "К курсам",
    },
    "kk": {
        "heading": "ҚР Ұлттық Банкінің валюта бағамдары",
        "up": "{} теңгеге жоғары",
        "down": "{} теңгеге төмен",
        "same": "өзгеріссіз",
        "stale": "бүгінгі бағамдар әлі алынған жоқ",
        "stale badge": "ескі",
        "none today badge": "соңғы",
        "provisional badge": "алдын ала",
        "none today": "бүгінге банк бағам белгілеген жоқ",
        "stale draft": "түпкілікті бағамдар әлі алынған жоқ",
        "provisional": "алдын ала",
        "bad codes": "Валюта коды қате: «{}». Кодтарды үтір арқылы жазыңыз: USD,EUR.",
        "bad code": "Валюта коды қате: «{}». Үш латын әрпін жазыңыз: USD.",
        "bad date": "Күн қате: «{}». 2025-11-29 деп жазыңыз.",
        "bad amount": "Сома қате: «{}». 1250 немесе 1250,50 деп жазыңыз.",
        "bad lang": "Белгісіз тіл: «{}». ru, kk және en бар.",
        "bad theme": "Белгісіз тақырып: «{}». auto, light және dark бар.",
        "bad changes": "changes параметрі қате: «{}». 1 немесе 0 деп жазыңыз.",
        "bad last": "Кезең қате: «{}». Мыналар бар: {}.",
        "bad width": "Ені қате: «{}». 240 пен 1280 арасындағы санды жазыңыз.",
        "bad day": "{} күніне бағам болуы мүмкін емес: {} мен {} арасындағы күнді жазыңыз.",
        "bad query": "Мекенжайда белгісіз немесе қайталанған параметр бар.",
        "unknown currency": "Ұлттық Банк мұндай валютаның бағамын жарияламайды: {}.",
        "none": "{1} күніне {0} үшін ресми бағам жоқ.",
        "no sheet": "{} күнге банк бағам белгілеген жоқ.",
        "not yet": "{} күнгі бағамдар әлі жарияланған жоқ.",
        "not known": "{} күнгі бағамдар мұнда белгісіз.",
        "code not known": "{1} күнгі {0} бағамы мұнда белгісіз.",
        "refused": "Банк берген {1} күнгі {0} бағамы сенімсіз: қабылданбады.",
        "unreachable": "Бағамдар қазір қолжетімсіз. Кейінірек қайталаңыз.",
        "tenge": "теңге",
        "badge": "{name}: {nominal} {code} үшін {value}, {date}",
        "chart": "{name}, {start} – {end}",
        "chart text": "{nominal} {code} үшін теңге: {first} – {first_value}; ең "
        "төмен {low} ({low_date}), ең жоғары {high} ({high_date}); {last} – {last_value}.",
        "no figures": "Бұл кезеңде бағам жоқ",
        "unknown figures": "Бағамдар мұнда белгісіз",
        "title": "Теңгенің ресми бағамы",
        "subtitle": "Қазақстан Ұлттық Банкінің бағамдары күндер бойынша, 1993 жылдан бері",
        "languages": "Тіл",
        "today": "Бүгін",
        "converter": "Конвертер",
        "amount": "Сома",
        "from": "Қай валютадан",
        "to": "Қай валютаға",
        "convert": "Есептеу",
        "at rates of": "{} күнгі бағам бойынша",
        "chart of": "График",
        "periods": "График кезеңі",
        "1m": "1 ай",
        "3m": "3 ай",
        "1y": "1 жыл",
        "5y": "5 жыл",
        "all": "барлық уақыт",
        "rates on": "{} күнгі бағамдар",
        "the day before": "Алдыңғы күн",
        "the day after": "Келесі күн",
        "date": "Күні",
        "show": "Көрсету",
        "currency": "Валюта",
        "for": "Бірлігі",
        "rate": "Бағам,\N{NO-BREAK SPACE}₸",
        "change": "Бір күнде,\N{NO-BREAK SPACE}₸",
        "new": "алдыңғы күннің дерегі жоқ",
        "carried": "{} күнгі бағамдар әлі алынған жоқ: {} күнгі бағамдар көрсетілді.",
        "none carried": "{} күнге банк бағам белгілеген жоқ: {} күнгі бағамдар көрсетілді.",
        "incomplete": "Бағамдардың бәрі көрсетілмеген: банк көбірек жариялаған болуы мүмкін.",
        "source": "Дереккөз: Қазақстан Ұлттық Банкі. Бағамдар ресми, қолма-қол айырбасқа "
        "арналмаған.",
        "feed": "Жаңа бағамдар таспасы",
        "on your page": "Бағамдар сіздің сайтыңызда",
        "data": "Деректер және сипаттама",
        "skip": "Бағамдарға өту",
        "embed intro": "Кез келген бетке арналған бағамдар жолы. Жаңа дерек келмесе, бұрынғы мәтін "
        "қалады және күні көрінеді.",
        "embed frame": "JavaScript-сіз: фрейм",
        "embed script": "Өзі жаңаратын элемент",
        "embed pinned": "Сол элемент, нұсқасы бекітілген (SRI)",
        "embed pinned note": "Бұл нұсқа өзгермейді. Сервер жаңарғаннан кейін жаңа үзіндіні алыңыз: "
        "әйтпесе "
        "сіздің мәтініңіз өз күнімен қалады.",
        "embed more": "Басқа элементтер",
        "embed policy": "Бетіңізде Content-Security-Policy болса, осы сайттың мекенжайын "
        "script-src, "
        "connect-src және frame-src ішінде рұқсат етіңіз.",
        "embed view": "Көрінісі",
        "back": "Бағамдарға",
    },
    "en": {
        "heading": "Exchange rates of the National Bank of Kazakhstan",
        "up": "up {} tenge",
        "down": "down {} tenge",
        "same": "unchanged",
        "stale": "today’s rates have not been received yet",
        "stale badge": "old",
        "none today badge": "latest",
        "provisional badge": "prelim.",
        "none today": "the bank has set no rates for today",
        "stale draft": "the final rates have not been received yet",
        "provisional": "provisional",
        "bad codes": "Invalid currency code: “{}”. Write codes separated by commas: USD,EUR.",
        "bad code": "Invalid currency code: “{}”. Write three Latin letters: USD.",
        "bad date": "Invalid date: “{}”. Write 2025-11-29.",
        "bad amount": "Invalid amount: “{}”. Write 1250 or 1250.50.",
        "bad lang": "Unknown language: “{}”. There are ru, kk and en.",
        "bad theme": "Unknown theme: “{}”. There are auto, light and dark.",
        "bad changes": "Invalid parameter changes: “{}”. Write 1 or 0.",
        "bad last": "Invalid period: “{}”. There are {}.",
        "bad width": "Invalid width: “{}”. Write a number from 240 to 1280.",
        "bad day": "There can be no rates for {}: write a date from {} to {}.",
        "bad query": "The address has a parameter that is unknown or given twice.",
        "unknown currency": "The National Bank publishes no rate of this currency: {}.",
        "none": "There is no official rate of {} for {}.",
        "no sheet": "The bank has set no rates for {}.",
        "not yet": "The rates for {} have not been published yet.",
        "not known": "The rates for {} are not known here.",
        "code not known": "The rate of {} for {} is not known here.",
        "refused": "The bank’s figure of {} for {} was not believed.",
        "unreachable": "The rates are not available at the moment. Try again later.",
        "tenge": "tenge",
        "badge": "{name}: {value} for {nominal} {code} on {date}",
        "chart": "{name}, {start} – {end}",
        "chart text": "Tenge for {nominal} {code}: {first}, {first_value}; lowest "
        "{low} ({low_date}), highest {high} ({high_date}); {last}, {last_value}.",
        "no figures": "No rates in this period",
        "unknown figures": "The rates are not known here",
        "title": "Official rates of the tenge",
        "subtitle": "Rates of the National Bank of Kazakhstan by date, since 1993",
        "languages": "Language",
        "today": "Today",
        "converter": "Converter",
        "amount": "Amount",
        "from": "From",
        "to": "To",
        "convert": "Convert",
        "at rates of": "at the rate for {}",
        "chart of": "Chart",
        "periods": "Period of the chart",
        "1m": "1 month",
        "3m": "3 months",
        "1y": "1 year",
        "5y": "5 years",
        "all": "all time",
        "rates on": "Rates for {}",
        "the day before": "Previous day",
        "the day after": "Next day",
        "date": "Date",
        "show": "Show",
        "currency": "Currency",
        "for": "For",
        "rate": "Rate,\N{NO-BREAK SPACE}₸",
        "change": "Day,\N{NO-BREAK SPACE}₸",
        "new": "no figure for the day before",
        "carried": "The rates for {} have not been received yet: these are the rates for {}.",
        "none carried": "The bank has set no rates for {}: these are the rates for {}.",
        "incomplete": "Not all rates are shown: the bank may have published more.",
        "source": "Source: National Bank of Kazakhstan. Official rates, not those for cash.",
        "feed": "Feed of new rates",
        "on your page": "Rates on your page",
        "data": "Data and reference",
        "skip": "Skip to the rates",
        "embed intro": "A line of rates for any page. When no new data comes, the text stays "
        "and its "
        "date is visible.",
        "embed frame": "Without JavaScript: a frame",
        "embed script": "An element that keeps itself up to date",
        "embed pinned": "The same, pinned to a version (SRI)",
        "embed pinned note": "This version does not change. Take the new snippet after the server "
        "was "
        "upgraded: without it your own text stays, with its date.",
        "embed more": "Other elements",
        "embed policy": "If your page has a Content-Security-Policy, allow this site’s address in "
        "script-src, connect-src and frame-src.",
        "embed view": "What it looks like",
        "back": "To the rates",
    },
}  # fmt: skip


def say(language: Language, phrase: str, *facts: object, **named: object) -> str:
    """Return a phrase in a language with its facts.

    >>> say("en", "none", "EEK", "05.12.2025")
    'There is no official rate of EEK for 05.12.2025.'
    """
    return _WORDS[language][phrase].format(*facts, **named)


def long_date(day: date, language: Language) -> str:
    """Return a date for a sentence, with the month's whole name.

    >>> [long_date(date(2026, 8, 21), language) for language in ("kk", "en")]
    ['2026 жылғы 21 тамыз', '21 August 2026']
    """
    month = _MONTHS[language][day.month - 1]
    if language == "kk":
        return f"{day.year} жылғы {day.day} {month}"
    return f"{day.day} {month} {day.year}" + ("\N{NO-BREAK SPACE}г." if language == "ru" else "")
