"""Talking about the talk itself: stop, repeat, help, and what was never meant for us."""

from __future__ import annotations

import random

from assistant.readers import say_list
from assistant.skill import Context, Skill, skill

SHOWN = 5
"""Examples in one help; more cannot be kept in mind."""


@skill(
    examples=[
        "stop",
        "never mind",
        "cancel that",
        "be quiet",
        "that's enough",
        "forget it",
        "shut up",
        "please stop talking",
        "okay stop now",
        "cancel",
        "abort",
        "enough already",
        "quiet please",
        "that will be all",
        "i changed my mind, forget about it",
        "hush",
        "no stop, i don't want that anymore",
        "stop what you're doing",
        "halt",
        "scratch that",
        "stop it",
        "turn that noise off",
    ]
)
def stop(context: Context) -> str:
    """Fall silent: end what rings, plays or is being said, or drop the request."""
    context.stop()
    return "Okay."


@skill(
    examples=[
        "say that again",
        "repeat that",
        "what did you say",
        "could you repeat that please",
        "i didn't hear you, say it once more",
        "pardon",
        "come again",
        "sorry, what was that",
        "one more time please",
        "can you run that by me again",
        "repeat your last answer",
        "i missed that",
        "tell me again",
        "excuse me what did you just say",
    ],
    addressed=True,
)
def repeat(context: Context) -> str:
    """Say the last answer again."""
    return context.last_reply or "I have not said anything yet."


@skill(
    examples=[
        "help",
        "what can you do",
        "what can i say",
        "help me",
        "how do i use you",
        "what are you able to do",
        "which commands do you know",
        "tell me what you can do for me",
        "what skills do you have",
        "i don't know what to say to you",
        "list your abilities",
        "what kind of things can i ask you",
        "show me what you're good for",
    ]
)
def help(context: Context) -> str:
    """Say what one can ask for."""
    families: dict[str, Skill] = {}
    for skill_ in context.skills:
        file = skill_.source.rpartition(":")[0]
        if file != __file__ and file not in families and skill_.examples:
            families[file] = skill_
    if not families:
        return "No skills are installed; hark skills list says why."
    chosen = random.sample(list(families.values()), min(SHOWN, len(families)))
    said = [f'"{skill_.examples[0].text}"' for skill_ in chosen]
    return f"I know {len(context.skills)} kinds of requests. Say, for example, {say_list(said, 'or')}."


@skill(
    examples=[
        "and then she told him she was moving to chicago",
        "yeah i know, right",
        "coming up after the break, the story of a lifetime",
        "book me a flight to madrid",
        "send an email to my boss saying i'm late",
        "call mom",
        "translate good morning into spanish",
        "how much money is in my checking account",
        "order a large pizza with mushrooms",
        "get me an uber to the airport",
        "text anna that i am on my way",
        "pass me the salt would you",
        "what time does the train to boston leave",
        "reserve a table for four at the italian place tonight",
        "the quarterback drops back and throws it deep",
        "i think we should paint the kitchen next month",
        "honey have you seen my keys",
        "no that one is mine, yours is over there",
        "thank you so much",
        "good girl, sit, stay",
        "post on facebook that we're having a great time",
        "how is traffic on the way to work",
        "transfer two hundred dollars to my savings",
        "what's my credit score",
        "find a movie theater near me",
        "give that book five stars",
        "this episode is brought to you by our sponsors",
        "did you finish your homework yet",
        "tweet that the bus is late again",
        "he said he'd fix the car on sunday but he never does",
        "what is the stock price of intel",
        "let's play a game of chess",
        "is there a good pharmacy around here",
        "schedule a meeting with the design team",
        "have i got any new mail",
        "well, i was thinking the same thing",
        "you did a great job",
        "book me a haircut for friday",
        "how do i get to the museum by bus",
        "show me pictures of the grand canyon",
        "uh huh, mm, okay",
        "lock the front door",
        "close the blinds in the bedroom",
        "open the garage",
        "what is on my calendar tomorrow",
        "what's the exchange rate from dollars to euros",
        "keep reading my audiobook from where we stopped",
        "pay the electricity bill",
        "where did i leave my phone",
        "the weather up there was awful when we visited",
        "my alarm did not go off so i was late for work",
        "she always plays that song when she's sad",
        "turn left at the next light and then keep straight on",
        "breaking tonight, police say the suspect is in custody",
    ]
)
def none(_context: Context) -> str:
    """Nothing for us: chatter, television, or a request that no skill serves."""
    return "That is not something I can do."
