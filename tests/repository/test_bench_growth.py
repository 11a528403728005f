"""The benchmark's figure for the growth of the database is above nothing; no growth at all is an error."""

from pathlib import Path

import pytest

from bench import bench_issue


def test_growth_is_measured(tmp_path: Path) -> None:
    grown = bench_issue.measure_growth(20, tmp_path)
    assert grown["rows"] >= 2  # the range and its manifest
    assert 0.2 < grown["growth_kb"] < bench_issue.MOST_GROWTH_KB  # a manifest alone has some 300 bytes


def test_no_growth_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="measures nothing"):
        bench_issue.measure_growth(0, tmp_path)
