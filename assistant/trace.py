"""The diary: one SQLite file that holds every turn, and the skills' own tables beside it.

`Database` opens the file for everyone; `Trace` is the diary's reading and writing. A disk that is full or read-only
costs the row, never the turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.prompt import plain
from assistant.skill import Call, SkillError
from assistant.turn import Candidate, Decision, Reply, Transcript, Turn

log = logging.getLogger(__name__)

FILE = "hark.db"
BUSY_S = 5.0
"""How long a writer waits for another one: transactions here last milliseconds, so this is patience, not a queue."""

_TURNS = """
CREATE TABLE turns (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, day REAL NOT NULL,
    text TEXT NOT NULL, language TEXT NOT NULL, heard REAL NOT NULL, seconds REAL NOT NULL,
    skill TEXT NOT NULL, words TEXT NOT NULL, args TEXT NOT NULL, confidence REAL NOT NULL, runner_ups TEXT NOT NULL,
    tier TEXT NOT NULL, decide_ms REAL NOT NULL, question TEXT NOT NULL,
    reply TEXT NOT NULL, ok INTEGER NOT NULL, asked INTEGER NOT NULL,
    ms TEXT NOT NULL, models TEXT NOT NULL, prompt_hash TEXT NOT NULL, skills_hash TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '', label_words TEXT NOT NULL DEFAULT '{}', sound TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX turns_by_day ON turns (day);
CREATE INDEX turns_by_label ON turns (label) WHERE label != '';
"""
MIGRATIONS: tuple[str, ...] = (_TURNS,)
"""Applied in order, each in a transaction; the file's `user_version` counts those it has had. Never edit, append."""


def disk_refuses(error: Exception) -> bool:
    """Whether the disk under the database is full, read-only or gone, and the statement itself may well be right."""
    refusals = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CANTOPEN)  # our own error for a missing folder has none
    return isinstance(error, sqlite3.OperationalError) and code & 0xFF in refusals


def is_damaged(error: Exception) -> bool:
    """Whether the file is no database, or no longer a whole one."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return isinstance(error, sqlite3.DatabaseError) and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def complaint(path: Path, error: Exception) -> str:
    """Why the database cannot be used and what to do, without a full stop."""
    if not is_damaged(error):
        return f"the diary {path} cannot be used: {error}"
    return (
        f"the diary {path}, which holds timers and lists too, is damaged ({error}); it was left as it is: move it and "
        f"{path.name}-wal beside it elsewhere, and a new one is begun; sqlite3's .recover gets back what can be read"
    )


class Database:
    """The household's SQLite file, in write-ahead mode; safe for several threads and several programs at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._ready = False

    def connect(self) -> sqlite3.Connection:
        """A connection on an up-to-date file, in autocommit; the caller closes it. Raises sqlite3.Error."""
        with self._lock:
            if not self._ready:
                try:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise sqlite3.OperationalError(f"{self.path.parent} cannot be made: {error.strerror}") from error
                with contextlib.closing(self._plain()) as connection:
                    _migrate(connection, self.path)
                self._ready = True
        return self._plain()

    def _plain(self) -> sqlite3.Connection:
        # Another thread may roll a cut-off skill's transaction back; SQLite itself serialises the calls.
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A timer that was set must outlive a pulled plug: every commit reaches the disk.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back when the block raises. Raises sqlite3.Error."""
        connection = self.connect()
        try:
            with _transaction(connection):
                yield connection
        finally:
            connection.close()

    def lease(self) -> Lease:
        """An opener for one skill's run, which can be taken back."""
        return Lease(self)


class Lease:
    """`Database.open` for one skill's run. Once revoked, what was not committed is undone and nothing opens again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._open: set[sqlite3.Connection] = set()
        self._revoked = False

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """As `Database.open`. Raises SkillError once the skill has been cut off."""
        connection = self._database.connect()
        try:
            with self._lock:
                if self._revoked:
                    raise SkillError("I had already stopped waiting for this.")
                self._open.add(connection)
            with _transaction(connection, self._allow):
                yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    @contextlib.contextmanager
    def _allow(self) -> Iterator[None]:
        with self._lock:
            if self._revoked:
                raise SkillError("I had already stopped waiting for this.")
            yield

    def revoke(self) -> None:
        """Undo what is not committed, so that a hung skill holds no lock and has no late effect."""
        with self._lock:
            self._revoked = True
            for connection in self._open:
                with contextlib.suppress(sqlite3.Error):
                    connection.interrupt()
                    connection.rollback()
                    # Later statements of the hung skill on this connection fail instead of committing by themselves.
                    connection.execute("PRAGMA query_only = ON")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, allow: Any = contextlib.nullcontext) -> Iterator[None]:
    """BEGIN IMMEDIATE to COMMIT: what is read is still true when it is written, whoever else has the file open."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    with allow():
        if connection.in_transaction:
            connection.commit()


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to date. Raises sqlite3.Error, also when a newer Hark wrote it."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"{path} was written by a newer Hark; update Hark or name another [paths] data")
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another program may have been first: look again, now that nobody else can write.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said a turn should have been."""

    call: Call
    written: str
    """The call language."""


_COLUMNS = (
    "id", "at", "day", "text", "language", "heard", "seconds", "skill", "words", "args", "confidence", "runner_ups",
    "tier", "decide_ms", "question", "reply", "ok", "asked", "ms", "models", "prompt_hash", "skills_hash", "label",
    "sound",
)  # fmt: skip


def _row(turn: Turn, sound: str) -> tuple[Any, ...]:
    heard, decision, reply = turn.transcript, turn.decision, turn.reply
    return (
        turn.id, turn.at.isoformat(), turn.at.timestamp(),
        heard.text, heard.language, heard.confidence, heard.seconds,
        decision.skill, _dump(decision.words), _dump(decision.args), decision.confidence,
        _dump([runner_up.model_dump() for runner_up in decision.runner_ups]),
        decision.tier, decision.ms, decision.question,
        reply.text, int(reply.ok), int(reply.question),
        _dump(turn.ms), _dump(turn.models), turn.prompt_hash, turn.skills_hash, turn.label, sound,
    )  # fmt: skip


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _turn(row: sqlite3.Row) -> Turn:
    return Turn(
        id=row["id"],
        at=dt.datetime.fromisoformat(row["at"]),
        transcript=Transcript(
            text=row["text"], language=row["language"], confidence=row["heard"], seconds=row["seconds"]
        ),
        decision=Decision(
            skill=row["skill"],
            words=json.loads(row["words"]),
            args=json.loads(row["args"]),
            confidence=row["confidence"],
            runner_ups=tuple(Candidate(**runner_up) for runner_up in json.loads(row["runner_ups"])),
            tier=row["tier"],
            ms=row["decide_ms"],
            question=row["question"],
        ),
        reply=Reply(text=row["reply"], ok=bool(row["ok"]), question=bool(row["asked"])),
        ms=json.loads(row["ms"]),
        models=json.loads(row["models"]),
        prompt_hash=row["prompt_hash"],
        skills_hash=row["skills_hash"],
        label=row["label"],
    )


class Trace:
    """The diary of turns."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._warned = False

    def keep(self, turn: Turn, sound: str = "") -> bool:
        """Write one turn; `sound` is the path of its recording, where the household keeps sound.

        Returns:
            False when the row could not be written; the first time this is logged as a warning.
        """
        marks = ", ".join("?" * len(_COLUMNS))
        try:
            with self.database.open() as db:
                db.execute(f"INSERT INTO turns ({', '.join(_COLUMNS)}) VALUES ({marks})", _row(turn, sound))  # noqa: S608 - our own names
        except (sqlite3.Error, ValueError) as error:
            if not self._warned:
                log.warning("this turn is not in the diary; %s", complaint(self.database.path, error))
            self._warned = True
            return False
        return True

    def turns(self, limit: int | None = 20) -> list[Turn]:
        """The latest turns, newest first; None for all. Raises sqlite3.Error."""
        query = "SELECT * FROM turns ORDER BY day DESC, rowid DESC LIMIT ?"
        return [_turn(row) for row in self._rows(query, (-1 if limit is None else limit,))]

    def find(self, name: str) -> Turn:
        """The turn whose id begins with `name`, or the `last` one.

        Raises:
            LookupError: there is none, or several; the message is a sentence.
        """
        if name == "last":
            found = self.turns(1)
        else:
            query = "SELECT * FROM turns WHERE substr(id, 1, ?) = ? ORDER BY id = ? DESC LIMIT 2"
            found = [_turn(row) for row in self._rows(query, (len(name), name, name))]
        if not found or not name:
            raise LookupError(f"there is no turn {name} in the diary; `hark trace list` shows them")
        if len(found) > 1 and found[0].id != name:
            raise LookupError(f"more than one turn begins with {name}; write more of its name")
        return found[0]

    def sound(self, turn_id: str) -> str:
        """The path of a turn's recording; "" where none was kept."""
        rows = self._rows("SELECT sound FROM turns WHERE id = ?", (turn_id,))
        return str(rows[0]["sound"]) if rows else ""

    def last_reply(self) -> str:
        """What was said last; "" when the diary is empty or cannot be read."""
        try:
            rows = self._rows("SELECT reply FROM turns ORDER BY day DESC, rowid DESC LIMIT 1", ())
        except sqlite3.Error:
            return ""
        return str(rows[0]["reply"]) if rows else ""

    def label(self, turn_id: str, label: Label) -> None:
        """Write down what the turn should have been. Raises sqlite3.Error."""
        with self.database.open() as db:
            db.execute(
                "UPDATE turns SET label = ?, label_words = ? WHERE id = ?",
                (label.written, _dump({"skill": label.call.skill, "words": dict(label.call.words)}), turn_id),
            )

    def labelled(self) -> list[tuple[Turn, Call]]:
        """Every turn a person labelled, oldest first, with the right call. Raises sqlite3.Error."""
        rows = self._rows("SELECT * FROM turns WHERE label != '' ORDER BY day, rowid", ())
        return [(_turn(row), _label(row["label_words"])) for row in rows]

    def taught(self) -> dict[str, Call]:
        """Plain text -> the call that a person last said it means; {} when the diary cannot be read."""
        try:
            return {plain(turn.transcript.text): call for turn, call in self.labelled()}
        except sqlite3.Error:
            return {}

    def cases(self) -> list[dict[str, Any]]:
        """Labelled turns as evaluation cases: {text, skill, words, source, at}. Raises sqlite3.Error."""
        return [
            {
                "text": turn.transcript.text,
                "skill": call.skill,
                "words": dict(call.words),
                "source": f"diary:{turn.id}",
                "at": turn.at.isoformat(),
            }
            for turn, call in self.labelled()
        ]

    def forget(self, before: dt.datetime) -> list[str]:
        """Drop unlabelled turns older than `before`; returns the recordings that went with them."""
        old = "day < ? AND label = ''"
        with self.database.open() as db:
            sounds = db.execute(f"SELECT sound FROM turns WHERE {old} AND sound != ''", (before.timestamp(),))  # noqa: S608
            gone = [str(row[0]) for row in sounds]
            db.execute(f"DELETE FROM turns WHERE {old}", (before.timestamp(),))  # noqa: S608
        return gone

    def _rows(self, query: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        with contextlib.closing(self._reader()) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def _reader(self) -> sqlite3.Connection:
        try:
            return self.database.connect()
        except sqlite3.OperationalError:
            if not self.database.path.exists():
                raise
            # On a disk that cannot be written no journal can be made beside the file: read it as it stands.
            return sqlite3.connect(f"{self.database.path.absolute().as_uri()}?immutable=1", uri=True)


def _label(written: str) -> Call:
    fields: Mapping[str, Any] = json.loads(written)
    return Call(fields["skill"], fields["words"])
