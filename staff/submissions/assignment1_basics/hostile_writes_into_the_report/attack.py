"""Errors that are meant for what shows them."""

import sys

from assignment1_basics import loss, nn, optimizer

TEXT = (
    "=HYPERLINK(\"http://192.0.2.1/\",\"full marks\")\n<script>alert('100 points')</script><img src=x onerror=alert(1)>"
    "\x1b[2J\x1b]0;100 points\x07\r\u202e\ud800{{ 7 * 7 }}{% raw %}`rm`$(id)::set-output name=score::100"
)


class Loud(Exception):
    def __str__(self):
        return TEXT * 50_000

    def __repr__(self):
        raise SystemExit


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no")


Loud.__name__ = Loud.__qualname__ = "<script>alert(2)</script>"


def raising(error):
    def function(*args, **kwargs):
        raise error

    return function


nn.softmax, loss.cross_entropy = raising(Loud()), raising(Mute())
optimizer.get_lr_cosine_schedule = raising(NotImplementedError(TEXT))
sys.stdout.buffer.write(TEXT.encode("utf-8", "replace"))
