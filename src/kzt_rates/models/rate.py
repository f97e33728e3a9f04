"""A rate: what one currency officially costs in another on a date."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from kzt_rates import money
from kzt_rates.arithmetic import Ratio
from kzt_rates.currency import FACTS, symbol_of
from kzt_rates.dates import date_in_kazakhstan
from kzt_rates.figures import KZT, Figure
from kzt_rates.typing import Amount, Language

# Far beyond any rate there was, and small enough that no JSON makes arithmetic a trap.
SMALLEST_VALUE, LARGEST_VALUE = Decimal("1e-40"), Decimal("1e20")
LARGEST_NOMINAL = 10**9

MAX_SOURCE_CHARACTERS = 100
# Whose figures a sheet of the bank has; nothing of one's own is called so.
BANKS_SOURCES = ("archive", "bank", "cache")


def own_source(name: str) -> str:
    """Return the name of a source of one's own; `ValueError` for one that could be the bank's."""
    banks = {
        *BANKS_SOURCES,
        *(money.publisher(language).casefold() for language in money.LANGUAGES),
    }
    if name.strip().casefold().removeprefix("the ") in banks:
        raise ValueError(f"{name!r} names the National Bank: give the name of your own source")
    if not name.strip() or not name.isprintable() or len(name) > MAX_SOURCE_CHARACTERS:
        raise ValueError(
            f"a source is a name in one line, of 1 to {MAX_SOURCE_CHARACTERS} characters, "
            f"not {name[:40]!r}"
        )
    return name


Code: TypeAlias = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Source: TypeAlias = Annotated[str, AfterValidator(own_source)] | None


def _usual_name(known: Mapping[str, Any]) -> str | None:
    """Return what the base of a published rate is called in the table."""
    facts = FACTS.get(known.get("base", "")) if known.get("quote") == KZT else None
    return None if facts is None else facts.name_ru


class Rate(BaseModel, frozen=True, extra="forbid"):
    """The official rate of one currency in another: `nominal` of `base` cost `value` of `quote`.

    A published rate has the tenge as `quote`, and `value` and `nominal` with the digits of the
    bank. A cross or an inverse rate is derived: its nominal is 1, it has neither `change` nor
    `name`, and it carries the published rates it was made of in `legs`. `value` is then exact
    where it terminates, else rounded to 28 significant digits; conversions do not use it, they
    compute from the legs.

    `effective_date` is the day the rate is official for, `requested_date` the day that was
    asked for. `change` is against the previous calendar day, as published, in tenge for the
    nominal; `None` where the feed gives none. `name` is the currency's in Russian, the same
    whichever feed gave the figure. `provisional` rates may still be set otherwise. `source` is
    `None` for the National Bank's rates, else whose they are.

    >>> import kzt_rates
    >>> dram = kzt_rates.rate("AMD", on="05.12.2025")
    >>> dram.value, dram.nominal, dram.per_unit
    (Decimal('13.14'), 10, Decimal('1.314'))
    >>> dram.convert(1000)
    Decimal('1314')
    """

    base: Code
    quote: Code
    value: Annotated[Decimal, Field(ge=SMALLEST_VALUE, le=LARGEST_VALUE)]
    nominal: Annotated[int, Field(gt=0, le=LARGEST_NOMINAL)]
    effective_date: date
    requested_date: date = Field(default_factory=lambda known: known["effective_date"])
    change: Decimal | None = None
    name: str | None = Field(default_factory=_usual_name)
    provisional: bool = False
    source: Source = None
    legs: tuple["Rate", ...] = ()

    @property
    def per_unit(self) -> Decimal:
        """Units of `quote` that one unit of `base` costs; exact where it terminates."""
        return self._ratio().per_unit()

    @property
    def carried(self) -> bool:
        """Whether an earlier day's rate answers for the day that was asked for."""
        return self.effective_date != self.requested_date

    @property
    def age(self) -> timedelta:
        """Days from the effective date to today in Kazakhstan, by the machine's clock.

        Zero for today's rate, negative for tomorrow's.
        """
        from kzt_rates.settings import clock_of

        return date_in_kazakhstan(clock_of(None)()) - self.effective_date

    def convert(self, amount: "Amount", places: int | None = None) -> Decimal:
        """Return an amount of `base` in units of `quote`, computed from the published legs.

        Raises `TypeError` or `ValueError` for what is not an amount.

        >>> import kzt_rates
        >>> kzt_rates.rate("USD", "EUR", on="2025-12-05").convert("1000", places=2)
        Decimal('857.19')
        """
        return self._ratio().convert(amount, places)

    def format(self, *, language: "Language" = "en") -> str:
        r"""Return what one unit of `base` costs, with the sign of `quote`, for people to read.

        It has two decimals or more: a published rate all digits of the bank, a derived one six.
        `language` is `"en"`, `"ru"` or `"kk"`; in the latter two the decimals follow a comma.

        >>> import kzt_rates
        >>> kzt_rates.rate("USD", on="2025-11-29").format(language="ru").replace("\xa0", " ")
        '512,53 ₸'
        >>> kzt_rates.rate("USD", "EUR", on="2025-12-05").format().replace("\xa0", " ")
        '0.857194 €'
        """
        published = not self.legs and self.nominal == 1
        price = money.rate_text(self.per_unit, money.parse_language(language), published=published)
        return f"{price}{money.NO_BREAK_SPACE}{symbol_of(self.quote)}"

    def inverse(self) -> "Rate":
        """Return the rate of the other direction; there and back is exact.

        >>> import kzt_rates
        >>> kzt_rates.rate("USD", on="2025-12-05").inverse().inverse().convert(7)
        Decimal('3497.55')
        """
        legs = self.legs or ((self,) if self.base != self.quote else ())
        if len(legs) == 1 and legs[0].base == self.quote:
            return legs[0]
        days = (self.effective_date, self.requested_date)
        return derived(self.quote, self.base, legs, *days, source=self.source)

    def to_html(self, *, language: "Language" = "en") -> str:
        """Return what a notebook shows, the facts of the rate in rows.

        `language` is `"en"`, `"ru"` or `"kk"`.
        """
        from kzt_rates.tables import html

        known = money.parse_language(language)

        def phrase(key: str, *facts: object) -> str:
            return html.phrase(known, key, *facts)

        rows = [(phrase("value"), self._lot_text(known))]
        if self.nominal != 1:
            unit = money.rate_text(self.per_unit, known, published=True)
            rows.append((phrase("per unit"), f"{unit}{money.NO_BREAK_SPACE}{self.quote}"))
        rows += [(phrase("leg"), leg._lot_text(known)) for leg in self.legs]
        if self.change is not None:
            rows.append((phrase("change"), f"{signed_text(self.change, known)} {self.quote}"))
        rows.append((phrase("effective date"), str(self.effective_date)))
        if self.carried:
            rows.append((phrase("requested date"), str(self.requested_date)))
        if self.quote == KZT != self.base:
            rows.append((phrase("name"), money.name_in(known, self.base, self.name)))
        if self.source is None:
            fact = phrase("derived" if self.legs else "official")
        else:
            fact = phrase("own derived" if self.legs else "own", self.source)
        marks = [phrase("carried to", self.requested_date)] if self.carried else []
        marks += [phrase("provisional")] if self.provisional else []
        facts = [fact] if self.base != self.quote else []
        caption = html.caption(f"{self.base}/{self.quote}", facts, marks)
        return html.table(caption, (), rows, ("text", "date"))

    def __hash__(self) -> int:
        return hash((self.base, self.quote, self.value, self.nominal, self.effective_date))

    def __repr__(self) -> str:
        shown = self.model_dump(mode="json", exclude_defaults=True, exclude={"legs"})
        if not self.carried:
            del shown["requested_date"]
        if self.name == _usual_name(self.__dict__):
            shown.pop("name", None)
        if self.legs:
            shown["legs"] = self.legs
        return f"Rate({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    __str__ = __repr__

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        # Polars would take the mapping of codes to rates for columns
        raise TypeError("a rate is not a column; use to_polars() or to_pandas() of its sheet")

    def _repr_html_(self) -> str:
        return self.to_html()

    def __setstate__(self, state: dict[Any, Any]) -> None:
        # a pickle of before there were sources
        super().__setstate__({**state, "__dict__": {"source": None, **state["__dict__"]}})

    def _lot_text(self, language: "Language") -> str:
        from kzt_rates.tables.html import phrase

        value = money.rate_text(self.value, language, published=not self.legs)
        nominal = money.number_text(Decimal(self.nominal), 0, language)
        return phrase(language, "lot", value, self.quote, nominal, self.base)

    def _ratio(self) -> Ratio:
        if not self.legs:
            return Ratio.of_legs((self.value, self.nominal), None)
        return _ratio(self.base, self.quote, self.legs)

    @field_validator("legs")
    @classmethod
    def _legs_make_the_rate(
        cls, legs: tuple["Rate", ...], info: ValidationInfo
    ) -> tuple["Rate", ...]:
        """Check a rate that is given with legs; not called for a published one, which has none."""
        known = info.data
        if any(
            leg.quote != KZT or leg.effective_date != known.get("effective_date") for leg in legs
        ):
            raise ValueError("the legs of a rate are quoted in tenge, on its own date")
        if any(leg.source != known.get("source") for leg in legs):
            raise ValueError("a rate and its legs have one source")
        if legs and {"base", "quote", "value", "nominal"} <= known.keys():
            exact = _ratio(known["base"], known["quote"], legs).per_unit()
            if known["value"] != exact or known["nominal"] != 1:
                raise ValueError("a derived rate has the value its legs make, and the nominal 1")
        return legs


def published(code: str, figure: Figure, effective: date, requested: date) -> Rate:
    """Make the rate of a published figure, as the bank quotes it: foreign to tenge."""
    return Rate.model_validate(published_fields(code, figure, effective, requested))


def published_fields(code: str, figure: Figure, effective: date, requested: date) -> dict[str, Any]:
    """Return the fields of a published figure's rate."""
    return {
        "base": code,
        "quote": KZT,
        "value": Decimal(figure.value),
        "nominal": figure.nominal,
        "effective_date": effective,
        "requested_date": requested,
        "change": None if figure.change is None else Decimal(figure.change),
        "name": _usual_name({"base": code, "quote": KZT}) or figure.name,
        "provisional": not figure.final,
    }


def derived(
    base: str,
    quote: str,
    legs: tuple[Rate, ...],
    effective: date,
    requested: date,
    *,
    source: str | None = None,
) -> Rate:
    """Make a cross or inverse rate from published legs of one day, or the identity from none."""
    ratio = _ratio(base, quote, legs)
    return Rate(
        base=base,
        quote=quote,
        value=ratio.per_unit(),
        nominal=1,
        effective_date=effective,
        requested_date=requested,
        name=None,
        provisional=any(leg.provisional for leg in legs),
        source=source,
        legs=legs,
    )


def signed_text(change: Decimal, language: Language) -> str:
    """Return a change with its sign, to at least two decimals.

    >>> signed_text(Decimal("1.5"), "ru"), signed_text(Decimal("-0.92"), "en")
    ('+1,50', '-0.92')
    """
    sign = "+" if change > 0 else ""
    return f"{sign}{money.rate_text(change, language, published=True)}"


def _ratio(base: str, quote: str, legs: tuple[Rate, ...]) -> Ratio:
    """Return the ratio base → quote; a currency without a leg is the tenge, or the same one."""
    published = {leg.base: (leg.value, leg.nominal) for leg in legs}
    return Ratio.of_legs(published.get(base), published.get(quote))
