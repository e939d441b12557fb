"""What a question says a little otherwise than the lexicon's phrases: it is understood where it is answered, too."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answer import ask
from assistant.extract import shares, wanted
from assistant.otherwise import likened
from assistant.question import understand
from assistant.text import bag
from index.lexicon import Expansion
from index.search import Searcher

TEXTS = {
    "青杉市科技资金办法.txt": """青杉市科技专项资金管理办法

第一条 为了规范科技专项资金的使用，制定本办法。

第二条 科技专项资金由市科技局按季度拨付。

第三条 任何单位不得挪用资金。

第四条 项目完成后，由市科技局组织验收。
"""
}
QUESTION = "青杉市的钱拨下来，谁拿去干点别的怎么办？"


def added(phrase: str, term: str, weight: float) -> Expansion:
    return Expansion(
        found=phrase, start=0, end=1, added=term, relation="alike", weight=weight, kind="general", phrase=phrase
    )


def test_a_term_of_a_phrase_takes_its_official_name() -> None:
    asked = understand(QUESTION)
    meant = likened(asked, [added("拿去干别的", "挪用资金", 0.8)], lambda text: text == "青杉")
    terms = {term.text: term for term in meant.terms}
    own = next(term for term in meant.terms if "别" in term.text)
    assert own.likened == (("挪用资金", 0.9),)
    assert own.alternatives == ("挪用资金",)
    assert [text for text, term in terms.items() if term.likened] == [own.text]
    told = bag("任何单位不得挪用资金。")
    alone = shares(wanted(asked.terms, lambda gram: 1.0), told)[0]
    assert shares(wanted(meant.terms, lambda gram: 1.0), told)[0] > alone


def test_what_documents_write_or_is_hardly_said_stays_as_it_is() -> None:
    asked = understand(QUESTION)
    phrase = added("拿去干别的", "挪用资金", 0.8)
    assert likened(asked, [phrase], lambda text: True) == asked
    assert likened(asked, [added("拿去干别的", "挪用资金", 0.3)], lambda text: False) == asked
    assert likened(asked, [], lambda text: False) is asked


def test_a_colloquial_question_finds_the_provision_it_means(opened: Callable[[dict[str, str]], Searcher]) -> None:
    answer = ask(opened(TEXTS), QUESTION)
    assert not answer.refused
    assert answer.citations[0].section == "第三条"
