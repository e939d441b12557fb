"""Organs that issue documents: one name or several out of a line, their level, the place they are of."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = (
    "人民政府(?:办公厅|办公室)?|委员会(?:办公室)?|人大常委会|办公厅|办公室|管理局|总局|局|厅|部|党委|省委|市委|区委|县委|国务院|法院|检察院|"
    "银行|总署|署|管委会|指挥部|领导小组|公积金管理中心|服务中心|管理中心|总队|支队|分行|总工会|联合会|管理处|办事处|发展改革委|国资委|科委|卫健委|经信委"
)
ORGAN = re.compile(rf"(?:[\u4e00-\u9fff]{{2,30}}?(?:{_END}))")
_LINE = re.compile(rf"(?:中共)?[\u4e00-\u9fff（）]{{2,40}}?(?:{_END})(?:（[^（）]{{2,12}}）)?|国务院|中共中央")
ENACTOR = re.compile(
    r"(?!日)([\u4e00-\u9fff]{2,12}?)第[一二三四五六七八九十百]{1,4}届(人民代表大会(?:常务委员会)?)|全国人民代表大会常务委员会"
)
_CITIES = ("北京", "天津", "上海", "重庆")
PROVINCES = (
    *_CITIES,
    *("河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南"),
    *("广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆"),
    *("香港", "澳门"),
)
_UNIT = re.compile(r"[\u4e00-\u9fff]{2,7}?(?:特别行政区|自治区|自治州|自治县|地区|省|市|新区|县|区|盟|旗)")
_NO_REGION = re.compile(
    r"(?:城|社|园|辖|开发|试验|示范|功能|片|景|校|山|灾|库|牧|林|老|郊|市|乡镇|街|服务|保护|合作|产业|核心|集聚|承载|各|全|本|该|中心|主|行政)区$|"
    r"(?:全|各|本|该|我|城|上|门|夜|超|股|楼|房|都)市$|(?:全|各|本|我)[省县]$"
)
_VERBS = re.compile(
    r"(?:中共|关于|促进|推进|推动|支持|加快|进一步|持续|扶持|鼓励|实施|加强|规范|完善|印发|转发|发布|公布|做好|开展|组织|深化|优化|落实|贯彻|调整|修订|修改|废止|公开征求|征求|在|对|《|<)+"
)


def organs(line: str) -> tuple[str, ...]:
    """The organs that a line names and nothing else, in order; () for any other line.

    `某市科学技术局 某 市 财 政 局`, `某局、某局`, `某市科学技术局某市财政局` are two each.
    """
    text = re.sub(r"(?:文件|（章）|（盖章）|（公章）)$", "", _joined(line))
    found: list[str] = []
    for piece in re.split(r"[\s、，,；;]+", text):
        if not piece:
            continue
        if not _LINE.fullmatch(piece):
            return ()
        found += _parted(piece)
    return tuple(dict.fromkeys(found))


def enactor(found: re.Match[str]) -> str:
    """What `ENACTOR` found: 某省第十三届人民代表大会常务委员会 → 某省人民代表大会常务委员会."""
    return found[1] + found[2] if found[1] else found.group()


def level_of(issuer: str | None, region: str | None) -> str | None:
    """国家, 省级, 市级, 区级 (with counties) or 乡镇级, as the issuer's name tells; `None` where it does not."""
    if issuer is None:
        return None
    text = re.sub(r"^中共", "", issuer)
    text = re.sub(r"^国家[\u4e00-\u9fff]{2,6}?总局(?=[\u4e00-\u9fff]{2,4}[省市区县])", "", text)
    if re.search(r"(?:街道|[\u4e00-\u9fff]镇|乡)(?:人民政府|办事处|党委|党工委)", text):
        return "乡镇级"
    if region and (place := _units(text)) and region.endswith("".join(place)):
        text = region
    units = _units(text)
    if units:
        return _level(units)
    if re.match(r"国务院|全国|中华人民共和国|国家|中央|最高人民|中国", text) or re.fullmatch(
        r"(?![省市区县])[\u4e00-\u9fff]{2,10}部(?:办公厅)?", text
    ):
        return "国家"
    if text.startswith(PROVINCES):
        return "省级"
    if re.match(r"市场|区域|县域|省际", text):
        return None
    return {"省": "省级", "市": "市级", "区": "区级", "县": "区级"}.get(text[:1])


def region_of(texts: Sequence[str]) -> tuple[str, int] | None:
    """The place that the first telling text opens with, as printed, and the number of that text."""
    for number, text in enumerate(texts):
        bare = _VERBS.sub("", text, count=1) if _VERBS.match(text) else text
        units = _units(re.sub(r"^国家[\u4e00-\u9fff]{2,6}?总局", "", bare))
        if units:
            return "".join(units), number
        province = next((name for name in PROVINCES if bare.startswith(name)), None)
        if province:
            return province, number
    return None


def _units(text: str) -> list[str]:
    """The administrative units that a text opens with: 上海市, 浦东新区."""
    units: list[str] = []
    at = 0
    while found := _UNIT.match(text, at):
        if (
            found.group().startswith(("国家", "全国", "中华"))
            or _NO_REGION.search(found.group())
            or re.search(r"[和与及的人民政]", found.group()[:-1])
        ):
            break
        units.append(found.group())
        at = found.end()
    return units


def _level(units: Sequence[str]) -> str:
    last = units[-1]
    if last.endswith(("区", "县", "旗")) and not last.endswith(("自治区", "特别行政区", "地区")):
        return "区级"
    if last.endswith(("自治州", "地区", "盟")):
        return "市级"
    if last.endswith("市"):
        if last[:-1] in _CITIES:
            return "省级"
        return "区级" if len(units) > 1 and units[-2].endswith(("市", "州", "地区", "盟")) else "市级"
    return "省级"


def _parted(piece: str) -> list[str]:
    """Organs of one place that are printed without anything between them."""
    whole = [found.group() for found in ORGAN.finditer(piece)]
    if len(whole) > 1 and "".join(whole) == piece and all(one[:2] == whole[0][:2] for one in whole):
        return whole
    return [piece]


def _joined(line: str) -> str:
    """`市 财 政 局` → 市财政局: single characters that were parted to fill a line."""
    return re.sub(
        r"(?<![\u4e00-\u9fff])(?:[\u4e00-\u9fff][ \u3000]+){2,}[\u4e00-\u9fff](?![\u4e00-\u9fff])",
        lambda found: re.sub(r"\s", "", found.group()),
        line,
    )
