"""What the report of a run says by itself, in English; questions, answers and passages stay as they are."""

from __future__ import annotations

from collections.abc import Callable

from assistant.phrases import Phrasebook

Say = Callable[[str], str]
"""The words of a report in the language of who reads it."""
_FIGURES = """\
答对
  Right
答对且简洁
  Right and concise
要点齐全
  All keys
要点占比
  Share of keys
数字准确
  Numbers exact
首条引用命中
  First citation right
引用召回
  Citation recall
引用精确
  Citation precision
章节标注召回
  Section label recall
章节标注精确
  Section label precision
引用章节正确
  Section right
引用编号正确
  Section number right
引文逐字
  Quotes word for word
引文位置
  Offsets right
引文断句完整
  Whole sentences
无引用的句子 ↓
  Sentences without citation ↓
该拒而拒
  Refused what it should
拒得对
  Refusals that were right
误拒 ↓
  Refused wrongly ↓
章节检索 召回@{}
  Sections found, recall@{}
章节检索 {}
  Sections found, {}
段落检索 召回@{}
  Passages found, recall@{}
段落检索 {}
  Passages found, {}
"""
_LINES = """\
问策评测：{} 题
  Evaluation of Wence: {} questions
问策评测
  Evaluation of Wence
{} 题，{} 题不合格
  {} questions, {} not right
{}，{} 题
  {}, {} questions
{} 题
  {} questions
指标
  Figures
横线是 95% 区间（按题自助抽样）；↓ 越低越好。
  The lines are 95 % intervals (bootstrap over questions); ↓ the lower the better.
由来
  Made with
同样的输入得同样的结果；用时除外。
  The same input gives the same result, times aside.
基线
  Baseline
各项指标
  All figures
各题型答对的比例
  Right by type of question
题型
  Type
用户
  User
文件
  Document
题数
  Questions
分组
  Groups
一题引几份文件，就在几份文件里各算一次；{} 是没有文件能回答的题。
  A question that cites several documents counts for each; {} are questions that no document answers.
错在哪里
  What went wrong
每题只算最先的一个原因。
  Of each question the first reason counts.
错因
  Reasons
每题中位 {} 毫秒，95% {} 毫秒，共 {} 秒
  {} ms a question (median), {} ms (95 %), {} s in all
用时
  Time
{}（{} 题）
  {} ({} questions)
中栏：绿边是引到了的出处，红边是没有引到的。右栏：检索到的段落，绿边是应引的章节。
  In the middle: green was cited, red was not. On the right: passages found, green where they should be cited.
不合格的题
  Questions that were not right
问
  Asked
答
  Answered
系统的答案
  What was answered
应有的答案
  What it should be
检索到的段落
  Passages found
拒答
  Refused
理解为
  Read as
应拒答
  Should be refused
（可引可不引）
  (may be cited)
一段也没有
  None at all
其余 {} 段
  {} more
题库
  Questions
索引
  Index
嵌入模型
  Embedding
代码
  Code
撰写
  Writer
余弦权重
  Weight of the cosine
以此日为今天
  Taken as today
对抗
  Adversarial
适用性
  Applicability
跨文件
  Across documents
定义
  Definition
英文
  English
列举
  List
地点
  Place
追问
  Follow-up
数字
  Number
口语
  Plain speech
责任单位
  Who is responsible
表格
  Table
时间
  Time
不可答
  Not answerable
企业
  Firm
工作人员
  Staff
评测人员
  Evaluator
程序出错
  The program failed
该拒答而作答
  Answered what it should refuse
已检出而拒答
  Found, but refused
未检出而拒答
  Not found, and refused
已检出而引错段落
  Found, but another passage cited
未检出而引错段落
  Not found, another passage cited
引对段落而缺要点
  Right passage, key missing
说了不该说的
  Said what it should not
答对但多数引用无关
  Right, but most citations do not matter
与基线比较 {} 题：通过
  Compared with the baseline on {} questions: passed
与基线比较 {} 题：不通过，{} 项指标下降
  Compared with the baseline on {} questions: failed, {} figures fell
{}（{}）{} → 无从计算，容差 {}，p = {}
  {} ({}) {} → none, tolerance {}, p = {}
{}（{}）{} → {}，容差 {}，p = {}
  {} ({}) {} → {}, tolerance {}, p = {}
由对变错 {} 题：{}
  Right before, wrong now, {}: {}
由错变对 {} 题：{}
  Wrong before, right now, {}: {}
注：基线中有 {} 道题这次没有跑
  Note: {} questions of the baseline were not run
注：这次有 {} 道题是基线之后新加或改过的，没有比较
  Note: {} questions are newer than the baseline and were not compared
注：索引里的文件与基线不同
  Note: the documents of the index are not those of the baseline
"""
_NAMED = [line.strip() for line in _FIGURES.splitlines()]
_BOOK = Phrasebook(_LINES + _FIGURES, dict(zip(_NAMED[::2], _NAMED[1::2], strict=True)))


def in_chinese(line: str) -> str:
    """The line as it stands."""
    return line


def in_english(line: str) -> str:
    """The line in English; one that is not known stays as it is."""
    return _BOOK.english(line)
