"""Any days that a store may have to keep, as hypothesis makes them."""

from datetime import date, datetime, timezone

from hypothesis import strategies as st

from kzt_rates.figures import Day, Figure, Listing, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.figures import Feed

FIRST = datetime(1993, 11, 15, tzinfo=timezone.utc)

codes = st.sampled_from(["USD", "EUR", "KRW", "XYZ"])
instants = st.integers(0, 3 * 10**15).map(lambda n: FIRST + n * FIRST.resolution)
FEEDS: "list[Feed]" = ["daily", "latest", "export"]
feeds: "st.SearchStrategy[Feed]" = st.sampled_from(FEEDS)
numbers = st.decimals("0.0001", "99999", places=4).map(str)
figures = st.builds(
    Figure,
    numbers,
    st.sampled_from([1, 10, 100, 10_000]),
    st.none() | numbers,
    st.none() | st.text("АБВ |", max_size=5),
    feed=feeds,
    final=st.booleans(),
    fetched_at=st.none() | instants,
    refreshed=st.booleans(),
)


@st.composite
def a_day(draw: st.DrawFn, on: date) -> Day:
    """Return any day of a date; what is not complete has no hour and is not final."""
    complete = draw(st.booleans())
    return Day(
        on,
        draw(st.dictionaries(codes, figures)),
        complete=complete,
        final=complete and draw(st.booleans()),
        fetched_at=draw(st.none() | instants) if complete else None,
        refused=draw(st.dictionaries(codes, st.builds(Refusal, st.text(max_size=9), instants))),
        silences=draw(st.dictionaries(feeds, instants)),
        blanks=draw(st.dictionaries(codes, instants)),
        absent=draw(st.dictionaries(codes, instants)),
        listings=draw(
            st.dictionaries(feeds, st.builds(Listing, st.frozensets(codes), instants), max_size=2)
        ),
    )


def days_of(dates: "list[date]") -> "st.SearchStrategy[list[Day]]":
    """Return strategies of a day a date."""
    return st.tuples(*map(a_day, dates)).map(list)
