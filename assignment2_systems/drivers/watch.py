"""What all our watches over PyTorch's operators begin with."""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode


class Watch(TorchDispatchMode):
    """Lets every operator of this thread through while it is entered; `noted` is told of each and of its result.

    A watch that has to see an operator's arguments, or to see it before it is made, does so in `__torch_dispatch__`.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # skipping it would import the whole compiler first, which takes a second

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.noted(func.overloadpacket.__name__, result)
        return result

    def noted(self, operator: str, result: Any) -> None:
        """What a watch does once `operator` has given `result`."""
