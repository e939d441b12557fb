"""What Wence itself says in an answer (notes, why it refuses), in English; quotes stay in the documents' language."""

from __future__ import annotations

from assistant.phrases import Phrasebook

_BOOK = Phrasebook("""\
库内文件没有载明“{}”由谁负责
  they do not say who is responsible for “{}”
库内文件没有载明“{}”的数
  they do not give the number of “{}”
文件中没有找到直接写明{}的条文，以下是最接近的内容，请核对原文。
  No provision was found that tells {} directly; what follows is the nearest: check the original.
库内文件没有载明它的{}
  the document does not say this of itself (“{}”)
库内文件没有提到{}，所答是相近或一般的规定。
  The documents do not mention {}; the answer gives near or general rules.
库内文件没有载明所问内容
  they do not say what was asked
没有说明要问什么，无法查找：请补充文件、事项或名称，例如问哪份文件、哪个指标
  it is not clear what is asked: name a document, a matter or a figure
库内文件没有“{}”这个数，提问的前提不成立
  they do not have the figure “{}” that the question assumes
库内文件只使用了“{}”这一说法，没有说明它的具体内容
  they only use the words “{}” and do not say what is meant by them
库内文件只使用了“{}”这一说法，没有说明它的含义
  they only use the words “{}” and do not say what is meant by them
库内文件没有{}年的相应内容，最接近的内容说的是{}年
  they say nothing of this for {}; what is nearest is about {}
库内文件没有{}年的相应内容
  they say nothing of this for {}
库内文件没有{}年的这个数
  they do not give this figure for {}
库内文件没有逐一列出所问的{}项
  they do not list the {} items one by one
库内文件提到了相近内容，但没有说到“{}”
  they touch on the subject, but do not speak of “{}”
库内文件提到了相近内容，但没有载明所问的{}
  they touch on the subject, but do not give what was asked (“{}”)
库内文件没有载明所问的时间
  they do not say when
库内文件没有载明所问的地点
  they do not say where
库内文件没有载明所问的部门或单位
  they do not say which body
库内文件没有载明所问的数
  they do not give the number
库内文件没有载明所问的金额
  they do not give the amount
库内文件没有载明所问的比例
  they do not give the share
库内文件没有载明给每家（每人）多少
  they do not say how much each firm or person gets
库内文件没有载明所问的标准、次数或面积
  they do not give the standard, the times or the area
库内文件没有载明所问的数额、期限或数值
  they do not give the amount, the term or the value
库内文件没有载明所问的{}
  they do not give what was asked (“{}”)
库内文件没有关于“{}”的内容
  they say nothing of “{}”
库内文件没有关于{}的内容，不在可答范围
  they say nothing of “{}”, which is outside of what they cover
库内文件没有“{}”的内容
  they say nothing of “{}”
库内文件没有“{}”这一提法
  they do not use the words “{}”
库内文件没有出现{}，提问的前提不成立
  “{}”, which the question assumes, does not occur in them
库内文件没有就{}作出所问的规定，提问的前提不成立
  they have no such rule for “{}”, which the question assumes
库内文件没有{}，提问的前提不成立
  they have no “{}”, which the question assumes
库内没有{}这份文件，无法据此回答
  “{}” is not among them
{}没有“{}”的内容，库内另一份文件有
  {} says nothing of “{}”, another document does
{}没有{}这一部分，提问的前提不成立
  {} has no part “{}”, which the question assumes
{}没有{}，提问的前提不成立
  {} has no “{}”, which the question assumes
{}的库内文本未载明{}
  the text of {} does not give its “{}”
文件说的是{}，不是{}，提问的前提不成立
  they say it of {}, not of {}, as the question assumes
表中“{}”是{}，不是{}，提问的前提不成立
  in the table “{}” is {}, not {}, as the question assumes
文件中是{}，没有{}，提问的前提不成立
  they have {}, not {}, as the question assumes
已检索：{}等{}份文件。
  Searched: {} and others, {} documents in all.
已检索：{}。
  Searched: {}.
{}的规划期（{}年）已经结束：所列目标是当时的目标，不是完成情况。
  The period of {} ({}) is over: its targets are those of that time, not what was reached.
{}的有效期到{}为止，已经过期：请核实是否有新的规定。
  {} was valid until {} and has expired: check for newer rules.
{}：请以现行规定为准。
  {}: go by the rules in force.
{}不是最新的版本（{}）：请以新版为准。
  {} is not the newest version ({}): go by that one.
{}于{}才印发，{}时尚未印发。
  {} was issued on {}; it was not there yet on {}.
{}自{}起施行，{}时尚未施行。
  {} takes effect on {}; it was not in force on {}.
{}是对政策的说明（答问人见各条出处），不是政策原文。
  {} explains a policy (the sources name who speaks); it is not the text of the policy.
{}是对政策的说明（{}所答），不是政策原文。
  {} explains a policy (answers by {}); it is not the text of the policy.
“{}”这一问没有找到依据，请写明事项单独再问。
  Nothing was found on “{}”: ask about it on its own.
另一份文件{}就相近事项另有数字，引用时请分清。
  Another document, {}, has a figure on a similar matter: keep them apart.
本答复由{}于{}批准（第{}号）。
  This reply was approved by {} on {} (number {}).
已批准的第{}号答复须复核，没有采用：{}。
  The approved reply {} must be reviewed and was not used: {}.
没有查已批准的答复：{}。
  Approved replies were not looked up: {}.
模型写的话没有一句经得起核对，改由摘录原文作答。
  Nothing that the model wrote could be verified; the answer quotes the documents instead.
{}，改由摘录原文作答。
  The language model did not answer ({}); the answer quotes the documents instead.
{}，以下只有已核对的部分。
  The language model broke off ({}); only what was verified is shown.
""", {
    "连不上模型服务": "it cannot be reached",
    "模型服务超时": "it took too long",
    "模型服务拒绝了密钥": "it refused the key",
    "模型服务没有这个模型": "it does not have this model",
    "模型服务请求太频繁或额度用完": "too many requests, or no credit left",
    "模型服务的回复读不懂": "its reply could not be read",
    "库内文件": "they",
    "本机": "this machine's user",
})  # fmt: skip


def in_english(line: str) -> str:
    """A note, or why an answer is refused, in English; a line that is not known stays as it is."""
    return _BOOK.english(line)
