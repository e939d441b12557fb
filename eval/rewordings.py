"""What an honest writer does to a sentence: nothing that `assistant.verify` may reject."""

from __future__ import annotations

import re
from random import Random

from eval.makers import Maker, Sentence, swap

_DIGITS = "零一二三四五六七八九"
_ADVERBS = "大力|积极|进一步|切实|充分|深入|持续|不断|着力|全面|有效|扎实|稳步|重点"
_VERB = (
    r"(?:支持|鼓励|推动|推进|加快|建设|打造|培育|开展|完善|"
    r"建立|加强|提升|发展|构建|实施|引导|组织|促进|突破|攻关|布局|研发|聚焦)"
)
_SMALL = {f"{i}": name for i, name in enumerate(_DIGITS)}


def _same(sentence: Sentence, random: Random) -> str | None:
    return sentence.text


def _part(sentence: Sentence, random: Random) -> str | None:
    """A part between semicolons or full stops."""
    parts = [part for part in re.split("[；。]", sentence.text) if len(part) >= 10]
    return random.choice(parts) + "。" if len(parts) > 1 else None


def _chinese(match: re.Match[str]) -> str:
    number = int(match[1])
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return "十" + (_DIGITS[number % 10] if number % 10 else "")
    if number < 100:
        return _DIGITS[number // 10] + "十" + (_DIGITS[number % 10] if number % 10 else "")
    if number < 1000 and number % 100 == 0:
        return _DIGITS[number // 100] + "百"
    if number < 10000 and number % 1000 == 0:
        return _DIGITS[number // 1000] + "千"
    return match[0]


def _full_width(match: re.Match[str]) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in match[0])


def _half_width(sentence: Sentence, random: Random) -> str | None:
    return sentence.text.translate(str.maketrans("，；：（）。", ",;:()."))


def _framed(frame: str) -> Maker:
    def make(sentence: Sentence, random: Random) -> str | None:
        return frame.format(title=sentence.title, path=sentence.path, text=sentence.text)

    return make


def _two(sentence: Sentence, random: Random) -> str | None:
    """Two sentences of the passage in one, the other way round."""
    others = [text for text in sentence.passage if text != sentence.text]
    if not others:
        return None
    return f"{random.choice(others).rstrip('。；')}；{sentence.text}"


def _reordered(sentence: Sentence, random: Random) -> str | None:
    """推动A，支持B → 支持B，推动A (each whole, none conditional)."""
    match = re.search(
        rf"(?:^|(?<=[。；]))({_VERB}[^，。；：]{{4,}})，({_VERB}[^，。；：]{{4,}})(?=[。；]|$)", sentence.text
    )
    return f"{match[2]}，{match[1]}。" if match else None


def _shortened(sentence: Sentence, random: Random) -> str | None:
    """推动A，支持B，培育C → 推动A，培育C."""
    match = re.search(
        rf"(?:^|(?<=[。；]))({_VERB}[^，。；：]{{4,}})，({_VERB}[^，。；：]{{4,}})，({_VERB}[^，。；：]{{4,}})(?=[。；]|$)",
        sentence.text,
    )
    return f"{match[1]}，{match[3]}。" if match else None


def _item_left_out(sentence: Sentence, random: Random) -> str | None:
    """A、B、C等 → A、C等."""
    match = re.search(r"(?<=、)[\u4e00-\u9fff]{2,9}、(?=[\u4e00-\u9fff]{2,9}等)", sentence.text)
    return sentence.text[: match.start()] + sentence.text[match.end() :] if match else None


def _date_moved(sentence: Sentence, random: Random) -> str | None:
    """到2030年，X达到Y → X到2030年达到Y."""
    match = re.match(r"(到\s*20\d\d\s*年)，([\u4e00-\u9fff]{3,14})(达到|超过|形成|建成)([^，。；]+)", sentence.text)
    return f"{match[2]}{match[1]}{match[3]}{match[4]}。" if match else None


def _quoted(sentence: Sentence, random: Random) -> str | None:
    parts = [part for part in re.split("[；。]", sentence.text) if len(part) >= 10]
    return f"The document states: “{parts[0]}”." if parts and "“" not in parts[0] else None


TRUE: dict[str, Maker] = {
    "as it stands": _same,
    "a whole part of it": _part,
    "numerals in Chinese": swap(
        r"(?<![\d.,〔第—~～至-])(\d{1,4})(?=\s*(?:家|个|项|件|亿|万|名|条|倍))(?!\s*个?百分)", _chinese
    ),
    "full-width digits": swap(r"\d+", _full_width),
    "thousands parted": swap(r"(?<![\d.])\d{4}(?=\s*[家亿万个元])", lambda m: f"{int(m[0]):,}"),
    "亿 as 万亿": swap(r"(?<![\d.,])(\d{4,5})\s*亿元", lambda m: f"{int(m[1]) / 10000:g}万亿元"),
    "half-width punctuation": _half_width,
    "根据《…》，": _framed("根据《{title}》，{text}"),
    "《…》提出": _framed("《{title}》提出，{text}"),
    "label in front": _framed("《{title}》{path}：{text}"),
    "文件明确": _framed("文件明确，{text}"),
    "adverb left out": swap(rf"(?:^|(?<=[，；。]))(?:{_ADVERBS})(?={_VERB})", ""),
    "的 left out": swap(r"(?<=[\u4e00-\u9fff]{3})的(?=[\u4e00-\u9fff]{3})(?![^，。；]{0,8}[，])", ""),
    "、 as 和": swap(r"(?<=[\u4e00-\u9fff]{2})、(?=[\u4e00-\u9fff]{2,6}等)", "和"),
    "item left out": _item_left_out,
    "clause left out": _shortened,
    "clauses the other way round": _reordered,
    "date moved": _date_moved,
    "two sentences in one": _two,
    "将 added": swap(rf"(?:^|(?<=[。；]))(?={_VERB})", "将"),
    "其中，": _framed("其中，{text}"),
    "English around a quote": _quoted,
}
