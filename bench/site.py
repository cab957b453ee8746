"""A small web site that changes night by night, and what of it a reviewer should be told (``bench/fortnight.py``).

All of it is invented: a trial of valerian in 212 shift workers, and those who tell of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MENU = "<a href='/'>Home</a> <a href='/health'>Health</a> <a href='/about'>About us</a>"
# What a page is padded with, so that it is long enough for an article; no two pages have the same.
_FILLER = {
    "ledger": (
        "Working at night shortens sleep, and few remedies that are sold without a prescription have been held against a placebo.",
        "The doors of the sleep laboratory stood open to those who wanted to see how the recordings were made.",
    ),
    "courier": (
        "Those who work at night know the trouble: the sun comes up when the day is over, and the bed is the last place to find rest.",
        "Whoever thinks of trying herbs should first speak with a pharmacist, since they can get in the way of other medicines.",
    ),
    "beacon": (
        "Along the quay the lamps burn until morning, and the men on the cranes have long since given up counting the hours.",
        "The harbour office says that it will put up a notice about the matter in the canteen next week.",
    ),
    "clinic": (
        "Our house stands in a park of old trees, ten minutes by bus from the railway station and open on every working day.",
        "A first talk with one of our physicians takes about half an hour and can be arranged by telephone.",
    ),
    "leaflet": (
        "This leaflet is for people who want to know what is behind the many bottles and bags on the shelf of the health shop.",
        "It was written by librarians together with a pharmacist, and readers are welcome to send in their remarks.",
    ),
    "notes": (
        "The cat of the house came by at three, as she always does, and went away again when she found the milk gone.",
        "Somebody had left an umbrella in the hall, blue with a wooden handle, and nobody ever asked for it.",
    ),
    "trumpet": (
        "Readers have been ringing our desk all morning to ask where on earth they can lay their hands on the stuff.",
        "One shop on the market square had sold out before noon, its owner told us with a broad smile.",
    ),
}


@dataclass
class Page:
    """One page as it lies in the raw folder."""

    title: str
    paragraphs: list[str]
    menu: str = _MENU
    advert: str = "Two for one on garden chairs"
    broken: bool = False
    """Whether what lies there is no page, as after a fetch that failed half-way."""

    def html(self) -> bytes:
        if self.broken:
            return b"\x00\x01\x02\xff\xfe" * 200
        prose = "".join(f"<p>{paragraph}</p>\n" for paragraph in self.paragraphs)
        return (
            f"<!DOCTYPE html><html lang='en'><head><title>{self.title}</title></head><body><nav>{self.menu}</nav>"
            f"<article><h1>{self.title}</h1>\n{prose}</article><aside class='ad'>{self.advert}</aside>"
            f"<footer>All rights reserved</footer></body></html>"
        ).encode()

    def edit(self, old: str, new: str) -> None:
        """Replaces words of the prose, which must be there."""
        if not any(old in paragraph for paragraph in self.paragraphs):
            raise ValueError(f"{self.title}: no such words: {old}")
        self.paragraphs = [paragraph.replace(old, new) for paragraph in self.paragraphs]


def first_night() -> dict[str, Page]:
    """The pages by their file names."""
    return {
        "ledger.html": Page(
            "Valerian and sleep in shift workers: a randomised trial",
            [
                _FILLER["ledger"][0],
                "We randomised 212 shift workers to valerian or placebo for six weeks.",
                "After six weeks, 48.2% of the valerian group and 21.6% of the placebo group slept for six hours or longer.",
                "Mean sleep latency fell by 14.5 minutes with valerian and by 6.2 minutes with placebo.",
                "Headache was reported by 9.4% of the valerian group and 8.1% of the placebo group.",
                _FILLER["ledger"][1],
            ],
        ),
        "courier.html": Page(
            "Old root helps night workers to sleep",
            [
                _FILLER["courier"][0],
                "In a trial with 212 shift workers, 48 percent of the valerian group slept for six hours or longer after six weeks, "
                "against 22 percent of the placebo group.",
                "Those who took valerian fell asleep 14 minutes sooner than before.",
                _FILLER["courier"][1],
            ],
        ),
        "beacon.html": Page(
            "Harbour crews sleep better",
            [
                _FILLER["beacon"][0],
                "Among 212 shift workers, 48 percent of those given valerian slept six hours or longer after six weeks; with placebo "
                "it was 22 percent.",
                "The crews of nine harbours took part.",
                _FILLER["beacon"][1],
            ],
        ),
        "clinic.html": Page(
            "Valerian at the Linden clinic",
            [
                _FILLER["clinic"][0],
                "In the trial with 212 shift workers, 48 percent of the valerian group slept six hours or longer after six weeks, and 22 "
                "percent of the placebo group did.",
                "A bottle for four weeks costs 38 euros.",
                _FILLER["clinic"][1],
            ],
        ),
        "leaflet.html": Page(
            "Valerian: what is known",
            [
                _FILLER["leaflet"][0],
                "The largest study followed 212 shift workers for six weeks.",
                "Of those who took valerian, 48 percent slept six hours or longer, compared with 22 percent of those on placebo.",
                "About 9 percent of the valerian group had headaches.",
                _FILLER["leaflet"][1],
            ],
        ),
        "notes.html": Page(
            "Notes of a night porter",
            [
                _FILLER["notes"][0],
                "I read that 48 percent of the valerian group slept six hours or longer, against 22 percent with placebo.",
                "My own count for the month is 17 good nights.",
                _FILLER["notes"][1],
            ],
        ),
    }


@dataclass(frozen=True)
class Night:
    """What happens before a run, and what the run should tell."""

    what: str
    edit: Callable[[dict[str, Page]], None]
    told: tuple[str, ...] = ()
    dismiss: tuple[str, str] | None = None
    """After the run, a reviewer dismisses the flags of this rule about this page."""
    hidden: int = 0
    """How many flags the decisions put away in this run."""
    fetched: tuple[str, ...] | None = None
    """What is told where the pages are fetched, if that is something else: a page that fails then stays as it was."""


def _nothing(_pages: dict[str, Page]) -> None:
    """The site stays as it was."""


def _menus(pages: dict[str, Page]) -> None:
    pages["courier.html"].menu = _MENU.replace("About us", "Who we are") + " <a href='/shop'>Shop</a>"
    pages["clinic.html"].advert = "Open on Sundays in spring"


def _rounded_up(pages: dict[str, Page]) -> None:
    pages["courier.html"].edit("48 percent", "50 percent")


def _moved(pages: dict[str, Page]) -> None:
    paragraphs = pages["leaflet.html"].paragraphs
    paragraphs.insert(1, paragraphs.pop(3))
    pages["clinic-2026.html"] = pages.pop("clinic.html")


def _reworded(pages: dict[str, Page]) -> None:
    pages["notes.html"].edit(
        "I read that 48 percent of the valerian group slept six hours or longer, against 22 percent with placebo.",
        "As I have read, 48 percent of the valerian group slept for six hours or even longer, against 22 percent with placebo.",
    )


def _withdrawn(pages: dict[str, Page]) -> None:
    del pages["beacon.html"]


def _failing(pages: dict[str, Page]) -> None:
    pages["leaflet.html"].broken = True


def _mended(pages: dict[str, Page]) -> None:
    pages["leaflet.html"].broken = False


def _tabloid(pages: dict[str, Page]) -> None:
    pages["trumpet.html"] = Page(
        "Miracle root ends sleepless nights",
        [
            _FILLER["trumpet"][0],
            "In the trial with 212 shift workers, 84 percent of the valerian group slept six hours or longer after six weeks, against 22 "
            "percent of the placebo group.",
            _FILLER["trumpet"][1],
        ],
    )


def _tabloid_corrects(pages: dict[str, Page]) -> None:
    pages["trumpet.html"].edit("84 percent", "74 percent")


def _tabloid_withdraws(pages: dict[str, Page]) -> None:
    pages["trumpet.html"].edit("74 percent", "48 percent")


def _harbours_again(pages: dict[str, Page]) -> None:
    pages["beacon.html"] = first_night()["beacon.html"]
    pages["ledger.html"].paragraphs.insert(0, "Published in spring, with corrections to the list of authors.")


SCRIPT = (
    Night("the first run", _nothing),
    Night("nothing happens", _nothing),
    Night("a menu and an advert are edited", _menus),
    Night(
        "the Courier rounds up",
        _rounded_up,
        (
            "figure: courier.html: 48 percent -> 50 percent",
            "flag new: inflated-value: courier.html",
            "flag resolved: rounded: courier.html",
        ),
    ),
    Night("a paragraph moves, a file is renamed", _moved, dismiss=("rounded", "notes.html")),
    Night("the porter rewords a sentence", _reworded, ("claim reworded: notes.html",), hidden=1),
    Night(
        "the Beacon is withdrawn",
        _withdrawn,
        ("article gone: beacon.html", "flag resolved: rounded: beacon.html"),
        hidden=1,
    ),
    Night(
        "the leaflet is no page",
        _failing,
        (
            "article failed: leaflet.html",
            "flag resolved: rounded: leaflet.html",
            "flag resolved: rounded: leaflet.html",
        ),
        hidden=1,
        fetched=(),
    ),
    Night(
        "the leaflet is mended",
        _mended,
        ("article back: leaflet.html", "flag back: rounded: leaflet.html", "flag back: rounded: leaflet.html"),
        hidden=1,
        fetched=(),
    ),
    Night(
        "the Trumpet exaggerates",
        _tabloid,
        ("article new: trumpet.html", "flag new: value-mismatch: trumpet.html"),
        dismiss=("value-mismatch", "trumpet.html"),
        hidden=1,
    ),
    Night("nothing happens, but the flag was dismissed", _nothing, hidden=2),
    Night(
        "the Trumpet exaggerates less",
        _tabloid_corrects,
        ("figure: trumpet.html: 84 percent -> 74 percent", "flag back: value-mismatch: trumpet.html"),
        hidden=1,
    ),
    Night(
        "the Trumpet gets it right, in the words of the clinic",
        _tabloid_withdraws,
        (
            "figure: trumpet.html: 74 percent -> 48 percent",
            "flag new: rounded: trumpet.html",
            "flag new: shared-origin: clinic.html",
            "flag resolved: value-mismatch: trumpet.html",
        ),
        hidden=1,
    ),
    Night(
        "the Beacon is back, the Ledger adds a line",
        _harbours_again,
        ("article back: beacon.html", "flag back: rounded: beacon.html"),
        hidden=1,
    ),
)


def write_site(pages: dict[str, Page], folder: Path) -> None:
    """Makes ``folder`` hold these pages, and leaves alone what has not changed."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.html"):
        if path.name not in pages:
            path.unlink()
    for name, page in pages.items():
        data, path = page.html(), folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
