"""A self-contained HTML document: nothing in it may be loaded from anywhere."""

from collections.abc import Iterable
from html import escape

# Whatever text the document holds; pictures and films are in it.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"


def document(title: str, body: Iterable[str], *, style: str) -> str:
    """The document's text.

    Args:
      title: text, which is also the first heading.
      body: HTML, in which text is escaped.
      style: CSS.
    """
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
            f"<h1>{escape(title)}</h1>",
            *body,
            "</body>\n</html>\n",
        ]
    )
