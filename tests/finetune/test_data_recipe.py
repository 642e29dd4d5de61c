"""The recipe of a dataset: read whole, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.skill import ConfigError
from finetune.data.recipe import Grow, Public, Rows, read_recipe

OURS = Path(__file__).parents[2] / "finetune" / "recipes" / "dataset.toml"


def test_our_own_recipe_reads() -> None:
    """The recipe that is shipped names a growth of all skills and the caps it says."""
    recipe = read_recipe(OURS)
    (source,) = recipe.source
    assert isinstance(source, Grow)
    assert (recipe.name, recipe.seed, source.count, recipe.caps.none) == ("house", 20261120, 40000, 0.38)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """A recipe that an editor saved with a byte order mark reads as without."""
    file = tmp_path / "mine.toml"
    file.write_text(OURS.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert read_recipe(file) == read_recipe(OURS)


def test_the_sources_that_are_commented_out_read_too(tmp_path: Path) -> None:
    """Whoever takes the marks away in the shipped recipe has one that reads, its paths in its own folder."""
    lines = [line.removeprefix("# ") for line in OURS.read_text().splitlines()[4:]]
    file = tmp_path / "mine.toml"
    file.write_text("\n".join(line for line in lines if not line.startswith(("paraphrase", "Paths"))))
    recipe = read_recipe(file)
    assert [source.kind for source in recipe.source] == ["grow", "rows", "public", "trace"]
    rows, public = (next(s for s in recipe.source if isinstance(s, kind)) for kind in (Rows, Public))
    assert rows.path == tmp_path / "reviewed" / "accepted.jsonl"
    assert public.path == tmp_path / "DATA"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "source"),
        ("[[source]]\nkind = 'grown'", "grown"),
        ("[[source]]\nkind = 'grow'\ncount = 0", "count"),
        ("[[source]]\nkind = 'grow'\n[caps]\nnone = 2", "caps.none"),
        ("[[source]\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    """An empty recipe, an unknown kind, a number out of range and broken TOML each name the file and the fault."""
    file = tmp_path / "r.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"r\.toml.*{sentence}"):
        read_recipe(file)
    with pytest.raises(ConfigError, match="there is no recipe"):
        read_recipe(tmp_path / "missing.toml")
