"""Spoken arithmetic -> symbols: "five times seven" -> `5*7`, "twelve percent of two hundred" -> `(12/100)*200`.

A recursive-descent reader. What it writes holds numbers, + - * / % ** ( ), `sqrt`, `cbrt` and `factorial` only; it
calculates nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from assistant.readers import english
from assistant.readers.numbers import take_cardinal, take_number, take_ordinal
from assistant.readers.words import Unreadable, Words

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_DEEPEST = 30
_MOST_TRIES = 1000
"""Numbers tried, one way or another: a calculation needs tens, and every nested "sum of" triples them."""
_LONGEST = 2000
"""Symbols; "ten percent off" says what follows twice, so that thirty in a row would fill the memory."""

_OPENERS = (
    "what's", "what is", "whats", "how much is", "calculate", "compute", "work out", "solve", "the result of",
    "the answer to", "the value of", "how many times does", "how many times do", "how often does",
)  # fmt: skip
_CLOSERS = frozenset(("equals", "equal", "=", "is", "please", "make", "makes"))
_SUM_SIGNS = (("plus", "+"), ("+", "+"), ("add", "+"), ("minus", "-"), ("-", "-"), ("−", "-"), ("less", "-"))
_PRODUCT_SIGNS = (
    ("times", "*"),
    ("multiplied by", "*"),
    ("multiplied with", "*"),
    ("multiply by", "*"),
    ("divided by", "/"),
    ("divide by", "/"),
    ("goes into", "into"),
    ("go into", "into"),
    ("by", "*"),
    ("over", "/"),
    ("split between", "/"),
    ("split among", "/"),
    ("shared between", "/"),
    ("shared among", "/"),
    ("between", "/"),
    ("among", "/"),
    ("modulo", "%"),
    ("mod", "%"),
    ("x", "*"),
    ("*", "*"),
    ("×", "*"),
    ("·", "*"),
    ("/", "/"),
    ("÷", "/"),
    (":", "/"),
)
_SIGNS = ("-", "−", "minus", "negative")
_MULTIPLES = {"double": "2", "twice": "2", "triple": "3", "thrice": "3", "quadruple": "4"}
_FUNCTIONS = (
    ("square root of", "sqrt"),
    ("square root", "sqrt"),
    ("root of", "sqrt"),
    ("sqrt of", "sqrt"),
    ("sqrt", "sqrt"),
    ("√", "sqrt"),
    ("cube root of", "cbrt"),
    ("factorial of", "factorial"),
)
_PAIRS = (
    ("sum of", "+"),
    ("product of", "*"),
    ("difference between", "-"),
    ("difference of", "-"),
    ("quotient of", "/"),
    ("remainder of", "%"),
)


@dataclass(frozen=True, slots=True)
class _Term:
    """Symbols, and how tightly they hold together."""

    text: str
    strength: int = _ATOM
    percent: bool = False
    """A bare "15 percent": after a plus or a minus, of what stands before it."""

    def within(self, strength: int) -> str:
        """The symbols, in parentheses where they hold less tightly than that."""
        return self.text if self.strength >= strength else f"({self.text})"


def read_expression(words: Words) -> str:
    """Read spoken or written arithmetic as symbols.

    Raises:
        Unreadable: it is no arithmetic, or nothing is to be worked out at its end ("five times").
    """
    for joining in (True, False):  # "add one hundred and fifty" is two numbers, "one hundred and fifty" is one
        words.at, words.joining = 0, joining
        any(words.take_phrase(opener) for opener in _OPENERS)
        term = _read_sum(words, 0)
        words.skip(english.MONEY)
        words.skip(english.SHARERS)
        words.skip(_CLOSERS)
        if term is not None and words.done:
            return term.text
    raise words.refuse("something to calculate")


def _binary(sign: str, left: _Term, right: _Term) -> _Term:
    """Two terms in one; "into" divides the second by the first. Raises Unreadable when that grows too long."""
    if len(left.text) + len(right.text) > _LONGEST:
        raise Unreadable("That is too deep a calculation for me.")
    if sign == "into":
        return _binary("/", right, left)
    if sign in "+-":
        if right.percent and not left.percent:
            right = _binary("*", right, left)
        return _Term(f"{left.within(_SUM)}{sign}{right.within(_SUM if sign == '+' else _PRODUCT)}", _SUM)
    return _Term(f"{left.within(_PRODUCT)}{sign}{right.within(_PRODUCT if sign == '*' else _SIGN)}", _PRODUCT)


def _take_sign(words: Words, signs: tuple[tuple[str, str], ...]) -> str:
    for phrase, sign in signs:
        if words.take_phrase(phrase):
            return sign
    return ""


def _read_chain(
    words: Words, signs: tuple[tuple[str, str], ...], inner: Callable[[Words, int], _Term | None], depth: int
) -> _Term | None:
    """`inner` (sign `inner`)*, from left to right."""
    left = inner(words, depth)
    while left is not None:
        start = words.at
        sign = _take_sign(words, signs)
        right = inner(words, depth) if sign else None
        if right is None:
            words.at = start
            break
        left = _binary(sign, left, right)
    return left


def _read_sum(words: Words, depth: int) -> _Term | None:
    if depth > _DEEPEST:
        raise Unreadable("That is too deep a calculation for me.")
    return _read_chain(words, _SUM_SIGNS, _read_product, depth)


def _read_product(words: Words, depth: int) -> _Term | None:
    return _read_chain(words, _PRODUCT_SIGNS, _read_share, depth)


def _read_share(words: Words, depth: int) -> _Term | None:
    """ "twelve percent of X", "ten percent off X", "half of X", "seven eights", or anything that holds tighter."""
    left = _read_signed(words, depth)
    if left is None:
        return None
    if factor := words.take_in(english.PLURAL_NUMBERS):
        left = _binary("*", left, _Term(str(english.PLURAL_NUMBERS[factor])))
    percent = words.take_phrase("per cent") or bool(words.take("percent", "%"))
    if percent:
        left = _Term(f"({left.within(_PRODUCT)}/100)", percent=True)
    start = words.at
    off = percent and (words.take_phrase("off of") or bool(words.take("off")))
    if off or words.take("of") or (percent and (words.take_phrase("tip on") or words.take_phrase("tax on"))):
        right = _read_share(words, depth + 1) if depth < _DEEPEST else None
        if right is not None:
            share = _binary("*", left, right)
            return _binary("-", right, share) if off else share
    words.at = start
    return left


def _read_signed(words: Words, depth: int) -> _Term | None:
    start = words.at
    if depth < _DEEPEST and words.take_in(_SIGNS):
        inner = _read_signed(words, depth + 1)
        if inner is not None:
            return _Term(f"-{inner.within(_POWER)}" if inner.strength != _SIGN else f"-({inner.text})", _SIGN)
        words.at = start
        return None
    return _read_power(words, depth)


def _read_power(words: Words, depth: int) -> _Term | None:
    base = _read_atom(words, depth)
    while base is not None:
        start = words.at
        if words.take("squared", "²"):
            base = _Term(f"{base.within(_ATOM)}**2", _POWER)
        elif words.take("cubed", "³"):
            base = _Term(f"{base.within(_ATOM)}**3", _POWER)
        elif words.take("factorial"):
            base = _Term(f"factorial({base.text})")
        else:
            exponent = _read_exponent(words, depth)
            if exponent is None:
                words.at = start
                return base
            base = _Term(f"{base.within(_ATOM)}**{exponent.within(_ATOM)}", _POWER)
    return base


def _read_exponent(words: Words, depth: int) -> _Term | None:
    """ "to the power of ten", "to the tenth power", "^ 10"."""
    words.take("raised")
    if words.take("^", "**") or words.take_phrase("to the power of") or words.take_phrase("to the power"):
        return _read_signed(words, depth + 1)
    if words.take_phrase("to the"):
        ordinal = take_ordinal(words)
        if ordinal is not None:
            words.take("power")
            return _Term(str(ordinal))
    return None


def _read_atom(words: Words, depth: int) -> _Term | None:
    start = words.at
    words.tries += 1
    if words.tries > _MOST_TRIES:
        raise Unreadable("That is too deep a calculation for me.")
    words.take("the")
    words.take("an", "a") if words.peek(1)[:1].isdigit() else None  # "an 18 percent tip"
    term = _read_compound(words, depth) if depth < _DEEPEST else None
    if term is None:
        words.skip(english.MONEY)
        number = take_number(words, slash=_is_slashed(words)) if words.peek() not in _SIGNS else None
        term = _write_number(_with_cents(words, number)) if number is not None else None
        words.skip(english.MONEY)
    if term is None:
        words.at = start
    return term


def _is_slashed(words: Words) -> bool:
    """Whether a number beside an "of" is a fraction: "3/4 of 80", "the square root of 1/4", but not "of 100 / 5"."""
    spaced = f"{words.peek()} / {words.peek(2)}" in words.said
    return words.peek(3) == "of" or (words.at > 0 and words.peek(-1) == "of" and not spaced)


def _with_cents(words: Words, whole: Fraction) -> Fraction:
    """The number with what is said after its unit ("five pounds fifty"); "fifty cents" is a half beside dollars.

    "Forty three fifty" is 43.50 where the sum is one of money.
    """
    start, units = words.at, english.MONEY - english.CENTS
    if words.peek() in english.CENTS and not units.isdisjoint(words.tokens):
        return whole / 100
    unit = words.take_in(units)
    of_money = unit or "tip" in words.tokens or not english.MONEY.isdisjoint(words.tokens)
    joined = bool(unit and words.take("and"))
    cents = take_cardinal(words) if of_money and whole.denominator == 1 else None
    if cents is None and unit and words.peek().isdigit() and len(words.peek()) <= 2:
        words.at, cents = words.at + 1, int(words.peek())
    if cents is not None and 0 < cents < 100 and (words.take_in(english.CENTS) or (cents >= 10 and not joined)):
        return whole + Fraction(cents, 100)
    words.at = start
    return whole


def _read_compound(words: Words, depth: int) -> _Term | None:
    """Parentheses, roots, "the sum of ... and ...", "add ... and ...", "double ..."."""
    start = words.at
    term = None
    if words.take("("):
        inner = _read_sum(words, depth + 1)
        term = inner if inner is not None and words.take(")") else None
    elif words.take("pi", "π"):
        return _Term("pi")
    elif multiple := words.take_in(_MULTIPLES):
        inner = _read_share(words, depth + 1)
        term = _binary("*", _Term(_MULTIPLES[multiple]), inner) if inner is not None else None
    elif words.take_phrase("square of"):
        inner = _read_power(words, depth + 1)
        term = _Term(f"{inner.within(_ATOM)}**2", _POWER) if inner is not None else None
    else:
        term = _read_function(words, depth) or _read_pair(words, depth) or _read_order(words, depth)
    if term is None:
        words.at = start
    return term


def _read_function(words: Words, depth: int) -> _Term | None:
    for phrase, function in _FUNCTIONS:
        if words.take_phrase(phrase):
            inner = _read_signed(words, depth + 1)
            return _Term(f"{function}({inner.text})") if inner is not None else None
    return None


def _read_pair(words: Words, depth: int) -> _Term | None:
    """ "the sum of A and B and C", "the difference between A and B"."""
    for phrase, sign in _PAIRS:
        if words.take_phrase(phrase):
            start = words.at
            joined = _read_joined(words, sign, depth)
            if joined is None:
                words.at = start
                return _read_remainder(words, depth) if sign == "%" else _read_lone(words, sign, depth)
            return joined
    if words.take("average", "mean") and words.take("of"):
        terms = _read_items(words, depth)
        total = "+".join(term.within(_SUM) for term in terms)
        return _Term(f"({total})/{len(terms)}", _PRODUCT) if len(terms) > 1 else None
    return None


def _read_items(words: Words, depth: int) -> list[_Term]:
    """A, B and C; the comma between A and B is heard by nobody."""
    terms = list[_Term]()
    while (not terms or words.peek() not in _SIGNS) and (term := _read_product(words, depth + 1)) is not None:
        terms.append(term)
        words.take("and")
    if terms and words.peek(-1) == "and":
        words.at -= 1
    return terms


def _read_joined(words: Words, sign: str, depth: int) -> _Term | None:
    terms = _read_items(words, depth)
    if len(terms) < 2 or (sign not in "+*" and len(terms) > 2):
        return None
    whole = terms[0]
    for term in terms[1:]:
        whole = _binary(sign, whole, term)
    return whole


def _read_lone(words: Words, sign: str, depth: int) -> _Term | None:
    """What is no list after "the sum of": "three plus five", or "a thousand and fifty", which is two numbers here."""
    start, joining = words.at, words.joining
    whole = _read_sum(words, depth + 1)
    end = words.at
    if whole is None or whole.strength < _ATOM:
        return whole
    words.at, words.joining = start, False
    apart = _read_items(words, depth)
    words.joining = joining
    if len(apart) == 2:  # with three it could be cut in either place
        return _binary(sign, *apart)
    words.at = end
    return whole if sign == "+" else None  # one number has a sum, but no difference


def _read_remainder(words: Words, depth: int) -> _Term | None:
    """ "17 divided by 5" after "the remainder of"."""
    left = _read_share(words, depth + 1)
    right = _read_share(words, depth + 1) if left is not None and _take_sign(words, _PRODUCT_SIGNS) == "/" else None
    return _binary("%", left, right) if left is not None and right is not None else None


def _read_order(words: Words, depth: int) -> _Term | None:
    """ "add A, B and C", "add A to B", "subtract A from B", "multiply A by B", "divide A by B"."""
    verb = words.take("add", "subtract", "take", "multiply", "divide", "split", "share")
    left = _read_share(words, depth + 1) if verb else None
    if left is None:
        return None
    joiners = {
        "add": (("and", "+"), ("to", "+"), ("plus", "+"), ("", "+")),
        "subtract": (("from", "-"),),
        "take": (("from", "-"), ("away from", "-")),
        "multiply": (("by", "*"), ("and", "*"), ("with", "*"), ("times", "*")),
        "divide": (("by", "/"), ("into", "/"), ("between", "/"), ("among", "/")),
        "split": (("between", "/"), ("among", "/"), ("by", "/")),
        "share": (("between", "/"), ("among", "/")),
    }[verb]
    sign = _take_sign(words, joiners)
    swapped = words.tokens[words.at - 1] in ("from", "into")
    right = _read_share(words, depth + 1) if sign else None
    if right is None:
        return None
    whole = _binary(sign, right, left) if swapped else _binary(sign, left, right)
    more = _read_items(words, depth) if verb in ("add", "multiply") and words.take("and") else []
    for term in more:
        whole = _binary(sign, whole, term)
    return whole


def _write_number(value: Fraction) -> _Term:
    """5, 2.5, or (1/3) where no decimals are exact."""
    if value.denominator == 1:
        return _Term(str(value.numerator))
    for places in range(1, 16):
        if (value * 10**places).denominator == 1:
            whole, rest = divmod(value * 10**places, 10**places)
            return _Term(f"{int(whole)}.{int(rest):0{places}d}")
    return _Term(f"({value.numerator}/{value.denominator})")
