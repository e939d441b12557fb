"""Organs that issue documents: one name or several out of a line, their level, the place they are of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

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
_UNIT = re.compile(
    r"[\u4e00-\u9fff]{2,7}?(?:特别行政区|自治区|自治州|自治县|地区|省|市(?!场(?!监)|政(?!府)|民(?![政营族用兵间办委])|值|容|价)|新区|县|区|盟|旗)"
)
_NO_REGION = re.compile(
    r"(?:社|园|辖|开发|试验|示范|功能|片|景|校|灾|库|牧|国有林|老|郊|市|乡镇|街|服务|保护|合作|产业|核心|集聚|承载|中心|主|行政)区$|"
    r"(?:[小学战禁疫住活公厂]|自贸|保税|综保|高新|经开|引领|先行|先导|样板|创新|改革|经济特|大湾|都市)区$|"
    r"(?:贫困|革命|偏远|边远|高寒|[东西南北]部)山区$|^[大深浅]山区$|"
    r"(?:[\u4e00-\u9fff]{2}|^[主老旧新市])城区$|"  # 东城区 is one, 中心城区 is none
    r"(?:[\u4e00-\u9fff]{2}|^[大中小新老旧外])城市$|(?:[\u4e00-\u9fff]{2}|^[大古])都市$|"  # 盐城市, 成都市
    r"[\u4e00-\u9fff]{2}门市$|"  # 厦门市
    r"(?:[上夜超股楼]|房屋|[地县]级|直辖|单列)市$|^[各全本该我]"
)
_BETWEEN = re.compile(r"人民|政府|政策|的|与|及|[局委厅部]和|^和(?![平田林县顺静硕政龙布])")  # 呼和浩特市 is one name
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


def short_place(title: str, texts: Iterable[str]) -> tuple[str, int, int] | None:
    """The city that a title opens with without saying that it is one (云溪住房公积金管理办法), where a text calls it
    云溪市: its full name, the number of that text, and where it stands there."""
    if not re.match(r"[\u4e00-\u9fff]{4}", title) or title.startswith(("地级", "县级", "国家", "全国")):
        return None
    city = re.compile(rf"(?<![\u4e00-\u9fff])(?:{title[:2]}|{title[:3]}|{title[:4]})市(?![场值民容价面])")
    for number, text in enumerate(texts):
        found = city.search(text)
        if found and not _NO_REGION.search(found.group()):
            return found.group(), number, found.start()
    return None


def _units(text: str) -> list[str]:
    """The administrative units that a text opens with: 上海市, 浦东新区."""
    units: list[str] = []
    at = 0
    while found := _UNIT.match(text, at):
        if (
            found.group().startswith(("国家", "全国", "中华"))
            or _NO_REGION.search(found.group())
            or _BETWEEN.search(found.group())
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
