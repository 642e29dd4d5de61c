"""The few-shot network in torch; `assistant.fewshot` computes the same with numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as f

from assistant.filled import EDGES, LEAST, OWN, SURELY
from assistant.shown import GRAMS, PAD, PLACES, ROLE, ROLES, SIGNS, UNKNOWN
from finetune.fewshot.batch import IGNORED, ROW, Batch

ASKED, PURPOSE = ROLES.index("asked"), ROLES.index("purpose")
OF_A_RIGHT_ONE = 0.45
"""What a sentence for the skill weighs in the loss of the match beside one that is not: an episode has more of the
former than a house, for they alone tell of words."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The architecture."""

    width: int = 192
    heads: int = 4
    feed_forward: int = 576
    layers: int = 3
    """Of the encoder."""
    crossed: int = 3
    """Layers in which the sentence looks at the examples."""
    dropout: float = 0.0
    """Share of the numbers that a layer's part adds and training leaves out, the same ones of all words."""


class Attention(nn.Module):  # type: ignore[misc]
    """Looks from one sequence at another."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.dropout = shape.heads, shape.dropout
        self.norm = nn.RMSNorm(shape.width, eps=1e-5)
        self.q = nn.Linear(shape.width, shape.width, bias=False)
        self.kv = nn.Linear(shape.width, 2 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: torch.Tensor, at: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
        """x: (b, t, d); at: (b, u, d), None for x itself; mask: (b, 1, 1 or t, u), True where it may look."""
        y = self.norm(x)
        k, v = self.kv(y if at is None else at).chunk(2, -1)
        q, k, v = (one.unflatten(-1, (self.heads, -1)).transpose(1, 2) for one in (self.q(y), k, v))
        # Not torch's fused one: its backward pass takes three times as long for sequences as short as these.
        scores = (q @ k.transpose(2, 3)).float() * q.shape[-1] ** -0.5
        seen = scores.masked_fill(~mask, -1e4).softmax(-1).to(v.dtype) @ v
        return x + _dropped(self.out(seen.transpose(1, 2).flatten(2)), self.dropout if self.training else 0.0)


class FeedForward(nn.Module):  # type: ignore[misc]
    """Squared rectifier."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dropout = shape.dropout
        self.norm = nn.RMSNorm(shape.width, eps=1e-5)
        self.up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(b, t, d)."""
        return x + _dropped(self.down(f.relu(self.up(self.norm(x))) ** 2), self.dropout if self.training else 0.0)


def _dropped(x: torch.Tensor, rate: float) -> torch.Tensor:
    """(b, t, d); what is left out is drawn once for all words (Gal and Ghahramani 2016), which costs little."""
    if not rate:
        return x
    kept = (torch.rand(x.shape[0], 1, x.shape[2]) >= rate).to(x.dtype)
    return x * kept / (1 - rate)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network says of a batch."""

    match: torch.Tensor
    """Log odds (E, Q)."""
    begins: torch.Tensor
    """Logits over the places of the sentence, the first of them for nowhere (E, Q, S, T)."""
    ends: torch.Tensor
    tags: torch.Tensor
    """Logits of each word's slot, the first of them for none (E, Q, T, 1 + S)."""
    like: torch.Tensor
    """Each sentence against the middle of every episode's examples (E, Q, E)."""


class Fewshot(nn.Module):  # type: ignore[misc]
    """See `assistant.fewshot`."""

    def __init__(self, shape: Shape, words: int) -> None:
        super().__init__()
        self.shape, d = shape, shape.width
        self.word = nn.Embedding(words, d)
        self.gram = nn.Embedding(GRAMS + 1, d, padding_idx=GRAMS)
        self.place = nn.Embedding(PLACES, d)
        self.role = nn.Embedding(len(ROLES), d)
        self.sign = nn.Embedding(SIGNS + 1, d)
        self.encoder = nn.ModuleList(nn.ModuleList((Attention(shape), FeedForward(shape))) for _ in range(shape.layers))
        self.crossed = nn.ModuleList(
            nn.ModuleList((Attention(shape), Attention(shape), FeedForward(shape))) for _ in range(shape.crossed)
        )
        self.memory_norm = nn.RMSNorm(d, eps=1e-5)
        self.final_norm = nn.RMSNorm(d, eps=1e-5)
        self.slot_own = nn.Linear(d, d, bias=False)
        self.slot_name = nn.Linear(d, d, bias=False)
        self.tag, self.no_tag = nn.Linear(d, d, bias=False), nn.Linear(d, 1)
        self.begin, self.end = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.middle = nn.Linear(d, 64, bias=False)
        self.head = nn.Linear(d + 3, 64)
        self.match = nn.Linear(64, 1)
        self.guess_norm = nn.RMSNorm(d, eps=1e-5)
        self.temperature = nn.Parameter(torch.tensor(10.0))
        self._start()

    def _start(self) -> None:
        for value in self.parameters():
            if value.dim() == 2:
                nn.init.normal_(value, std=0.7 / math.sqrt(value.shape[1]))
        for table in (self.word, self.gram, self.place, self.role, self.sign):
            nn.init.normal_(table.weight, std=0.1)
        with torch.no_grad():
            self.word.weight[PAD] = 0
            self.gram.weight[GRAMS] = 0
        for layer in (*self.encoder, *self.crossed):
            nn.init.zeros_(layer[-1].down.weight)
            for part in layer[:-1]:
                nn.init.zeros_(part.out.weight)

    def embedded(self, words: torch.Tensor, grams: torch.Tensor, forgotten: float = 0.0) -> torch.Tensor:
        """One vector for each word (U, d), of its place in the table (U) and its runs of letters (U, G); some words
        are only known by their letters.
        """
        if forgotten:
            gone = torch.rand(words.shape) < forgotten
            gone[:2] = False
            words = torch.where(gone, UNKNOWN, words)
        spelt = self.gram(grams).sum(1) / (grams != GRAMS).sum(1, keepdim=True).clamp(min=1)
        return self.word(words) + spelt

    def encode(self, read: torch.Tensor, roles: torch.Tensor, of: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        """read: the words' vectors (b, t, d), of examples with their slots' signs added; of: which of its row's
        sentences a word stands in, -1 where no word is; at: its place there; these (b, t). Returns (b, t, d).
        """
        x = read + self.place(at.clamp(max=PLACES - 1)) + self.role(roles)
        mask = _together(of)
        for attention, feed in self.encoder:
            x = feed(attention(x, None, mask))
        return x

    def forward(self, batch: Batch, forgotten: float = 0.0) -> Answer:
        """See Answer."""
        table = self.embedded(batch.words, batch.grams, forgotten)
        return Answer(*self.core(table[batch.lines], table[batch.asked], table[batch.names], batch))

    def core(
        self, lines_read: torch.Tensor, asked_read: torch.Tensor, names_read: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, ...]:
        """What `forward` does with the words' vectors; of one shape, so that it can be compiled."""
        e = len(batch.lines)

        def rows(sheet: torch.Tensor) -> torch.Tensor:
            """(e, words, ...) -> (b, ROW, ...)"""
            return sheet.unflatten(1, (-1, ROW)).flatten(0, 1)

        def sheet(rows: torch.Tensor) -> torch.Tensor:
            """Back again."""
            return rows.unflatten(0, (e, -1)).flatten(1, 2)

        lines_read = lines_read + self.sign(batch.line_signs)
        lines = sheet(self.encode(*map(rows, (lines_read, batch.line_roles, batch.line_of, batch.line_at))))
        of, at = rows(batch.asked_of), rows(batch.asked_at)
        x = self.encode(rows(asked_read), torch.full_like(of, ASKED), of, at)
        like, each = self._alike(lines, sheet(x), batch)

        memory = self.memory_norm(lines)
        own, seen = _together(of), (batch.line_of >= 0)[:, None, None, :]
        for among, across, feed in self.crossed:
            x = rows(feed(across(sheet(among(x, None, own)), memory, seen)))
        x = self.final_norm(sheet(x))

        mine = like.diagonal(dim1=0, dim2=2).transpose(0, 1)
        numbers = torch.stack([mine, each.max(-1).values, each.topk(min(3, each.shape[2]), -1).values.mean(-1)], -1)
        first = _found(x, batch.asked_places[:, :, 0])
        hidden = f.relu(self.head(torch.cat([first.float(), numbers], -1)))
        pointed = self._pointed(x, lines, names_read, batch)
        return self.match(hidden)[..., 0].float(), *pointed, like * self.temperature

    def _alike(self, lines: torch.Tensor, x: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosines of each sentence with the middle of every episode's examples, and with each of its own."""
        there = (batch.line_first >= 0) & (_found(batch.line_roles, batch.line_first + 1) != PURPOSE)
        heads = f.normalize(self.middle(_found(lines, batch.line_first)).float(), dim=-1)
        asked = f.normalize(self.middle(_found(x, batch.asked_places[:, :, 0])).float(), dim=-1)
        centre = f.normalize((heads * there[..., None]).sum(1), dim=-1)
        like = torch.einsum("eqd,fd->eqf", asked, centre)
        each = torch.einsum("eqd,end->eqn", asked, heads).masked_fill(~there[:, None], -1.0)
        return like, each

    def _pointed(
        self, x: torch.Tensor, lines: torch.Tensor, names: torch.Tensor, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        slots = torch.arange(batch.name_roles.shape[1])
        of = (batch.line_slots[..., None] == slots).to(lines.dtype)  # (E, words of the lines, S)
        own = self.memory_norm(lines)
        mean = of.transpose(1, 2) @ own / of.sum(1)[..., None].clamp(min=1)
        there = batch.names[..., None] != 0
        named = (names * there).sum(2) / there.sum(2).clamp(min=1)
        slot = self.slot_own(mean) + self.slot_name(named) + self.role(batch.name_roles) + self.sign(batch.name_signs)
        scale = 1 / math.sqrt(self.shape.width)
        hidden = (batch.asked_places < 0)[..., None]
        begins, ends, tags = (
            torch.einsum("ead,esd->eas", side(x), slot.to(x.dtype)).float() * scale
            for side in (self.begin, self.end, self.tag)
        )
        begins, ends = (
            _found(side, batch.asked_places).masked_fill(hidden, -1e4).transpose(2, 3) for side in (begins, ends)
        )
        tags = tags.masked_fill((batch.name_roles == 0)[:, None, :], -1e4)
        return begins, ends, _found(torch.cat([self.no_tag(x).float(), tags], -1), batch.asked_places)

    def directions(self, table: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Of sentences or phrases, (b, 64), each of length 1."""
        return f.normalize(self.middle(self._alone(table, words)[:, 0]).float(), dim=-1)

    def guessed(self, table: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """What the encoder makes of sentences some of whose words are hidden: (b, t, d)."""
        return self.guess_norm(self._alone(table, words))

    def _alone(self, table: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Sentences, each in a row of its own: (b, t, d)."""
        of = torch.where(words != 0, 0, -1)
        return self.encode(table[words], torch.full_like(words, ASKED), of, torch.arange(words.shape[1]))


def _together(of: torch.Tensor) -> torch.Tensor:
    """Which words of a row see one another: (b, 1, t, t)."""
    return of[:, None, :, None] == of[:, None, None, :]


def _found(sheet: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """(E, words, ...) at places (E, ...), any of its words where there is none."""
    episode = torch.arange(len(sheet)).view(-1, *[1] * (places.dim() - 1))
    return sheet[episode, places.clamp(0, sheet.shape[1] - 1)]


@dataclass(frozen=True, slots=True)
class Losses:
    """Each a mean; `total` is what is minimised."""

    match: torch.Tensor
    spans: torch.Tensor
    whole: torch.Tensor
    like: torch.Tensor

    def total(self) -> torch.Tensor:
        """Weighted."""
        return self.match + self.spans + self.whole + 0.2 * self.like


def losses(answer: Answer, batch: Batch) -> Losses:
    """Of a batch."""
    counted = batch.right != IGNORED
    right = batch.right[counted].float()
    match = f.binary_cross_entropy_with_logits(
        answer.match[counted], right, torch.where(right > 0, OF_A_RIGHT_ONE, 1.0)
    )
    spans = sum(
        (
            f.cross_entropy(logits.flatten(0, 2), at.flatten(), ignore_index=IGNORED)
            for logits, at in ((answer.begins, batch.begins), (answer.ends, batch.ends), (answer.tags, batch.tags))
        ),
        torch.zeros(()),
    )
    for_it = batch.right == 1
    own = torch.arange(len(for_it))[:, None].expand_as(for_it)[for_it]
    like = f.cross_entropy(answer.like[for_it], own)
    return Losses(match, spans, _whole(answer, batch), like)


def _whole(answer: Answer, batch: Batch) -> torch.Tensor:
    """Of the right run of words among all runs of the sentence and none, by the score of `assistant.filled`.

    A choice has words of its own in `filled`, and is left out.
    """
    open_ = (batch.begins != IGNORED) & (batch.name_roles != ROLE["choice"])[:, None, :]
    episode, sentence, slot = open_.nonzero(as_tuple=True)
    whose = answer.tags[episode, sentence].log_softmax(-1)
    own = whose[torch.arange(len(slot)), :, slot + 1].clamp(max=-1e-6)  # (K, T)
    said = (own - torch.log1p(-own.exp())).clamp(-SURELY, SURELY)
    said = said * (torch.arange(said.shape[1]) > 0)
    upto = said.cumsum(-1)
    begins, ends = (
        (of - of[:, :1]).clamp(-2 * SURELY, 2 * SURELY)
        for of in (answer.begins[episode, sentence, slot], answer.ends[episode, sentence, slot])
    )
    score = OWN * (upto[:, None, :] - (upto - said)[:, :, None]) + EDGES * (begins[:, :, None] + ends[:, None, :])
    t = said.shape[1]
    there = (batch.asked_places >= 0)[episode, sentence]
    run = torch.ones(t, t, dtype=torch.bool).triu() & there[:, None, :]
    run[:, 0] = False  # before the first word
    score = score.masked_fill(~run, -1e4).flatten(1)
    score[:, 0] = LEAST["text"]  # nowhere
    right = batch.begins[episode, sentence, slot] * t + batch.ends[episode, sentence, slot]
    return f.cross_entropy(score, right)
