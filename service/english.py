"""The errors of Wence in English, for those who read the page or ask the HTTP interface in English."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.phrases import Phrasebook

_LINES = """\
问题是空的：请写出要问的内容
  The question is empty: write what you want to know
问题是空的；请写出要查的内容
  The question is empty: write what you are looking for
问题有 {} 个字，超过 {} 字：请把要问的写短些，文件请用 wence build 加入索引
  The question has {} characters, more than {}: make it shorter; documents are added with wence build
企业情况是空的；请写明做什么、在哪里、什么阶段、有什么资质、需要什么
  Nothing is said about the firm: write what it does, where, its stage, its qualifications and what it needs
企业情况的 {} 应是文字或文字的列表；请改正
  The firm's {} should be text or a list of texts: correct it
企业情况不是完整的 JSON；请写成 {"text": "…"} 或直接写一段话
  What is said about the firm is not whole JSON: write {"text": "…"}, or plain text
答复应有 1 到 {} 个字符；请改正后再存
  A reply has 1 to {} characters: correct it before it is kept
没有第 {} 号引用；请改成 {}，或删去这个标记
  There is no citation {}: make it {}, or remove the mark
草稿与索引对不上（{}：{}）；请重新起草后再保存
  The draft does not fit the index ({}: {}): draft it again before it is kept
没有第 {} 号答复；请用 wence approve list 看有哪些
  There is no reply {}: wence approve list shows what there is
姓名应是 1 到 80 个可见字符；请写明是谁（--by）
  A name has 1 to 80 visible characters: say who it is (--by)
第 {} 号答复现为“{}”，不能改为“{}”（须先是{}）；请用 wence approve show {} 看经过
  Reply {} is {} and cannot become {} (it must be {} first): wence approve show {} tells its history
第 {} 号答复由{}审核，须由另一人批准（WENCE_TWO_PERSONS=1）；请换一人
  Reply {} was reviewed by {}, somebody else must approve it (WENCE_TWO_PERSONS=1)
by 应是密钥的名称（{}），现为另一个；请去掉 by，或换用那个人的密钥
  by should be the name of the key ({}): leave it out, or use that person's key
答复文件读写不了：{}（{}）；文件没有改动：请检查权限和磁盘，损坏时从备份恢复
  The file of replies cannot be read or written: {} ({}); it was not changed: check permissions and disk, \
restore a backup if it is damaged
答复文件写不了：{}（{}）；请检查权限和磁盘
  The file of replies cannot be written: {} ({}): check permissions and disk
不是本程序的答复文件：{}；请检查 WENCE_APPROVED
  This is no file of replies: {}: check WENCE_APPROVED
问答记录的最后一条读不懂，不再续写；请先运行 wence audit verify，查明后换一个文件
  The last record of the history cannot be read, nothing is added: run wence audit verify, then begin another file
问答记录写不了：{}（{}）；请检查权限和磁盘
  The history cannot be written: {} ({}): check permissions and disk
问答记录读不了：{}（{}）；请检查权限
  The history cannot be read: {} ({}): check permissions
文件写不了：{}（{}）；请检查路径和权限
  The file cannot be written: {} ({}): check path and permissions
写不了：{}（{}）；请检查路径和权限
  Cannot be written: {} ({}): check path and permissions
写不了 {}（{}）；请检查路径和权限
  {} cannot be written ({}): check path and permissions
问题和应有的答案都不能是空的；请用 --expected 写出应有的答案
  Neither the question nor its answer may be empty: write what the answer should be
候选题有误：{}；请改正后再加
  The proposed question is wrong: {}: correct it
索引里没有一份文件有这句引文：“{}”；请照原文抄一句
  No document of the index has these words: “{}”: copy a sentence as it stands
{}：引文“{}”不在任何一节里（在被舍弃的文字里）；请换一句正文
  {}: “{}” is in no section (the words were left out): take another sentence
候选题文件读不了：{}（{}）；请改正或移走这个文件
  The file of proposed questions cannot be read: {} ({}): correct or move it
写不了索引：{}（{}）；原有的索引没有改动，请检查磁盘空间和权限后重试
  The index cannot be written: {} ({}): the old one is unchanged; check disk and permissions, then try again
另一个 wence build 正在写这个索引：{}；请等它结束，或用 --index 换一个文件夹
  Another wence build is writing this index: {}: wait for it, or take another folder with --index
索引已损坏：{}；{}
  The index is damaged: {}: build it again with wence build
索引里没有这份文件：{}；用 wence status 看索引，用文件名或编号指明文件
  This document is not in the index: {}: name it by file name or id
索引里没有这份文件：{}；请用文件名、文号或标题的一部分
  This document is not in the index: {}: name it by file name, number or a part of its title
索引里没有这份文件：{}；document 留空则列出所有文件
  This document is not in the index: {}: leave document empty to list all
索引里没有这份文件：{}；GET /v1/documents 列出所有文件
  This document is not in the index: {}: GET /v1/documents lists all
k 应不小于 1，现为 {}
  k is at least 1, not {}
读取时出错（{}）：{}；请换一种格式另存，或把文件发给维护者。
  The file could not be read ({}): {}: save it in another format, or send it to the maintainers
{}读取时出错（{}）：{}；请换一种格式另存，或把文件发给维护者。
  {} could not be read ({}): {}: save it in another format, or send it to the maintainers
{}读了 {} 秒还没有读完：{}；请重新导出，或拆分后再读。
  {} was not read in {} seconds: {}: export it again, or split it
{}读取时程序崩溃或内存不够：{}；请重新导出，或拆分后再读。
  Reading {} crashed or ran out of memory: {}: export it again, or split it
读取程序启动不了（{}）：{}；请检查内存和进程数。
  The reader could not be started ({}): {}: check memory and processes
认不出编码（不是完好的 UTF-8，第 {} 个字节处出错）：{}；请另存为 UTF-8。
  The encoding is unknown (no sound UTF-8, wrong at byte {}): {}: save it as UTF-8
文件是空的（0 字节）：{}；请换成有内容的文件。
  The file is empty (0 bytes): {}: choose one with content
文件里只有空白字符：{}；请换成有内容的文件。
  The file holds only white space: {}: choose one with content
文件超过 {} MB 的上限：{}；请拆分后再读。
  The file is larger than {} MB: {}: split it
文件超过 {} MB 的上限：{}；请拆分后再上传
  The file is larger than {} MB: {}: split it before uploading
不是文本文件（二进制内容）：{}；请换成文本文件（.txt 或 .md）。
  This is no text file (binary content): {}: choose a .txt or .md file
不是普通文件（管道或设备）：{}；请改用磁盘上的文件。
  This is no ordinary file: {}: choose a file on disk
找不到文件：{}；请检查路径。
  There is no such file: {}: check the path
没有读取权限：{}；请先授予读取权限。
  The file may not be read: {}: grant permission first
文件读不出来（{}）：{}；请检查路径和磁盘。
  The file cannot be read ({}): {}: check path and disk
文件有密码保护：{}；请去掉密码后再读。
  The file has a password: {}: remove it first
暂不支持 {} 文件：{}；请先另存为纯文本（.txt 或 .md）。
  {} files are not read yet: {}: save it as plain text (.txt or .md)
DOCX 里只有图片（{} 张），没有文字：{}；请另找文字版或先做文字识别。
  The DOCX holds only pictures ({}) and no text: {}: find one with text, or recognise it first
DOCX 的内容嵌套太深：{}；请用 Word 或 WPS 重新保存。
  The DOCX is nested too deeply: {}: save it again with Word or WPS
网页里没有文字（可能要由脚本显示）：{}；请在浏览器里打开后另存为完整网页。
  The page holds no text (a script may show it): {}: open it in a browser and save the complete page
网页的元素超过 {} 万个：{}；请拆分后再读。
  The page has more than {}0,000 elements: {}: split it
网页读不出来（{}）：{}；请重新保存。
  The page cannot be read ({}): {}: save it again
PDF 没有页面，可能已损坏：{}；请重新下载或重新导出。
  The PDF has no pages and may be damaged: {}: download or export it again
PDF 有 {} 页，超过 {} 页的上限：{}；请拆分后再读。
  The PDF has {} pages, more than {}: {}: split it
PDF 的 {} 页都是空白：{}；请换成有内容的文件。
  All {} pages of the PDF are blank: {}: choose one with content
PDF 已损坏或不完整，打不开：{}；请重新下载或重新导出。
  The PDF is damaged or incomplete: {}: download or export it again
PDF 读了 {} 秒还没有读完（第 {} 页，共 {} 页）：{}；请拆分后再读。
  The PDF was not read in {} seconds (page {} of {}): {}: split it
PDF 的文字超过 {} 字的上限：{}；请拆分后再读。
  The PDF has more than {} characters: {}: split it
PDF 是扫描件，没有文字层：{}；请安装 wence[ocr] 后再读，或换成带文字的 PDF。
  The PDF is a scan without text: {}: install wence[ocr], or choose one with text
PDF 是扫描件，没有认出文字：{}；请换成清晰的扫描件。
  The PDF is a scan in which no text was recognised: {}: choose a clear scan
PDF 的页面都已损坏，读不出来：{}；请重新下载或重新导出。
  The pages of the PDF are damaged: {}: download or export it again
PDF 里有解开后超过 {} MB 的数据流（压缩炸弹）：{}；请换成正常导出的 PDF。
  The PDF unpacks to more than {} MB (a bomb): {}: choose one that was exported normally
PDF 有打开密码：{}；请先去掉密码再读。
  The PDF has a password: {}: remove it first
PDF 的加密方式不支持：{}；请另存为没有加密的 PDF。
  The PDF is encrypted in a way that is not read: {}: save it without encryption
识别图片里的文字要先安装 wence[ocr]：{}；或换成带文字的文件。
  Recognising text in pictures needs wence[ocr]: {}: install it, or choose a file with text
图片里没有认出文字：{}；请换成清晰的扫描件。
  No text was recognised in the picture: {}: choose a clear scan
图片超过 {} 页的上限：{}；请拆分后再读。
  The picture has more than {} pages: {}: split it
图片识别了 {} 分钟还没有完成：{}；请拆分后再读。
  The picture was not recognised in {} minutes: {}: split it
图片超过 {} 百万像素的上限：{}；请缩小到 300 dpi 以内。
  The picture has more than {} million pixels: {}: make it 300 dpi or less
图片已损坏，打不开：{}；请重新扫描或下载。
  The picture is damaged: {}: scan or download it again
{} 压缩包损坏或不完整：{}；{}。
  The {} package is damaged or incomplete: {}: download or save it again
{} 包里的文件超过 {} 个：{}；{}。
  The {} package holds more than {} files: {}: check where it comes from
{} 有密码保护：{}；{}。
  The {} file has a password: {}: remove it first
{} 解压不出来：{}；{}。
  {} cannot be unpacked: {}: download or save it again
{} 解压后太大：{}；{}。
  {} unpacks to too much: {}: split it, or check where it comes from
{} 里有 DTD：{}；{}。
  {} holds a DTD: {}: save or export it again
{} 已损坏：{}；{}。
  {} is damaged: {}: download or save it again
{} 缺少正文（word/document.xml）：{}；{}。
  The {} has no body (word/document.xml): {}: save it again with Word or WPS
{} 正文不是 Word 文档：{}；{}。
  The body of the {} is no Word document: {}: save it again with Word or WPS
{} 的页面只有图片，没有文字：{}；{}。
  The pages of the {} are pictures without text: {}: choose one with text
文件名不能用：{}；请改成普通的名称
  This file name cannot be used: {}: choose an ordinary one
不收这种文件：{}；可上传 {}
  Files of this kind are not taken: {}: you may upload {}
一次可上传 1 到 {} 份文件，现为 {} 份
  Upload 1 to {} files at a time, not {}
几份文件同名；请改名后再上传
  Several files have the same name: rename them first
这份文件不在上传文件夹里，不能从这里删除：{}；请在原处删除后重新运行 wence build
  This document was not uploaded and cannot be removed here: {}: delete it where it is and run wence build again
这是索引里最后一份文件，不能删除：{}；请先上传别的文件
  This is the last document of the index: {}: upload another first
没有设置上传文件夹，不能增删文件；请设置 WENCE_LIBRARY 后重新启动
  There is no folder for uploads: set WENCE_LIBRARY and start again
题库里没有题型 {}；现有题型：{}
  There are no questions of type {}: there are {}
已有一次评测在运行，同时只能有一次；请等它结束，或先停下它（DELETE /v1/eval）
  A run of the evaluation is under way: wait for it, or stop it (DELETE /v1/eval)
最后一条消息应是用户的问题（role 为 user，content 为文字）；请补上
  The last message should be the user's question (role user, content text): add it
这个密钥的角色是 {}，只能看已批准的答复；请联系管理员
  This key is a {}'s and sees approved replies only: ask an administrator
请求太大；请缩短问题，或把文件分开上传
  The request is too large: shorten the question, or upload the files in parts
请用 127.0.0.1 或 localhost 访问本机的服务
  Use 127.0.0.1 or localhost to reach the server of this machine
经代理转来的请求需要密钥；请先用 wence key add 发放，再重新启动
  Requests through a proxy need a key: issue one with wence key add, then start again
需要登录：请重新打开网页
  Log in first: open the page again
需要密钥：请在请求头里写 Authorization: Bearer wk_…；密钥由管理员用 wence key add 发放
  A key is needed: send the header Authorization: Bearer wk_…; an administrator issues keys with wence key add
这个密钥的角色是 {}，此处需要 {}；请联系管理员
  This key is a {}'s, and this needs the role {}: ask an administrator
请求太频繁；请稍后再试
  Too many requests: try again later
不接受别的网站发来的请求
  Requests from pages of other sites are not taken
服务正在打开，请几秒钟后再试
  The server is opening: try again in a few seconds
MCP 在这里只接受 POST；见 /docs
  MCP takes POST only here: see /docs
没有这个工具：{}；tools/list 列出所有工具
  There is no such tool: {}: tools/list lists all
服务出错了，已记入日志；请稍后再试，或告诉管理员
  The server failed; its log knows why: try again later, or tell an administrator
没有这个地址；见 /docs
  There is nothing at this address: see /docs
这个地址不接受这种方法；见 /docs
  This address does not take this method: see /docs
请求的内容不是完好的 UTF-8 JSON，或嵌套太深；请改正
  The body is no sound UTF-8 JSON, or nested too deeply: correct it
表单里只能有文件，不能有别的栏，文件也要有名称；请改正
  The form may hold files only, and they need names: correct it
一次上传的文件太多；请分几次上传
  These are too many files at a time: upload them in parts
表单没有写明分隔（multipart 的 boundary）；请改正 Content-Type
  The form does not name its boundary: correct Content-Type
表单不完整（multipart）；请改正
  The form is incomplete (multipart): correct it
服务出错了，已记入日志；请稍后再试，或把响应头里的 x-request-id 告诉管理员
  The server failed; its log knows why: try again later, or tell an administrator the x-request-id of the response
"""
_NAMES: Mapping[str, str] = {  # what stands in those lines and is Chinese too
    "草稿": "a draft",
    "新存的草稿": "a new draft",
    "已审核": "reviewed",
    "已批准": "approved",
    "已撤回": "withdrawn",
    "本机": "this machine's user",
    "条款内容已改动": "the provision has changed",
    "同级条款有增减": "provisions beside it were added or removed",
    "索引里已没有这份文件": "the document is no longer in the index",
    "文件里已没有这一条": "the section is no longer in the document",
    "所引原文已不在这一条里": "the quoted words are no longer in the section",
}
_BOOK = Phrasebook(_LINES, _NAMES)


def in_english(line: str) -> str:
    """An error's line in English; a line that is not known stays as it is."""
    return _BOOK.english(line)


def prefers_english(accept_language: str) -> bool:
    """Whether that header names English first."""
    return accept_language.strip().lower().startswith("en")
