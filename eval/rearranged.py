"""Makers of falsehoods that keep a sentence's words and change how they hang together, or take words of others."""

from __future__ import annotations

import re
from random import Random

from eval.makers import ITEM, NUMBER, VERBS, Sentence, swap


def numbers_swapped(sentence: Sentence, random: Random) -> str | None:
    """Two numbers of one sentence in each other's place."""
    found = list(re.finditer(NUMBER, sentence.text))
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] != b[0]]
    if not pairs:
        return None
    a, b = random.choice(pairs)
    text = sentence.text
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def years_swapped(sentence: Sentence, random: Random) -> str | None:
    """The year of another sentence of the passage."""
    own = re.findall(r"(?:19|20)\d\d(?=\s*年)", sentence.text)
    others = sorted(
        {year for text in sentence.passage for year in re.findall(r"(?:19|20)\d\d(?=\s*年)", text)} - set(own)
    )
    if not own or not others:
        return None
    return sentence.text.replace(random.choice(own), random.choice(others), 1)


def objects_swapped(sentence: Sentence, random: Random) -> str | None:
    """支持A，推动B → 支持B，推动A."""
    pattern = rf"({VERBS})([\u4e00-\u9fff]{{4,25}})，({VERBS})([\u4e00-\u9fff]{{4,25}})(?=[，。；])"
    for match in re.finditer(pattern, sentence.text):
        if match[1] != match[3]:
            return (
                sentence.text[: match.start()]
                + f"{match[1]}{match[4]}，{match[3]}{match[2]}"
                + sentence.text[match.end() :]
            )
    return None


def reversed(sentence: Sentence, random: Random) -> str | None:
    """A推动B → B推动A, 以A促B → 以B促A."""
    pattern = (
        r"(?:^|(?<=[，；]))([\u4e00-\u9fff]{2,12})(带动|推动|促进|引领|支撑|服务|赋能|负责|委托|报)"
        r"([\u4e00-\u9fff]{2,14})(?=[，。；])"
    )
    match = re.search(pattern, sentence.text)
    if not match:
        return None
    return sentence.text[: match.start()] + match[3] + match[2] + match[1] + sentence.text[match.end() :]


def glued(sentence: Sentence, random: Random) -> str | None:
    """The verb of one clause with the object of a later one."""
    clauses = [part for part in re.split("[，；。]", sentence.text) if part]
    heads = [(i, m[0]) for i, part in enumerate(clauses) if (m := re.match(rf"(?:{VERBS})", part))]
    made = [
        f"{head}{re.sub(rf'^(?:{VERBS})+', '', clauses[j])}。"
        for i, head in heads
        for j in range(i + 1, len(clauses))
        if re.match(rf"(?:{VERBS})", clauses[j]) and not clauses[j].startswith(head) and len(clauses[j]) > 6
    ]
    made = [text for text in made if text.rstrip("。") not in "".join(sentence.passage)]
    return random.choice(made) if made else None


def cut_negation(sentence: Sentence, random: Random) -> str | None:
    """What stands behind a not, as if the not were not there."""
    match = re.search(r"(?:不得|不再|不予|不能|不可|未经|严禁|禁止)([^，。；、]{4,})", sentence.text)
    return f"{match[1]}。" if match else None


def condition_dropped(sentence: Sentence, random: Random) -> str | None:
    """对A的，给予B → 给予B; likewise 凡/经/符合/未 …的，."""
    text = sentence.text
    match = re.search(
        r"(?:^|(?<=[。；：]))(?:对|凡|经(?!济)|符合|满足|因|未(?!来))[^，。；：]{4,40}?的?，(?=[^。；]{4,})", text
    )
    if match:
        return text[: match.start()] + text[match.end() :]
    match = re.search(
        r"(?:^|(?<=[，。；：]))对[^，。；：]{3,30}(?=(?:给予|实行|实施|予以|奖励|补贴|补助|按|处)[^，。；：]{6,})(?=给予|实行|实施|予以|奖励|补贴|补助|按|处)",
        text,
    )
    return text[: match.start()] + text[match.end() :] if match else None


def limit_dropped(sentence: Sentence, random: Random) -> str | None:
    """首次, 符合条件的, 经认定的 and the like left out."""
    pattern = r"首次|首套|新引进的?|符合条件的|符合规定的|"
    pattern += r"(?<!未)经[\u4e00-\u9fff]{0,8}(?:认定|批准|同意|审核)(?:通过)?(?:的|后)?，?|"
    pattern += r"非营利性?|全日制|未满\d+周岁的?|年满\d+周岁的?|一次性"
    found = swap(pattern, "")(sentence, random)
    return found if found != sentence.text else None


def dated_out(sentence: Sentence, random: Random) -> str | None:
    """到2030年，X达到Y → X达到Y: a target said as if it were reached."""
    match = re.search(r"(?:^|(?<=[，。；：]))(?:到|至|力争到)\s*20\d\d\s*年底?，(?=[^。；]*\d)", sentence.text)
    return sentence.text[: match.start()] + sentence.text[match.end() :] if match else None


def item_added(sentence: Sentence, random: Random) -> str | None:
    """A、B等 → A、B、C等 with an item of another section."""
    pool = sorted({m[0] for text in sentence.elsewhere for m in ITEM.finditer(text) if m[0] not in sentence.text})
    match = ITEM.search(sentence.text)
    if not match or not pool:
        return None
    return sentence.text[: match.end()] + "、" + random.choice(pool) + sentence.text[match.end() :]


def invented(sentence: Sentence, random: Random) -> str | None:
    """A clause behind it that no document holds."""
    added = random.choice(
        (
            "并给予每家企业100万元补贴",
            "并免征三年企业所得税",
            "由市财政全额承担",
            "逾期不予受理",
            "相关企业可直接申领",
        )
    )
    return f"{sentence.text.rstrip('。；')}，{added}。"


def lookalike(sentence: Sentence, random: Random) -> str | None:
    """The sentence elsewhere in the document that shares most characters with this one."""
    held = "".join(sentence.passage)
    own = {sentence.text[i : i + 2] for i in range(len(sentence.text) - 1)}
    pool = [text for text in sentence.elsewhere if len(text) >= 15 and text.rstrip("。；") not in held + sentence.title]
    if not pool:
        return None
    best = max(pool, key=lambda text: (len(own & {text[i : i + 2] for i in range(len(text) - 1)}) / len(text), text))
    return best


def spliced(sentence: Sentence, random: Random) -> str | None:
    """The beginning of this sentence with the end of another of the same passage."""
    others = [text for text in sentence.passage if text != sentence.text and "，" in text]
    if not others or "，" not in sentence.text:
        return None
    other = random.choice(others)
    head = sentence.text[: sentence.text.index("，")]
    tail = other[other.rindex("，") + 1 :]
    cut = re.match(rf"(?:{VERBS})", tail)
    if len(head) < 6 or len(tail) < 8 or not cut:
        return None
    joined = head + tail[cut.end() :]
    return None if joined in "".join(sentence.passage) else joined


def number_of_another(sentence: Sentence, random: Random) -> str | None:
    """A number with the unit it has here, taken from another sentence of the passage."""
    pattern = re.compile(NUMBER + r"(?=([万亿]*(?:[家个项件元名人户%]|平方)))")
    found = list(pattern.finditer(sentence.text))
    others = [m for text in sentence.passage if text != sentence.text for m in pattern.finditer(text)]
    pairs = [(a, b[0]) for a in found for b in others if a[1] == b[1] and a[0] != b[0] and b[0] not in sentence.text]
    if not pairs:
        return None
    match, new = random.choice(pairs)
    return sentence.text[: match.start()] + new + sentence.text[match.end() :]


def item_of_passage(sentence: Sentence, random: Random) -> str | None:
    """A list item of another sentence of the same passage in the place of one."""
    pool = sorted(
        {m[0] for text in sentence.passage for m in ITEM.finditer(text) if text != sentence.text}
        - {m[0] for m in ITEM.finditer(sentence.text)}
    )
    pool = [item for item in pool if item not in sentence.text]
    match = ITEM.search(sentence.text)
    if not match or not pool:
        return None
    return sentence.text[: match.start()] + random.choice(pool) + sentence.text[match.end() :]


def condition_of_another(sentence: Sentence, random: Random) -> str | None:
    """对A的，给予B。对C的，给予D。 → 对A的，给予D."""
    pattern = r"(?:^|(?<=[。；：]))((?:对|凡|经(?!济)|符合|满足|未(?!来))?[^，。；：]{4,40}的，)([^。；]{8,})"
    here, others = re.search(pattern, sentence.text), []
    for text in (*sentence.passage, *sentence.elsewhere[:30]):
        if text != sentence.text:
            others += [m[1] for m in re.finditer(pattern, text)]
    others = [other for other in others if other not in sentence.text]
    return f"{random.choice(others)}{here[2]}。" if here and others else None


def exception_dropped(sentence: Sentence, random: Random) -> str | None:
    """但…除外 left out, 除…外 left out."""
    match = re.search(r"，(?:但|但是)[^。；]{2,60}(?=[。；]|$)|除[^，。；]{2,30}外，", sentence.text)
    return sentence.text[: match.start()] + sentence.text[match.end() :] if match else None
