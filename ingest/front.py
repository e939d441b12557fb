"""What stands before the body of an official document: letterhead, covering notice, title, key-value lines.

Parts and their names follow GB/T 9704-2012 (版头、标题、主送机关、正文…).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.numbering import marker
from ingest.paragraphs import LABEL, TITLE, Paragraph

DOC_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,14}\s?[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\]）)】]\s?第?\s?\d{1,5}\s?号")
_COUNT = r"(?:(?:(?:19|20)\d{2}年|[（(〔][\u4e00-\u9fff\d]{2,6}[）)〕])\s?)?第\s?[\d〇一二三四五六七八九十百]{1,6}\s?号"
ORDER_NUMBER = re.compile(rf"[\u4e00-\u9fff、 ]{{2,60}}(?:令|公告)\s?{_COUNT}")  # 某部令2021年第5号
ORDER_HEAD = re.compile(r"[\u4e00-\u9fff、 ]{2,60}(?:令|公告)")  # a letterhead whose number is the next line
ORDER_COUNT = re.compile(rf"[（(]?{_COUNT}[）)]?")
FACT = re.compile(
    r"[*\s]*(?P<label>[\u4e00-\u9fff]{2,8})[*\s]*[:：][*\s]*(?P<value>(?:\S[^。？！；]{0,60}|\[?https?://\S+))"
)
_NOTICE = re.compile(
    r"(?:关于|印发|发布|公布|转发).{0,60}《(?P<named>[^《》]{4,80})》.{0,30}的?(?:通知|函|公告|通告|决定|令|批复|意见)$"
)
_PLAIN_NOTICE = re.compile(r"(?:印发|发布|公布|转发)(?P<named>[^《》]{4,80})的(?:通知|函|公告|通告|决定|批复|意见)$")
_SENT = re.compile(
    r"《(?P<named>[^《》]{4,80})》[^《》。]{0,80}(?:(?:印发|发|转发)给你们|(?:现|特|兹|公布|发布)予?以?(?:公布|发布))"
)
_COVERS = re.compile(r"(?:关于|印发|转发|发布|公布).*(?:通知|函|公告|通告|决定|令|批复|意见)$")  # a notice's own title
_PUNCTUATED = re.compile(r"[。；！？]")
_LOOK = 25


@dataclass(frozen=True, slots=True)
class Front:
    """Where the front matter's parts begin: paragraph numbers; `body` is the first after the title.

    `notice` is None without a covering notice; `title` may stretch over several lines (`title_end`
    exclusive). `named` says that a line looked like a title; otherwise the first line stands in.
    `called` are the lines that name the document where those of `title` do not: a notice that has a title of its own.
    """

    notice: int | None
    title: int
    title_end: int
    named: bool
    called: tuple[int, int] | None = None

    def title_text(self, paragraphs: Sequence[Paragraph]) -> str:
        """The title on one line."""
        start, end = self.called or (self.title, self.title_end)
        title = "".join(paragraph.text for paragraph in paragraphs[start:end])
        title = _unwrapped(title)
        return title if self.named else stand_in_title(title)


def _unwrapped(title: str) -> str:
    """A title without the 【source】 before it and the 《》 around all of it."""
    title = re.sub(r"^【[^】]{2,40}】(?=.{6,})", "", title).strip()
    return title[1:-1] if re.fullmatch(r"《[^《》]+》", title) else title


def stand_in_title(line: str) -> str:
    """A title out of a line that is none: up to the first word that could end one, else its first 60 characters."""
    found = re.match(
        r"[^。；！？]{4,78}?(?:通知|通告|公告|办法|条例|规定|细则|方案|意见|措施|问答|指南)(?![^。；]{0,2}[》>])", line
    )
    return found.group().strip("《》<> ") if found else line[:60]


def read_front(paragraphs: Sequence[Paragraph]) -> Front:
    """Find title and covering notice. Raises ValueError without paragraphs."""
    if not paragraphs:
        raise ValueError("a document needs a paragraph")
    candidates = [number for number in range(min(_LOOK, len(paragraphs))) if _may_be_title(paragraphs, number)]
    candidates = [number for number, paragraph in enumerate(paragraphs[:_LOOK]) if paragraph.stated] or candidates
    shown = [paragraph.text for paragraph in paragraphs if paragraph.display]
    if shown:
        candidates = [
            number
            for number, paragraph in enumerate(paragraphs)
            if paragraph.display
            and TITLE.fullmatch(paragraph.text)
            and sum(text.endswith(paragraph.text[-4:]) for text in shown) < 3
        ] or candidates
    if not candidates:
        return Front(None, 0, 1, named=False)
    first = candidates[0]
    start, end = _stretch(paragraphs, first)
    whole = "".join(paragraph.text for paragraph in paragraphs[start:end])
    notice = _NOTICE.search(whole)
    if notice and (own := _title_again(paragraphs, end, notice["named"])):
        return Front(start, *own, named=True)
    plain = _PLAIN_NOTICE.search(whole)
    if plain and (own := _title_again(paragraphs, end, plain["named"])):
        return Front(start, *own, named=True, called=(start, end))
    for number, paragraph in enumerate(paragraphs[: end + _LOOK]):
        sent = _SENT.search(paragraph.text)
        if sent and number < start and _bare(whole) == _bare(sent["named"]):
            return Front(_order(paragraphs, number), start, end, named=True)
        if sent and number >= end and (own := _title_again(paragraphs, end, sent["named"])):
            return Front(start, *own, named=True, called=(start, end) if _COVERS.search(_unwrapped(whole)) else None)
    return Front(None, start, end, named=True)


def _order(paragraphs: Sequence[Paragraph], sent: int) -> int:
    """Where the order (…令) begins whose sentence `sent` puts the document into force."""
    return next((n for n in range(sent) if ORDER_HEAD.match(paragraphs[n].text)), sent)


def _title_again(paragraphs: Sequence[Paragraph], after: int, named: str) -> tuple[int, int] | None:
    """The lines behind the covering notice that are the title of what it sends."""
    for number in range(after, min(len(paragraphs), after + 40)):
        low, high = _stretch(paragraphs, number)
        own = _bare("".join(paragraph.text for paragraph in paragraphs[low:high]))
        if low == number and own == _bare(named):
            return low, high
    return None


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"[（(][^（）()]*[）)]$", "", title))


def _may_be_title(paragraphs: Sequence[Paragraph], number: int) -> bool:
    text = _unwrapped(paragraphs[number].text)
    if _PUNCTUATED.search(text) or text.endswith(("：", ":", "，")) or marker(text) or DOC_NUMBER.fullmatch(text):
        return False
    if ORDER_HEAD.fullmatch(text) and any(
        ORDER_COUNT.fullmatch(one.text) for one in paragraphs[number + 1 : number + 2]
    ):
        return False
    if FACT.match(text) and LABEL.match(paragraphs[number].folded) and not paragraphs[number].hashes:
        return False
    return TITLE.fullmatch(text) is not None or (
        paragraphs[number].hashes == 1 and len(text) <= 60 and number < 3 and TITLE.search(text) is not None
    )


def _stretch(paragraphs: Sequence[Paragraph], number: int) -> tuple[int, int]:
    """A title's lines: those before it that end in 关于 or a comma-free half, a bracketed line after it."""
    start, end = number, number + 1
    while start and _half(paragraphs[start - 1].text) and number - start < 2:
        start -= 1
    if end < len(paragraphs) and re.fullmatch(
        r"[（(](?![^（）()]*(?:\d\s?日|[公发颁]布|通过|批准|施行|\d\s?号[）)]$))[^（）()]{2,30}[）)]",
        paragraphs[end].text,
    ):
        end += 1
    return start, end


def _half(text: str) -> bool:
    """A line that a title goes on from: `某市人民政府关于`, `某局 某局关于印发`."""
    return (
        bool(re.search(r"(?:关于|印发|关于印发|转发|以及|和|的)$", text))
        and not _PUNCTUATED.search(text)
        and len(text) <= 60
    )


def front_end(paragraphs: Sequence[Paragraph], front: Front) -> int:
    """The first paragraph after the title and the key-value lines right under it."""
    end = front.title_end
    while end < len(paragraphs) and FACT.fullmatch(paragraphs[end].text):
        end += 1
    return end if end - front.title_end >= 2 else front.title_end
