"""What a provision has for somebody outside the administration: an offer, and not how an office goes about its work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from index.lexicon import load_lexicon
from index.provisions.record import Provision

_INTERNAL = re.compile(r"组织(?:保障|推进|领导|实施|协调)|监测|评估|统计|战略研究|氛围|宣传|督[查导]|考核")
_INSIDE = re.compile(r"^(?:市|区|各)?[^，。；]{0,12}(?:领导小组|专班|各区|各部门|各镇|各单位|委员会|工作机制)")
_OFFICE = re.compile(
    r"^(?:其中|同时|对此)?[，,]?[^，,。；]{0,30}?(?:人民政府|办事处|部门|机关|行政机构|经办机构|监管机构|领导小组|指挥部|联席会议|工作组|"
    r"[局委厅]|办公室|中心|单位)(?:、[^，,。；]{2,30})*"
    r"(?:（[^）]*）)?(?:[^，,。；]{0,40}的[，,])?(?:[^，,。；]{0,12})?"
    r"(?:负责|牵头|应当?(?!给予|发放)|不得|会同|根据|按照?(?!居民)|须|需|要|每[年月]|将)"
)
_BUDGET = re.compile(
    r"(?:资金|经费|费用)[^，,。；]{0,24}(?:列入|纳入|承担|负担|安排(?:解决)?|来源|预算|结算|清算|拨付|支付|保障)|财政(?:转移支付|预算|结算)|应当?用于|总(?:共|计)?安排"
)
_PENAL = re.compile(
    r"罚款|处罚|没收|追缴|追究|责令|骗取|弄虚作假|违法所得|违反本|吊销|撤销|注销|失信|退回已|取消其?[^，。；]{0,10}资格"
    r"|停止(?:发放|享受|办理)|不(?:再)?(?:享受|给予)|不得(?:享受|申[请报]|申领|同时)|不予(?:受理|贷款|支付|认定|办理|兑现|补贴)|违约|逾期"
)
_ABOUT = re.compile(
    r"本(?:办法|规定|条例|细则|通知|措施|方案|规则|意见)(?:所称|所指|适用|自|由|中)|(?:是指|指的是)|^为(?:了|进一步)?[^。]{6,120}制定"
    r"|(?:按|按照|参照|依照)[^，,。；]{2,40}(?:规定|政策|办法)执行|同时废止|之日起(?:施行|实施)|负责解释"
)
_PAPERS = re.compile(
    r"(?:申请|审核|登记|备案|花名册|汇总|信息)表|复印件|原件|材料(?:不)?(?:齐全|真实|之日)|提交[^，。；]{0,20}(?:材料|资料|申请)"
    r"|初[审核]|复[审核]|公示|受理|补正|《[^》]{2,40}》[；;。]?$|书面(?:告知|申请)|审查|送交|报送|携带|凭证|申报人数|评估结果|监督检查|投诉|举报"
)
_RULES = re.compile(
    r"(?:条例|规定|规则|办法|细则|预案|守则|规程|制度|批复|通报)[》>]?(?:[（(][^）)]*[）)])*[》>]?(?:的(?:通知|函|公告|决定|批复))?$|通报$"
)
_GOES_ON = re.compile(r"(?:其中|上述|前款|具体)?[^，。；：]{0,8}(?:标准|金额|额度|比例|期限)(?:为|是|：|:|按|分别)")
_TAIL = 4  # characters behind a word that another word may begin in
_STEP = re.compile(
    r"程序|流程|(?:申[请报领]|提交|所需|证明|办理)[^，。；]{0,2}(?:材|资)料|监督|审[核查]|拨付|受理|注意事项|^申请$|^发放$|^公示$"
)  # a heading that tells how
_TABLE = re.compile(r"附表|附件[^/]*/?.*(?:资料|材料|程序|流程)|目录$|(?:^|/)通知$")
_GIVES = re.compile(
    r"给予[^，。；]{0,40}(?:奖|补|资助|元|%|支持)|(?:补贴|奖励|资助|扣除)标准|按[^，。；]{1,30}(?:补贴|奖励|扣除|补助|返还)|"
    r"可(?:以)?(?:向[^，。；]{1,20})?(?:享受|申[请领报])|享受[^，。；]{0,20}(?:补贴|奖励|优惠|减免|政策)|按照?居民(?:标准|价格)|支持|鼓励|免费|减[免征按]|免征|退还|优惠"
)


def is_rule(title: str) -> bool:
    """Whether a document sets rules (条例, 管理办法) or reports (通报): there only what it says to give is an offer."""
    return _RULES.search(title) is not None


def is_offer(provision: Provision, title: str) -> bool:
    """Whether it offers something, by its words: no duty of an office, budget, penalty, definition or form.

    What gives a sum of money is an offer, whoever is said to pay it. `title` is the document's.
    """
    text = provision.text
    if _PENAL.search(text) or _ABOUT.search(text) or _TABLE.search(provision.section):
        return False
    gives = _GIVES.search(text) is not None
    if "总" in text and _BUDGET.search(text):
        return False
    if provision.amounts and gives:
        return True
    if _STEP.search(provision.heading or "") or _OFFICE.search(text) or _BUDGET.search(text):
        return False
    if is_rule(title) or provision.strength == "statement":
        return gives
    return gives or _PAPERS.search(text) is None


def is_internal(provision: Provision) -> bool:
    """Whether a general provision tells the administration how to work, or offers nothing that has a name."""
    heading = provision.heading or ""
    no_offer = not provision.measures and not provision.kinds and not provision.qualifications
    return no_offer or _INTERNAL.search(heading) is not None or _INSIDE.search(provision.text) is not None


def whole(provisions: Iterable[Provision]) -> Iterator[Provision]:
    """Each provision; one that goes on from the sentence before (补贴标准为…) is for whom that sentence is."""
    last: Provision | None = None
    for item in provisions:
        if not item.kinds and last and last.section == item.section and _GOES_ON.match(item.text):
            item = replace(item, kinds=last.kinds)
        yield item
        last = item


def is_label(provision: Provision) -> bool:
    """Whether it only says, under a label, for whom or on what terms others of its chapter hold."""
    end = provision.spans[-1].end
    return not provision.amounts and any(guide.span.start < end <= guide.span.end for guide in provision.guides)


def stands(word: str, text: str) -> bool:
    """Whether a text has a word, and not only its letters across two others (试验场 in 试验场景)."""
    lexicon = load_lexicon()
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        after = lexicon.find(text[end - 1 : end + _TAIL])
        if not any(match.start == 0 and match.end > 1 for match in after):
            return True
        at = text.find(word, at + 1)
    return False
