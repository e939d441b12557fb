"""What a firm's card says beside the quote, in English: measures, addressees, reasons, notes, questions.

Values out of documents stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.phrases import Phrasebook

_LINES = """\
主营业务或技术方向是什么（例如脑机接口、固态电池、合成生物）？
  What is its business or technology (such as 脑机接口 brain-computer interfaces, 固态电池 solid-state batteries)?
在哪个市、哪个区，是否在某个园区内（企业看注册和经营地）？
  In which city and district is it registered and at work, and is it in a park?
处于什么阶段（初创期、成长期、成熟期），最近一轮融资是哪一轮？
  At which stage is it (初创期 start-up, 成长期 growth, 成熟期 mature), and which was its last round of financing?
有没有高新技术企业、专精特新、瞪羚、独角兽等资质，是不是初次获得？
  Which qualifications does it hold (高新技术企业, 专精特新, 瞪羚, 独角兽 …), and for the first time?
有多少员工，年营业收入多少（用来判断是不是中小企业）？
  How many people and how much revenue a year (is it a small or medium-sized enterprise)?
最想解决什么：资金、场地、中试、应用场景、人才、融资，还是标准和准入？
  What does it need most: 资金 money, 场地 space, 中试 pilot plants, 场景 applications, 人才 people, 融资 finance?
条文没有写明对象
  it does not say for whom
条文面向{}，不要求主营业务
  it is for {}, whatever their business
主营业务是否属于{}
  whether its business belongs to {}
条文面向{}，企业做{}
  it is for {}, the firm does {}
企业做{}，条文写明{}
  the firm does {}, the provision names {}
企业属于{}
  the firm belongs to {}
条文不限具体领域
  it is not limited to a field
条文讲的是管理或办理要求，没有写明给企业什么
  it is about rules and procedure and does not say what firms are given
是否涉及条文所说的事项（条文只提到{}）
  whether the matter of the provision concerns it (it only mentions {})
企业需要{}
  the firm needs {}
条文讲的是{}，企业正需要
  it is about {}, which the firm needs
文件讲的是{}，企业也提到
  the document is about {}, which the firm mentions as well
是否需要{}（条文不针对本企业的具体领域）
  whether it needs {} (the provision is not about its own field)
条文只介绍情况，没有写明支持措施，需向发文机关确认
  it only describes and names no support: ask the issuing body
是否在{}（文件适用于{}）
  whether it is in {} (the document applies to {})
企业在{}，文件适用于{}
  the firm is in {}; the document applies to {}
企业计划在{}（以落户为准），文件适用于{}
  the firm plans to be in {} (what counts is the move); the document applies to {}
是否已落户{}（企业现在{}）
  whether it has moved to {} (it is in {} now)
是否在{}（只知道在{}）
  whether it is in {} (known is {} only)
文件适用于{}，企业在{}
  the document applies to {}, the firm is in {}
条文点名{}，企业在{}
  it names {}; the firm is in {}
条文点名{}，企业计划在{}（以落户为准）
  it names {}; the firm plans to be in {} (what counts is the move)
条文列举{}等，没有点名{}，但不排除其他区域
  it lists {} and others, not {}, but does not shut others out
是否在{}（条文点名这些地方）
  whether it is in {} (these places are named)
是否在{}或愿意落户（企业在{}）
  whether it is in {} or would move there (it is in {})
条文只点名{}，企业在{}
  it names {} only, the firm is in {}
条文没有面向个人的措施
  it has no measures for persons
企业是{}，条文支持{}
  the firm is a {}; the provision supports {}
条文只支持{}，企业不是
  it supports {} only, the firm is none
是否为龙头、链主或生态主导型企业
  whether it leads its industry or its supply chain (龙头, 链主)
是否为国有企业
  whether it is state-owned
是否为外商投资企业
  whether it is foreign-invested
是否属于中小微企业（按行业划型标准）
  whether it is a micro, small or medium-sized enterprise (by the standard of its industry)
是否为{}
  whether it is a {}
条文面向{}，是否包括个体工商户
  it is for {}; whether that includes the self-employed
条文由{}承办，团队可作为使用方
  {} carry it out, a team may use it
条文由{}承办，企业可作为使用方
  {} carry it out, a firm may use it
是否已成立企业（条文面向{}）
  whether a firm has been founded (the provision is for {})
条文面向{}，不包括{}
  it is for {}, not for {}
条文面向{}，企业处于{}
  it is for {}, the firm is in its {}
条文面向{}，企业引进或现有的人员可以申请
  it is for {}; people whom the firm employs or brings in may apply
条文面向{}，是否为企业的人员申请
  it is for {}; whether people of the firm would apply
条文面向{}，不是企业
  it is for {}, not for firms
条文面向{}
  it is for {}
企业处于{}
  the firm is in its {}
是否处于{}
  whether it is in its {}
企业说明是{}
  the firm says that it is {}
只支持{}，企业已不是第一次
  it supports {} only, for the firm it is not the first time
是否符合规定的条件（条文没有写明）
  whether it meets the conditions (the provision does not say which)
是否符合申报条件：{}
  whether it meets the conditions of application: {}
是否符合：{}
  whether this holds: {}
文件尚未施行（{}），是否已正式印发
  the document is not in force yet ({}); whether it has been issued
文件{}（{}）
  the document is {} ({})
{}已过（{}）
  {} is over ({})
{}写明的期间已过（{}）
  the period named under {} is over ({})
条文写明的期限已过（{}）
  the date in the provision has passed ({})
规划期（{}）已结束
  the period of the plan ({}) is over
{}已结束
  {} is over
只是方向，没有写明兑现办法
  a direction only; it does not say how it is carried out
方向性表述，金额以实施细则为准
  a direction; the amounts are set by detailed rules
未写金额
  no amount is given
这是问答中的口头说明，不是政策原文
  said in an interview; not the text of a policy
所属：{}
  part of: {}
{}：{}
  {}: {}
是否{}
  whether {}
"""
_NAMES: Mapping[str, str] = {
    **{"发展方向": "direction of development", "资金奖励": "grants and awards", "税费": "taxes and fees"},
    **{"基金/融资": "funds and finance", "场景": "applications", "空间/园区": "space and parks", "人才": "talent"},
    **{"平台/中试": "platforms and pilot plants", "攻关": "research projects", "标准": "standards", "住房": "housing"},
    **{"知识产权": "intellectual property", "企业培育": "nurturing of firms", "就业创业": "jobs and start-ups"},
    **{"准入": "market access", "产业化": "industrialisation", "交流合作": "exchange", "这方面的支持": "this support"},
    **{"个人": "persons", "个体工商户": "the self-employed", "中小企业": "SMEs", "人才与团队": "talent and teams"},
    **{"企业": "firms", "初创企业": "start-ups", "医疗机构": "medical institutions", "大学": "universities"},
    **{"园区与孵化器": "parks and incubators", "国有企业": "state-owned enterprises", "投资机构": "investors"},
    **{"外资企业": "foreign-invested enterprises", "科研院所": "research institutes", "金融机构": "financial bodies"},
    **{"行业组织": "trade associations", "龙头企业": "leading enterprises", "初创期": "start-up stage"},
    **{
        "成长期": "growth stage",
        "成熟期": "mature stage",
        "上市公司": "listed company",
        "老字号": "time-honoured brand",
    },
    **{"高新技术企业": "high-tech enterprise", "独角兽企业": "unicorn", "准独角兽企业": "prospective unicorn"},
    **{"瞪羚企业": "gazelle", "雏鹰企业": "young eagle", "高成长企业": "high-growth enterprise"},
    **{"专精特新企业": "specialised and innovative SME", "专精特新小巨人企业": "“little giant” SME"},
    **{
        "创新型中小企业": "innovative SME",
        "科技型中小企业": "technology-based SME",
        "科技小巨人企业": "tech little giant",
    },
    **{"制造业单项冠军": "single-product champion", "技术先进型服务企业": "advanced services enterprise"},
    **{"企业总部": "headquarters", "民营企业总部": "private headquarters", "跨国公司地区总部": "regional headquarters"},
    **{"规模以上企业": "enterprise above the size limit", "条文所说的领域": "the field of the provision"},
    **{"别的领域": "another field", "兑现时限": "paid within", "受理部门": "apply to", "咨询电话": "telephone"},
    **{"申报时间": "time of application", "实施期限": "term", "惠及对象": "for whom", "申报条件": "conditions"},
    **{"已废止": "repealed", "已有新版": "replaced by a newer one", "已过有效期": "expired", "未施行": "not in force"},
}
_BOOK = Phrasebook(_LINES, _NAMES)


def in_english(line: str) -> str:
    """What a card says, in English: lines are parted by “；”, names by “、”; what is not known stays as it is."""
    return "; ".join(_one(part) for part in line.split("；"))


def _one(line: str) -> str:
    found = _BOOK.english(line)
    if found == line and "本人" in line:  # a person is told the same as a firm
        return _BOOK.english(line.replace("本人", "企业")).replace("the firm", "the person")
    return ", ".join(_NAMES.get(name, name) for name in line.split("、")) if found == line else found
