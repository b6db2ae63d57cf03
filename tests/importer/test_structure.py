"""Labels, headings, claimed counts, numbering, 文号; each fault with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import KnowledgeError
from bot.importer import Book, Library

Import = Callable[..., Library]


def told(library: Library) -> list[tuple[int, str | None, str]]:
    return [(c["number"], c["section"], c["text"]) for c in library.clauses.values()]


def entries(library: Library, kind: str) -> list[tuple[list[int], str]]:
    rows = library.layouts["small"]["order"]
    return [(row["lines"], row["text"]) for row in rows if row.get("kind") == kind]


def faults(run: Callable[[], Any]) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        run()
    return [fault.removeprefix("sources/small.txt:") for fault in caught.value.faults]


def test_labels_become_numbers_and_headings_are_kept_as_printed(
    import_text: Import, small_text: str
) -> None:
    library = import_text(small_text)
    assert told(library) == [
        (1, "一、财税（2条）", "甲。补助100万元。"),
        (2, "一、财税（2条）", "乙。"),
        (3, "二、金融（1条）", "丙。"),
    ]
    assert [c["lines"] for c in library.clauses.values()] == [[13, 15], [17, 17], [21, 21]]
    assert entries(library, "heading") == [
        ([11, 11], "一、财税（2条）"),
        ([19, 19], "二、金融（1条）"),
    ]
    assert [text for _, text in entries(library, "front")] == [
        "某省人民政府",
        "关于印发某计划的通知",
        "某政发[2022]3号",
        "现将《某计划》印发给你们。",
        "2022年6月1日",
    ]


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("2.", "2."),
        ("2．", "2．"),
        ("2 .", "2."),
        ("2. ", "2."),
        ("2.\u3000", "2."),
        ("２．", "２．"),
        ("2.\n\n", "2."),
    ],
)
def test_forms_of_a_label(import_text: Import, small_text: str, label: str, kept: str) -> None:
    library = import_text(small_text.replace("2.乙", f"{label}乙"))
    assert told(library)[1] == (2, "一、财税（2条）", "乙。")
    order = library.layouts["small"]["order"]
    assert [row["label"] for row in order if "label" in row] == ["1.", kept, "3."]


def test_a_decimal_at_the_start_of_a_line_is_no_label(import_text: Import, small_text: str) -> None:
    text = small_text.replace("万元。", "万元，购买\n\n3.5吨货车、\n\n2.0升、\n\n1.6升轿车。")
    assert told(import_text(text))[0][2] == "甲。补助100万元，购买3.5吨货车、2.0升、1.6升轿车。"


def test_a_decimal_that_is_not_due_is_no_label_even_after_a_full_stop(
    import_text: Import, small_text: str
) -> None:
    text = small_text.replace("万元。", "万元。\n\n3.5吨货车另议。")
    assert told(import_text(text))[0][2] == "甲。补助100万元。3.5吨货车另议。"


def test_a_due_label_before_a_digit_is_no_decimal(import_text: Import, small_text: str) -> None:
    library = import_text(small_text.replace("2.乙", "2.400 万元以下的乙"))
    assert told(library)[1] == (2, "一、财税（2条）", "400万元以下的乙。")


def test_a_decimal_where_its_number_is_due_is_told_from_a_label_by_the_clause_before(
    import_text: Import, small_text: str
) -> None:
    # The clause before has ended, so this reads as label 2; the true 2 then is found.
    text = small_text.replace("万元。", "万元。\n\n2.5亿元以上的另议。")
    assert "19: 条文编号应为 3，实为 2" in faults(lambda: import_text(text))


def test_furniture_within_a_clause_goes_to_the_layout(import_text: Import, small_text: str) -> None:
    library = import_text(small_text.replace("万元。", "某\n页\n眉\n\n\n\n12\n\n万元。"))
    assert told(library)[0][2] == "甲。补助100万元。"
    assert library.layouts["small"]["furniture"] == [
        {"kind": "furniture", "lines": [15, 17], "text": "某页眉"},
        {"kind": "furniture", "lines": [21, 21], "text": "12"},
    ]


def test_a_stray_within_a_clause_goes_to_the_layout(import_text: Import, small_text: str) -> None:
    library = import_text(small_text.replace("万元。", "万某办 法元。"), strays={15: "某办 法"})
    assert told(library)[0][2] == "甲。补助100万元。"
    assert library.layouts["small"]["furniture"] == [
        {"kind": "stray", "lines": [15, 15], "text": "某办法"}
    ]


def test_closing(import_text: Import, small_text: str, small_book: Book) -> None:
    text = f"{small_text}\n本计划自印发\n\n之日起施行。\n\n二、抄送\n\n4.某厅。\n"
    library = import_text(text, replace(small_book, closing="本计划"))
    assert told(library)[-1][2] == "丙。"
    # What looks like a heading or a clause is none there.
    assert entries(library, "closing") == [([23, 29], "本计划自印发之日起施行。二、抄送4.某厅。")]


def test_a_closing_that_begins_in_the_middle_of_a_line(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    text = small_text.replace("3.丙。", "3.丙。各部门\n\n要落实。")
    library = import_text(text, replace(small_book, closing="各部门"), cuts={21: "各部门"})
    assert told(library)[-1][2] == "丙。"
    assert library.clauses["small-2022-3.3"]["lines"] == [21, 21]
    assert entries(library, "closing") == [([21, 23], "各部门要落实。")]


def test_a_book_without_its_closing_is_a_fault(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    book = replace(small_book, closing="本计划")
    assert faults(lambda: import_text(small_text, book)) == ["21: 没有找到以“本计划”开头的结尾"]


def test_subsections_that_run_on_over_the_sections(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    headings = {**small_book.headings, "subsection": r"[（(](?P<running>[一二三]+)[）)].+"}
    text = small_text.replace("2.乙", "（一）减税\n\n2.乙").replace("3.丙", "(二)贷款\n\n3.丙")
    library = import_text(text, replace(small_book, headings=headings))
    assert [c["subsection"] for c in library.clauses.values()] == [None, "（一）减税", "(二)贷款"]
    anew = text.replace("(二)", "(一)")
    assert faults(lambda: import_text(anew, replace(small_book, headings=headings))) == [
        "23: 标题序号应为第 2，实为“一”"
    ]


def test_subsections_that_begin_anew_in_each_section(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    headings = {**small_book.headings, "subsection": r"（(?P<ordinal>[一二三]+)）.+"}
    text = small_text.replace("2.乙", "（一）减税\n\n2.乙").replace("3.丙", "（一）贷款\n\n3.丙")
    library = import_text(text, replace(small_book, headings=headings))
    assert [c["subsection"] for c in library.clauses.values()] == [None, "（一）减税", "（一）贷款"]
    # The next section has left the subsection of the one before.
    text = small_text.replace("1.甲", "（一）减税\n\n1.甲")
    library = import_text(text, replace(small_book, headings=headings))
    assert [c["subsection"] for c in library.clauses.values()] == ["（一）减税", "（一）减税", None]


def test_words_in_a_clause_that_look_like_a_heading(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    # A clause that has not ended goes on.
    text = small_text.replace("2.乙。", "2.乙为\n\n二、某类（1条）\n\n之一。")
    assert told(import_text(text))[1][2] == "乙为二、某类（1条）之一。"


def test_prose_under_a_heading(import_text: Import, small_text: str, small_book: Book) -> None:
    text = small_text.replace("1.甲", "总的要求是先甲，\n\n后乙。\n\n1.甲")
    assert faults(lambda: import_text(text))[0] == (
        "13: 标题“一、财税（2条）”之后应为条文或下一级标题"
    )
    library = import_text(text, replace(small_book, prose=("总的要求",)))
    assert entries(library, "prose") == [([13, 15], "总的要求是先甲，后乙。")]
    assert told(library)[0][2] == "甲。补助100万元。"


def test_sections_without_numbers_are_clauses(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    book = replace(small_book, holds="sections", headings={"section": r"(?P<ordinal>[一二])、.+"})
    text = small_text.replace("1.甲", "甲").replace("2.乙", "乙").replace("3.丙", "丙")
    library = import_text(text, replace(book, count=2))
    assert told(library) == [
        (1, "一、财税（2条）", "甲。补助100万元。乙。"),
        (2, "二、金融（1条）", "丙。"),
    ]
    assert library.documents["small-2022-3"]["unit"] == "部分"
    assert [row["label"] for row in library.layouts["small"]["order"] if "label" in row] == ["", ""]


def test_a_misprinted_number_is_read_as_declared(
    import_text: Import, small_text: str, small_book: Book
) -> None:
    text = small_text.replace("2.乙", "3.乙")
    assert faults(lambda: import_text(text)) == ["17: 条文编号应为 2，实为 3"]
    library = import_text(text, replace(small_book, misnumbered={2: 3}))
    assert list(library.clauses) == ["small-2022-3.1", "small-2022-3.2", "small-2022-3.3"]
    assert library.layouts["small"]["order"][-3] == {"clause": "small-2022-3.2", "label": "3."}
    # Declared, but not so printed.
    book = replace(small_book, misnumbered={2: 3})
    assert faults(lambda: import_text(small_text, book)) == ["17: 条文编号应为 3，实为 2"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2条", "3条", ["11: 标题“一、财税（3条）”称有 3 条，实为 2 条"]),
        ("1条", "2条", ["19: 标题“二、金融（2条）”称有 2 条，实为 1 条"]),
        ("2.乙", "4.乙", ["17: 条文编号应为 2，实为 4"]),
        ("3.丙", "1.丙", ["21: 条文编号应为 3，实为 1"]),
        (
            "2.乙。\n",
            "",
            [
                "20: 条文编号应为 2，实为 3",
                "11: 标题“一、财税（2条）”称有 2 条，实为 1 条",
                "20: “某省人民政府”应有 3 条，实为 2 条",
            ],
        ),
        (
            "3.丙。\n",
            "3.丙。\n4.丁。\n",
            [
                "19: 标题“二、金融（1条）”称有 1 条，实为 2 条",
                "22: “某省人民政府”应有 3 条，实为 4 条",
            ],
        ),
        ("二、", "三、", ["19: 标题序号应为第 2，实为“三”"]),
        ("二、", "一、", ["19: 标题序号应为第 2，实为“一”"]),
        ("某政发", "无政发", ["11: 在此之前没有找到以“某政发”开头的文前内容"]),
        ("1.甲", "甲", ["13: 标题“一、财税（2条）”之后应为条文或下一级标题"]),
        ("3.丙。\n", "", ["19: 标题“二、金融（1条）”之下没有条文"]),
        ("某省人民政府\n", "他省人民政府\n", ["1: 首行与登记的文前内容不符"]),
    ],
)
def test_faults_name_file_and_line(
    import_text: Import, small_text: str, old: str, new: str, expected: list[str]
) -> None:
    found = faults(lambda: import_text(small_text.replace(old, new, 1)))
    assert {*expected} <= {*found}, found


def test_a_book_that_does_not_begin_is_a_fault(
    import_text: Import, list_text: str, list_books: tuple[Book, Book]
) -> None:
    text = list_text.replace("省级政策汇总表", "市级政策汇总表")
    assert "39: 没有找到以“省级政策汇总表”开头的部分" in faults(
        lambda: import_text(text, *list_books)
    )


def test_points_with_and_without_the_number_of_their_document(
    import_list: Callable[[str], Library], list_text: str
) -> None:
    library = import_list(list_text)
    assert {key: clause["text"] for key, clause in library.clauses.items()} == {
        "jmf-2021-4.sc1": "甲。补助100万元。",
        "jmf-2021-4.sc4": "丁。",
        "jmqf-2022-5.sc2": "乙。",
        "hqzc-2025.sc3": "丙。",
    }
    assert {clause["part"] for clause in library.clauses.values()} == {"市场篇"}
    assert [row.get("clause", row.get("kind")) for row in library.layouts["small"]["order"]] == [
        "heading",
        "heading",
        "jmf-2021-4.sc1",
        "doc_no",
        "jmqf-2022-5.sc2",
        "doc_no",
        "hqzc-2025.sc3",
        "heading",
        "jmf-2021-4.sc4",
        "doc_no",
        "front",
        "front",
        "row",
        "row",
    ]
    assert [text for _, text in entries(library, "doc_no")] == [
        "晋某发〔2021〕4号",
        "晋某区发[2022]5号",
        "晋某发（2021）4号",
    ]


def test_what_follows_the_number_of_a_document_must_be_the_next_point(
    import_list: Callable[[str], Library], list_text: str
) -> None:
    text = list_text.replace("2．乙。", "多出的话。\n\n2．乙。")
    assert faults(lambda: import_list(text)) == ["11: 文号“晋某发〔2021〕4号”之后应为下一条或标题"]


def test_a_number_of_a_document_within_a_point_belongs_to_it(
    import_list: Callable[[str], Library], list_text: str
) -> None:
    library = import_list(list_text.replace("2．乙。", "2．乙，依照晋某发〔2021〕4 号办理。"))
    assert library.clauses["jmqf-2022-5.sc2"]["text"] == "乙，依照晋某发〔2021〕4号办理。"
