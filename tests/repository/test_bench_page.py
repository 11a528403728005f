"""One module's figures are renewed on the page without touching those of the others."""

from bench.__main__ import BEGIN, END, with_section


def test_a_section_is_put_in_and_renewed_in_order() -> None:
    page = f"# Performance\n\n{BEGIN}\n{END}\n\nWhat the other sides are.\n"
    page = with_section(page, "bench_void", "void 1")
    page = with_section(page, "bench_backup", "backup 1")
    page = with_section(page, "bench_void", "void 2")
    assert page == (
        f"# Performance\n\n{BEGIN}\n### bench_backup\n\nbackup 1\n\n### bench_void\n\nvoid 2\n\n{END}\n\n"
        "What the other sides are.\n"
    )
    assert with_section(page, "bench_void", "void 2") == page
