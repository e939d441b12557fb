"""Facts of real policies, each read by hand from its own text first. Skipped where the files are not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.reader import read

POLICIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "policies"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a file states, in the order of the document's fields; `ends` are documents that it repeals or replaces."""

    title: str
    number: str | None = None
    issuers: tuple[str, ...] = ()
    issued: str | None = None
    published: str | None = None
    effective: str | None = None
    until: str | None = None
    kind: str | None = None
    region: str | None = None
    level: str | None = None
    ends: tuple[tuple[str, str, str | None], ...] = ()


GZ = {"region": "广州市", "level": "市级", "kind": "通知"}
FILES = {
    "gz_html/11_*": Said(
        title="广州市人民政府办公厅关于印发广州市公共租赁住房管理办法的通知",
        number="穗府办规〔2024〕13号",
        issuers=("广州市人民政府办公厅",),
        issued="2024-07-26",
        published="2024-09-12",
        effective="2024-07-29",
        until="2029-07-28",
        **GZ,
    ),
    "gz_html/11b_*": Said(
        title="关于推出供应广州市2025年第一批户籍家庭公共租赁住房常态分配房源的通告",
        issuers=("广州市住房保障办公室",),
        issued="2025-03-19",
        published="2025-03-20",
        kind="通告",
        region="广州市",
        level="市级",
    ),
    "gz_html/18_*": Said(
        title="广州市人力资源和社会保障局广州市财政局关于印发广州市就业见习基地管理办法的通知",
        number="穗人社规字〔2019〕6号",
        issuers=("广州市人力资源和社会保障局", "广州市财政局"),
        issued="2019-10-09",
        published="2019-10-16",
        effective="2019-10-16",
        until="2024-10-15",
        ends=(
            (
                "repeals",
                "广州市人力资源和社会保障局 广州市财政局关于印发〈广州市高校毕业生就业见习基地管理办法〉的通知",
                "穗人社发〔2015〕27号",
            ),
        ),
        **GZ,
    ),
    "gz_html/30_*": Said(
        title="广州市民政局 广州市财政局 广州市市场监督管理局关于印发广州市老年人助餐配餐服务管理办法的通知",
        number="穗民规字〔2024〕3号",
        issuers=("广州市民政局", "广州市财政局", "广州市市场监督管理局"),
        issued="2024-03-14",
        published="2024-10-15",
        effective="2024-04-01",
        until="2029-03-31",
        **GZ,
    ),
    "gz_html/31_*": Said(
        title="广州市人民政府办公厅关于印发广州市居家社区养老服务管理办法的通知",
        number="穗府办规〔2022〕13号",
        issuers=("广州市人民政府办公厅",),
        issued="2022-09-06",
        published="2022-09-16",
        effective="2022-09-13",
        until="2027-09-12",
        **GZ,
    ),
    "gz_html/35c_*": Said(
        title="广州市人民政府办公厅关于印发广州市引进人才入户管理办法的通知",
        number="穗府办规〔2020〕10号",
        issuers=("广州市人民政府办公厅",),
        issued="2020-06-29",
        published="2020-07-15",
        effective="2020-07-09",
        until="2025-07-04",
        ends=(("replaces", "广州市人民政府办公厅关于印发广州市引进人才入户管理办法的通知", "穗府办规〔2018〕30号"),),
        **GZ,
    ),
    "gov_cn_html/5351181_*": Said(
        title="国务院关于印发个人所得税专项附加扣除暂行办法的通知",
        number="国发〔2018〕41号",
        issuers=("国务院",),
        issued="2018-12-13",
        published="2018-12-22",
        effective="2019-01-01",
        kind="通知",
        level="国家",
    ),
    "gov_cn_html/5343366_*": Said(
        title="国务院办公厅关于对国务院第五次大督查发现的典型经验做法给予表扬的通报",
        number="国办发〔2018〕108号",
        issuers=("国务院办公厅",),
        issued="2018-11-19",
        published="2018-11-26",
        kind="通报",
        level="国家",
    ),
    "local_regs_md/广东省*": Said(
        title="广东省土地管理条例",
        issuers=("广东省人民代表大会常务委员会",),
        issued="2022-06-01",
        effective="2022-08-01",
        kind="条例",
        region="广东省",
        level="省级",
        ends=(("repeals", "广东省实施〈中华人民共和国土地管理法〉办法", None),),
    ),
    "local_regs_md/上海市*": Said(
        title="上海市实施《中华人民共和国反恐怖主义法》办法",
        issuers=("上海市人民代表大会常务委员会",),
        issued="2021-10-28",
        effective="2021-12-01",
        kind="办法",
        region="上海市",
        level="省级",
    ),
    "local_txt/2025-12-01_*": Said(
        title="关于持续促进我市房地产市场平稳健康发展若干政策措施的通知",
        issuers=("南宁市住房和城乡建设局", "南宁市财政局", "南宁市自然资源局", "南宁住房公积金管理中心"),
        issued="2025-11-20",
        effective="2025-12-01",
        until="2026-12-31",
        kind="通知",
        region="南宁市",
        level="市级",
    ),
    "local_txt/2022-09-13_*": Said(
        title="关于组织申报生物医药产业优秀青年人才首套房购买补贴的通知",
        issuers=("广州市黄埔区科学技术局",),
        issued="2022-09-13",
        kind="通知",
        region="广州市黄埔区",
        level="区级",
    ),
    "local_txt/2021-11-01_*": Said(
        title="关于公开征求<关于既有非居住房屋改造保障性租赁住房的通知(征求意见稿)>意见的通告",
        issuers=("深圳市住房和建设局",),
        kind="通告",
        region="深圳市",
        level="市级",
    ),
    "legaldc_docx/农业机械*": Said(
        title="农业机械产品修理、更换、退货责任规定",
        issuers=("国家质量监督检验检疫总局", "国家工商行政管理总局", "农业部", "工业和信息化部"),
        issued="2010-03-13",
        published="2010-03-13",
        effective="2010-06-01",
        kind="规定",
        level="国家",
        ends=(("replaces", "农业机械产品修理、更换、退货责任规定", "国经贸质〔1998〕123号"),),
    ),
    "legaldc_docx/国家秘密*": Said(
        title="国家秘密载体印制资质管理办法",
        issuers=("国家保密局", "国家市场监督管理总局"),
        issued="2020-12-22",
        published="2020-12-22",
        effective="2021-03-01",
        kind="管理办法",
        level="国家",
        ends=(("replaces", "国家秘密载体印制资质管理办法", "国保发〔2012〕7号"),),
    ),
}


@pytest.mark.skipif(not POLICIES.is_dir(), reason="needs shared/data/policies beside the repository")
@pytest.mark.parametrize("name", FILES)
def test_facts_of_a_real_policy(name: str) -> None:
    [path] = POLICIES.glob(name)
    document = read(path)
    ends = [one for one in document.relations if one.type in ("repeals", "replaces")]
    found = Said(
        title=document.title,
        number=document.doc_number,
        issuers=document.issuers,
        issued=document.issue_date,
        published=document.publish_date,
        effective=document.effective_date,
        until=document.valid_until,
        kind=document.kind,
        region=document.region,
        level=document.level,
        ends=tuple((one.type, one.title, one.doc_number) for one in ends),
    )
    assert found == FILES[name]
