"""What is registered: every number of the papers' tables stands in one, in its order."""

from __future__ import annotations

import pytest

from serbench.errors import BrokenPlugin, UnknownName
from serbench.literature import literature
from serbench.registry import registered
from serbench.reproducing.shelf import find, names
from serbench.reproducing.shelf import table as table_of
from serbench.reproducing.table import Column, PaperTable, Part, behind, lines, pair_of

TABLES = [
    *("dblmm-table3", "dblmm-table4", "dblmm-table5", "sdcaff-table1", "sdcaff-table2"),
    *("sdcaff-table3", "swrr-table1", "swrr-table2", "swrr-table3"),
    *("timnet-table1", "timnet-table2", "timnet-table3"),
]

FIGURES = [
    *("dblmm-fig3", "dblmm-fig4", "sdcaff-confusion", "sdcaff-tsne", "swrr-fig3"),
    *("timnet-fig2", "timnet-fig3"),
]


def test_all_are_registered() -> None:
    assert names() == sorted([*TABLES, *FIGURES])
    assert set(registered("reproductions")) == {*TABLES, *FIGURES}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_holds_all_of_its_numbers(name: str) -> None:
    table = table_of(name)
    assert table.name == name
    shown = [
        one
        for part in table.parts
        for line in lines(table, part, literature())
        for one in line.numbers
        if one is not None
    ]
    own = {
        id(one)
        for one in literature()
        if (one.paper, one.table) == (table.paper, table.table) and not one.metric.endswith("_sd")
    }
    assert len(shown) == len({id(one) for one in shown})
    assert own <= {id(one) for one in shown}
    assert table.title
    assert table.citation


def test_rows_stand_in_the_papers_order() -> None:
    table = table_of("timnet-table1")
    emodb = lines(table, table.parts[1], literature())
    assert [line.method for line in emodb] == [
        *("TSP+INCA", "GM-TCN", "LightSER", "CPAC", "TIM-Net*", "TIM-Net**"),
    ]
    assert emodb[-2].year == "2023"
    assert [one.value for one in emodb[-2].numbers if one] == ["89.19", "90.28"]
    iemocap = lines(table, table.parts[3], literature())
    assert iemocap[0].method == "MHA+DRN"
    assert iemocap[0].numbers[1] is None  # its WAR is not printed


def test_a_mean_over_corpora_knows_what_is_behind_it() -> None:
    table = table_of("timnet-table3")
    for line in lines(table, table.parts[0], literature()):
        for one in filter(None, line.numbers):
            parts = behind(table, table.parts[0], one, literature())
            assert len(parts) == 6
            numbers = [each.number for each in parts if each.number is not None]
            assert sum(numbers) / 6 == pytest.approx(one.number, abs=0.011)


def test_a_p_value_knows_whose_it_is() -> None:
    table = table_of("dblmm-table4")
    (part,) = table.parts
    first = lines(table, part, literature())[0]
    assert first.numbers[0] is not None
    pair = pair_of(table, part, first.numbers[0], literature())
    assert pair is not None
    assert [one.value for one in pair] == ["84.87", "80.80"]


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'timnet-table1'"):
        find("timnet-tabel1")


def test_a_column_without_numbers_is_refused() -> None:
    part = Part("", (Column("UA", "ua", "casia"),))
    table = PaperTable("mine", "DBL-MM", "III", "mine", "me", (part,))
    with pytest.raises(BrokenPlugin, match="a column UA of casia"):
        lines(table, part, literature())
