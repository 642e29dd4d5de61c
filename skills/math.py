"""Arithmetic, exactly as it was said."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from assistant.readers import say_number
from assistant.skill import Context, Expression, SkillError, skill

LONGEST = 1000
"""Characters; a spoken calculation has tens."""
MOST_BITS = 4096
"""No exact result may need more; 2**4096 has 1,233 digits, which nobody listens to."""
MOST_FACTORIAL = 300
LARGEST = 1e300
"""What is larger is not said."""

_TOO_BIG = "That is too big for me to work out."
_UNCLEAR = "I could not work that out."

Value = Fraction | float
"""Exact as long as the operations are; a float after a root that does not come out even."""


@skill(
    examples=[
        "what's [five times seven](expression)",
        "what is [12 + 30](expression)",
        "calculate [fifteen percent of two hundred](expression)",
        "how much is [144 divided by 12](expression)",
        "what's the [square root of eighty one](expression)",
        "[two plus two](expression)",
        "work out [one hundred and twenty minus thirty five](expression)",
        "could you tell me what [three point five times four](expression) is",
        "what do you get if you [add five and seven](expression)",
        "what's [half of ninety](expression)",
        "[9 x 8](expression) please",
        "please compute [two to the power of ten](expression)",
        "what is the [sum of twelve and thirty](expression)",
        "i need [1000 / 8](expression)",
        "what does [seven minus minus two](expression) equal",
        "do you know what [a third of sixty](expression) is",
        "help me with [17 times 23](expression)",
        "what is [6 squared](expression)",
        "how much is [a hundred divided by three](expression)",
        "what's the [difference between fifty and eighteen](expression)",
        "[multiply eleven by twelve](expression)",
        "what's [20% of 45](expression)",
        "what is the [product of six and nine](expression)",
        "tell me [five factorial](expression)",
        "what's [a half plus a quarter](expression)",
        "can you [divide forty by five](expression) for me",
        "how much would [eighteen percent of 64.50](expression) be",
    ]
)
def calculate(context: Context, *, expression: Expression) -> str:  # noqa: ARG001 - every skill is given one
    """Work out an arithmetic expression."""
    if len(expression) > LONGEST:
        raise SkillError(_TOO_BIG)
    try:
        value = evaluate(expression)
        result = float(value)
    except ZeroDivisionError:
        raise SkillError("Nothing can be divided by zero.") from None
    except (OverflowError, RecursionError, MemoryError):
        raise SkillError(_TOO_BIG) from None
    except (SyntaxError, ValueError, TypeError):
        raise SkillError(_UNCLEAR) from None
    if not abs(result) < LARGEST:
        raise SkillError(_TOO_BIG)
    said = say_number(result)
    about = "" if _is_exact(value, said) else "about "
    asked = _say_expression(expression)
    return f"{asked} is {about}{said}." if asked else f"That is {about}{said}."


def evaluate(expression: str) -> Value:
    """The value of symbols such as `5*7`, `(12/100)*200`, `sqrt(81)`; exact where it can be.

    Raises:
        SkillError: the result has no real value, or is too big.
        SyntaxError, ValueError, ZeroDivisionError, OverflowError: as Python's own arithmetic.
    """
    tree = ast.parse(expression, mode="eval")
    return _value(tree.body)


def _value(node: ast.AST) -> Value:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(repr(node.value))
    if isinstance(node, ast.Name) and node.id == "pi":
        return math.pi
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        if type(node.op) in _OPERATORS:
            return _small(_OPERATORS[type(node.op)](left, right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        function = _FUNCTIONS.get(node.func.id)
        if function is not None:
            return function(_value(node.args[0]))
    raise ValueError(type(node).__name__)


def _small(value: Value) -> Value:
    """The value itself; an exact one that has grown out of all measure becomes a float."""
    if isinstance(value, Fraction) and value.numerator.bit_length() + value.denominator.bit_length() > MOST_BITS:
        return float(value)
    return value


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if size * abs(exponent.numerator) <= MOST_BITS or base in (0, 1, -1):
            power: Fraction = base ** (exponent.numerator if base not in (1, -1) else exponent.numerator % 2)
            return power
    if base < 0 and exponent != int(exponent):
        raise SkillError("That has no real result.")
    return math.pow(base, exponent)


def _square_root(value: Value) -> Value:
    if value < 0:
        raise SkillError("A negative number has no real square root.")
    if isinstance(value, Fraction):
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return math.sqrt(value)


def _cube_root(value: Value) -> Value:
    root = math.cbrt(value)
    return Fraction(round(root)) if Fraction(round(root)) ** 3 == value else root


def _factorial(value: Value) -> Value:
    if value < 0 or value != int(value):
        raise SkillError("Only whole numbers have a factorial.")
    if value > MOST_FACTORIAL:
        raise SkillError(_TOO_BIG)
    return Fraction(math.factorial(int(value)))


_OPERATORS: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "sqrt": _square_root,
    "cbrt": _cube_root,
    "factorial": _factorial,
}


def _is_exact(value: Value, said: str) -> bool:
    number, _, exponent = said.replace(",", "").partition(" times 10 to the ")
    return isinstance(value, Fraction) and Fraction(number) * Fraction(10) ** int(exponent or 0) == value


_SPOKEN = (
    (r"^factorial\(([\d,]+)\)$", r"\1 factorial"),
    (r"\(([\d,]+(?:\.\d+)?)/100\)\*", r"\1 percent of "),
    (r"sqrt\(([\d,]+(?:\.\d+)?)\)", r"the square root of \1"),
    (r"cbrt\(([\d,]+(?:\.\d+)?)\)", r"the cube root of \1"),
    (r"\*\*2\b", " squared"),
    (r"\*\*", " to the power of "),
    (r"\*", " times "),
    (r"/", " divided by "),
    (r"\+", " plus "),
    (r"(?<=[\d)])-", " minus "),
    (r"-", "minus "),
)


def _say_expression(expression: str) -> str:
    """What is worked out, said back; "" where it is too long or too nested to be heard easily."""
    said = re.sub(r"(?<![\d.])\d{4,}", lambda digits: f"{int(digits[0]):,}", expression)
    for symbols, words in _SPOKEN:
        said = re.sub(symbols, words, said)
    if len(said) > 80 or re.search(r"[()%]", said):
        return ""
    return f"{said[:1].upper()}{said[1:]}"
