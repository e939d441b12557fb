"""The record of every word of the page; `web.languages` holds them in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language of the page.

    `gradio_keys` are words that gradio looks up and lacks in this language, `gradio_texts` those that it has in
    English only.
    """

    code: str
    colon: str
    counted: str
    title: str
    lead: str
    opening: str
    opening_slow: str
    opening_gone: str
    gone: str
    no_address: str
    not_ours: str
    too_large: str
    failed: str
    other: str
    other_path: str
    tab_ask: str
    tab_firms: str
    tab_library: str
    tab_draft: str
    letter: str
    letter_hint: str
    draft: str
    editor: str
    editor_hint: str
    open_gaps: str
    to_check: str
    keep: str
    reply_number: str
    your_name: str
    replies: str
    find_replies: str
    state: str
    all_states: str
    review: str
    approve: str
    withdraw: str
    edit_again: str
    no_reply_yet: str
    keep_first: str
    review_first: str
    tab_eval: str
    question: str
    question_hint: str
    ask: str
    clear: str
    examples: str
    conversation: str
    some_gone: str
    source: str
    source_hint: str
    understood: str
    refused: str
    nearest: str
    cite: str
    copy_standard: str
    copy_plain: str
    copied: str
    back: str
    extractive: str
    good: str
    bad: str
    thanks: str
    note: str
    seconds: str
    save_md: str
    save_docx: str
    documents: str
    document: str
    outline: str
    tables: str
    facts: str
    relations: str
    coverage: str
    upload: str
    upload_hint: str
    preview: str
    no_file: str
    changed: str
    add: str
    remove: str
    remove_sure: str
    may_not: str
    title_fault: str
    title_done: str
    title_warning: str
    key_name: str
    key: str
    log_in: str
    log_in_wrong: str
    log_in_wait: str
    log_out: str
    section: str
    number: str
    issuer: str
    issued: str
    period: str
    kind: str
    region: str
    in_force: str
    valid_until: str
    level: str
    this_document: str
    more: str
    in_sections: str
    in_tables: str
    doubtful: str
    readable: str
    any_measure: str
    measure: str
    any_document: str
    of_these: str
    characters: str
    kept: str
    dropped: str
    run: str
    running: str
    answered_unit: str
    stopped: str
    figures: str
    value: str
    baseline: str
    by_type: str
    wrong: str
    expected: str
    answered: str
    none: str
    share: str
    firm: str
    firm_hint: str
    match: str
    applies: str
    maybe: str
    unlisted: str
    firm_source_hint: str
    excluded: str
    please_add: str
    who: str
    save_xlsx: str
    no_match_yet: str
    report_expected: str
    report_quote: str
    report_send: str
    nothing_to_save: str
    other_code: str
    relation_types: Mapping[str, str]
    state_names: Mapping[str, str]
    gradio_keys: Mapping[str, str]
    gradio_texts: Mapping[str, str]

    def labelled(self, name: str, value: str) -> str:
        """A name and what it stands before."""
        return f"{name}{self.colon}{value}"

    def spoken(self, text: str) -> str:
        """The `lang` attribute of an element that holds `text`: "" where the page's own language fits."""
        own = self.code.startswith("zh")
        chinese = _HAN.search(text) is not None
        return "" if chinese is own or not text.strip() else f' lang="{"zh-CN" if chinese else "en"}"'

    def relation(self, type_: str) -> str:
        """A relation's type in this language."""
        return self.relation_types.get(type_, type_)
