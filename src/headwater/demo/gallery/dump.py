"""The platform's database: accounts, payments, passwords bought, sessions, uploads, what was paid out."""

from datetime import timedelta

from headwater.demo.gallery.deals import PRICE_CENTS, Deal
from headwater.demo.gallery.uploads import Upload
from headwater.demo.gallery.visits import Visit
from headwater.demo.people.accounts import Account, of_role
from headwater.demo.people.wallets import short_secret
from headwater.demo.story import Story
from headwater.demo.tables import Rows, Table


def platform_tables(
    story: Story, accounts: list[Account], visits: dict[int, list[Visit]], deals: list[Deal], uploads: list[Upload]
) -> list[Table]:
    """Fill the tables; each row lies within its account's life."""
    sessions = sorted((visit for mine in visits.values() for visit in mine), key=_by_time)
    return [_accounts(accounts), _payments(deals), _passwords(deals), _sessions(sessions), _uploads(uploads),
            _payouts(story, accounts, deals)]  # fmt: skip


def _by_time(visit: Visit) -> tuple[object, int]:
    return visit.start, visit.account.account


def _accounts(accounts: list[Account]) -> Table:
    rows: Rows = [
        (one.account, one.handle, one.email or None, one.phone or None, one.full_name or None,
         one.birth.isoformat() if one.birth else None, one.country or None, one.device or None,
         short_secret(one.account, one.handle), one.created.isoformat(), one.created_address)
        for one in accounts
    ]  # fmt: skip
    columns = (
        "id INTEGER PRIMARY KEY", "handle TEXT", "email TEXT", "phone TEXT", "full_name TEXT", "birth_date TEXT",
        "country TEXT", "device_id TEXT", "password_hash TEXT", "created_at TEXT", "created_ip TEXT",
    )  # fmt: skip
    return Table(name="accounts", columns=columns, rows=rows)


def _payments(deals: list[Deal]) -> Table:
    rows: Rows = [
        (one.number, one.account.account, one.payer or None, None if one.wallet[0] else one.account.person.home.street,
         PRICE_CENTS, "EUR", one.card or None, one.iban or None, one.wallet[0] or None, one.wallet[1] or None,
         one.paid.isoformat(), f"ALBUM-{one.number:06d}")
        for one in deals
    ]  # fmt: skip
    columns = (
        "id INTEGER PRIMARY KEY", "account_id INTEGER", "payer_name TEXT", "billing_street TEXT",
        "amount_cents INTEGER", "currency TEXT", "card_fingerprint TEXT", "iban TEXT", "coin TEXT", "wallet TEXT",
        "paid_at TEXT", "reference TEXT",
    )  # fmt: skip
    return Table(name="payments", columns=columns, rows=rows)


def _passwords(deals: list[Deal]) -> Table:
    rows: Rows = [
        (one.number, one.account.account, one.number, one.album, f"album:{one.album}", one.opened.isoformat())
        for one in deals
    ]
    columns = ("id INTEGER PRIMARY KEY", "account_id INTEGER", "payment_id INTEGER", "album TEXT", "entitlement TEXT",
               "bought_at TEXT")  # fmt: skip
    return Table(name="passwords_bought", columns=columns, rows=rows)


def _sessions(visits: list[Visit]) -> Table:
    rows: Rows = [
        (number, one.account.account, one.address, one.port or None, one.start.isoformat(), one.end.isoformat(),
         one.account.person.agent, one.device or None)
        for number, one in enumerate(visits, 1)
    ]  # fmt: skip
    columns = ("id INTEGER PRIMARY KEY", "account_id INTEGER", "ip TEXT", "port INTEGER", "started_at TEXT",
               "ended_at TEXT", "user_agent TEXT", "device_id TEXT")  # fmt: skip
    return Table(name="sessions", columns=columns, rows=rows)


def _uploads(uploads: list[Upload]) -> Table:
    rows: Rows = [
        (number, one.account.account, one.stored_name, one.original_name, one.placed.sha256, len(one.placed.data),
         one.album, one.at.isoformat())
        for number, one in enumerate(uploads, 1)
    ]  # fmt: skip
    columns = ("id INTEGER PRIMARY KEY", "account_id INTEGER", "stored_name TEXT", "original_name TEXT", "sha256 TEXT",
               "size_bytes INTEGER", "album TEXT", "uploaded_at TEXT")  # fmt: skip
    return Table(name="uploads", columns=columns, rows=rows)


def _payouts(story: Story, accounts: list[Account], deals: list[Deal]) -> Table:
    """Pay the producer four fifths of each fortnight's sales."""
    to = of_role(accounts, "producer")[0]
    rows: Rows = []
    begin = story.days.opened
    while (end := begin + timedelta(days=14)) < story.days.server_seized:
        sold = sum(PRICE_CENTS for deal in deals if begin <= deal.paid < end)
        at = (end + timedelta(hours=6)).isoformat()
        rows.append((len(rows) + 1, to.account, sold * 4 // 5, "EUR", *to.person.wallet, at))
        begin = end
    columns = ("id INTEGER PRIMARY KEY", "account_id INTEGER", "amount_cents INTEGER", "currency TEXT", "coin TEXT",
               "wallet TEXT", "paid_at TEXT")  # fmt: skip
    return Table(name="payouts", columns=columns, rows=rows)
