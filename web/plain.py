"""Pages that need no gradio: the first screen and the log-in. They bring their own style and fetch nothing else."""

from __future__ import annotations

from html import escape

from web.words import Words

_PAGE = """<!doctype html>
<html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,">{head}
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.7 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  max-width: 60rem; margin: 0 auto; padding: 1rem; }}
h1 {{ font-size: 1.5rem; margin: 0; }}
label, form button {{ display: block; margin-top: .8rem; font: inherit; }}
input {{ display: block; width: 100%; max-width: 24rem; box-sizing: border-box; font: inherit; padding: .4rem; }}
form button {{ padding: .3rem 1.2rem; cursor: pointer; }}
</style></head>
<body><main><h1>{title}</h1><p>{lead}</p>{body}</main></body></html>
"""


def plain(words: Words, body: str, head: str = "") -> str:
    """A page under the name of the whole; `body` and `head` are HTML."""
    return _PAGE.format(code=words.code, title=escape(words.title), lead=escape(words.lead), body=body, head=head)


def policy(*, script: bool = False, form: bool = False) -> str:
    """The content security policy of such a page: with its own script that asks this server, or a form to it."""
    return "; ".join(
        (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
            "form-action 'self'" if form else "form-action 'none'",
            *(("script-src 'unsafe-inline'; connect-src 'self'",) if script else ()),
        )
    )
