"""Models: fetched whole or not at all, from a hub that drops, lies, moves and refuses."""

from __future__ import annotations

import hashlib
import json
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import COMMIT, Hub, serving

from assistant import hub as hub_room
from assistant import models
from assistant.catalogue import listed
from assistant.config import Settings, load_settings
from assistant.gguf_file import check_gguf
from assistant.hub import Hub as Client
from assistant.skill import ConfigError, MissingPiece

NAME = "tiny.en"
REPOSITORY = f"Systran/faster-whisper-{NAME}"


def model_bin(size: int = 300_000) -> bytes:
    """Bytes that begin as a CTranslate2 Whisper does."""
    return struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + bytes(n * 7 % 251 for n in range(size))


@pytest.fixture
def hub() -> Hub:
    """A hub with one whole model."""
    files = {
        "config.json": b'{"alignment_heads": []}',
        "model.bin": model_bin(),
        "tokenizer.json": b'{"version": "1.0"}' * 100,
        "vocabulary.txt": b"a\nb\n" * 20,
    }
    return Hub(REPOSITORY, files)


@pytest.fixture
def settings(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of an empty home, with the hub as HF_ENDPOINT."""
    with serving(hub) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        yield load_settings(None, {})


def pull(settings: Settings, repository: str = REPOSITORY) -> Path:
    """Pull the model without waiting between tries."""
    return models.pull(settings, NAME, lambda *_: None, Client(repository, waits=lambda _: 0.0))


def downloads(hub: Hub) -> list[tuple[str, str]]:
    """What was really fetched of the large file: (path, Range)."""
    return [(path, asked) for method, path, asked in hub.asked if method == "GET" and path == "/model.bin"]


def test_a_model_is_pulled_checked_and_pinned(hub: Hub, settings: Settings) -> None:
    """Every file arrives as the hub has it, nothing half-done is left, and the checksums are written down."""
    folder = pull(settings)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == hub.files
    assert not (models.pulled_folder(settings) / ".partial" / NAME).exists()
    lock = json.loads((models.pulled_folder(settings) / models.LOCK).read_text())[NAME]
    assert (lock["repository"], lock["commit"]) == (REPOSITORY, COMMIT)
    assert lock["files"]["model.bin"] == hashlib.sha256(hub.files["model.bin"]).hexdigest()
    assert (NAME, "") in models.verify(settings)


def test_progress_reaches_the_end(hub: Hub, settings: Settings) -> None:
    """The progress function is told of every file up to its last byte."""
    seen: dict[str, tuple[int, int]] = {}
    models.pull(settings, NAME, lambda name, have, total: seen.__setitem__(name, (have, total)))
    assert seen == {name: (len(content), len(content)) for name, content in hub.files.items()}


def test_a_dropped_connection_goes_on_where_it_stopped(hub: Hub, settings: Settings) -> None:
    """After a drop the next request asks for the rest only, and the file is whole."""
    hub.drops = [100_000, 50_000]
    folder = pull(settings)
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]
    starts = [int(asked.removeprefix("bytes=").rstrip("-") or 0) for _, asked in downloads(hub)]
    assert starts[0] == 0
    assert 100_000 - hub_room.CHUNK < starts[1] <= 100_000
    assert starts[1] + 50_000 - hub_room.CHUNK < starts[2] <= starts[1] + 50_000


def test_a_pull_that_was_given_up_resumes_next_time(hub: Hub, settings: Settings) -> None:
    """When all tries fail the model is not there, what arrived is kept, and the next pull fetches the rest."""
    hub.drops = [60_000] + [0] * (hub_room.TRIES - 1)
    with pytest.raises(MissingPiece, match="what has arrived is kept"):
        pull(settings)
    assert not models.is_pulled(settings, NAME)
    hub.asked.clear()
    folder = pull(settings)
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]
    (asked,) = [asked for _, asked in downloads(hub)]
    assert 60_000 - hub_room.CHUNK < int(asked.removeprefix("bytes=").rstrip("-")) <= 60_000


def test_a_file_that_changed_between_two_tries_starts_anew(hub: Hub, settings: Settings) -> None:
    """A half from an older version is not joined to a newer one."""
    hub.drops = [60_000] + [0] * (hub_room.TRIES - 1)
    with pytest.raises(MissingPiece):
        pull(settings)
    hub.files["model.bin"] = model_bin(310_000)
    hub.asked.clear()
    folder = pull(settings)
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]
    assert [asked for _, asked in downloads(hub)] == [""]


@pytest.mark.parametrize("habit", ["honours_ranges", "refuses_ranges"])
def test_a_hub_without_ranges_is_read_from_the_start(hub: Hub, settings: Settings, habit: str) -> None:
    """A 200 or a 416 in answer to a range costs the bytes that were here, not the model."""
    setattr(hub, habit, habit == "refuses_ranges")
    hub.drops = [100_000]
    folder = pull(settings)
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]


def test_a_false_checksum_keeps_nothing(hub: Hub, settings: Settings) -> None:
    """Content that differs from what the hub described is refused after a second try, and not kept."""
    hub.false_sums = True
    with pytest.raises(MissingPiece, match=r"its checksum differs"):
        pull(settings)
    assert not models.is_pulled(settings, NAME)
    assert list(models.pulled_folder(settings).rglob("*.part")) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_failures_are_tried_again(hub: Hub, settings: Settings, status: int) -> None:
    """A busy hub is asked again."""
    hub.failures = [status, status]
    assert pull(settings).is_dir()


def test_a_hub_that_stays_down_is_one_sentence(hub: Hub, settings: Settings) -> None:
    """After all tries the message says what the hub did and what to do."""
    hub.failures = [503] * 50
    with pytest.raises(
        MissingPiece, match=r"did not deliver config.json: it answered 503; .* run the same command again"
    ):
        pull(settings)
    assert len(hub.asked) == hub_room.TRIES


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_not_there_is_not_asked_for_again(hub: Hub, settings: Settings, status: int) -> None:
    """A refusal is final."""
    hub.failures = [status]
    with pytest.raises(MissingPiece, match=f"it answered {status}"):
        pull(settings)
    assert len(hub.asked) == 1


def test_a_renamed_repository_is_followed(hub: Hub, settings: Settings) -> None:
    """A redirect on the same host leads to the file's description and content."""
    hub.moved_from = "Systran/old-name"
    assert (pull(settings, "Systran/old-name") / "model.bin").read_bytes() == hub.files["model.bin"]


def test_something_that_is_no_hub_is_named(hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that tells no checksum is not trusted."""
    monkeypatch.setattr(Hub, "etag", lambda *_: "weak")
    with pytest.raises(MissingPiece, match="it is not a model hub"):
        pull(settings)


def test_nobody_at_the_endpoint_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection names the endpoint."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9/")
    with pytest.raises(MissingPiece, match=r"http://127.0.0.1:9 did not deliver config.json: no connection"):
        pull(load_settings(None, {}))


def test_a_full_disk_is_found_before_the_download(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little space is said with how much is lacking, and nothing large is fetched."""
    monkeypatch.setattr(hub_room, "SPARE", 1 << 60)
    with pytest.raises(MissingPiece, match=r"lacks \d+ MB; free that much"):
        pull(settings)
    assert downloads(hub) == []


def test_a_model_that_changed_on_the_hub_is_not_taken_silently(hub: Hub, settings: Settings) -> None:
    """Checksums pinned at the first pull bind the second."""
    pull(settings)
    hub.files["model.bin"] = model_bin(200_000)
    with pytest.raises(MissingPiece, match="has changed on the hub since it was first pulled"):
        pull(settings)
    assert models.is_pulled(settings, NAME)


def test_what_is_no_whisper_is_not_installed(hub: Hub, settings: Settings) -> None:
    """A repository with other content, however well described, does not become a listening model."""
    hub.files["model.bin"] = b"something else entirely " * 100
    with pytest.raises(ConfigError, match="is no Whisper model"):
        pull(settings)
    assert not models.is_pulled(settings, NAME)


def test_pulling_again_restores_a_damaged_model(hub: Hub, settings: Settings) -> None:
    """verify() names the damaged file, and a second pull makes it whole."""
    folder = pull(settings)
    (folder / "tokenizer.json").write_bytes(b"{}")
    assert (NAME, "tokenizer.json has changed or is damaged") in models.verify(settings)
    pull(settings)
    assert (NAME, "") in models.verify(settings)
    (folder / "vocabulary.txt").unlink()
    assert (NAME, "vocabulary.txt is missing") in models.verify(settings)


def test_an_unknown_name_shows_the_catalogue() -> None:
    """A name that is not in the catalogue is answered with those that are."""
    with pytest.raises(ConfigError, match=r"no model huge in the catalogue; it has tiny\.en, tiny, base\.en"):
        listed("huge")


# --- which one is in use ---------------------------------------------------------------------------------------------


def test_the_model_in_use_is_said_plainly(hub: Hub, settings: Settings, tmp_path: Path) -> None:
    """A pulled model, a folder of one's own and a missing one are each one sentence."""
    chosen = load_settings(None, {"HARK_MODELS__LISTENING": NAME})
    with pytest.raises(MissingPiece, match=rf"run `hark models pull {NAME}`"):
        models.listening_model(chosen)
    folder = pull(settings)
    assert models.listening_model(chosen).sentence == "Whisper tiny.en, English"
    own = load_settings(None, {"HARK_MODELS__LISTENING": str(folder)})
    assert models.listening_model(own).sentence == f"your own, from {folder}"
    empty = load_settings(None, {"HARK_MODELS__LISTENING": str(tmp_path)})
    with pytest.raises(ConfigError, match=r"it lacks config\.json"):
        models.listening_model(empty)


def test_use_writes_one_line_and_leaves_the_rest(hub: Hub, settings: Settings, tmp_path: Path) -> None:
    """Comments, order and other settings of the file stand; only the model changes."""
    file = tmp_path / "hark.toml"
    file.write_text('# mine\n[household]\nplace = "Lyon"  # home\n\n[models]\nthreads = 3\n')
    with pytest.raises(MissingPiece, match=rf"run `hark models pull {NAME}` first"):
        models.use(settings, file, NAME)
    pull(settings)
    assert models.use(settings, file, NAME) == f"listening: {NAME} (in {file})"
    text = file.read_text()
    assert text.startswith('# mine\n[household]\nplace = "Lyon"  # home\n')
    assert tomllib.loads(text)["models"] == {"threads": 3, "listening": NAME}
    models.use(settings, file, "shipped")
    assert tomllib.loads(file.read_text())["models"] == {"threads": 3, "listening": ""}


def test_use_makes_a_settings_file_where_there_is_none(tmp_path: Path) -> None:
    """A GGUF file becomes the larger model, or the skill model when that is said."""
    model = tmp_path / "some.gguf"
    model.write_bytes(tiny_gguf())
    file = tmp_path / "new" / "hark.toml"
    settings = load_settings(None, {})
    models.use(settings, file, str(model))
    models.use(settings, file, str(model), "skill")
    assert tomllib.loads(file.read_text())["models"] == {"larger": str(model), "skill": str(model)}
    chosen = load_settings(file, {})
    assert models.skill_model(chosen) == models.larger_model(chosen) == model
    assert models.checksums(chosen)["skill"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert (f"larger {model}", "") in models.verify(chosen)


def test_each_model_that_answers_is_named_by_its_checksum() -> None:
    """Of the house as it ships, the file of each role has the checksum that its list gives."""
    skill = models.bundled_skill_model()
    files = {
        "skill": skill,
        "overheard": skill.with_name(models.OVERHEARD),
        "fewshot": models.FEWSHOT,
        "listening": models.BUNDLED / "listening" / "model.bin",
    }
    expected = {role: hashlib.sha256(path.read_bytes()).hexdigest() for role, path in files.items()}
    assert models.checksums(load_settings(None, {})) == expected


def test_use_refuses_what_cannot_be_used(tmp_path: Path) -> None:
    """A foreign file, an empty folder, another kind of model than was said, a broken settings file: nothing changes."""
    settings, file = load_settings(None, {}), tmp_path / "hark.toml"
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(b"not a model")
    for what, sentence in ((foreign, "is not a GGUF model"), (tmp_path, "it lacks config.json")):
        with pytest.raises(ConfigError, match=sentence):
            models.use(settings, file, str(what))
    model, whisper = tmp_path / "some.gguf", models.BUNDLED / "listening"
    model.write_bytes(tiny_gguf())
    for what, role, sentence in (
        (str(model), "listening", "some.gguf is a language model; what listens is the folder of a converted Whisper"),
        (str(whisper), "larger", "is a folder, which can be the listening model alone, not the larger one"),
        ("tiny.en", "skill", "there is no file tiny.en; the skill model is a GGUF file"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            models.use(settings, file, what, role)
    assert not file.exists()
    file.write_text("[models\n")
    foreign.write_bytes(tiny_gguf())
    with pytest.raises(ConfigError, match="is not valid TOML"):
        models.use(settings, file, str(foreign))
    assert file.read_text() == "[models\n"


# --- GGUF files ------------------------------------------------------------------------------------------------------


def tiny_gguf() -> bytes:
    """A whole GGUF file, version 3: a string, an array of strings, a number, two tensors of 32 floats."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    entries = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<ff", 0.5, 1.5),
        text("count") + struct.pack("<II", 4, 7),
    ]
    tensors = [text(f"t{n}") + struct.pack("<IQIQ", 1, 32, 0, n * 128) for n in (0, 1)]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries)) + b"".join(entries) + b"".join(tensors)
    return head + bytes(-len(head) % 32) + bytes(256)


def test_a_whole_gguf_file_passes(tmp_path: Path) -> None:
    """A complete file passes the quick and the thorough look."""
    file = tmp_path / "m.gguf"
    file.write_bytes(tiny_gguf())
    assert check_gguf(file, "models.skill") == check_gguf(file, "models.skill", thorough=True) == file


@pytest.mark.parametrize("length", [*range(0, 250, 7)])
def test_a_gguf_file_that_is_cut_off_is_found(tmp_path: Path, length: int) -> None:
    """Wherever the header or the first tensors end too early, the thorough look says so in one sentence."""
    file = tmp_path / "m.gguf"
    file.write_bytes(tiny_gguf()[:length])
    with pytest.raises(ConfigError, match=r"models\.larger: .*m\.gguf"):
        check_gguf(file, "models.larger", thorough=True)


@pytest.mark.parametrize("seed", range(20))
def test_noise_after_the_magic_is_found(tmp_path: Path, seed: int) -> None:
    """Random bytes that begin like a GGUF file neither hang nor pass."""
    file = tmp_path / "m.gguf"
    noise = b"".join(hashlib.sha256(bytes([seed, n])).digest() for n in range(30))
    file.write_bytes(b"GGUF" + struct.pack("<I", 3) + noise)
    with pytest.raises(ConfigError, match="is damaged or was not downloaded to the end"):
        check_gguf(file, "models.larger", thorough=True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("random.gguf", r"random\.gguf is not a GGUF model, whatever its name says; download it again"),
        ("notes.txt", r"notes\.txt is not a GGUF model; choose a file that ends in \.gguf"),
    ],
)
def test_another_file_is_no_gguf_file(tmp_path: Path, name: str, says: str) -> None:
    """Bytes of something else are called so, and nobody who named a .gguf is told to name one."""
    file = tmp_path / name
    file.write_bytes(hashlib.sha256(b"random").digest() * 4)
    with pytest.raises(ConfigError, match=says):
        check_gguf(file, "the model")


def test_a_missing_gguf_file_is_named(tmp_path: Path) -> None:
    """The message names the setting and the path."""
    with pytest.raises(ConfigError, match=r"models\.skill: .*none\.gguf cannot be read: No such file"):
        check_gguf(tmp_path / "none.gguf", "models.skill")
