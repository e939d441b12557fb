"""What stands before the body of an official document: letterhead, covering notice, title, key-value lines.

Parts and their names follow GB/T 9704-2012 (版头、标题、主送机关、正文…).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.numbering import Kind, marker
from ingest.numerals import CENTURY
from ingest.organs import organs, region_of
from ingest.paragraphs import LABEL, TITLE, TITLE_END, Paragraph

DOC_NUMBER = re.compile(
    rf"[\u4e00-\u9fff]{{2,14}}\s?[〔［\[（(【]\s?{CENTURY}\d{{2}}\s?[〕］\]）)】]\s?第?\s?\d{{1,5}}\s?号"
)
_COUNT = (
    rf"(?:(?:{CENTURY}\d{{2}}年|[（(〔][\u4e00-\u9fff\d]{{2,6}}[）)〕])\s?)?"
    r"第\s?[\d〇一二三四五六七八九十百]{1,6}\s?号"
)
ORDER_NUMBER = re.compile(rf"[\u4e00-\u9fff、 ]{{2,60}}(?:令|公告)\s?{_COUNT}")  # 某部令2021年第5号
ORDER_HEAD = re.compile(r"[\u4e00-\u9fff、 ]{2,60}(?:令|公告)")  # a letterhead whose number is the next line
ORDER_COUNT = re.compile(rf"[（(]?{_COUNT}[）)]?")
NUMBERED_TITLE = re.compile(  # 某署公告2024年第77号（关于…的公告）
    rf"(?P<number>{ORDER_NUMBER.pattern})\s?(?:[（(](?P<bare>关于[^（）()]{{4,80}})[）)]|(?P<title>关于.{{4,80}}))"
)
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
_SENDS = r"(?:通知|函|公告|通告|决定|批复|意见)(?:[（(][^（）()]{1,20}[）)])?$"
_SENDING = re.compile(rf"(?!.*关于)[^《]*的{_SENDS}")  # the second half of a notice's title: 实施方案的通知
_BRACKETS = re.compile(
    r"[（(](?!第?\d{1,4}期)(?![^（）()]*(?:\d\s?日|[公发颁]布|通过|批准|施行|\d\s?号[）)]$))[^（）()]{2,30}[）)]"
)
_SITE = re.compile(r"(?:文件|平台|网|网站|门户|频道|专栏|系统|公报|专题|汇编|\d\s?日)$")  # ends lines above a title
_OF_YEARS = re.compile(r"^(?:19|20)\d\d(?:[-—–－~～至](?:19|20)\d\d)?年度?")
_PUNCTUATED = re.compile(r"[。；！？]")
_ISSUE = re.compile(r"[（(]?(?:第?\d{1,4}期?|(?:19|20)\d\d年第\d{1,3}期|内部|急件|特急|加急|密级.{0,6})[）)]?")
_COLUMN = re.compile(r"(?!.*(?:关于|若干|印发|《))[\u4e00-\u9fff]{2,12}(?:政策|解读|问答)")
_LOOK = 25
_HEAD = 8  # lines of a letterhead
_LINES = 4  # of a title, without the one in brackets
_LINE = 60  # characters of one of several


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
    """A title without the 【source】 or the number before it and the 《》 around all of it."""
    title = re.sub(r"^【[^】]{2,40}】(?=.{6,})", "", title).strip()
    if numbered := NUMBERED_TITLE.fullmatch(title):
        title = numbered["bare"] or numbered["title"]
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
        return Front(None, *_stretch(paragraphs, _below_letterhead(paragraphs)), named=False)
    first = candidates[_is_column(paragraphs, candidates)]
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


def _is_column(paragraphs: Sequence[Paragraph], candidates: Sequence[int]) -> bool:
    """Whether the first line that looks like a title names where a site or a book keeps its documents (某市惠企政策,
    政策解读): no more than a place and a field, right above a title."""
    if len(candidates) < 2 or candidates[1] != candidates[0] + 1:
        return False
    return _COLUMN.fullmatch(paragraphs[candidates[0]].text) is not None


def _below_letterhead(paragraphs: Sequence[Paragraph]) -> int:
    """The line that stands in for a title where no line looks like one: the first below the letterhead."""
    for number, paragraph in enumerate(paragraphs[:_HEAD]):
        text = paragraph.text
        heads = text.endswith("文件") or organs(text) or DOC_NUMBER.match(text) or ORDER_HEAD.fullmatch(text)
        if not (heads or ORDER_COUNT.fullmatch(text) or FACT.fullmatch(text) or _ISSUE.fullmatch(text)):
            lone = _PUNCTUATED.search(text) or text.endswith(("：", ":", "，")) or marker(text)
            return 0 if lone else number
    return 0


def _order(paragraphs: Sequence[Paragraph], sent: int) -> int:
    """Where the order (…令) begins whose sentence `sent` puts the document into force."""
    return next((n for n in range(sent) if ORDER_HEAD.match(paragraphs[n].text)), sent)


def _title_again(paragraphs: Sequence[Paragraph], after: int, named: str) -> tuple[int, int] | None:
    """The lines behind the covering notice that are the title of what it sends, however it is broken into lines, where
    no articles of another document that it sends stand between."""
    for start in range(after, min(len(paragraphs), after + 40)):
        number = marker(paragraphs[start].text)
        if number and number.kind is Kind.ARTICLE:
            return None
        for end in range(start + 1, min(len(paragraphs), start + _LINES) + 1):
            if _bare("".join(paragraph.text for paragraph in paragraphs[start:end])) == _bare(named):
                return start, end + _in_brackets(paragraphs, end)
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
    if re.fullmatch(TITLE_END, text):
        return number > 0 and text != "目录" and _begins(paragraphs, number, text)
    return TITLE.fullmatch(text) is not None or (
        paragraphs[number].hashes == 1 and len(text) <= 60 and number < 3 and TITLE.search(text) is not None
    )


def _stretch(paragraphs: Sequence[Paragraph], number: int) -> tuple[int, int]:
    """A title's lines: those before `number` that it begins in, those behind that it goes on in, one in brackets."""
    start, end = number, number + 1
    while start and end - start < _LINES and _begins(paragraphs, start, _joined(paragraphs, start, end)):
        start -= 1
    while end < len(paragraphs) and end - start < _LINES:
        if not _goes_on(_joined(paragraphs, start, end), paragraphs[end].text):
            break
        end += 1
    return start, end + _in_brackets(paragraphs, end)


def _joined(paragraphs: Sequence[Paragraph], start: int, end: int) -> str:
    return "".join(paragraph.text for paragraph in paragraphs[start:end])


def _in_brackets(paragraphs: Sequence[Paragraph], end: int) -> bool:
    """Whether the line behind a title belongs to it: （试行）, but not when and by whom it was enacted."""
    return end < len(paragraphs) and _BRACKETS.fullmatch(paragraphs[end].text) is not None


def _begins(paragraphs: Sequence[Paragraph], number: int, rest: str) -> bool:
    """Whether a title that ends in `rest`, from the paragraph `number` on, begins in the one before.

    `某局关于印发` and `某局关于进一步` are no whole titles, `关于…的通知` lacks who sends it, `某市促进汽车产业` opens
    with a place and says nothing yet.
    """
    before, first = paragraphs[number - 1], paragraphs[number]
    line = before.text
    if len(line) > _LINE or _PUNCTUATED.search(line) or DOC_NUMBER.search(line) or line.endswith(("：", ":")):
        return False
    if re.search(r"(?:关于|印发|转发|以及|和|的)$", line) or _open(line):
        return True
    if organs(line):
        lacks = first.text.startswith("关于") or organs(first.text)
        return bool(lacks and "关于" in rest and not line.endswith("文件"))
    if TITLE.fullmatch(line) or _SITE.search(line) or rest.startswith(("关于", "《")):
        return False
    if re.search(r"\S关于\S{2,}$", line):
        return "关于" not in rest
    if re.search(r"\s", line) or re.fullmatch(_SENDS, rest) or 0 < before.hashes != first.hashes > 0:
        return False
    line = _OF_YEARS.sub("", line)
    return region_of([line]) is not None and region_of([rest]) is None


def _goes_on(title: str, line: str) -> bool:
    """Whether a title goes on in the line behind it: in 《 that is still open, or as a notice that sends something."""
    if len(line) > _LINE or _PUNCTUATED.search(line) or line.endswith(("：", ":")):
        return False
    if _open(title):
        return "》" in line
    return bool(re.search("关于|印发", title) and not re.search(_SENDS, title) and _SENDING.fullmatch(line))


def _open(text: str) -> bool:
    """Whether a title in 《》 is still open at the end of a text."""
    return text.count("《") > text.count("》")


def front_end(paragraphs: Sequence[Paragraph], front: Front) -> int:
    """The first paragraph after the title and the key-value lines right under it."""
    end = front.title_end
    while end < len(paragraphs) and FACT.fullmatch(paragraphs[end].text):
        end += 1
    return end if end - front.title_end >= 2 else front.title_end
