"""The platform's whole history, from its first account to its seizure."""

from dataclasses import dataclass

from headwater.demo.gallery.deals import Deal, make_deals
from headwater.demo.gallery.downloads import Download, make_downloads
from headwater.demo.gallery.uploads import Upload, make_uploads
from headwater.demo.gallery.visits import Visit, make_visits
from headwater.demo.people.accounts import Account, make_accounts
from headwater.demo.people.persons import Person, make_persons
from headwater.demo.story import Story
from headwater.demo.studio.outputs import Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """All that happened on the platform."""

    persons: list[Person]
    accounts: list[Account]
    visits: dict[int, list[Visit]]
    uploads: list[Upload]
    deals: list[Deal]
    downloads: list[Download]


def run_platform(story: Story, outputs: tuple[Output, ...]) -> Platform:
    """Let people come, pay, upload and download, until the server is seized."""
    persons = make_persons(story)
    accounts = make_accounts(story, persons)
    visits = make_visits(story, accounts)
    uploads = make_uploads(story, outputs, visits)
    deals = make_deals(story, visits)
    downloads = make_downloads(story, visits, deals, uploads)
    return Platform(
        persons=persons, accounts=accounts, visits=visits, uploads=uploads, deals=deals, downloads=downloads
    )
