"""What the five sources say, document by document; and the YAML it is kept in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import KnowledgeError
from bot.importer import (
    SOURCES,
    Book,
    Library,
    Source,
    dump_document,
    dump_layout,
    import_all,
    normalise_doc_no,
)

Row = dict[str, Any]
Clauses = dict[str, Row]
Import = Callable[..., Library]

PARTS = {
    "市场建设篇": ("sc", 193),
    "人才支持篇": ("rc", 40),
    "财税金融篇": ("cs", 232),
    "创新支持篇": ("cx", 85),
    "权益保护篇": ("qy", 63),
    "要素保障篇": ("ys", 126),
}
# Document, mark before the number, source, how many.
DOCUMENTS = [
    ("jzf-2022-14", "", "000", 46),
    ("jzbf-2022-34", "", "001", 70),
    ("jzbf-2022-34", "hb", "002", 70),
    ("jzbf-2023-56", "", "003", 40),
    ("jf-2021-67", "", "002", 48),
    ("jzbf-2022-7", "", "002", 78),
    ("jzbf-2022-33", "", "002", 61),
    ("jzbf-2022-35", "", "002", 66),
    ("jzbf-2022-30", "", "002", 35),
    ("jzf-2021-26", "", "002", 10),
    ("jsz-2022-56", "", "002", 25),
    ("jsjf-2022-33", "", "002", 24),
]
OFFICE = "山西省人民政府办公厅"


def entries(library: Library, source: str, *kinds: str) -> list[tuple[list[int], str]]:
    order = library.layouts[source]["order"]
    return [(row["lines"], row["text"]) for row in order if row.get("kind") in kinds]


def particulars(library: Library, key: str, *names: str) -> tuple[Any, ...]:
    return tuple(library.documents[key][name] for name in names)


# Counts and numbering


def test_there_are_1312_clauses(clauses: Clauses) -> None:
    assert len(clauses) == 1312
    assert Counter(clause["source"] for clause in clauses.values()) == {
        "000": 46,
        "001": 70,
        "002": 417,
        "003": 40,
        "004": 739,
    }


@pytest.mark.parametrize(("document", "mark", "source", "count"), DOCUMENTS)
def test_a_document_has_all_its_clauses_in_order(
    library: Library, document: str, mark: str, source: str, count: int
) -> None:
    order = library.layouts[source]["order"]
    ids = [row["clause"] for row in order if "clause" in row]
    own = [one for one in ids if re.fullmatch(rf"{document}\.{mark}\d+", one)]
    assert own == [f"{document}.{mark}{number}" for number in range(1, count + 1)]
    numbers = [library.clauses[one]["number"] for one in own]
    assert numbers == list(range(1, count + 1))


@pytest.mark.parametrize(("part", "mark", "count"), [(p, *rest) for p, rest in PARTS.items()])
def test_a_part_of_the_checklist_has_all_its_points_in_order(
    library: Library, part: str, mark: str, count: int
) -> None:
    listed = [row["clause"] for row in library.layouts["004"]["order"] if "clause" in row]
    own = [one for one in listed if library.clauses[one]["part"] == part]
    assert [one.rpartition(".")[2] for one in own] == [f"{mark}{n}" for n in range(1, count + 1)]
    assert [library.clauses[one]["number"] for one in own] == list(range(1, count + 1))


def test_labels_print_the_numbers_with_one_misprint(library: Library) -> None:
    wrong: list[Row] = []
    dots = Counter[str]()
    for layout in library.layouts.values():
        for row in layout["order"]:
            if "clause" in row:
                number = library.clauses[row["clause"]]["number"]
                dots[row["label"].lstrip("0123456789")] += 1
                if row["label"] and int(row["label"][:-1]) != number:
                    wrong.append(row)
    assert wrong == [{"clause": "jzbf-2022-35.14", "label": "15."}]
    # The ten sections of 晋政发〔2021〕26号 have none.
    assert dots == {".": 1091, "．": 211, "": 10}


def test_the_misprinted_number_is_found_where_it_is_not_declared(knowledge: Path) -> None:
    (source,) = (source for source in SOURCES if source.name == "002")

    def reading(misnumbered: dict[int, int]) -> Source:
        books = tuple(
            replace(book, misnumbered=misnumbered) if book.misnumbered else book
            for book in source.books
        )
        assert books != source.books
        return replace(source, books=books)

    with pytest.raises(KnowledgeError) as caught:
        import_all(knowledge, (reading({}),))
    assert caught.value.faults == ["sources/002.txt:665: 条文编号应为 14，实为 15"]
    with pytest.raises(KnowledgeError) as caught:
        import_all(knowledge, (reading({13: 15, 14: 15}),))
    assert caught.value.faults == ["sources/002.txt:663: 条文编号应为 15，实为 13"]


def test_the_tables_have_63_and_107_rows(library: Library) -> None:
    texts = [text for _, text in entries(library, "004", "row")]
    numbers = [int(text.partition(".")[0]) for text in texts]
    assert numbers == [*range(1, 64), *range(1, 108)]


# Texts


def test_texts_are_one_line_without_blank(clauses: Clauses) -> None:
    for clause in clauses.values():
        # No two ASCII words follow each other anywhere in the sources.
        assert not any(character.isspace() for character in clause["text"]), clause["id"]
        assert clause["text"]


def test_clauses_that_do_not_end_as_a_clause_does_are_so_printed(
    clauses: Clauses, texts: dict[str, str]
) -> None:
    open_ended = {
        clause["id"]: clause for clause in clauses.values() if clause["text"][-1] not in "。）)"
    }
    assert set(open_ended) == {
        "jzbf-2022-34.53",
        "jzbf-2022-34.59",
        "jzbf-2023-95.rc29",
        "jwlf-2024-7.cs166",
        "jjsz-2024-151.cx36",
    }
    for clause in open_ended.values():
        printed = texts[clause["source"]].split("\n")[clause["lines"][1] - 1]
        assert clause["text"].endswith("".join(printed.split())[-5:])


@pytest.mark.parametrize(
    ("clause_id", "begins"),
    [
        ("jcg-2022-6.sc27", "400万元以下的政府采购项目全部预留给予中小企业，"),
        ("jzbf-2022-58.sc144", "2022年12月31日前，采取分批推广的方式"),
        ("jqf-2022-31.cx5", "2022年“创客中国”山西省中小企业创新创业大赛，"),
        ("jzbf-2022-34.5", "2022年至2024年扩大“六税两费”"),
        ("jzbf-2022-34.hb5", "2022年至2024年扩大“六税两费”"),
        ("jzbf-2022-33.32", "2022年,零售行业以单位方式"),
    ],
)
def test_a_label_before_a_digit_is_no_decimal(
    clauses: Clauses, clause_id: str, begins: str
) -> None:
    assert clauses[clause_id]["text"].startswith(begins)


def test_a_figure_is_whole_across_line_and_page(clauses: Clauses) -> None:
    assert "缓缴期限阶段性实施到2022年12月31日。" in clauses["jzf-2022-14.7"]["text"]
    assert "减按12.5%计入应纳税所得额" in clauses["jzf-2022-14.2"]["text"]
    assert "3.5吨及以下货车、1.6升及以下排量乘用车" in clauses["jzf-2022-14.23"]["text"]
    assert "不低于合同金额４０％的预付款" in clauses["jcg-2022-6.sc37"]["text"]


def test_faults_of_the_sources_are_kept(clauses: Clauses) -> None:
    assert "超超低排放" in clauses["jzf-2022-14.17"]["text"]
    assert clauses["jzf-2022-14.29"]["text"].count("持续深化非常规天然气增储上产。") == 2
    assert "提供服务and便利" in clauses["jzf-2021-26.9"]["text"]
    assert "标准从1%提高到在保业务余额的2%" in clauses["jf-2021-67.36"]["text"]
    assert "标准从１‰提高到在保业务余额的２‰" in clauses["jf-2021-67.cs186"]["text"]


# Furniture, strays, closings, prose


def test_page_numbers(library: Library) -> None:
    furniture = library.layouts
    assert furniture["000"]["furniture"] == [
        {"kind": "furniture", "lines": [377, 377], "text": "10"}
    ]
    assert furniture["001"]["furniture"] == [
        {"kind": "furniture", "lines": [2, 2], "text": "-1-"},
        {"kind": "furniture", "lines": [690, 690], "text": "-20-"},
    ]
    assert furniture["002"]["furniture"] == furniture["003"]["furniture"] == []


def test_running_headers_one_character_a_line_and_their_pages(library: Library) -> None:
    printed = [r for r in library.layouts["004"]["furniture"] if r["kind"] == "furniture"]
    headers, pages = printed[::2], printed[1::2]
    assert {row["text"] for row in headers} == {"山西省民营经济发展局"}
    assert [row["lines"] for row in headers] == [
        [first, first + 9] for first in (1905, 2166, 6271, 7348, 7771, 7835)
    ]
    assert [row["text"] for row in pages] == ["52", "59", "170", "199", "210", "212"]
    assert [row["lines"] for row in pages] == [
        [first + 13, first + 13] for first in (1905, 2166, 6271, 7348, 7771, 7835)
    ]


def test_the_clauses_around_furniture_are_whole(clauses: Clauses) -> None:
    assert "分布式取暖等工程项目。加快推动" in clauses["jzf-2022-14.17"]["text"]
    assert clauses["jzf-2022-14.17"]["lines"] == [371, 397]
    assert "审批核准备案、规划选址、用地" in clauses["jzbf-2022-103.sc157"]["text"]
    for clause in clauses.values():
        if clause["source"] == "004":
            assert "发展局52" not in clause["text"]
            assert not re.search(r"山西省民营经济发展局\d", clause["text"])


def test_the_stray_character_is_no_part_of_the_clause(library: Library) -> None:
    clause = library.clauses["hqzc-2025.sc193"]
    assert clause["lines"] == [2271, 2285]
    assert clause["text"].endswith("按照国家部署开展市场准入效能综合评估。")
    assert {"kind": "stray", "lines": [2285, 2285], "text": "山"} in library.layouts["004"][
        "furniture"
    ]


def test_the_foreign_title_is_no_part_of_the_clause(library: Library) -> None:
    strays = [r for r in library.layouts["004"]["furniture"] if r["kind"] == "stray"]
    assert "".join(row["text"] for row in strays if 7850 <= row["lines"][0] <= 7858) == (
        "山西省财政厅、国家税务总局山西省税务局关于明确免征土地增值税政策执行标准的公告"
        "(FBM-CLI.12.8441925)"
    )
    assert not any("FBM-CLI" in clause["text"] for clause in library.clauses.values())
    (clause,) = (
        c
        for c in library.clauses.values()
        if c["source"] == "004" and c["lines"][0] <= 7854 <= c["lines"][1]
    )
    assert "有偿使用手续" in clause["text"]


def test_a_closing_begins_in_the_middle_of_a_line(library: Library) -> None:
    last = library.clauses["jzbf-2022-34.70"]
    assert last["lines"] == [704, 710]
    assert last["text"].endswith("(责任单位:省发展改革委、省工信厅会同省有关单位)")
    ((lines, text),) = entries(library, "001", "closing")
    assert lines[0] == 710
    assert text.startswith("各有关部门要把稳定工业增长摆在当前工作重要位置,")


def test_closings_of_the_compilation(library: Library) -> None:
    closings = entries(library, "002", "closing")
    assert [lines[0] for lines, _ in closings] == [1135, 1199, 1355]
    assert all(text.startswith(("各", "省直")) for _, text in closings)
    assert library.clauses["jzf-2021-26.10"]["lines"][1] == 1197


def test_prose_under_a_heading_is_no_clause(library: Library) -> None:
    ((lines, text),) = entries(library, "002", "prose")
    assert lines == [621, 621]
    assert text.startswith("以习近平新时代中国特色社会主义思想为指导")
    assert library.clauses["jzbf-2022-35.1"]["section"] == "二、促进服务业恢复稳定增长"


def test_the_preface_tells_of_65_clauses_where_66_are_printed(library: Library) -> None:
    told = [text for _, text in entries(library, "002", "front") if "35号）出台" in text]
    assert ["65条" in text for text in told] == [True]
    assert "共包括177个文件和739个政策点" in entries(library, "004", "front")[0][1]


# Headings


def test_forty_six_clauses_in_seven_sections(clauses: Clauses) -> None:
    first = [clause for clause in clauses.values() if clause["source"] == "000"]
    assert Counter(c["section"] for c in first) == {
        "一、财税政策措施（9条）": 9,
        "二、金融政策措施（4条）": 4,
        "三、稳投资促消费等政策措施（11条）": 11,
        "四、保粮食能源安全政策措施（9条）": 9,
        "五、保产业链供应链稳定政策措施（7条）": 7,
        "六、保基本民生政策措施（3条）": 3,
        "七、组织保障措施（3条）": 3,
    }
    assert all(c["part"] is c["subsection"] is c["responsible"] is None for c in first)


def test_headings_lost_in_one_copy_are_those_of_the_other(library: Library) -> None:
    assert entries(library, "001", "heading") == []
    sections = Counter[str]()
    for number in range(1, 71):
        clause = library.clauses[f"jzbf-2022-34.{number}"]
        copy = library.clauses[f"jzbf-2022-34.hb{number}"]
        assert (clause["source"], copy["source"]) == ("001", "002")
        assert clause["section"] == copy["section"]
        sections[clause["section"]] += 1
    assert sections == {
        "一、强化财政税费政策支持": 12,
        "二、全面落实金融信贷政策": 10,
        "三、推进工业产品保供稳价": 7,
        "四、充分挖掘投资与消费潜力": 27,
        "五、完善资源要素和环境政策": 7,
        "六、做好工业经济运行监测与政策保障": 7,
    }


def test_subsections_run_on_over_the_sections(clauses: Clauses) -> None:
    own = [clauses[f"jzbf-2022-35.{number}"] for number in range(1, 67)]
    found = list(dict.fromkeys(c["subsection"] for c in own if c["subsection"]))
    assert [re.split(r"[（(）)]", name)[1] for name in found] == [
        *("一", "二", "三", "四", "五", "六", "七"),
        *("八", "九", "十", "十一", "十二", "十三", "十四"),
    ]
    assert {c["section"][:2] for c in own if c["subsection"] in found[:7]} == {"三、"}
    assert {c["section"][:2] for c in own if c["subsection"] in found[7:]} == {"四、"}
    # Sections without subsections do not keep that of the section before.
    assert {c["section"][:2] for c in own if not c["subsection"]} == {
        "二、",
        "五、",
        "六、",
        "七、",
    }


def test_places_of_points(clauses: Clauses) -> None:
    points = [clause for clause in clauses.values() if clause["source"] == "004"]
    assert {clause["part"] for clause in points} == set(PARTS)
    assert all(clause["section"] for clause in points)
    assert {(c["part"], c["section"], c["subsection"]) for c in points if c["subsection"]} == {
        ("市场建设篇", "一、市场构建类", f"（{ordinal}）市场{what}")
        for ordinal, what in (("一", "准入"), ("二", "优化"), ("三", "退出"))
    }
    assert {c["part"] for c in clauses.values() if c["source"] != "004"} == {None}


# 文号


def test_the_number_under_each_point_is_that_of_its_document(library: Library) -> None:
    """Read from the layout alone: what is printed below a point."""
    order = library.layouts["004"]["order"]
    home = {c["id"]: d for d in library.documents.values() for c in d["clauses"]}
    without: list[str] = []
    brackets = Counter[str]()
    for row, below in pairwise(order):
        if "clause" not in row:
            continue
        document = home[row["clause"]]
        if below.get("kind") != "doc_no":
            without.append(row["clause"])
            assert document["id"] == "hqzc-2025"
            continue
        printed = below["text"]
        brackets["".join(c for c in printed if not c.isalnum())] += 1
        assert re.sub(r"[\[（(]", "〔", re.sub(r"[\]）)]", "〕", printed)) == document["doc_no"]
    assert len(without) == len(library.documents["hqzc-2025"]["clauses"]) == 49
    assert brackets == {"〔〕": 671, "()": 14, "[]": 2, "（）": 2, "": 1}


def test_document_numbers_have_one_form(library: Library) -> None:
    numbers = [d["doc_no"] for d in library.documents.values() if d["doc_no"]]
    assert len(set(numbers)) == len(numbers)
    odd = [n for n in numbers if not re.fullmatch(r"晋[\u4e00-\u9fff]+〔20\d\d〕\d+号", n)]
    assert odd == ["国家税务总局山西省税务局公告2021年第3号"]


@pytest.mark.parametrize(
    ("clause_id", "doc_no"),
    [
        ("jfgggf-2021-127.sc7", "晋发改改革发〔2021〕127号"),
        ("jfgggf-2021-127.cs133", "晋发改改革发〔2021〕127号"),
        ("jkg-2024-13.cx81", "晋科规〔2024〕13号"),
        ("jcg-2021-15.ys32", "晋财购〔2021〕15号"),
        ("gszj-sx-2021-3.cs214", "国家税务总局山西省税务局公告2021年第3号"),
    ],
)
def test_styles_of_brackets_lead_to_one_document(
    library: Library, clause_id: str, doc_no: str
) -> None:
    assert clause_id in library.clauses
    assert library.documents[clause_id.partition(".")[0]]["doc_no"] == doc_no


@pytest.mark.parametrize(
    ("printed", "doc_no"),
    [
        ("晋政办发[2022]34 号", "晋政办发〔2022〕34号"),
        ("(晋政发〔2022〕14号)", "(晋政发〔2022〕14号)"),
        ("晋政办发［2023］ 56 号", "晋政办发〔2023〕56号"),
        ("晋商综函（2022）171号", "晋商综函〔2022〕171号"),
        ("晋发改改革发(2021)127号", "晋发改改革发〔2021〕127号"),
        ("晋政办发【2022】34号", "晋政办发〔2022〕34号"),
        ("某措施（试行）", "某措施（试行）"),
    ],
)
def test_document_numbers(printed: str, doc_no: str) -> None:
    assert normalise_doc_no(printed) == doc_no


def test_misprinted_numbers_are_read_as_corrected(library: Library) -> None:
    documents = library.documents
    assert len(documents["jnyzdf-2023-81"]["clauses"]) == 8
    assert documents["jnyzdf-2023-81"]["title"] == "山西省能源局优化能源营商环境三十条"
    assert documents["jfgtz-2022-91"]["doc_no"] == "晋发改投资〔2022〕91号"
    assert documents["jfgtz-2022-91"]["title"].startswith("关于发布2022年第一批鼓励民营企业")
    assert not any(key.startswith(("jfgtzh", "unknown")) for key in documents)
    # The layout keeps what is printed.
    rows = dict((lines[0], text) for lines, text in entries(library, "004", "row"))
    assert rows[10176].endswith("晋能源直党发〔20234〕81号")
    assert rows[10322].endswith("晋发改投资函（2022）91号")


# Titles, issuers, scopes


def test_particulars_of_the_first_document(library: Library) -> None:
    document = library.documents["jzf-2022-14"]
    assert {key: document[key] for key in list(document)[:8]} == {
        "id": "jzf-2022-14",
        "doc_no": "晋政发〔2022〕14号",
        "title": "山西省扎实推进稳住经济一揽子政策措施行动计划",
        "issuer": "山西省人民政府",
        "issuer_from": "front",
        "issued_on": "2022-06-01",
        "scope": "province",
        "unit": "条",
    }


@pytest.mark.parametrize(
    ("key", "doc_no", "title", "issuer", "issuer_from", "issued_on"),
    [
        (
            "jzbf-2022-34",
            "晋政办发〔2022〕34号",
            "山西省促进工业经济平稳增长行动方案",
            OFFICE,
            "front",
            "2022-04-14",
        ),
        (
            "jzbf-2023-56",
            "晋政办发〔2023〕56号",
            "山西省全力稳增长推动经济持续回升向好的若干措施",
            OFFICE,
            "front",
            "2023-09-15",
        ),
        (
            "jf-2021-67",
            "晋发〔2021〕67号",
            "关于实施市场主体倍增工程的意见",
            "中共山西省委、山西省人民政府",
            "compilation",
            None,
        ),
        (
            "jsz-2022-56",
            "晋商综〔2022〕56号",
            "支持商务领域市场主体倍增实施方案",
            "山西省商务厅",
            "compilation",
            None,
        ),
        (
            "hqzc-2025",
            "",
            "2021-2025年惠企政策点清单",
            "山西省民营经济发展局",
            "checklist",
            None,
        ),
        # The title begins with who issued it, alone or with others.
        (
            "jzf-2023-16",
            "晋政发〔2023〕16号",
            "山西省人民政府关于印发山西省科学技术奖励办法的通知",
            "山西省人民政府",
            "title",
            None,
        ),
        (
            "jsifa-2024-22",
            "晋司发〔2024〕22号",
            "山西省司法厅、山西省律师协会关于开展“法治护航特色专业镇”专项普法活动的通知",
            "山西省司法厅、山西省律师协会",
            "title",
            None,
        ),
        (
            "jnydlf-2021-190",
            "晋能源电力发〔2021〕190号",
            "山西省发展和改革委员会山西省能源局关于印发《全面提升“获得电力”服务水平持续优化用电营商环境工作方案》的通知",
            "山西省发展和改革委员会、山西省能源局",
            "title",
            None,
        ),
        # It does not, so the code before the year says it.
        (
            "jzbf-2024-48",
            "晋政办发〔2024〕48号",
            "山西省加力支持大规模设备更新和消费品以旧换新具体措施",
            OFFICE,
            "doc_no",
            None,
        ),
        # The tables have no title.
        ("jzbf-2021-1", "晋政办发〔2021〕1号", None, OFFICE, "doc_no", None),
        # Nothing says who issued it.
        (
            "jjjgy-2024-1",
            "晋金监管一〔2024〕1号",
            "“三晋贷款码”融资服务平台管理办法（试行）",
            None,
            None,
            None,
        ),
        (
            "wh-b103",
            "",
            "关于组织申报2022年度山西省重点研发计划(半导体与新材料领域)项目的通知",
            None,
            None,
            None,
        ),
        # The text layer has put 无 between the two lines of the title.
        (
            "wh-b105",
            "",
            "山西省财政厅、国家税务总局山西省税务局关于明确免征土地增值税政策执行标准的公告",
            "山西省财政厅、国家税务总局山西省税务局",
            "title",
            None,
        ),
        # ⼭ and others are printed as radicals.
        (
            "jcj-2022-63",
            "晋财教〔2022〕63号",
            "山西省财政厅山西省科技厅关于印发《省级新型研发机构财政支持资金管理办法（试行）》的通知",
            "山西省财政厅、山西省科技厅",
            "title",
            None,
        ),
    ],
)
def test_particulars(
    library: Library,
    key: str,
    doc_no: str,
    title: str | None,
    issuer: str | None,
    issuer_from: str | None,
    issued_on: str | None,
) -> None:
    assert particulars(library, key, "doc_no", "title", "issuer", "issuer_from", "issued_on") == (
        doc_no,
        title,
        issuer,
        issuer_from,
        issued_on,
    )


def test_each_row_of_the_tables_gives_its_title_to_its_document(library: Library) -> None:
    """A row prints the title and the 文号 of a document one after the other, and no more."""
    one_style = str.maketrans("[［（(〔)）］]〕⼭⽀⾦⾏", "〔〔〔〔〔〕〕〕〕〕山支金行")
    whole = Counter(
        f"{d['title']}{d['doc_no'] or '无'}".translate(one_style)
        for d in library.documents.values()
    )
    # Documents printed in full have the title that stands above their clauses.
    in_full = {library.documents[key]["doc_no"] for key, *_ in DOCUMENTS}
    others = [
        lines[0]
        for lines, text in entries(library, "004", "row")
        if whole[text.partition(". ")[2].translate(one_style)] != 1
        and not text.endswith(tuple(in_full))
    ]
    # Those that corrections.yml corrects.
    assert others == [10176, 10322, 10575]


def test_titles_hold_no_radicals_and_no_blanks(library: Library) -> None:
    for document in library.documents.values():
        title = document["title"] or ""
        assert not re.search(r"[\u2e80-\u2fdf\s]", title), document["id"]


def test_sections_without_numbers_are_called_parts(library: Library) -> None:
    assert [d["id"] for d in library.documents.values() if d["unit"] != "条"] == ["jzf-2021-26"]
    assert library.documents["jzf-2021-26"]["unit"] == "部分"
    first = library.clauses["jzf-2021-26.1"]
    assert (first["number"], first["lines"]) == (1, [1145, 1151])


def test_the_documents_of_the_zone_are_for_the_zone(library: Library) -> None:
    zone = [d for d in library.documents.values() if d["scope"] != "province"]
    assert {d["scope"] for d in zone} == {"山西转型综合改革示范区"}
    assert {d["doc_no"]: len(d["clauses"]) for d in zone} == {
        "晋综示规发〔2023〕3号": 10,
        "晋综改规发〔2025〕1号": 41,
    }
    assert all(
        d["scope"] != "province" for d in library.documents.values() if d["doc_no"][:2] == "晋综"
    )


# What must stand in a front; unreadable sources


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"doc_no": "某政发〔2022〕4号"}, "文号“某政发〔2022〕4号”"),
        ({"title": "某方案"}, "标题“某方案”"),
        ({"issuer": "某市人民政府"}, "发文机关“某市人民政府”"),
        ({"issued_on": "2022-06-02"}, "印发日期“2022年6月2日”"),
    ],
)
def test_particulars_must_stand_in_the_front(
    import_text: Import, small_text: str, small_book: Book, change: dict[str, Any], missing: str
) -> None:
    assert small_book.issue is not None
    book = replace(small_book, issue=replace(small_book.issue, **change))
    with pytest.raises(KnowledgeError) as caught:
        import_text(small_text, book)
    assert caught.value.faults == [f"sources/small.txt:9: 到此为止的文前内容中没有{missing}"]


def test_what_the_compilation_does_not_print_need_not_stand_in_the_front(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    assert small_book.issue is not None
    issue = replace(small_book.issue, issuer="某省委", issued_on=None)
    elsewhere = replace(issue, elsewhere=frozenset({"issuer"}))
    library = import_text(small_text, replace(small_book, issue=elsewhere))
    assert particulars(library, "small-2022-3", "issuer", "issuer_from", "issued_on") == (
        "某省委",
        "compilation",
        None,
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "sources/small.txt:1: 无法读取（No such file or directory）"),
        ("甲\n乙".encode() + b"\xff", "sources/small.txt:2: 不是 UTF-8 文本"),
        (b"", "sources/small.txt:1: 没有找到以“某省人民政府”开头的部分"),
        (b"\n \n", "sources/small.txt:1: 没有找到以“某省人民政府”开头的部分"),
    ],
)
def test_unreadable_sources(
    small_root: Path, small_book: Book, content: bytes | None, fault: str
) -> None:
    if content is not None:
        (small_root / "sources" / "small.txt").write_bytes(content)
    with pytest.raises(KnowledgeError) as caught:
        import_all(small_root, (Source("small", (small_book,)),))
    assert caught.value.faults == [fault]


def test_line_ends_of_another_system_change_nothing(import_text: Import, small_text: str) -> None:
    before = import_text(small_text)
    assert import_text(small_text.replace("\n", "\r\n")) == before
    assert import_text("\ufeff" + small_text) == before


def test_the_faults_of_all_sources_are_told_together(
    small_root: Path, small_text: str, small_book: Book
) -> None:
    for name in ("one", "two"):
        (small_root / "sources" / f"{name}.txt").write_text(small_text.replace("2.", "5."), "utf-8")
    with pytest.raises(KnowledgeError) as caught:
        import_all(small_root, tuple(Source(name, (small_book,)) for name in ("one", "two")))
    assert caught.value.faults == [
        "sources/one.txt:17: 条文编号应为 2，实为 5",
        "sources/two.txt:17: 条文编号应为 2，实为 5",
    ]


# Documents out of points and tables


def test_points_and_rows_of_one_number_are_one_document(
    import_list: Callable[[str], Library], list_text: str
) -> None:
    library = import_list(list_text)
    assert {
        key: (d["doc_no"], d["title"], d["issuer"], d["issuer_from"], d["scope"], len(d["clauses"]))
        for key, d in library.documents.items()
        if key != "hqzc-2025"
    } == {
        "jmf-2021-4": (
            "晋某发〔2021〕4号",
            "某省某厅关于甲的通知",
            "某省某厅",
            "title",
            "province",
            2,
        ),
        "wh-a2": ("", "某办法", None, None, "province", 0),
        "jmqf-2022-5": ("晋某区发〔2022〕5号", None, "某区管委会", "doc_no", "某区", 1),
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "晋某区发[2022] 5 号",
            "晋别发〔2022〕5号",
            "11: issuers.yml 没有文号“晋别发〔2022〕5号”的代字",
        ),
        (
            "晋某发〔2021〕\n\n4 号",
            "晋某发〔20214〕4号",
            "27: issuers.yml 没有文号“晋某发〔20214〕4号”的代字",
        ),
        ("某办法\n\n无", "某办法", "35: 表格这一行没有文号：“某办法”"),
    ],
)
def test_faults_of_points_and_rows(
    import_list: Callable[[str], Library], list_text: str, old: str, new: str, fault: str
) -> None:
    assert old in list_text
    with pytest.raises(KnowledgeError) as caught:
        import_list(list_text.replace(old, new))
    assert any(f.startswith(f"sources/small.txt:{fault}") for f in caught.value.faults), (
        caught.value.faults
    )


@pytest.mark.parametrize(
    ("title", "issuer", "issuer_from"),
    [
        ("某省某厅、某省人民政府关于甲的通知", "某省某厅、某省人民政府", "title"),
        ("某省某厅某省人民政府关于甲的通知", "某省某厅、某省人民政府", "title"),
        ("某省某厅等3部门关于甲的通知", "某省某厅", "title"),
        ("关于甲的通知", "某区管委会", "doc_no"),
        # What carries out the measures of a body need not be its own.
        ("某省人民政府落实甲的办法", "某区管委会", "doc_no"),
    ],
)
def test_who_issued_a_document_of_the_tables(
    import_list: Callable[[str], Library],
    list_text: str,
    title: str,
    issuer: str,
    issuer_from: str,
) -> None:
    library = import_list(list_text.replace("某办法\n\n无", f"{title}\n\n晋某区发〔2022〕5号"))
    document = library.documents["jmqf-2022-5"]
    assert (document["title"], document["issuer"], document["issuer_from"]) == (
        title,
        issuer,
        issuer_from,
    )


# YAML


def test_the_committed_files_are_what_the_sources_give(
    library: Library, committed: Library
) -> None:
    assert committed.documents == library.documents
    assert committed.layouts == library.layouts


def test_yaml_reads_back_as_the_document(library: Library) -> None:
    document = library.documents["jzf-2022-14"]
    text = dump_document(document)
    assert yaml.safe_load(text) == document
    assert text.startswith("# Made from sources/000.txt by `wence kb import`; do not edit.\n")
    assert "issued_on: '2022-06-01'" in text
    assert "\\u" not in text
    longest = max(document["clauses"], key=lambda clause: len(clause["text"]))
    assert f"    text: {longest['text']}\n" in text


def test_a_document_of_two_sources_names_both(library: Library) -> None:
    text = dump_document(library.documents["jzbf-2022-34"])
    assert text.startswith("# Made from sources/001.txt、sources/002.txt、sources/004.txt by")
    assert dump_document(library.documents["wh-b105"]).startswith("# Made from the tables of")


def test_layouts_are_one_line_an_entry(library: Library) -> None:
    layout = library.layouts["001"]
    text = dump_layout(layout)
    assert yaml.safe_load(text) == layout
    rows = [line for line in text.split("\n") if line.startswith("  - {")]
    assert len(rows) == len(layout["order"]) + len(layout["furniture"])
