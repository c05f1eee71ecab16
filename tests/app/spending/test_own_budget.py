import pytest

from console.app.spending.caps import Cap
from console.app.spending.ledger import Spent
from console.app.spending.own_budget import BudgetRefusedError, read


def test_a_budget_is_what_was_typed():
    assert read({"dollars": "$0.50", "minutes": " 10 "}, Spent(), ()) == (
        Cap("session", "dollars", 0.5),
        Cap("session", "minutes", 10.0),
    )
    assert read({"dollars": "1,25", "minutes": ""}, Spent(), ()) == (
        Cap("session", "dollars", 1.25),
    )


def test_nothing_typed_is_no_budget():
    assert read({"dollars": " ", "minutes": ""}, Spent(), ()) == ()


@pytest.mark.parametrize(
    "typed", ["soon", "-1", "0", "0.0", "1e3", "inf", "nan", "1,000", "1.2.3", "\u0661"]
)
def test_what_is_no_number_above_zero_is_refused_with_an_example(typed):
    with pytest.raises(BudgetRefusedError, match=r"write it like 0\.50") as refused:
        read({"dollars": typed, "minutes": "5"}, Spent(), ())

    assert refused.value.unit == "dollars"


def test_a_budget_that_is_used_up_already_is_refused_rather_than_obeyed():
    with pytest.raises(BudgetRefusedError, match=r"has used \$0\.42 already"):
        read({"dollars": "0.40", "minutes": ""}, Spent(dollars=0.42), ())
    with pytest.raises(BudgetRefusedError, match=r"has used 5:00 already"):
        read({"dollars": "", "minutes": "5"}, Spent(seconds=300), ())


def test_nobody_can_give_themselves_more_than_they_may_use():
    limits = (Cap("session", "dollars", 2.0), Cap("day", "dollars", 0.1))

    with pytest.raises(BudgetRefusedError, match=r"may use \$2\.00 here"):
        read({"dollars": "2.01", "minutes": ""}, Spent(), limits)
    assert read({"dollars": "2", "minutes": ""}, Spent(), limits) == (
        Cap("session", "dollars", 2.0),
    )
