from __future__ import annotations

from collections.abc import Iterator

import pytest
from kitchen import KITCHEN
from servers import ChatServer

from assistant import server as room
from assistant.server import UNSAID_PROBABILITY, Server
from assistant.skill import ConfigError
from assistant.worker import WorkerFailed


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def ask(chat: ChatServer, reply: str, said: str = "switch the lamp off") -> str:
    chat.reply = reply
    return Server(f"{chat.url}/v1", "stand-in", "", KITCHEN).write(said)[0].call


@pytest.mark.parametrize(
    "reply",
    [
        "switch(device= lamp, state= off)",
        'switch(device="lamp", state="off")',
        "Call: switch(device=lamp, state=off)\nSaid: something else",
        "  switch(device= Lamp, state= off)  ",
    ],
)
def test_a_call_in_any_usual_writing_is_understood(chat: ChatServer, reply: str) -> None:
    """Quotes, a repeated label, capitals and further lines do not matter."""
    assert ask(chat, reply) == "switch(device= lamp, state= off)"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I would be happy to help!",
        "open_door(device= lamp)",
        "switch(device= kitchen light, state= off)",
        "switch(device= lamp, state= purple)",
        "switch(device= lamp, speed= off)",
        "__import__('os').system('true')",
    ],
)
def test_an_invented_call_is_none(chat: ChatServer, reply: str) -> None:
    """Unknown skills, words that were not said, other choices and other arguments are refused."""
    with pytest.raises(WorkerFailed, match="no call of ours"):
        ask(chat, reply)


def test_what_was_said_is_in_no_sentence_of_a_refusal(chat: ChatServer) -> None:
    """The sentence is logged."""
    with pytest.raises(WorkerFailed) as caught:
        ask(chat, "switch(device= kitchen light, state= off)")
    assert str(caught.value) == "the server's model wrote no call of ours"


@pytest.mark.parametrize("fault", [401, 500, 503, "drop", "garbage", "huge", "loop", "deep"])
def test_a_server_in_trouble_is_one_sentence(chat: ChatServer, fault: str | int) -> None:
    """Errors, a dropped line, nonsense, floods and redirects all end in one sentence."""
    chat.fail(fault)
    with pytest.raises(WorkerFailed, match="model server"):
        ask(chat, "switch(device= lamp, state= off)")


@pytest.mark.parametrize("fault", ["slow", "drip", "drip of the head", "go on"])
def test_a_slow_server_is_waited_for_so_long_and_no_longer(
    chat: ChatServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence, an endless trickle, a head without an end and "100 Continue" for ever are cut off."""
    monkeypatch.setattr(room, "CONNECT_S", 0.3)
    chat.fail(fault)
    with pytest.raises(WorkerFailed, match="did not answer"):
        Server(f"{chat.url}/v1", "stand-in", "", KITCHEN, read_s=0.3).write("switch the lamp off")


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name a variable; its value is sent, and a variable that is missing is said at the start."""
    with ChatServer(reply="brew(drink= tea)", key="secret") as chat:
        with pytest.raises(ConfigError, match="HOUSE_KEY"):
            Server(f"{chat.url}/v1", "stand-in", "HOUSE_KEY", KITCHEN)
        monkeypatch.setenv("HOUSE_KEY", "secret")
        written = Server(f"{chat.url}/v1", "stand-in", "HOUSE_KEY", KITCHEN).write("brew tea")
        assert written[0].call == "brew(drink= tea)"
        assert written[0].probability == UNSAID_PROBABILITY


def test_an_address_that_is_none_is_said(chat: ChatServer) -> None:
    """A server address without http is refused with the form to write."""
    with pytest.raises(ConfigError, match="http://HOST:PORT"):
        Server("192.168.0.7", "stand-in", "", KITCHEN)


def test_a_free_answer(chat: ChatServer) -> None:
    """Questions are answered in the model's own words."""
    chat.reply = " Ulaanbaatar. "
    assert Server(f"{chat.url}/v1", "stand-in", "", KITCHEN).complete("capital of mongolia") == "Ulaanbaatar."
