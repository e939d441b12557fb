"""Which paragraphs begin a section, and what that section is called.

Numbers are the strongest sign; then come question-and-answer turns, dash goals, run-in headings (a short
first sentence, a label, a bold lead), and headings without a number on a line of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.fields import bracketed, is_blank, label_alone
from ingest.groups import groups
from ingest.inside import alike, cuts, leads
from ingest.lines import CLOSERS, ends_sentence, width
from ingest.numbering import Kind, Marker, bare_number, decimal_numbers, is_padded, lost_circles, marker, perhaps
from ingest.organs import organs
from ingest.paragraphs import LABEL, TITLE, Paragraph
from ingest.pieces import Head, Piece
from ingest.unlisted import annex_notes, contents, is_contents

_FIRST = re.compile(r"([^。！？；：，]{3,24}(?:，[^。！？；：，]{2,14})?)。(?=.{6,})")
_NO_HEADING = re.compile(r"^(?:我们|这|该|其|本|同时|此外|另外|目前|近年|截至|据|到|自|[0-9])|[0-9]{4}\s?年|如下$")
_STATES = re.compile(r"是指|应当|不得|可以|[由被将把]")  # the clause says something: no heading
_ENACTED = re.compile(r"[（(].*(?:公布|通过|发布|修订|修正|施行|批准).*[）)]")
_OFFICE = re.compile(r"(?:局|委|厅|部|办|府|会|院|中心|公司|处|科|组|单位|部门)$")
_FIRST_OF = re.compile(r"第[一1]")  # 第一类: what follows has parts, and this is one of them
_FEW = 3  # numbers in a row that make a list
_DASH = re.compile(r"(?:——|—|--|–)\s*(?=\S)")
_SPEAKER = re.compile(r"([^，。；：！？\s、“”]{1,16})：\s*(?=\S)")
_ASK_ANSWER = re.compile(r"(问|答|Q|A|提问|回答|咨询|答复)\s?\d*\s?：")
_CASE = re.compile(r"(?:典型)?(?:案例|事例|实例|示例|例|情形|问题)\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})")
_DISCOURSE = re.compile(r"(首先|其次|再次|最后|此外|在[这此](?:个)?基础上|下一步|接下来|总的来说|总而言之|总之)，")
_QUOTED = re.compile(r"(?:其中，)?“([^”]{2,14})”")
_AMONG = re.compile(r"其中，([^，。；：“”]{2,12}?)(?=是)")
_BRACKETED = re.compile(r"[【〔（(]([^】〕）)]{1,20})[】〕）)]")
_DATE = re.compile(r"^(?:二[〇○零ＯO0]|20|19)[0-9〇○零一二三四五六七八九ＯO]{2}\s*[年.\-/]")
_WHOLE_BOX = re.compile(
    r"(专栏\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?!\d)[^，。；！？]{0,40})"
)  # set apart in a plan
_PLAIN_SKIP = re.compile(r"[，。；：！？,;!?《》〔〕]|^[\d\s.\-—～~/%（）()年月日]+$|[:：]$")


def find_heads(paragraphs: Sequence[Paragraph], *, front: int) -> list[Piece]:
    """All paragraphs with their heads; those before `front` (the front matter) get none.

    A paragraph that holds several sections (`…。一是…。二是…。`) comes back in pieces.
    """
    pieces = [Piece(paragraph) for paragraph in paragraphs[:front]]
    texts = [paragraph.text for paragraph in paragraphs[front:]]
    apart, circles = _apart(paragraphs[front:]), lost_circles(texts)
    decimals = decimal_numbers(texts)
    bare = bool(decimals) or any(text[:1] in "0０" and is_padded(text) for text in texts)
    body: list[Piece] = []
    for number, paragraph in enumerate(paragraphs[front:]):
        if number in apart:
            body.append(Piece(paragraph, apart[number], settled=True))
        elif number in circles:
            body.append(Piece(paragraph, _numbered(Piece(paragraph), circles[number])))
        else:
            following = paragraphs[front + number + 1] if front + number + 1 < len(paragraphs) else None
            split = _split_inline(paragraph, following)
            body += [
                piece if piece.head else Piece(piece.paragraph, _own_head(piece, decimals, bare)) for piece in split
            ]
    body = _with_labels(_with_lists(body))
    body = _with_turns(body)
    body = _with_annex_titles(_with_plain(body))
    body = _with_run_ins(body)
    return pieces + _with_sentence_headings(body)


def _apart(paragraphs: Sequence[Paragraph]) -> dict[int, Head | None]:
    """Paragraphs of a table of contents and of notes of attachments: the first heads a section, the others nothing."""
    found: dict[int, Head | None] = {}
    for kind, heading, part in (
        (Kind.PLAIN, "目录", contents(paragraphs)),
        *((Kind.ANNEX, "附件说明", note) for note in annex_notes(paragraphs)),
    ):
        found |= {number: Head(kind, heading=heading, apart=True) if number == part.start else None for number in part}
    return found


def _own_head(piece: Piece, decimals: frozenset[str], bare: bool) -> Head | None:
    """The head that a paragraph shows by itself: a number or a dash. `decimals`: see `numbering.marker`; `bare`:
    numbers may stand without a mark (`1 总则`, `01 支持对象`)."""
    text = piece.text
    found = marker(piece.paragraph.text, decimals) or (bare_number(piece.paragraph.text, decimals) if bare else None)
    if found:
        return _numbered(piece, found)
    dash = _DASH.match(text)
    if dash and len(text) > dash.end() + 6:
        named = _FIRST.match(text, dash.end()) or LABEL.match(text, dash.end())
        return Head(Kind.RUN_IN, heading=piece.printed(named), single=True) if named else None
    return None


def _with_lists(pieces: list[Piece]) -> list[Piece]:
    """`2.3，4-二氯苯酚` or `2.3年内的记录` between `1.甲苯` and `3.丙酮` is number 2.: one sure number among three that
    follow each other, what stands deeper aside, will do."""
    out = list(pieces)
    heads = [piece.head or (None if piece.settled else _perhaps_numbered(piece)) for piece in pieces]
    chain: list[int] = []
    for number, head in enumerate([*heads, Head(Kind.ANNEX)]):
        if head is not None and head.kind > Kind.ARABIC:
            continue
        last = heads[chain[-1]] if chain else None
        if not (head and last and head.kind is Kind.ARABIC and head.ordinal == last.ordinal + 1):
            while chain and pieces[chain[-1]].head is None:
                chain.pop()  # 3.5亿元 at the end of a list: nothing says that it is number 3.
            listed = [(at, one) for at in chain if (one := heads[at])]
            if len(listed) >= _FEW and not all(one.doubtful for _, one in listed):
                for at, one in listed:
                    out[at] = Piece(out[at].paragraph, replace(one, doubtful=False))
            chain = []
        if head is not None and head.kind is Kind.ARABIC:
            chain.append(number)
    return out


def _perhaps_numbered(piece: Piece) -> Head | None:
    """`2.3年内的记录`: a number only where the list around says so."""
    found = perhaps(piece.paragraph.text)
    return _numbered(piece, found) if found else None


def _with_labels(pieces: list[Piece]) -> list[Piece]:
    """Labels alone on their line that stand over a numbered list (`补贴条件：`, `相关说明：`)."""
    out = list(pieces)
    for number, (piece, below) in enumerate(pairwise(pieces)):
        first = below.head
        if piece.head or piece.settled or first is None or first.number is None or first.ordinal != 1 or first.doubtful:
            continue
        found = label_alone(piece.text) or (first.kind >= Kind.ARABIC and _WHOLE_BOX.fullmatch(piece.text)) or None
        addressed = _OFFICE.search(piece.text.rstrip("：")) and not any(one.head for one in pieces[:number])
        if found and not addressed:
            head = Head(Kind.RUN_IN, heading=piece.printed(found), opens=first.kind)
            out[number] = Piece(piece.paragraph, head)
    return out


def _numbered(piece: Piece, found: Marker) -> Head:
    heading = _heading_after(piece, found.end, found.kind)
    return Head(found.kind, found.ordinal, found.number, heading, doubtful=found.doubtful)


def _heading_after(piece: Piece, at: int, kind: Kind) -> str | None:
    """The heading that follows a number: a bold lead, a bracket, a label, the line, its first sentence."""
    text, printed = piece.text, piece.paragraph.text
    at += len(text[at:]) - len(text[at:].lstrip(" ：、"))
    rest = text[at:].rstrip()
    for start, end in piece.paragraph.bold:
        if start <= at < end < len(text):
            return printed[at:end].strip().rstrip("。：:；;，,") or None
    if kind is Kind.ARTICLE:
        named = _BRACKETED.match(rest)
        if named:
            return named.group(1)
        return printed[at:].strip() if 0 < len(rest) <= 20 and not re.search(r"[，。；：]", rest) else None
    if kind is Kind.ANNEX and marker(rest):
        return None
    label = LABEL.match(rest)
    if label and len(rest) > label.end() + 1:
        return printed[at + label.start(1) : at + label.end(1)]
    if label_alone(rest, numbered=True):
        return printed[at:].strip().rstrip("：:")
    if rest and not re.search(r"[。；！？]|：$", rest):
        return printed[at:].strip() if len(rest) <= 60 and rest.count("，") <= 2 else None
    if re.fullmatch(r"[^。；！？：]{3,58}？", rest):
        return printed[at:].strip()
    first = re.match(r"([^。；！？：]{2,40})。(?=.)", rest)
    return printed[at : at + first.end(1)] if first and first.group(1).count("，") <= 2 else None


def _with_sentence_headings(pieces: list[Piece]) -> list[Piece]:
    """`五是加快…再升级。` alone on its line heads the unnumbered paragraph after it."""
    out = list(pieces)
    for number, piece in enumerate(out[:-1]):
        head, following = piece.head, out[number + 1]
        goes_on = following.head is None or (head is not None and following.head.kind > head.kind)
        if head and head.number and head.heading is None and head.kind is not Kind.ARTICLE and goes_on:
            found = marker(piece.paragraph.text)
            sentence = re.compile(r"([^。；！？：]{2,40})。").fullmatch(piece.text, found.end) if found else None
            if sentence:
                out[number] = Piece(piece.paragraph, replace(head, heading=piece.printed(sentence)))
    return out


def _split_inline(paragraph: Paragraph, following: Paragraph | None) -> list[Piece]:
    """One paragraph, cut where sections begin inside it; `following` is the one after it."""
    edges = cuts(paragraph.folded, following.folded if following else "")
    if edges:
        return [Piece(part) for part in paragraph.split(edges)]
    opened = leads(paragraph)
    if not opened:
        return [Piece(paragraph)]
    parts = paragraph.split(sorted(opened))
    starts = [0]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part.text))
    return [
        Piece(part, Head(Kind.RUN_IN, heading=opened[at], single=True) if at in opened else None)
        for at, part in zip(starts, parts, strict=True)
    ]


def _with_turns(pieces: list[Piece]) -> list[Piece]:
    """Question-and-answer turns of a transcript (新华社：…？ 屈炜：…) or of a Q&A page (问：… 答：…)."""
    labels = [_speaker(piece) for piece in pieces]
    asks = [label is not None and "？" in piece.text for label, piece in zip(labels, pieces, strict=True)]
    turns = []
    for number in range(len(pieces) - 1):
        if not asks[number]:
            continue
        after = next((n for n in range(number + 1, len(pieces)) if labels[n] is not None), None)
        if after is not None and not (asks[after] and labels[after] == labels[number]):
            turns.append((number, after))
    if len(turns) < 2 or sum(later - asked <= 2 for asked, later in turns) < 2:
        return pieces
    out, within = list(pieces), _within_lists(pieces)
    for asked, answered in turns:
        question, answerer = labels[asked] or "", labels[answered] or ""
        if _ASK_ANSWER.match(pieces[asked].text):
            heading = pieces[asked].text.split("：", 1)[-1].strip()[:60]
        elif _ASK_ANSWER.match(pieces[answered].text):
            heading = question
        else:
            heading = f"{question}（{answerer}答）"
        kind = Kind.HAN_PAREN if within[asked] else Kind.TURN
        head = Head(kind, heading=heading)
        if _CASE.fullmatch(heading):
            asks_this = pieces[asked].paragraph.text[len(heading) + 1 :].strip()
            head = Head(kind, ordinal=1, number=heading, heading=asks_this if len(asks_this) <= 60 else None)
        out[asked] = Piece(pieces[asked].paragraph, head)
    inside = False
    for number, piece in enumerate(out):
        inside = inside or (piece.head is not None and piece.head.kind is Kind.TURN)
        if inside and piece.head is None and labels[number] is None:
            found = _DISCOURSE.match(piece.text)
            if found:
                out[number] = Piece(piece.paragraph, Head(Kind.RUN_IN, heading=found.group(1)))
    return out


def _within_lists(pieces: Sequence[Piece]) -> list[bool]:
    """For each piece whether a list of 一、 that began before it goes on at it or after it: then it is a part of one of
    its items."""
    ordinals = [piece.head.ordinal if piece.head and piece.head.kind is Kind.HAN else None for piece in pieces]
    after, follows = 0, [0] * len(pieces)
    for at in reversed(range(len(pieces))):
        after = follows[at] = after if (here := ordinals[at]) is None else here
    before: int | None = None
    within: list[bool] = []
    for at, here in enumerate(ordinals):
        within.append(before is not None and follows[at] == before + 1)
        before = before if here is None else here
    return within


def _speaker(piece: Piece) -> str | None:
    if piece.settled:
        return None
    found = _ASK_ANSWER.match(piece.text) or (None if piece.head else _SPEAKER.match(piece.text))
    return found.group(1) if found else None


def _with_plain(pieces: list[Piece]) -> list[Piece]:
    """Headings without a number on a line of their own."""
    out = list(pieces)
    named = [None if piece.head or piece.settled else bracketed(piece.text) for piece in pieces]
    several = len(set(filter(None, named))) > 1
    grouped = groups(pieces)
    for number, piece in enumerate(pieces):
        if several and named[number]:
            out[number] = Piece(piece.paragraph, Head(Kind.PLAIN, heading=named[number]))
        elif number in grouped:
            out[number] = Piece(piece.paragraph, Head(Kind.PLAIN, heading=piece.paragraph.text))
        elif piece.head is None and not piece.settled and _is_plain_heading(pieces, number):
            below = pieces[number + 1].head
            over = below.kind if below and below.kind is Kind.ARTICLE and not is_contents(piece.text) else None
            heading = piece.paragraph.text.strip("【】 ")
            out[number] = Piece(piece.paragraph, Head(Kind.PLAIN, heading=heading, opens=over))
    return out


def _with_annex_titles(pieces: list[Piece]) -> list[Piece]:
    """The line under a bare `附件1` is its title: the annex is called so, and the line is no section of its own."""
    out = list(pieces)
    for number, (piece, below) in enumerate(pairwise(pieces)):
        head, title = piece.head, below.text
        if head is None or head.kind is not Kind.ANNEX or head.heading or head.apart or below.settled:
            continue
        named = len(title) <= 60 and not (_PLAIN_SKIP.search(title) or _FIRST_OF.match(title) or is_contents(title))
        if named and (below.head is None or below.head.kind is Kind.PLAIN):
            out[number] = Piece(piece.paragraph, replace(head, heading=below.paragraph.text))
            out[number + 1] = Piece(below.paragraph)
    return out


def _is_plain_heading(pieces: Sequence[Piece], number: int) -> bool:
    paragraph, text = pieces[number].paragraph, pieces[number].text
    if (
        number + 1 == len(pieces)
        or _PLAIN_SKIP.search(text)
        or _DATE.match(text)
        or _ENACTED.fullmatch(text)
        or not re.search(r"[\u3400-\u9fff].*[\u3400-\u9fff]", text)
    ):
        return False
    if paragraph.hashes or paragraph.display or (paragraph.bold and paragraph.bold[0] == (0, len(text))):
        return width(text) <= 40 and not (paragraph.display and organs(text))
    before, after = pieces[number - 1] if number else None, pieces[number + 1]
    closed = (
        before is None or ends_sentence(before.text) or (before.head is not None and before.head.kind is Kind.PLAIN)
    )
    body = width(after.text) > 2 * width(text) and (ends_sentence(after.text) or after.head is not None)
    named = _OFFICE.search(text) is not None
    return closed and body and width(text) <= 16 and not named and not TITLE.fullmatch(text)


def _with_run_ins(pieces: list[Piece]) -> list[Piece]:
    """Run-in headings among the unheaded paragraphs that stand together."""
    out = list(pieces)
    everywhere = Counter(
        found.group(1) for piece in pieces if piece.head is None and (found := LABEL.match(piece.text))
    )
    start, in_turn, in_article = 0, False, False
    opened: Kind | None = None  # the kind of the list that a label stands over, while it goes on
    while start < len(out):
        head = out[start].head
        if head is not None or out[start].settled:
            in_turn = in_turn or (head is not None and head.kind is Kind.TURN)
            if head is not None and head.kind in (Kind.ARTICLE, Kind.ANNEX, Kind.PLAIN, Kind.HAN):
                in_article = head.kind is Kind.ARTICLE
            if head and head.kind is Kind.RUN_IN and head.opens is not None:
                opened = head.opens
            elif head and opened is not None and head.kind < opened:
                opened = None
            start += 1
            continue
        end = start
        while end < len(out) and out[end].head is None and not out[end].settled:
            end += 1
        group, follows = out[start:end], out[end].head if end < len(out) else None
        labelled = opened is not None or (follows is not None and follows.opens is not None)
        headed = _run_ins(group, everywhere, in_turn=in_turn, in_article=in_article, labelled=labelled)
        for offset, heading in headed.items():
            text = group[offset].text
            single = LABEL.match(text) is not None
            out[start + offset] = Piece(group[offset].paragraph, Head(Kind.RUN_IN, heading=heading, single=single))
        start = end
    return out


def _run_ins(
    group: Sequence[Piece], labels: Counter[str], *, in_turn: bool, in_article: bool, labelled: bool
) -> dict[int, str]:
    """Offset in the group → heading. `labelled`: a label over a list stands beside the group; one more suffices.

    The paragraphs of an article (款) have no headings, however alike they open.
    """
    texts = ["" if piece.paragraph.display else piece.text for piece in group]
    found: dict[int, str] = {}
    for offset, piece in enumerate(group):
        if texts[offset] and piece.paragraph.bold and piece.paragraph.bold[0][0] == 0:
            end = piece.paragraph.bold[0][1]
            lead, rest = texts[offset][:end].strip(), texts[offset][end:].strip()
            if rest and 2 <= len(lead) <= 40 and (lead[-1] in "。：:" or rest[0] in "，：:。"):
                found[offset] = lead.rstrip("。：:" + CLOSERS[2:])
    firsts = {
        n: m.group(1)
        for n, text in enumerate(texts)
        if (m := _FIRST.match(text)) and not _NO_HEADING.search(m.group(1))
    }
    if len(firsts) >= 2 and not in_article:
        found = firsts | found
    named = {
        n: m.group(1)
        for n, text in enumerate(texts)
        if (m := LABEL.match(text)) and len(text) > m.end() + 1 and not is_blank(text[m.end(1) + 1 :])
    }
    long = sum(len(texts[n]) > len(name) + 5 for n, name in named.items())
    found = {n: name for n, name in named.items() if long >= 2 or labels[name] >= 3 or labelled} | found
    clauses = {
        n: m.group(1)
        for n, text in enumerate(texts)
        if (m := re.match(r"([^，。；：]{3,24})，", text)) and not _STATES.search(m.group(1))
    }
    same = alike(list(clauses.values()), shared=4)
    found = {n: clause for n, clause in clauses.items() if clause in same and not in_article} | found
    if in_turn:
        quoted = {n: m.group(1) for n, text in enumerate(texts) if (m := _QUOTED.match(text))}
        if len(quoted) >= 2:
            among = {n: m.group(1) for n, text in enumerate(texts) if (m := _AMONG.match(text))}
            found |= among | quoted
    return found
