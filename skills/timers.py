"""Countdown timers, kept in the household's database so that they outlive a pulled plug."""

from __future__ import annotations

from assistant.skill import Context, Duration, SkillError, skill


@skill(
    examples=[
        "set a timer for [ten minutes](duration)",
        "[twenty minute](duration) [pasta](name) timer",
        "[five minutes](duration)",
        "set a [thirty second](duration) timer",
        "start a timer for [an hour and a half](duration) please",
        "could you set a [pizza](name) timer for [12 minutes](duration)",
        "timer [three minutes](duration)",
        "count down from [sixty seconds](duration)",
        "start a countdown of [two hours](duration)",
        "please set a timer called [laundry](name) for [forty five minutes](duration)",
        "let me know in [15 minutes](duration)",
        "tell me when [half an hour](duration) is up",
        "i need a [quarter of an hour](duration) timer for the [rice](name)",
        "put [seven and a half minutes](duration) on the clock for the [eggs](name)",
        "give me [a couple of minutes](duration)",
        "time me for [one minute and thirty seconds](duration)",
        "set another timer for [2 hours and 15 minutes](duration) called [roast](name)",
        "start a [nap](name) timer for [25 minutes](duration)",
        "can you time [four minutes](duration) for my [tea](name)",
        "start the [oven](name) timer for [an hour and ten minutes](duration)",
        "set [10 min](duration) timer",
        "new timer [ninety seconds](duration)",
        "wake me up in [twenty minutes](duration)",
        "hey set a [five minute](duration) timer for the [cookies in the oven](name)",
        "ping me after [three quarters of an hour](duration)",
        "i want the [workout](name) timer to run for [1 hour 20 minutes](duration)",
    ]
)
def set_timer(context: Context, *, duration: Duration, name: str | None = None) -> str:
    """Start a countdown and say when it ends."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "cancel the timer",
        "stop the timer",
        "cancel the [pasta](name) timer",
        "turn off my [laundry](name) timer",
        "delete the timer please",
        "never mind the timer",
        "forget about the [egg](name) timer",
        "please get rid of the [tea](name) timer",
        "remove the timer called [roast](name)",
        "kill the timer",
        "i don't need the timer anymore",
        "could you cancel the [ten minute](name) timer",
        "end the countdown",
        "scrap the [pizza](name) timer i just started",
        "cancel [all](name) timers",
        "stop counting down",
    ]
)
def cancel_timer(context: Context, *, name: str | None = None) -> str:
    """Stop a countdown for good."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "how much time is left",
        "how long is left on the timer",
        "check the timer",
        "how much longer on the [pasta](name) timer",
        "what's left on my [laundry](name) timer",
        "is the [egg](name) timer nearly done",
        "timer status",
        "what timers do i have",
        "are there any timers running",
        "how many minutes until the timer goes off",
        "when will the [roast](name) timer ring",
        "how long do the [cookies](name) still need",
        "tell me the remaining time please",
        "how much time does the [tea](name) timer have left",
        "could you check how long the [pizza](name) has left",
        "list my timers",
        "how are we doing on the timer",
    ]
)
def check_timer(context: Context, *, name: str | None = None) -> str:
    """Say how much time is left on a countdown."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "pause the timer",
        "hold the timer",
        "pause the [pasta](name) timer",
        "pause my [workout](name) timer please",
        "freeze the timer for a moment",
        "can you pause the timer called [roast](name)",
        "stop the [tea](name) timer for now",
        "halt the countdown",
        "put the [laundry](name) timer on hold",
        "suspend the timer",
        "wait pause that timer",
        "could you hold the [homework](name) timer for me",
    ]
)
def pause_timer(context: Context, *, name: str | None = None) -> str:
    """Hold a countdown where it is."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "resume the timer",
        "continue the timer",
        "resume the [pasta](name) timer",
        "unpause my [workout](name) timer",
        "start the timer again",
        "carry on with the [roast](name) timer",
        "please continue the timer called [laundry](name)",
        "let the [tea](name) timer go on",
        "unfreeze the timer",
        "pick the countdown back up",
        "restart the [homework](name) timer where it was paused",
        "keep the timer going",
        "okay you can resume the timer now",
    ]
)
def resume_timer(context: Context, *, name: str | None = None) -> str:
    """Let a held countdown go on."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "add [five minutes](duration) to the timer",
        "add [two more minutes](duration) to the [pasta](name) timer",
        "extend the timer by [ten minutes](duration)",
        "give the [pizza](name) [another three minutes](duration)",
        "give me [one more minute](duration) on the timer",
        "make the timer [thirty seconds](duration) longer",
        "please extend my [laundry](name) timer by [a quarter of an hour](duration)",
        "put [an extra hour](duration) on the [roast](name) timer",
        "the [cookies](name) timer needs [90 more seconds](duration)",
        "increase the timer by [15 minutes](duration)",
        "[five more minutes](duration) on the timer",
        "could you add [half an hour](duration) to the timer called [nap](name)",
        "lengthen the countdown by [20 seconds](duration)",
        "timer plus [two minutes](duration)",
    ]
)
def extend_timer(context: Context, *, duration: Duration, name: str | None = None) -> str:
    """Add time to a countdown."""
    raise SkillError("I can't do that yet.")
