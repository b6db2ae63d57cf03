"""Names within names, and sister programmes that one word tells apart."""

from __future__ import annotations

from datetime import date

import pytest

from bot.policies.answer import Assistant, Context
from bot.policies.answer.naming import Names, at_odds
from bot.policies.model import Snapshot
from bot.policies.query import normalise

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def names(snapshot: Snapshot) -> Names:
    return Names(snapshot.programmes.values())


@pytest.mark.parametrize(
    ("text", "called", "swallowed"),
    [
        ("科小创新券能报多少", "tech_sme_innovation_voucher", "innovation_voucher"),
        ("香港上市奖励多少", "overseas_listing_award", "domestic_ipo_award"),
        ("连续认定高企奖励", "high_tech_repeat_award", None),
        ("综改区国家级孵化器奖励", "zone_incubator_national_award", "incubator_new_award"),
        ("养老院六税两费减多少", "care_institution_six_taxes_relief", "six_taxes_halved"),
    ],
)
def test_the_longer_name_is_meant(
    names: Names, text: str, called: str, swallowed: str | None
) -> None:
    assert called in names.called(normalise(text))
    assert swallowed is None or swallowed not in names.called(normalise(text))
    assert swallowed is None or swallowed in names.swallowed(normalise(text))


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("创新券能报多少", "innovation_voucher"),
        ("上市奖励多少", "domestic_ipo_award"),
        # Each stands by itself, too: both are called.
        ("科小创新券和普通的创新券", "innovation_voucher"),
    ],
)
def test_a_short_name_by_itself_is_a_name(names: Names, text: str, called: str) -> None:
    assert called in names.called(normalise(text))


@pytest.mark.parametrize(
    ("text", "programme", "expected"),
    [
        ("高企重新认定给多少", "high_tech_first_award", True),
        ("高企首次认定给多少", "high_tech_first_award", False),
        ("高企奖励多少", "high_tech_first_award", False),
        ("首次和连续认定差多少", "high_tech_first_award", False),
        ("孵化器不是新认定的，有没有奖", "incubator_new_award", True),
        ("孵化器刚认定，有没有奖", "incubator_new_award", False),
        ("在香港上市给多少", "domestic_ipo_award", True),
        ("北交所上市给多少", "domestic_ipo_award", False),
        ("超了5个人，小微还能用吗", "small_low_profit_income_tax", False),
        ("大企业招毕业生给多少", "large_firm_graduate_hiring_subsidy", False),
        ("小微企业招毕业生给多少", "large_firm_graduate_hiring_subsidy", True),
    ],
)
def test_who_says_the_opposite_does_not_mean_it(
    snapshot: Snapshot, text: str, programme: str, expected: bool
) -> None:
    assert at_odds(snapshot.programmes[programme], normalise(text)) is expected


@pytest.mark.parametrize(
    ("text", "programme"),
    [
        ("科小创新券能报多少", "tech_sme_innovation_voucher"),
        ("创新券能报多少", "innovation_voucher"),
        ("高企重新认定给多少", "high_tech_repeat_award"),
        ("高企首次认定给多少", "high_tech_first_award"),
        ("小规模免增值税到哪年", "small_scale_vat_exemption"),
    ],
)
def test_it_is_answered_from_the_programme_that_is_named(
    assistant: Assistant, text: str, programme: str
) -> None:
    reply = assistant.respond(text, "ask_amount", Context(), DAY)
    assert reply.custom["programme"]["id"] == programme
    assert reply.custom["clauses"][0]["clause_id"] in (
        assistant.search.snapshot.programmes[programme].references
    )
