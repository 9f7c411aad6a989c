from contextlib import asynccontextmanager

from jokegen.core.events import SampleMade
from jokegen.tui.widgets.sample_list import SampleList
from textual.app import App, ComposeResult

TEXT = "a text that is long enough to need two lines in a narrow window and one in a wide one"


class Listing(App[None]):
    def compose(self) -> ComposeResult:
        yield SampleList()


def samples(count):
    return [SampleMade(epoch, TEXT, 0, 18) for epoch in range(1, count + 1)]


@asynccontextmanager
async def listing_of(count, size):
    app = Listing()
    async with app.run_test(size=size) as pilot:
        listing = app.query_one(SampleList)
        listing.show("run", samples(count))
        await settled(pilot)
        yield pilot, listing


async def settled(pilot):
    for _ in range(3):
        await pilot.pause()


async def test_the_newest_stays_in_sight_however_the_window_changes():
    async with listing_of(12, size=(120, 8)) as (pilot, listing):
        for size in ((50, 6), (30, 3), (120, 10), (60, 5)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert listing.scroll_y == listing.max_scroll_y > 0
        listing.show("run", samples(13))
        await settled(pilot)
        assert listing.scroll_y == listing.max_scroll_y


async def test_whoever_scrolled_up_is_left_alone_until_they_come_back():
    async with listing_of(12, size=(60, 8)) as (pilot, listing):
        listing.scroll_to(y=2, animate=False)
        await settled(pilot)
        listing.show("run", samples(13))
        await pilot.resize_terminal(60, 7)
        await settled(pilot)
        assert listing.scroll_y == 2
        listing.scroll_end(animate=False)
        await settled(pilot)
        listing.show("run", samples(14))
        await settled(pilot)
        assert listing.scroll_y == listing.max_scroll_y
        listing.scroll_to(y=0, animate=False)
        await settled(pilot)
        listing.show("another run", samples(9))
        await settled(pilot)
        assert listing.scroll_y == listing.max_scroll_y
