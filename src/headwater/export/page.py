"""A page of its own: one HTML file that loads nothing, and whose foot carries the digest of what stands above it."""

from collections.abc import Mapping
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup


def environment() -> Environment:
    """Where templates are rendered: everything is escaped, and a name that is not there is an error."""
    return Environment(
        loader=PackageLoader("headwater.export"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(templates: Environment, name: str, values: Mapping[str, object]) -> str:
    """The page NAME.html around NAME_body.html, whose SHA-256 its foot carries."""
    body = Markup(templates.get_template(f"{name}_body.html").render(values))  # noqa: S704 - the template escapes by itself
    return templates.get_template(f"{name}.html").render(values, body=body, digest=sha256(body.encode()).hexdigest())


def in_groups(digest: str) -> str:
    """A digest in groups of four digits, to be read aloud."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
