"""Who something is composed of, what kinds of it there are; what asks itself, in a list of questions, is no answer."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answer import ask
from assistant.telling import composed
from index.search import Searcher

BOARD = {
    "柳杉市联席会议.txt": """柳杉市水务联席会议制度

一、职责

研究水务工作，协调成员单位的重大问题。

二、组织

联席会议由市水务局、市财政局、市住建局3个部门组成，市水务局为牵头单位。

联席会议设召集人1人，各成员单位负责人为成员。

三、市水务联席会议成员名单

（一）召集人

张三。

（二）副召集人

李四。
"""
}
GOODS = {
    "柳杉市藤器细则.txt": """柳杉市藤器质量审查细则

第一条 为了加强藤器质量审查工作，依据有关规定，制定本细则。

第二条 本细则适用于藤器质量审查工作，藤器质量审查应当结合通则使用。

第三条 本细则所称藤器，是指以藤条为主要原料，经编织、打磨等工艺制作的用品。包括桌椅、篮筐、灯罩和屏风。
"""
}
TALK = {
    "柳杉市问答.txt": """柳杉市供水补贴常见问题解答

一、关于比例

供水补贴和管网补贴跟最低水价挂钩的比例分别是不是20%？不是，以本解答为准。

二、关于发放

供水补贴按照本市最低水价的百分之四十按月计发，管网补贴按照百分之五十计发。
"""
}


def test_members_are_told_whole(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(BOARD), "柳杉市水务联席会议成员有哪些？")
    assert "市水务局、市财政局、市住建局" in answer.text
    assert not composed("有哪些成员单位？", "协调成员的问题")
    assert not composed("谁负责？", "由市水务局、市财政局组成")


def test_the_kinds_of_a_thing_stand_after_its_definition(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(GOODS), "藤器质量审查细则所说的藤器包括哪几大类？")
    assert "桌椅、篮筐、灯罩和屏风" in answer.text
    assert answer.citations[0].section == "第三条"


def test_a_question_in_the_document_is_no_answer(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(TALK), "柳杉市供水补贴和管网补贴，跟最低水价挂钩的比例分别是多少？")
    assert "百分之四十" in answer.text
    assert not any(citation.quote.endswith("？") for citation in answer.citations)
