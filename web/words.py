"""Every word of the page, in Chinese and in English. Quotes and names of documents stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language of the page."""

    code: str
    title: str
    lead: str
    opening: str
    opening_slow: str
    opening_gone: str
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
    tab_eval: str
    question: str
    question_hint: str
    ask: str
    clear: str
    examples: str
    conversation: str
    source: str
    source_hint: str
    understood: str
    refused: str
    nearest: str
    cite: str
    copy_standard: str
    copy_plain: str
    copied: str
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

    def relation(self, type_: str) -> str:
        """A relation's type in this language."""
        return self.relation_types.get(type_, type_)


ZH = Words(
    code="zh-CN",
    title="问策",
    lead="从政策文件里回答问题，句句注明出处；答不出就说答不出。",
    opening="正在打开，几秒钟就好……",
    opening_slow="这台机器正忙，还在打开；不用刷新，好了会自动显示。",
    opening_gone="连不上服务，它可能已经停止；恢复后会自动显示。",
    other="English",
    other_path="/en/",
    tab_ask="问答",
    tab_firms="适用政策",
    tab_library="文档库",
    tab_draft="起草答复",
    letter="来信或来电所问",
    letter_hint="把群众或企业问的话贴在这里",
    draft="起草",
    editor="答复（可修改）",
    editor_hint="一段一行；[1] 是引文的标记；【待核实：…】是文件没有写明、要您填的地方。",
    open_gaps="还有 {count} 处待核实",
    to_check="须核对",
    keep="存下这份答复",
    reply_number="第 {number} 号答复",
    your_name="您的姓名（记入经过）",
    replies="存下的答复",
    find_replies="在问题和答复里查找",
    state="状态",
    all_states="全部",
    review="审核",
    approve="批准",
    withdraw="撤回",
    edit_again="放进编辑框",
    no_reply_yet="还没有答复：先起草一份，或从存下的里选一份。",
    tab_eval="评测",
    question="您的问题",
    question_hint="例如：首次入选的独角兽企业奖励多少？",
    ask="提问",
    clear="清空对话",
    examples="可以这样问",
    conversation="对话",
    source="原文",
    source_hint="点答案里的 [1]，这里打开原文，并标出所引的话。",
    understood="按此理解",
    refused="没有找到依据",
    nearest="最接近的内容",
    cite="引用",
    copy_standard="复制引文（GB/T 7714）",
    copy_plain="复制原文和出处",
    copied="已复制",
    good="有用",
    bad="报告错误",
    thanks="已记下，会进入待核的问题集。",
    note="注",
    seconds="秒",
    save_md="导出 Markdown",
    save_docx="导出 Word",
    documents="索引里的文件",
    document="文件",
    outline="目录",
    tables="表格",
    facts="要素",
    relations="与其他文件的关系",
    coverage="收录情况",
    upload="上传文件",
    upload_hint="先看目录，再决定是否入库。",
    preview="预览目录",
    add="入库",
    remove="删除这份文件",
    remove_sure="确认删除",
    may_not="您的角色不能做这件事；请联系管理员。",
    title_fault="没有办成",
    title_done="已办好",
    title_warning="请留意",
    key_name="密钥的名称",
    key="密钥",
    log_in="登录",
    log_in_wrong="名称或密钥不对；请核对，或联系管理员。",
    log_in_wait="登录太频繁；请一分钟后再试。",
    log_out="退出",
    section="条目",
    number="文号",
    issuer="发文机关",
    issued="成文日期",
    period="规划期",
    kind="文种",
    region="地区",
    in_force="施行日期",
    valid_until="有效期至",
    level="层级",
    this_document="本文",
    more="另有 {count} 份，见下",
    in_sections="归入条目",
    in_tables="归入表格",
    doubtful="识别存疑",
    readable="可上传：",
    any_measure="全部措施",
    measure="措施",
    any_document="全部文件",
    of_these="共 {count} 条，现列出符合筛选的",
    characters="全文字数（空白不计）",
    kept="正文留存",
    dropped="舍去",
    run="运行评测",
    running="正在逐题作答",
    stopped="评测被停下了。",
    figures="指标",
    value="本次",
    baseline="基线",
    by_type="各类问题的正确率",
    wrong="答错的题",
    expected="应当包含",
    answered="回答",
    none="无",
    share="跑多少题",
    firm="企业情况",
    firm_hint="做什么、在哪里、什么阶段、有什么资质、需要什么",
    match="查适用政策",
    applies="适用",
    maybe="需核实",
    excluded="不适用",
    please_add="请补充",
    who="对象",
    save_xlsx="导出 Excel",
    no_match_yet="还没有结果，先写企业情况。",
    report_expected="应有的答案",
    report_quote="证明它的原文（一行一处；文件没有答案就留空）",
    report_send="提交",
    nothing_to_save="还没有对话，先提一个问题。",
    other_code="en",
    relation_types={
        "names": "提到",
        "based_on": "依据",
        "repeals": "废止",
        "amends": "修改",
        "replaces": "代替",
        "supersedes": "新于",
        "same_text": "同文",
    },
    state_names={"draft": "草稿", "reviewed": "已审核", "approved": "已批准", "withdrawn": "已撤回"},
)
EN = Words(
    code="en",
    title="Wence",
    lead="Answers from Chinese policy documents, each sentence with its source; refused where they do not say.",
    opening="Opening, a few seconds…",
    opening_slow="This machine is busy; still opening. No need to reload: the page appears by itself.",
    opening_gone="The server cannot be reached; it may have stopped. The page appears by itself when it is back.",
    other="中文",
    other_path="/",
    tab_ask="Ask",
    tab_firms="Firms",
    tab_library="Library",
    tab_draft="Drafts",
    letter="What was asked",
    letter_hint="Paste the question that somebody sent",
    draft="Draft a reply",
    editor="The reply, to be edited",
    editor_hint="A paragraph a line; [1] marks a citation; 【待核实：…】 is a gap for you to fill.",
    open_gaps="{count} gaps are still open",
    to_check="To be checked",
    keep="Keep this reply",
    reply_number="Reply {number}",
    your_name="Your name (for the record)",
    replies="Kept replies",
    find_replies="Find in questions and replies",
    state="State",
    all_states="All",
    review="Mark as reviewed",
    approve="Approve",
    withdraw="Withdraw",
    edit_again="Edit again",
    no_reply_yet="There is no reply yet: draft one, or choose one that was kept.",
    tab_eval="Evaluation",
    question="Your question",
    question_hint="For example: How much is the award for a unicorn selected for the first time?",
    ask="Ask",
    clear="Clear",
    examples="Try one of these",
    conversation="Conversation",
    source="Source",
    source_hint="Click a [1] in the answer: its passage opens here, with the quoted words marked.",
    understood="Read as",
    refused="No basis found",
    nearest="Nearest passages",
    cite="Citation",
    copy_standard="Copy reference (GB/T 7714)",
    copy_plain="Copy quote and source",
    copied="Copied",
    good="Helpful",
    bad="Report an error",
    thanks="Noted; it joins the questions to be checked.",
    note="Note",
    seconds="s",
    save_md="Save as Markdown",
    save_docx="Save as Word",
    documents="Documents of the index",
    document="Document",
    outline="Outline",
    tables="Tables",
    facts="Facts",
    relations="Relations to other documents",
    coverage="Coverage",
    upload="Upload",
    upload_hint="Look at the outline first, then decide.",
    preview="Preview the outline",
    add="Add to the index",
    remove="Remove this document",
    remove_sure="Yes, remove it",
    may_not="Your role may not do this; ask an administrator.",
    title_fault="Not done",
    title_done="Done",
    title_warning="Please note",
    key_name="Name of the key",
    key="Key",
    log_in="Log in",
    log_in_wrong="Wrong name or key; check them, or ask an administrator.",
    log_in_wait="Too many attempts; try again in a minute.",
    log_out="Log out",
    section="Section",
    number="Number",
    issuer="Issuer",
    issued="Issued",
    period="Period",
    kind="Kind",
    region="Region",
    in_force="In force from",
    valid_until="Valid until",
    level="Level",
    this_document="This document",
    more="{count} more, see below",
    in_sections="In sections",
    in_tables="In tables",
    doubtful="Recognised with doubt",
    readable="Files of these kinds: ",
    any_measure="All measures",
    measure="Measure",
    any_document="All documents",
    of_these="{count} in all; those that pass the filter are listed",
    characters="Characters (white space aside)",
    kept="Of the text kept",
    dropped="Left out",
    run="Run the evaluation",
    running="Answering the questions",
    stopped="The run was stopped.",
    figures="Figure",
    value="This run",
    baseline="Baseline",
    by_type="Right by type of question",
    wrong="Questions answered wrongly",
    expected="Should contain",
    answered="Answer",
    none="none",
    share="How many questions",
    firm="The firm",
    firm_hint="What it does, where, its stage, its qualifications, what it needs (in Chinese)",
    match="Find provisions",
    applies="Applies",
    maybe="To be confirmed",
    excluded="Does not apply",
    please_add="Please add",
    who="For",
    save_xlsx="Save as Excel",
    no_match_yet="There is no result yet: describe the firm first.",
    report_expected="What the answer should be",
    report_quote="The words that prove it (one passage a line; empty if the documents do not say)",
    report_send="Send",
    nothing_to_save="There is no conversation yet: ask a question first.",
    other_code="zh-CN",
    relation_types={
        "names": "names",
        "based_on": "based on",
        "repeals": "repeals",
        "amends": "amends",
        "replaces": "replaces",
        "supersedes": "newer than",
        "same_text": "same text",
    },
    state_names={"draft": "draft", "reviewed": "reviewed", "approved": "approved", "withdrawn": "withdrawn"},
)
WORDS: dict[Language, Words] = {"zh": ZH, "en": EN}
