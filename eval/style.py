"""The look of the report: readable on paper, on a small screen and in the dark."""

STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --paper: #fff; --shade: #f4f6f9; --line: #d7dde5; --bar: #3b6fb6;
  --good: #1d7f4e; --bad: #b3322b; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b5; --paper: #14181f; --shade: #1d232c;
  --line: #37414e; --bar: #6f9fe0; --good: #56c08a; --bad: #ef7f77; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 15px/1.6 "Noto Sans CJK SC", "Source Han Sans SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; }
header, main { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; }
h1 { margin: 0; font-size: 26px; } h2 { margin: 0 0 4px; font-size: 19px; } h4 { margin: 0 0 6px; color: var(--soft); }
header p, .note { margin: 0 0 12px; color: var(--soft); }
section { margin: 28px 0; }
.verdict { padding: 14px 18px; border-left: 5px solid var(--good); background: var(--shade); }
.verdict.fail { border-color: var(--bad); }
.verdict ul { margin: 6px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tile { display: flex; flex-direction: column; padding: 12px 16px; background: var(--shade); border-radius: 6px; }
.tile b { font-size: 27px; line-height: 1.3; } .tile small, .tile span { color: var(--soft); }
.plot { display: block; width: 100%; max-width: 900px; height: auto; font-size: 13px; }
.plot text { fill: var(--ink); } .plot .tick { fill: var(--soft); font-size: 11px; }
.plot .grid { stroke: var(--line); } .plot .bar { fill: var(--bar); }
.plot .whisker { stroke: var(--ink); stroke-width: 1.4; fill: none; }
.scroll { overflow-x: auto; margin-bottom: 18px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; } thead th { color: var(--soft); font-weight: 500; }
.plain td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
summary { margin: 18px 0 8px; font-weight: 600; font-size: 16px; cursor: pointer; }
article { margin: 0 0 18px; padding: 14px 16px; border: 1px solid var(--line); border-radius: 6px;
  break-inside: avoid; }
h3 { margin: 0 0 8px; font-size: 16px; } h3 small { margin-left: 10px; color: var(--soft); font-weight: 400; }
code { color: var(--soft); font-size: 13px; }
.turn { margin: 0 0 4px; color: var(--soft); }
.sides { display: grid; grid-template-columns: 1fr 1fr 1.2fr; gap: 18px; font-size: 14px; }
.sides > div { min-width: 0; overflow-wrap: anywhere; }
.sides summary { margin: 4px 0; font-size: 14px; font-weight: 400; }
.sides ol, .sides ul { margin: 6px 0 0; padding-left: 24px; } .sides li { margin-bottom: 6px; }
.sides li.found { border-left: 3px solid var(--good); padding-left: 6px; }
.sides li.missing { border-left: 3px solid var(--bad); padding-left: 6px; }
.text { margin: 0 0 6px; white-space: pre-wrap; }
.tag { margin: 0 0 6px; color: var(--bad); font-weight: 600; }
.keys { margin: 0 0 6px; display: flex; flex-wrap: wrap; gap: 6px; }
.keys span { padding: 0 8px; border: 1px solid currentColor; border-radius: 10px; }
.keys .found { color: var(--good); } .keys .missing, p.missing { color: var(--bad); }
@media (max-width: 900px) { .sides { grid-template-columns: 1fr; } }
"""
