"""What a dataset is made of: a TOML file that names the sources, the seed and the caps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.toml_file import read_as
from finetune.data.growth import COUNT, SEED


class Table(BaseModel):
    """A table of the recipe; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Grow(Table):
    """`kind = "grow"`: rows from the skills' own signed examples."""

    kind: Literal["grow"]
    skills: tuple[str, ...] = ()
    """Names; () for all."""
    count: int = Field(default=COUNT, ge=1, le=5_000_000)
    paraphrase: str = ""
    """A GGUF file, or the address of an OpenAI-compatible server; "" for none."""
    heard: float = Field(default=0.0, ge=0, le=1)
    """The share that is spoken and heard."""


class Rows(Table):
    """`kind = "rows"`: rows that are there already: a JSONL file, a dataset, a folder with some."""

    kind: Literal["rows"]
    path: Path
    licence: str = ""


class Public(Table):
    """`kind = "public"`: the public sets that may be trained on, from the folder that holds them."""

    kind: Literal["public"]
    path: Path


class Diary(Table):
    """`kind = "trace"`: turns of the household's diary that a person labelled."""

    kind: Literal["trace"]


Source = Annotated[Grow | Rows | Public | Diary, Field(discriminator="kind")]


class CapTable(Table):
    """`[caps]`: how much of the training side one class may be."""

    none: float = Field(default=0.38, ge=0, le=1)
    times_median: float = Field(default=5.0, ge=1)
    free: tuple[str, ...] = ()


class Recipe(Table):
    """The whole file."""

    name: str = ""
    seed: int = SEED
    source: tuple[Source, ...] = Field(min_length=1)
    caps: CapTable = CapTable()


def read_recipe(path: Path) -> Recipe:
    """A recipe, its relative paths meant from its own folder.

    Raises:
        ConfigError: the file is missing, no TOML, or a key of it is unknown or does not fit; the message names both.
    """
    recipe = read_as(Recipe, path, "recipe")
    sources = tuple(_from_here(source, path.parent) for source in recipe.source)
    return recipe.model_copy(update={"source": sources, "name": recipe.name or path.stem})


def _from_here(source: Source, folder: Path) -> Source:
    if isinstance(source, (Rows, Public)):
        return source.model_copy(update={"path": folder / source.path.expanduser()})
    if isinstance(source, Grow) and source.paraphrase and "://" not in source.paraphrase:
        return source.model_copy(update={"paraphrase": str(folder / Path(source.paraphrase).expanduser())})
    return source


def single(grow: Grow, seed: int, name: str = "") -> Recipe:
    """The recipe of one growth, as `hark data grow` makes it."""
    return Recipe(name=name, seed=seed, source=(grow,))
