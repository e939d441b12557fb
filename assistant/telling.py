"""What a sentence must hold to tell the kind of thing that is asked for: a place, a sum, a share, a rate."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.places import asks_where, tells_where
from assistant.question import Kind, Question

MONEY = re.compile(
    r"多少钱|(?:拿|领|得|获|享受|补|奖)到?多少|几块|几[百千万]*万?元|几[百千]?万(?=科|补|奖|资|经|的|块|$|？)|多少(?:亿|万)?(?:元|块|资金|补贴|奖励|奖金|补助|钱)|"
    r"多少[亿万](?=？|$|，|吗|呢)|补(?:贴|助)?(?:标准)?(?:是)?多少|奖(?:励)?(?:标准)?(?:是)?多少|给多少|"
    r"多少[\u4e00-\u9fff]{0,4}费(?:用)?(?=[？，。吗呢]|$)|起拍价|租金(?:是|多少)|薪酬|(?:多少|几)[^，。？]{0,6}保证金|保证金[^，。？]{0,6}(?:多少|几|标准|比例|怎么算)|(?<!住)房租(?!金)[^，。？涨]{0,6}(?:多少|几|贵)"
)
HAS_MONEY = re.compile(
    r"\d\s*[百千万亿]*元|\d\s*[百千]?[万亿](?![平人家辆个户条台公吨亩件张项千瓦])|[一二三四五六七八九十百千]+[万亿]*元(?!化)|\d\s*[%％]|"
    r"百分之[一二三四五六七八九十]|[\d二三四五六七八九十]\s*倍(?!增)"
)
PERCENT = re.compile(
    r"百分之(?:几|多少)|几个点|多少个?(?:百分点|%)|(?:比例|利率|费率)(?:各|各自|分别)?(?:是|为)?多少|多少(?:的)?(?:比例|利率|费率)|几成"
)
HAS_PERCENT = re.compile(r"\d\s*%|百分之|分之[一二三四五六七八九十]|[一二三四五六七八九]成")
_FIGURE = r"[\d二三四五六七八九十百千]"
_RATE = re.compile(
    r"[每一]个?(?P<per>[月年日天人户家套亩间平])(?:(?![每一]个?[月年日天人户家套亩间平])[^，。？]){0,12}(?:多少|几)"
)
_LASTS = re.compile(
    r"多久|多长(?:时间|期限)|有多长|多长[？?]|(?:几|多少)个?(?:年|月|天|日|工作日|小时|分钟|周|星期)(?!份)|(?:时限|期限|有效期)(?:是|有|为|多|分|各)"
)
_SPAN = re.compile(
    r"(?<![\d月])(?:\d{1,3}(?:\.\d)?|[一二两三四五六七八九十半]+)\s*"
    r"(?:个?(?:年(?!\d|[一二三四五六七八九十]+月)|天|工作日|小时|分钟|周|季度|学期)|个月|日(?!常))|"
    r"当[日天场年月]|即时|立即|长期有效"
)
_OFTEN = re.compile(
    r"多久[^，。？]{0,8}[一1]次|多长时间[^，。？]{0,8}[一1]次|[每一]个?[年月周季][^，。？]{0,8}(?:几|多少)次"
)
_EVERY = re.compile(
    r"每(?:隔|逢|满)?(?:半|[\d一二两三四五六]+)?个?(?:年|月|季|周|日|天|学期)|[\d一二两三四]次(?=[，。；、）)]|$|以上)|周期[^，。；]{0,8}[\d一二两三四五半]"
)
_HOLDS = re.compile(
    r"(?:还|仍|是否|现在|现行)(?:在|然)?(?:有效|管用|作数)|有效吗|过期|失效|作废|"
    r"(?:什么时候|何时|哪天|哪年|几号|从哪)[^，。？]{0,6}(?:施行|生效|实施|执行)|(?:施行|生效)(?:时间|日期)"
)
_IN_FORCE = re.compile(r"(?:起|日)(?:施行|实施|执行|生效)|有效期|失效|本[^，。；]{1,8}废止|有效至|执行至")
_LARGE = re.compile(r"多大(?:的)?(?:面积|房|住房|套|户型|场地)|多少平|面积[^，。？]{0,8}多[大少]|多少平")
_AREA = re.compile(r"[\d一二三四五六七八九十]\s*(?:余|多)?[百千万]*(?:平方米|平米|㎡|m2|平方公里|公顷|亩)")

_PUNISHED = re.compile(
    r"处罚|惩罚|惩处|受(?:到|什么)[^，。？]{0,4}处分|后果|法律责任|(?:怎么|如何|怎样|会|被)罚|罚(?:多少|什么)"
)
_PUNISHES = re.compile(
    r"罚[款金]|有期徒刑|警告|责令|没收|吊销|撤销|取消|取缔|处分|追究|拘留|通报批评|列入|停止受理|不予受理|(?:不再|不得)[^，。；]{0,8}(?:申请|申报)"
)
_AHEAD = re.compile(r"提前(?:多久|多长时间|多少|几)")
_BEFORE = re.compile(
    rf"(?:{_FIGURE}|[一两])\s*个?(?:年|月|天|日|工作日|小时|周)(?:之|以)?前|提前[^，。；]{{0,10}}{_FIGURE}"
)
_LATEST = re.compile(
    r"(?:最迟|最晚)[^，。？]{0,4}(?:什么时候|何时|哪天|几号|多久|几|哪)|截止(?:到|至)?(?:什么时候|何时|哪天|几号)"
)
_UNTIL = re.compile(
    rf"{_FIGURE}\s*(?:年|月|日|号|天|个月|工作日|小时)[^，。；]{{0,4}}(?:前|止|截止|以内|之内|内)|截止|逾期"
)
_PHONE = re.compile(
    r"(?:哪个|哪一个|什么|多少)[^，。？]{0,4}(?:电话|热线|号码)|(?:电话|热线|号码)(?:号码)?(?:是|有|为)?(?:多少|什么|几)|打(?:哪|什么)"
)
_CALLED = re.compile(r"\d{5,}|\d{3,4}-\d{7,}|(?:电话|热线)[^，。；]{0,6}\d{3,}")
_MEMBERS = re.compile(
    r"(?:哪些|什么|哪几个)[^，。？]{0,4}(?:成员|组成)|成员(?:单位|部门)?(?:都|包括|是|有)+(?:哪|谁|什么)|由(?:哪些|谁|什么)[^，。？]{0,8}组成"
)
_COMPOSED = re.compile(r"由[^。；]{4,}组成|成员(?:单位)?(?:包括|为|有|是|[：:])|组成人员")
_WARM = re.compile(
    r"(?:多少|几)(?:摄氏)?度|(?:多高|多低|多少|什么|怎样)的?(?:温度|气温)|温度[^，。？]{0,6}(?:多|几|范围)"
)
_DEGREES = re.compile(r"\d\s*(?:℃|°|摄氏度|度(?![假过]))")
_ENGLISH = (
    (re.compile(r"(?:phone|telephone|hotline|fax) number|what (?:phone|telephone|hotline)", re.I), _CALLED),
    (re.compile(r"what temperature|temperature range|how (?:cold|warm|hot)", re.I), _DEGREES),
    (
        re.compile(r"what (?:is|are|will be) the (?:fine|penalt|punishment)|how .{0,20}(?:fined|punished)", re.I),
        _PUNISHES,
    ),
    (
        re.compile(r"(?:per|a|each) month|monthly", re.I),
        re.compile(rf"[每按]个?月[^，。；]{{0,30}}{_FIGURE}|{_FIGURE}[^，。；]{{0,8}}[/／每]月"),
    ),
    (re.compile(r"how long|how many (?:working )?(?:day|month|year|hour|week)s", re.I), _SPAN),
    (re.compile(r"what (?:percentage|percent|share|proportion)", re.I), HAS_PERCENT),
    (
        re.compile(
            r"how much (?:is|are|does|do|can|will)\b.*(?:subsid|grant|bonus|reward|fine|fee|pay|cost|money|allowance)",
            re.I,
        ),
        HAS_MONEY,
    ),
)
_FROM_TO = re.compile(r"从(?:什么时候|何时|哪[天年月])[^，。？]{0,10}(?:到|至|什么时候|何时)|起止")
_SPANS = re.compile(
    r"(?:自|从)[^。；]{2,60}(?:至|到)[^。；]{2,60}(?:止|[年月日])|\d\s*[年月日]\s*(?:至|到|[-—~～])\s*\d"
)
_TO_WHOM = re.compile(
    r"(?:交|递|送|报|寄|投诉|举报|备案|登记|报告|申请|申诉|反映)(?:到|给|去|向)?(?:哪[里儿]|谁(?!负责)|(?:哪个?|什么)(?:部门|单位|机构|窗口|地方))|"
    r"(?<![面导朝])(?:向|找)(?:谁|哪[里儿]|(?:哪个?|什么)(?:部门|单位|机构|窗口|地方))"
)
_RECEIVES = re.compile(
    r"[向到在][^，。；]{2,40}(?:提出|提交|递交|申请|报告|备案|申报|投诉|举报|报送|登记|申诉|反映|办理)|"
    r"(?:上?报|经)[^，。；]{2,30}(?:批准|备案|审批|审核|同意)|(?:由|，)[^，。；]{2,30}(?:受理|负责|审批|批准)|平台|窗口|电话|热线"
)

_SUM = re.compile(
    r"多少(?![钱元块万亿个家项人年天月日次平亩岁名户套份种类条款]|小时|工作日|分钟|公里|吨)([\u4e00-\u9fff]{2,6}?)(?=[？，。]|$|给|才)|"
    r"([罚赔奖补缴扣]).{0,6}多少"
)


def telling(question: Question) -> Callable[[str], bool] | None:
    """Whether a sentence (with its heading) can tell what is asked; `None` when any sentence may."""
    text = question.text
    if question.kind is Kind.WHERE and asks_where(question.focus):
        return lambda said: tells_where(said, text)
    if question.language != "zh":
        english = _like(text, *_ENGLISH)
        return (lambda said: english.search(said) is not None) if english else None
    if (
        told := rated(question.focus)
        or _like(
            question.focus,
            (_AHEAD, _BEFORE),
            (_LATEST, _UNTIL),
            (_HOLDS, _IN_FORCE),
            (_FROM_TO, _SPANS),
            (_MEMBERS, _COMPOSED),
        )
        or _like(question.focus, (_PHONE, _CALLED), (_WARM, _DEGREES), (_LASTS, _SPAN), (_TO_WHOM, _RECEIVES))
    ) is None:
        told = _like(question.focus, (PERCENT, HAS_PERCENT), (MONEY, HAS_MONEY), (_PUNISHED, _PUNISHES))
    return (lambda said: told.search(said) is not None) if told else None


def rated(text: str) -> re.Pattern[str] | None:
    """How a sentence looks that tells the rate (每月多少), the frequency or the area that is asked for; `None` when
    none is. No other number will do."""
    if told := _like(text, (_OFTEN, _EVERY), (_LARGE, _AREA)):
        return told
    rate = _RATE.search(text)
    per = rate["per"] if rate else ""
    return (
        re.compile(rf"(?:[每按]个?{per}|{per}度)[^，。；]{{0,30}}{_FIGURE}|{_FIGURE}[^，。；]{{0,8}}[/／每]{per}")
        if per
        else None
    )


def punished(text: str) -> bool:
    """Whether it is asked what follows for who breaks a rule: all degrees of it belong to the answer."""
    return _PUNISHED.search(text) is not None


def composed(text: str, said: str) -> bool:
    """Whether it is asked who something is composed of, and a sentence tells it: no list of names tells more."""
    return _MEMBERS.search(text) is not None and _COMPOSED.search(said) is not None


def sum_asked(text: str) -> str:
    """What the amount is that is asked for (多少抚恤金 → 抚恤金, 罚多少 → 罚); "" when the question does not say."""
    found = _SUM.search(text)
    return next(filter(None, found.groups()), "") if found else ""


def _like(text: str, *pairs: tuple[re.Pattern[str], re.Pattern[str]]) -> re.Pattern[str] | None:
    return next((told for asked, told in pairs if asked.search(text)), None)
