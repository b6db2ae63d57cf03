"""The answer to one question, read over the real facts: a value, 不清楚, 不方便说, or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policies.eligibility.answers import (
    Answer,
    read_answer,
    rough_sides,
    says_unknown,
    will_not_say,
)
from bot.policies.eligibility.facts import Fact
from bot.policies.model import Snapshot

DAY = date(2026, 11, 21)
FIRST_TIME = "first_time_above_scale"  # 企业是第一次升为规模以上企业（小升规）吗？
EMERGING = "strategic_emerging"  # 企业属于战略性新兴产业吗？


@pytest.fixture(scope="module")
def facts(snapshot: Snapshot) -> dict[str, Fact]:
    return dict(snapshot.facts.facts)


def read(fact: Fact, text: str, *, alone: bool = True) -> Answer | None:
    return read_answer(text, fact, DAY, alone=alone)


def value(fact: Fact, text: str) -> object:
    """The value that is read; anything else than a value as its kind, in brackets."""
    answer = read(fact, text)
    if answer is None:
        return "[nothing]"
    return answer.value if answer.kind == "value" else f"[{answer.kind}]"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "是",
            "是的",
            "是呀",
            "对",
            "对的",
            "对头",
            "没错",
            "嗯",
            "嗯嗯",
            "恩",
            "中",
            "有的",
            "算是吧",
        ),
        *("当然", "确实是", "必须的", "应该是", "好像是", "OK", "ok", "yes", "y"),
        *("嗯，头一回", "头一回", "第一次", "首次", "是第一次", "对啊，今年刚进"),
        *("我们是", "公司是的", "俺们厂里是头一回", "我们今年头一回升规"),
        "没问题",
        "没毛病",
        "非常符合",
        "无疑是",
        "不仅是，还拿过奖",
    ],
)
def test_yes(facts: dict[str, Fact], text: str) -> None:
    assert value(facts[FIRST_TIME], text) is True


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不是",
            "不是的",
            "不",
            "不对",
            "没",
            "没有",
            "没有呢",
            "木有",
            "莫有",
            "否",
            "还没呢",
            "no",
            "n",
        ),
        *(
            "不是，以前进过",
            "以前进过",
            "以前进过一回",
            "没有，以前就是规上",
            "不是第一次",
            "都不是",
        ),
        *("从来没", "不算", "没升", "应该不是", "好像不是", "我们不是", "其实不是", "目前没有"),
        *("当然不是", "肯定不是", "确实不是", "确实没有", "当然没有", "已经不是了"),
    ],
)
def test_no(facts: dict[str, Fact], text: str) -> None:
    assert value(facts[FIRST_TIME], text) is False


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        (EMERGING, "是战新", True),
        (EMERGING, "对，战新企业", True),
        (EMERGING, "我们是做新能源的，属于战新", True),
        (EMERGING, "不是战新", False),
        (EMERGING, "传统行业", False),
        (EMERGING, "不属于", False),
        ("high_tech_enterprise", "有的，去年拿的", True),
        ("high_tech_enterprise", "没有证", False),
        ("high_tech_enterprise", "还没认", False),
        ("high_tech_enterprise", "是高企", True),
        ("high_tech_enterprise", "不是高企", False),
        ("in_transformation_zone", "不在", False),
        ("in_transformation_zone", "在综改区", True),
        ("in_transformation_zone", "不在综改区", False),
        ("manufacturing", "是，做机械加工的", True),
    ],
)
def test_the_facts_own_words_are_a_yes_or_a_no(
    facts: dict[str, Fact], fact: str, text: str, expected: bool
) -> None:
    assert value(facts[fact], text) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("那能拿多少钱", "是不是要看去年", "怎么算第一次", "为啥问这个", "什么叫首次", "对不对"),
        *("有没有电话", "是什么意思", "归谁管", "啥叫规上？", "能不能先说金额", "你说呢"),
        *("是谁管", "是几号截止", "有电话没", "能申请不", "对了，谁管这个"),
    ],
)
def test_a_question_is_no_answer(facts: dict[str, Fact], text: str) -> None:
    assert read(facts[FIRST_TIME], text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  ",
            "，。",
            "呃呃",
            "天气真好",
            "随便",
            "你管我",
            "太原的",
            "继续",
            "5",
            "以后告诉你",
        ),
        "会计不在",
        "行业是批发",
        "能源企业",
        "没听懂",
        "没看懂",
        "没明白",
        "没裁员",
        "不用了",
    ],
)
def test_what_answers_nothing_is_no_yes_or_no(facts: dict[str, Fact], text: str) -> None:
    assert read(facts[FIRST_TIME], text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不清楚",
            "不太清楚",
            "不知道",
            "我也不晓得",
            "不确定",
            "没数",
            "忘了",
            "记不清了",
            "说不好",
        ),
        *(
            "得问会计",
            "我得问问会计",
            "要问老板",
            "这个说不准",
            "拿不准",
            "没统计过",
            "不知道算不算",
        ),
    ],
)
@pytest.mark.parametrize("fact", [FIRST_TIME, "sector", "staff", "revenue", "layoff_rate"])
def test_not_known(facts: dict[str, Fact], fact: str, text: str) -> None:
    assert read(facts[fact], text) == Answer("unknown")
    assert says_unknown(text)
    assert not will_not_say(text)


@pytest.mark.parametrize(
    "text",
    [*("不一定", "没准", "没准是", "不见得", "不好说", "未必")],
)
def test_not_sure_is_no_no(facts: dict[str, Fact], text: str) -> None:
    assert value(facts[FIRST_TIME], text) is not False


@pytest.mark.parametrize(
    "text",
    [
        *("不方便说", "不太方便透露", "不便透露", "保密", "不想说", "能不说吗", "可以不说吗"),
        *("商业秘密", "这个不能说", "不愿意讲", "不告诉你", "别问了"),
    ],
)
@pytest.mark.parametrize("fact", [FIRST_TIME, "sector", "staff", "revenue", "layoff_rate"])
def test_not_told(facts: dict[str, Fact], fact: str, text: str) -> None:
    assert read(facts[fact], text) == Answer("withheld")
    assert will_not_say(text)


@pytest.mark.parametrize(
    "text",
    [
        "做批发的",
        "做隐私计算的",
        "生产保密设备的",
    ],
)
def test_what_a_firm_does_is_no_refusal(facts: dict[str, Fact], text: str) -> None:
    assert read(facts["sector"], text) != Answer("withheld")


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        (EMERGING, "不是", False),
        (EMERGING, "不是，太原的", False),
        (EMERGING, "对，太原的", True),
        (EMERGING, "太原的", None),
        (FIRST_TIME, "不是战新", None),
        (FIRST_TIME, "是战新", None),
        (FIRST_TIME, "没有战新", None),
        (FIRST_TIME, "不是，不是战新", False),
        (FIRST_TIME, "是的，战新", True),
        (FIRST_TIME, "不对，我们是做批发的", None),
    ],
)
def test_beside_other_things_a_yes_or_no_stands_by_itself(
    facts: dict[str, Fact], fact: str, text: str, expected: bool | None
) -> None:
    answer = read(facts[fact], text, alone=False)
    assert (answer.value if answer else None) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三百来号人", 300),
        ("300", 300),
        ("80人", 80),
        ("我们厂80个人", 80),
        ("大概八十", 80),
        ("差不多300", 300),
        ("120多个", 120),
        ("一千二", 1200),
        ("两百五", 250),
        ("一百零五", 105),
        ("二三十人", "[nothing]"),
        ("不到20人", 19),
        ("一个也没有", 0),
        ("职工80人，社保交了60人", 80),
        ("多少人", "[nothing]"),
        ("3.5人", "[nothing]"),
        ("100到120", "[nothing]"),
        ("1000000000", "[nothing]"),
        ("3200万", "[nothing]"),
        ("几十个", "[nothing]"),
        ("300不到", 299),
        ("80人不到", 79),
    ],
)
def test_a_count(facts: dict[str, Fact], text: str, expected: object) -> None:
    assert value(facts["staff"], text) == expected


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("八九十个人", 80, 90),
        ("五六百人", 500, 600),
        ("两三百人", 200, 300),
        ("七八个", 7, 8),
        ("百八十人", 80, 120),
    ],
)
def test_a_rough_count_is_about_so_much_or_asked_again(
    facts: dict[str, Fact], text: str, least: int, most: int
) -> None:
    found = value(facts["staff"], text)
    assert found == "[nothing]" or (isinstance(found, int) and least <= found <= most)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三千二百万", 32_000_000),
        ("3200万", 32_000_000),
        ("３２００万", 32_000_000),
        ("3,200万", 32_000_000),
        ("3200w", 32_000_000),
        ("三千万左右吧", 30_000_000),
        ("三千多万", 30_000_000),
        ("1.2亿", 120_000_000),
        ("一亿二", 120_000_000),
        ("1个亿", 100_000_000),
        ("3200元", 3200),
        ("12000000", 12_000_000),
        ("没有", 0),
        ("0", 0),
        ("几百万", "[nothing]"),
        ("不到2000万", "[nothing]"),
        ("2000-3000万", "[nothing]"),
        ("去年3000万，今年4000万", "[nothing]"),
        ("三百来号人", "[nothing]"),
        ("上一年的多少算", "[nothing]"),
        ("2000万不到", "[nothing]"),
    ],
)
def test_a_sum(facts: dict[str, Fact], text: str, expected: object) -> None:
    assert value(facts["revenue"], text) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3200", 3200),
        ("大概3200", 3200),
        ("500", 500),
        *(
            ("三千二", 3200),
            ("三千", 3000),
            ("去年3200", 3200),
            ("1,500", 1500),
            ("2000多", 2000),
        ),
    ],
)
def test_of_a_bare_sum_the_unit_is_asked_for(
    facts: dict[str, Fact], text: str, number: int
) -> None:
    assert read(facts["revenue"], text) == Answer("unit", Decimal(number))


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("layoff_rate", "没裁员", "0"),
        ("layoff_rate", "没裁", "0"),
        ("layoff_rate", "没有", "0"),
        ("layoff_rate", "2%", "0.02"),
        ("layoff_rate", "百分之二", "0.02"),
        ("layoff_rate", "两个点", "0.02"),
        ("layoff_rate", "5.5%左右", "0.055"),
        ("layoff_rate", "2", "0.02"),
        ("layoff_rate", "0.02", "0.02"),
        ("layoff_rate", "一成", "0.1"),
        ("layoff_rate", "150%", None),
        ("layoff_rate", "裁了3个", None),
        ("rnd_intensity", "百分之三点五", "0.035"),
        ("rnd_intensity", "不到3%", None),
        ("supply_rate_increase", "提高了5个点", "0.05"),
        ("monthly_output_growth", "涨了3个点", "0.03"),
        ("monthly_output_growth", "没增长", "0"),
        ("rnd_intensity", "3-5%", None),
    ],
)
def test_a_share(facts: dict[str, Fact], fact: str, text: str, expected: str | None) -> None:
    wanted: object = "[nothing]" if expected is None else Decimal(expected)
    assert value(facts[fact], text) == wanted


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("monthly_output_growth", "降了10%"),
        ("monthly_output_growth", "下降10%"),
        ("monthly_output_growth", "-10%"),
        ("main_revenue_growth", "下滑5%"),
        ("profit_margin", "负的5%"),
    ],
)
def test_a_fall_is_no_growth(facts: dict[str, Fact], fact: str, text: str) -> None:
    found = value(facts[fact], text)
    assert found == "[nothing]" or (isinstance(found, Decimal) and found < 0)


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("equipment_purchase_year", "去年", 2025),
        ("equipment_purchase_year", "今年刚买的", 2026),
        ("equipment_purchase_year", "前年", 2024),
        ("equipment_purchase_year", "2023年买的", 2023),
        ("equipment_purchase_year", "2023", 2023),
        ("equipment_purchase_year", "24年", 2024),
        ("equipment_purchase_year", "去年12月", 2025),
        ("equipment_purchase_year", "去年和前年", "[nothing]"),
        ("equipment_purchase_year", "1999年", "[nothing]"),
        ("equipment_purchase_year", "哪一年都行", "[nothing]"),
        ("registered_year", "2010年3月", 2010),
        ("operating_years", "十年", 10),
        ("operating_years", "一年多", 1),
        ("investment_held_years", "满两年", 2),
        ("investment_held_years", "不到两年", 1),
        ("investment_held_years", "快两年了", "[nothing]"),
        ("care_beds", "86张", 86),
        ("care_beds", "没有床", 0),
    ],
)
def test_years_and_other_counts(
    facts: dict[str, Fact], fact: str, text: str, expected: object
) -> None:
    assert value(facts[fact], text) == expected


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        ("sector", "工业", "industry"),
        ("sector", "做铸造的", "industry"),
        ("sector", "批发", "wholesale_retail"),
        ("sector", "开饭店的", "catering"),
        ("sector", "软件", "software_it"),
        ("sector", "不是工厂，是贸易公司", "wholesale_retail"),
        ("sector", "第一个", "industry"),
        ("sector", "都不是", "other"),
        ("sector", "做煤的", "[nothing]"),
        ("enterprise_size", "小型吧", "small"),
        ("enterprise_size", "我们是中型企业", "medium"),
        ("enterprise_size", "2", "small"),
        ("enterprise_size", "二", "small"),
        ("enterprise_size", "第10个", "[nothing]"),
        ("enterprise_size", "规模以上", "[nothing]"),
        ("city", "我们在忻州", "xinzhou"),
        ("city", "太原的", "taiyuan"),
        ("city", "不是太原的", "[nothing]"),
        ("city", "太原和大同", "[nothing]"),
        ("city", "北京", "[nothing]"),
        ("specialised_level", "国家级小巨人", "national_giant"),
        ("specialised_level", "没评上", "none"),
        ("specialised_level", "都没有", "none"),
        ("provincial_patent_award", "二等奖", "second"),
        ("scenic_area_grade", "五A", "aaaaa"),
        ("sector", "不对", "[nothing]"),
        ("sector", "没听懂", "[nothing]"),
        ("sector", "不是工业", "[nothing]"),
        ("enterprise_size", "不是大型", "[nothing]"),
        ("provincial_patent_award", "不是一等奖", "[nothing]"),
        ("enterprise_size", "小型还是中型", "[nothing]"),
        ("enterprise_size", "小型吗", "[nothing]"),
        ("sector", "工业吗", "[nothing]"),
    ],
)
def test_a_choice(facts: dict[str, Fact], fact: str, text: str, expected: str) -> None:
    assert value(facts[fact], text) == expected


def test_every_choice_is_taken_by_its_name(facts: dict[str, Fact]) -> None:
    missed = {
        (fact.id, choice.name): value(fact, choice.name)
        for fact in facts.values()
        for choice in fact.choices
        if value(fact, choice.name) != choice.id
    }
    assert sum(len(fact.choices) for fact in facts.values()) > 200
    assert not missed


def test_every_yes_or_no_question_is_answered_by_a_plain_word(facts: dict[str, Fact]) -> None:
    plain = [fact for fact in facts.values() if fact.type == "boolean"]
    assert len(plain) > 400
    for fact in plain:
        assert (value(fact, "是的"), value(fact, "不是")) == (True, False), fact.id


_WORDS = st.sampled_from(
    [
        *"是不没有嗯对的了吗呢头一回次，。？ -+.%0123456789",
        *"两三五七八十百千万亿成半几多来人个年月点",
        *("去年", "前年", "百分之", "不到", "第一", "不清楚", "不方便说", "以前", "进过", "战新"),
        *(
            "工业",
            "小型",
            "太原",
            "没裁员",
            "千瓦",
            "1e9",
            "²",
            "½",
            "٣",
            "Ⅷ",
            "∞",
            "😀",
            "\n",
            "\u200b",
        ),
    ]
)


@settings(max_examples=1500, deadline=None)
@given(data=st.data(), alone=st.booleans())
def test_whatever_is_said_is_nothing_or_valid(
    facts: dict[str, Fact], data: st.DataObject, alone: bool
) -> None:
    fact = data.draw(st.sampled_from(list(facts.values())), "fact")
    text = data.draw(st.one_of(st.text(max_size=20), st.lists(_WORDS, max_size=9).map("".join)))
    answer = read(fact, text, alone=alone)
    if answer is None:
        return
    assert answer.kind in {"value", "unknown", "withheld", "unit"}
    if answer.kind == "value":
        assert answer.value is not None
        assert fact.value(answer.value) == answer.value
        assert isinstance(answer.value, {"boolean": bool, "choice": str}.get(fact.type, object))
        assert fact.type != "integer" or type(answer.value) is int
    elif answer.kind == "unit":
        assert fact.type == "money"
        assert isinstance(answer.value, Decimal)
    else:
        assert answer.value is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("行", True),
        ("好的", True),
        ("可以，没问题", True),
        ("行 头一回", True),
        ("好的，不是", False),
        ("行 今天太原冷死了手都冻僵", "[nothing]"),
        ("好的，老板还没回来呢", "[nothing]"),
    ],
)
def test_a_faint_yes_is_one_only_by_itself(
    facts: dict[str, Fact], text: str, meant: object
) -> None:
    assert value(facts[FIRST_TIME], text) == meant


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("十二三个人", ("十二个人", "十三个人")),
        ("四五十万吧", ("四十万吧", "五十万吧")),
        ("三十七八个", ("三十七个", "三十八个")),
        ("二百人", None),
        ("一三十个", None),
        ("七八个人 五六百万", None),
    ],
)
def test_a_rough_number_lies_between_two(text: str, sides: tuple[str, str] | None) -> None:
    assert rough_sides(text) == sides


def test_who_names_one_of_those_listed_says_yes_or_no(facts: dict[str, Fact]) -> None:
    fact = facts["small_or_medium_enterprise"]  # …属于中型、小型或微型（不是大型）吗？
    assert value(fact, "小的") is True
    assert value(fact, "算微型吧") is True
    assert value(fact, "大的") is False
