"""Staff code that runs beside the student's: it uses classes, objects and autograd, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters. Not covered:
expected values, tolerances, verdicts. Those stay with the test, where the student's code cannot reach them.
"""

from __future__ import annotations

import collections
import contextlib
import io
import itertools
import json
import multiprocessing
import os
import random
import runpy
import signal
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from assignment1_basics import adapters

# ----------------------------------------------------------------------------------------------------------
# Calls: one adapter, with autograd or with an eye on its arguments


def _tensor_from(name: str, result: object) -> Tensor:
    if not isinstance(result, Tensor):
        raise TypeError(f"{name} returned {type(result).__name__}; expected a tensor")
    return result


def _gradients(output: Tensor, leaves: list[Tensor], cotangent: Tensor) -> list[Tensor | None]:
    """The gradient of sum(output * cotangent) for each leaf; None where no path leads to the leaf."""
    if output.shape != cotangent.shape:
        raise ValueError(f"the output has the shape {list(output.shape)}; expected {list(cotangent.shape)}")
    if not output.requires_grad:
        return [None] * len(leaves)
    # Not `grad_outputs=cotangent`, which imports sympy: a third of a second in every fresh process.
    total = (output * cotangent.to(output.dtype)).sum()
    return list(torch.autograd.grad(total, leaves, allow_unused=True))


def call_with_gradients(
    name: str, arguments: dict[str, Any], wrt: list[str], cotangent: Tensor
) -> tuple[Tensor, dict[str, Tensor | None]]:
    """Call the adapter `name`; return its output and the gradients of sum(output * cotangent).

    `wrt` names the arguments to differentiate by. A gradient is None where no path leads from the argument to
    the output.
    """
    leaves = {key: arguments[key].detach().clone().requires_grad_() for key in wrt}
    output = _tensor_from(name, getattr(adapters, name)(**{**arguments, **leaves}))
    gradients = _gradients(output, list(leaves.values()), cotangent)
    return output.detach(), dict(zip(leaves, gradients, strict=True))


def call_keeping_arguments(name: str, arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Call the adapter `name`; return its result and the arguments as they are after the call."""
    result = getattr(adapters, name)(**arguments)
    return result, arguments


def result_or_refusal(name: str, arguments: dict[str, Any]) -> Any:
    """Call the adapter `name`; return its result, or None where it raised."""
    try:
        return getattr(adapters, name)(**arguments)
    except NotImplementedError:
        raise
    except Exception:
        return None


class _MatmulRecorder(TorchDispatchMode):
    """Notes the operand shapes of every matrix product that reaches the dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[list[int], list[int]]] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # skipping it would import the whole compiler first, which takes a second

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operator = func.overloadpacket.__name__
        if operator in ("mm", "bmm", "mv", "addmm", "baddbmm", "addmv"):
            left, right = args[1:3] if "add" in operator else args[:2]
            self.shapes.append((list(left.shape), list(right.shape)))
        return func(*args, **(kwargs or {}))


def matmul_shapes(name: str, arguments: dict[str, Any]) -> list[tuple[list[int], list[int]]]:
    """Call the adapter `name`; return both operands' shapes for every matrix product it made, in order."""
    with _MatmulRecorder() as recorder:
        getattr(adapters, name)(**arguments)
    return recorder.shapes


# ----------------------------------------------------------------------------------------------------------
# Construction: what a class makes of its constructor's arguments


def _new(cls_adapter: str, arguments: dict[str, Any]) -> torch.nn.Module:
    """An instance of the class that adapter `cls_adapter` returns. A dtype is given by name: "bfloat16"."""
    keywords = dict(arguments)
    if "dtype" in keywords:
        keywords["dtype"] = getattr(torch, keywords["dtype"])
    module = getattr(adapters, cls_adapter)()(**keywords)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"{cls_adapter}: an instance is a {type(module).__name__}; expected an nn.Module")
    return module


def _described(tensor: Tensor) -> tuple[list[int], str, str]:
    return list(tensor.shape), str(tensor.dtype).removeprefix("torch."), tensor.device.type


def parameter_descriptions(cls_adapter: str, arguments: dict[str, Any]) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of every parameter of a new module that an optimizer would train."""
    parameters = _new(cls_adapter, arguments).parameters()
    return [_described(parameter) for parameter in parameters if parameter.requires_grad]


def buffer_descriptions(cls_adapter: str, arguments: dict[str, Any]) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of every buffer of a new module."""
    return [_described(buffer) for buffer in _new(cls_adapter, arguments).buffers()]


def state_dict_keys(cls_adapter: str, arguments: dict[str, Any]) -> list[str]:
    """The keys under which a new module would be saved."""
    return list(_new(cls_adapter, arguments).state_dict())


def initial_parameters(cls_adapter: str, arguments: dict[str, Any], seed: int) -> list[Tensor]:
    """The parameters of a new module."""
    torch.manual_seed(seed)
    return [parameter.detach() for parameter in _new(cls_adapter, arguments).parameters()]


def initial_parameters_of_two(
    cls_adapter: str, arguments: dict[str, Any], seed: int
) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters of two modules, built one after the other from one state of the random generator."""
    torch.manual_seed(seed)
    first, second = _new(cls_adapter, arguments), _new(cls_adapter, arguments)
    return [parameter.detach() for parameter in first.parameters()], [
        parameter.detach() for parameter in second.parameters()
    ]


# ----------------------------------------------------------------------------------------------------------
# Modules: an instance, called and differentiated


def module_output(cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], seed: int) -> Tensor:
    """The output of a new module."""
    torch.manual_seed(seed)
    return _tensor_from(cls_adapter, _new(cls_adapter, arguments)(*inputs)).detach()


def module_outputs(cls_adapter: str, arguments: dict[str, Any], calls: list[list[Tensor]], seed: int) -> list[Tensor]:
    """Build one module and call it once with each list of inputs; return the outputs in order."""
    torch.manual_seed(seed)
    module = _new(cls_adapter, arguments)
    return [module(*inputs).detach() for inputs in calls]


def outputs_in_dtypes(
    cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], dtypes: list[str], seed: int
) -> list[Tensor]:
    """Build the module in each dtype, all with the weights of the first; return the output of each."""
    torch.manual_seed(seed)
    modules = [_new(cls_adapter, {**arguments, "dtype": dtype}) for dtype in dtypes]
    for module in modules[1:]:
        module.load_state_dict(modules[0].state_dict())
    return [module(*inputs).detach() for module in modules]


def gradients_of_only_parameter(
    cls_adapter: str, arguments: dict[str, Any], value: Tensor, inputs: list[Tensor], cotangent: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Set the only parameter of a new module to `value`; return its output and the parameter's gradient.

    A module may store its matrix transposed: the gradient comes back in the layout of `value`.
    """
    module = _new(cls_adapter, arguments)
    parameters = list(module.parameters())
    if len(parameters) != 1:
        raise ValueError(f"{cls_adapter}: an instance has {len(parameters)} parameters; expected one")
    parameter = parameters[0]
    transposed = parameter.shape != value.shape
    with torch.no_grad():
        parameter.copy_(value.T if transposed else value)
    output = module(*inputs)
    (gradient,) = _gradients(output, [parameter], cotangent)
    if gradient is not None and transposed:
        gradient = gradient.T.contiguous()
    return output.detach(), gradient


def parameter_gradients(
    cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], cotangent: Tensor, seed: int
) -> list[Tensor | None]:
    """The gradient of sum(output * cotangent) for every parameter of a new module; None where none arrives.

    Parameters that do not require a gradient are left out.
    """
    torch.manual_seed(seed)
    module = _new(cls_adapter, arguments)
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return _gradients(module(*inputs), parameters, cotangent)


def outputs_along_a_line(
    cls_adapter: str,
    arguments: dict[str, Any],
    inputs: list[Tensor],
    cotangent: Tensor,
    step: float,
    seed: int,
) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor | None]]:
    """Move all parameters of a new module along one random direction, by -step and by +step.

    Returns both outputs, the direction (a tensor a parameter) and the gradients of sum(output * cotangent) at
    the start: what a test needs to hold gradients against a difference quotient without knowing their names.
    """
    torch.manual_seed(seed)
    module = _new(cls_adapter, arguments)
    parameters = list(module.parameters())
    direction = [torch.randn_like(parameter) for parameter in parameters]
    gradients = _gradients(module(*inputs), parameters, cotangent)
    outputs = []
    with torch.no_grad():
        starts = [parameter.clone() for parameter in parameters]
        for signed_step in (-step, step):
            for parameter, start, slope in zip(parameters, starts, direction, strict=True):
                parameter.copy_(start + signed_step * slope)
            outputs.append(module(*inputs))
    return outputs[0], outputs[1], direction, gradients


# ----------------------------------------------------------------------------------------------------------
# Language models: a few steps of training


def logits_around_training(
    arguments: dict[str, Any], tokens: Tensor, targets: Tensor, steps: int, learning_rate: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Train a new language model on one batch; return its logits before the first and after the last step.

    The gradient of cross-entropy and an optimizer (Adam without bias correction) are written out here: the
    outcome depends on the student's model alone.
    """
    torch.manual_seed(seed)
    model = _new("get_transformer_lm_cls", arguments)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    moments = [(torch.zeros_like(parameter), torch.zeros_like(parameter)) for parameter in parameters]
    first = logits = model(tokens)
    for _ in range(steps):
        with torch.no_grad():
            weights = (logits - logits.max(-1, keepdim=True).values).exp()
            slope = weights / weights.sum(-1, keepdim=True)
            slope.scatter_add_(-1, targets.unsqueeze(-1), torch.full(targets.shape, -1.0).unsqueeze(-1))
        gradients = _gradients(logits, parameters, slope / targets.numel())
        with torch.no_grad():
            for parameter, gradient, (mean, square) in zip(parameters, gradients, moments, strict=True):
                if gradient is not None:
                    mean.lerp_(gradient, 0.1)
                    square.lerp_(gradient * gradient, 0.01)
                    parameter -= learning_rate * mean / (square.sqrt() + 1e-8)
        logits = model(tokens)
    return first.detach(), logits.detach()


# ----------------------------------------------------------------------------------------------------------
# BPE training: in other circumstances than this process


def train_bpe_in_a_new_process(
    input_path: str, vocab_size: int, special_tokens: list[str], hash_seed: int
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Train in a new interpreter, in which sets and dicts of strings hash by `hash_seed`."""
    with _environment("PYTHONHASHSEED", str(hash_seed)):
        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        with pool:
            return pool.submit(adapters.run_train_bpe, input_path, vocab_size, special_tokens).result()


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def train_bpe_where_processes_are_spawned(
    input_path: str, vocab_size: int, special_tokens: list[str]
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    """Train while new processes inherit nothing, which is how macOS and Windows start them."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    try:
        return adapters.run_train_bpe(input_path, vocab_size, special_tokens)
    finally:
        multiprocessing.set_start_method(before, force=True)


# ----------------------------------------------------------------------------------------------------------
# Tokenizers: `tokenizer` holds the arguments of get_tokenizer


def encode_texts(tokenizer: dict[str, Any], texts: list[str]) -> list[list[int]]:
    """The ids of each text, from one tokenizer."""
    made = adapters.get_tokenizer(**tokenizer)
    return [made.encode(text) for text in texts]


def arguments_after_encoding(tokenizer: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """The arguments of get_tokenizer as they are once a tokenizer was made of them and used."""
    encode_texts(tokenizer, texts)
    return tokenizer


def encode_chunks(tokenizer: dict[str, Any], chunkings: list[list[str]]) -> list[list[int]]:
    """The ids that encode_iterable gives for each list of strings, which it reads as a generator."""
    made = adapters.get_tokenizer(**tokenizer)
    return [list(made.encode_iterable(chunk for chunk in chunks)) for chunks in chunkings]


def decode_ids(tokenizer: dict[str, Any], sequences: list[list[int]]) -> list[str]:
    """The text of each sequence of ids, from one tokenizer."""
    made = adapters.get_tokenizer(**tokenizer)
    return [made.decode(ids) for ids in sequences]


def encode_by_turns(
    first: dict[str, Any], second: dict[str, Any], texts: list[str]
) -> list[tuple[list[int], list[int]]]:
    """The ids of each text from two tokenizers that live side by side."""
    one, two = adapters.get_tokenizer(**first), adapters.get_tokenizer(**second)
    return [(one.encode(text), two.encode(text)) for text in texts]


def encode_streams_by_turns(
    tokenizer: dict[str, Any], first: list[str], second: list[str]
) -> tuple[list[int], list[int]]:
    """The ids of two streams that one tokenizer encodes at the same time, an id of each by turns."""
    made = adapters.get_tokenizer(**tokenizer)
    streams = itertools.zip_longest(made.encode_iterable(iter(first)), made.encode_iterable(iter(second)))
    one, two = zip(*streams, strict=True)
    return [number for number in one if number is not None], [number for number in two if number is not None]


def chunks_read_by_each_id(tokenizer: dict[str, Any], chunk: str, ids: int, limit: int) -> list[int]:
    """How many strings encode_iterable had read when each of its first ids came out.

    The source gives `chunk` again and again, and raises after `limit` strings.
    """
    read = 0

    def source() -> Iterator[str]:
        nonlocal read
        while read < limit:
            read += 1
            yield chunk
        raise RuntimeError(f"encode_iterable has read all {limit} strings of its source and not given {ids} ids")

    stream = iter(adapters.get_tokenizer(**tokenizer).encode_iterable(source()))
    return [read for _ in itertools.islice(stream, ids)]


def peak_memory_of_encoding(tokenizer: dict[str, Any], chunk: str, repeats: int) -> tuple[int, int]:
    """The peak of allocated bytes in each half of a stream of `repeats` equal strings."""
    half, peaks = repeats // 2, []

    def source() -> Iterator[str]:
        for number in range(repeats):
            if number == half:
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.reset_peak()
            yield chunk

    made = adapters.get_tokenizer(**tokenizer)
    tracemalloc.start()
    try:
        collections.deque(made.encode_iterable(source()), maxlen=0)
        return peaks[0], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def encode_with_files(
    vocab_path: str, merges_path: str, special_tokens: list[str] | None, texts: list[str]
) -> list[list[int]]:
    """The ids of each text from a tokenizer made by from_files."""
    cls = type(adapters.get_tokenizer({byte: bytes([byte]) for byte in range(256)}, []))
    made = cls.from_files(vocab_path, merges_path, special_tokens)
    return [made.encode(text) for text in texts]


def saved_vocabulary(
    vocab: dict[int, bytes],
    merges: list[tuple[bytes, bytes]],
    as_path: bool = False,
    before: bytes | None = None,
) -> tuple[bytes, bytes]:
    """Save a vocabulary and its merges under paths given as `str` or, `as_path`, as Path; the two files.

    With `before`, both files are there already and hold it.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("vocab.json", "merges.txt")]
        for path in paths if before is not None else ():
            path.write_bytes(before)
        given = paths if as_path else [str(path) for path in paths]
        adapters.run_save_vocabulary(vocab, merges, *given)
        vocab_file, merges_file = (path.read_bytes() for path in paths)
        return vocab_file, merges_file


# ----------------------------------------------------------------------------------------------------------
# AdamW: a group is the keywords of a parameter group, with tensors as "params"


def _parameter_groups(groups: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[torch.nn.Parameter]]:
    """The groups with tensors made parameters, and all parameters in order."""
    made = [
        {**group, "params": [torch.nn.Parameter(tensor.detach().clone()) for tensor in group["params"]]}
        for group in groups
    ]
    return made, [parameter for group in made for parameter in group["params"]]


def _steps(
    optimizer: torch.optim.Optimizer,
    parameters: list[torch.nn.Parameter],
    gradients: list[list[Tensor | None]],
    rates: list[list[float]] | None = None,
) -> list[list[Tensor]]:
    """Take a step for each list of gradients; return copies of the parameters after each.

    A gradient is written into the tensor of the step before it, as backward() does; `rates` are the learning
    rates of the groups in each step.
    """
    history = []
    for number, step in enumerate(gradients):
        for group, rate in zip(optimizer.param_groups, rates[number] if rates else [], strict=False):
            group["lr"] = rate
        for parameter, gradient in zip(parameters, step, strict=True):
            if gradient is None or parameter.grad is None:
                parameter.grad = gradient
            else:
                parameter.grad.copy_(gradient)
        optimizer.step()
        history.append([parameter.detach().clone() for parameter in parameters])
    return history


def adamw_steps(
    groups: list[dict[str, Any]],
    options: dict[str, Any],
    gradients: list[list[Tensor | None]],
    rates: list[list[float]] | None = None,
) -> list[list[Tensor]]:
    """All parameters after each step of one optimizer."""
    made, parameters = _parameter_groups(groups)
    return _steps(adapters.get_adamw_cls()(made, **options), parameters, gradients, rates)


def adamw_steps_with_a_pause(
    groups: list[dict[str, Any]],
    options: dict[str, Any],
    options_on_return: dict[str, Any],
    gradients: list[list[Tensor | None]],
    pause: int,
) -> list[list[Tensor]]:
    """The same, but after `pause` steps a new optimizer takes over by the old one's saved state_dict."""
    made, parameters = _parameter_groups(groups)
    old = adapters.get_adamw_cls()(made, **options)
    history = _steps(old, parameters, gradients[:pause])
    saved = io.BytesIO()
    torch.save(old.state_dict(), saved)
    saved.seek(0)
    renewed, parameters = _parameter_groups(made)
    new = adapters.get_adamw_cls()([{"params": group["params"]} for group in renewed], **options_on_return)
    new.load_state_dict(torch.load(saved, weights_only=True))
    return history + _steps(new, parameters, gradients[pause:])


def adamw_steps_with_a_late_group(
    groups: list[dict[str, Any]], options: dict[str, Any], gradients: list[list[Tensor | None]], late: int
) -> list[list[Tensor]]:
    """The same, but the last group is added by add_param_group after `late` steps."""
    made, parameters = _parameter_groups(groups)
    optimizer = adapters.get_adamw_cls()(made[:-1], **options)
    history = _steps(optimizer, parameters, gradients[:late])
    optimizer.add_param_group(made[-1])
    return history + _steps(optimizer, parameters, gradients[late:])


def adamw_training(
    start: Tensor, target: Tensor, options: dict[str, Any], steps: int, set_to_none: bool
) -> list[Tensor]:
    """Minimise half the squared distance of `start` to `target`; return each iterate."""
    parameter = torch.nn.Parameter(start)
    optimizer = adapters.get_adamw_cls()((each for each in [parameter]), **options)
    history = []
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=set_to_none)
        (0.5 * (parameter - target).square().sum()).backward()
        optimizer.step()
        history.append(parameter.detach().clone())
    return history


def adamw_closure(start: Tensor, target: Tensor, options: dict[str, Any]) -> tuple[Any, int, Tensor]:
    """One step with a closure: what step returned, how often it called the closure, and the parameter."""
    parameter = torch.nn.Parameter(start)
    optimizer = adapters.get_adamw_cls()([parameter], **options)
    calls = 0

    def closure() -> Tensor:
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = 0.5 * (parameter - target).square().sum()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    return loss, calls, parameter.detach()


# ----------------------------------------------------------------------------------------------------------
# Gradient clipping


def clipped_gradients(
    gradients: list[Tensor | None], max_l2_norm: float, container: str
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """Clip parameters that have these gradients, given as a "list", "tuple" or "generator".

    Returns what the gradient tensors hold that were there before the call, and what `.grad` holds after it.
    """
    parameters = []
    for gradient in gradients:
        parameter = torch.nn.Parameter(torch.ones(3) if gradient is None else torch.ones_like(gradient))
        parameter.grad = gradient
        parameters.append(parameter)
    given = {"list": parameters, "tuple": tuple(parameters), "generator": (each for each in parameters)}
    adapters.run_gradient_clipping(given[container], max_l2_norm)
    return gradients, [parameter.grad for parameter in parameters]


# ----------------------------------------------------------------------------------------------------------
# Batches


def batches_after_seeds(
    dataset: NDArray, batch_size: int, context_length: int, seeds: list[int | None]
) -> list[tuple[Tensor, Tensor]]:
    """A batch for each seed, drawn after seeding every global generator with it (None: without seeding)."""
    batches = []
    for seed in seeds:
        if seed is not None:
            random.seed(seed)
            numpy.random.seed(seed)
            torch.manual_seed(seed)
        batches.append(adapters.run_get_batch(dataset, batch_size, context_length, "cpu"))
    return batches


def batch_placement(
    dataset: NDArray, batch_size: int, context_length: int, device: str
) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of both tensors."""
    return [_described(tensor) for tensor in adapters.run_get_batch(dataset, batch_size, context_length, device)]


def batch_overwritten(dataset: NDArray, batch_size: int, context_length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw a batch and overwrite its inputs; the targets before and after that, and the dataset after it."""
    inputs, targets = adapters.run_get_batch(dataset, batch_size, context_length, "cpu")
    before = targets.clone()
    inputs.fill_(-1)
    return before, targets, torch.from_numpy(dataset)


def batch_from_memory_map(dataset: NDArray, batch_size: int, context_length: int) -> tuple[Tensor, Tensor]:
    """A batch from a memory map of a file that holds `dataset`."""
    with tempfile.NamedTemporaryFile() as file:
        dataset.tofile(file.name)
        mapped = numpy.memmap(file.name, dtype=dataset.dtype, mode="c")
        return adapters.run_get_batch(mapped, batch_size, context_length, "cpu")


def bytes_read_for_a_batch(tokens: int, batch_size: int, context_length: int) -> int | None:
    """How much of a memory-mapped file of `tokens` uint16 zeros is in memory after a batch was drawn from it.

    None where the operating system does not tell (it does on Linux).
    """
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(2 * tokens)
        mapped = numpy.memmap(file.name, dtype=numpy.uint16, mode="c")
        adapters.run_get_batch(mapped, batch_size, context_length, "cpu")
        maps = Path("/proc/self/smaps")
        return _resident(maps.read_text().splitlines(), file.name) if maps.is_file() else None


def _resident(maps: list[str], path: str) -> int:
    """The resident bytes of a file's mappings: the first line of each ends in the path, `Rss:` follows."""
    total, inside = 0, False
    for line in maps:
        first = line.split(maxsplit=1)[0]
        if not first.endswith(":"):
            inside = line.endswith(path)
        elif inside and first == "Rss:":
            total += 1024 * int(line.split()[1])
    return total


# ----------------------------------------------------------------------------------------------------------
# Checkpoints: a model whose state is any dict of tensors, and an optimizer that is not the student's


class _Holder(torch.nn.Module):
    """Parameters named as in `state`; "seen" is a buffer."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in state.items():
            if name == "seen":
                self.register_buffer(name, tensor.clone())
            else:
                self.register_parameter(name, torch.nn.Parameter(tensor.clone()))

    def state(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.state_dict().items()}


class _Momentum(torch.optim.Optimizer):
    """Gradient descent with momentum: the smallest optimizer with a state and hyper-parameters to lose."""

    def __init__(self, params: Any, lr: float, momentum: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # torch overloads it
        for group in self.param_groups:
            for parameter in group["params"]:
                speed = self.state[parameter].setdefault("speed", torch.zeros_like(parameter))
                speed.mul_(group["momentum"]).add_(parameter.grad)
                parameter.sub_(group["lr"] * speed)


def _descend(model: _Holder, optimizer: _Momentum, gradients: list[list[Tensor]]) -> list[dict[str, Tensor]]:
    """The model's state after each step."""
    history = []
    for step in gradients:
        for parameter, gradient in zip(model.parameters(), step, strict=True):
            parameter.grad = gradient.clone()
        optimizer.step()
        if "seen" in dict(model.named_buffers()):
            model.seen += 1
        history.append(model.state())
    return history


def _through_storage(kind: str, save: Callable[[Any], None], load: Callable[[Any], int]) -> int:
    """Save to, then load from, a "str" path, a "Path", a "BytesIO" or an open "file"."""
    if kind == "BytesIO":
        memory = io.BytesIO()
        save(memory)
        memory.seek(0)
        return load(memory)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        if kind == "file":
            with path.open("wb") as out:
                save(out)
            with path.open("rb") as src:
                return load(src)
        given = str(path) if kind == "str" else path
        save(given)
        return load(given)


def checkpoint_and_resume(
    start: dict[str, Tensor],
    stranger: dict[str, Tensor],
    gradients: list[list[Tensor]],
    saved_after: int,
    iteration: int,
    kind: str,
) -> tuple[int, dict[str, Tensor], list[dict[str, Tensor]], list[dict[str, Tensor]]]:
    """Train `start`, save on the way and train on; load into a model of other values and train that on.

    Returns the loaded iteration, the state right after loading, and the states of the first and of the second
    model after each step since the save.
    """
    model, other = _Holder(start), _Holder(stranger)
    optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
    other_optimizer = _Momentum(other.parameters(), lr=0.7, momentum=0.2)
    _descend(model, optimizer, gradients[:saved_after])
    _descend(other, other_optimizer, gradients[:1])
    went_on: list[dict[str, Tensor]] = []

    def load(src: Any) -> int:
        went_on.extend(_descend(model, optimizer, gradients[saved_after:]))
        return adapters.run_load_checkpoint(src, other, other_optimizer)

    found = _through_storage(kind, lambda out: adapters.run_save_checkpoint(model, optimizer, iteration, out), load)
    loaded = other.state()
    return found, loaded, went_on, _descend(other, other_optimizer, gradients[saved_after:])


def checkpoints_at_paths(
    states: list[dict[str, Tensor]], names: list[str], iterations: list[int]
) -> dict[str, tuple[int, dict[str, Tensor]]]:
    """Save a model of each state under its name, one after another; then load every name."""
    with tempfile.TemporaryDirectory() as folder:
        for state, name, iteration in zip(states, names, iterations, strict=True):
            model = _Holder(state)
            optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
            adapters.run_save_checkpoint(model, optimizer, iteration, f"{folder}/{name}")
        found = {}
        for name in names:
            model = _Holder({key: torch.zeros_like(tensor) for key, tensor in states[0].items()})
            optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
            found[name] = adapters.run_load_checkpoint(f"{folder}/{name}", model, optimizer), model.state()
        return found


def checkpoint_loads_as_plain_data(state: dict[str, Tensor], gradients: list[list[Tensor]]) -> bool:
    """Whether torch.load(..., weights_only=True) reads a saved checkpoint."""
    model, memory = _Holder(state), io.BytesIO()
    optimizer = _Momentum(model.parameters(), lr=0.1, momentum=0.9)
    _descend(model, optimizer, gradients)
    adapters.run_save_checkpoint(model, optimizer, 3, memory)
    memory.seek(0)
    try:
        torch.load(memory, weights_only=True)
    except Exception:  # torch.load names no common class for what it refuses
        return False
    return True


def modes_around_checkpointing(state: dict[str, Tensor], training: bool) -> tuple[bool, bool]:
    """Whether a model is in training mode after it was saved, and another after it was loaded."""
    saved, loaded, memory = _Holder(state).train(training), _Holder(state).train(training), io.BytesIO()
    adapters.run_save_checkpoint(saved, _Momentum(saved.parameters(), 0.1, 0.9), 1, memory)
    memory.seek(0)
    adapters.run_load_checkpoint(memory, loaded, _Momentum(loaded.parameters(), 0.1, 0.9))
    return saved.training, loaded.training


# ----------------------------------------------------------------------------------------------------------
# Decoding: language models that are tables


def samples(
    logits: Tensor, temperature: float, top_p: float, seed: int, count: int, global_seed: int | None = None
) -> list[int]:
    """Draw `count` tokens, one call each, with one generator; or, given `global_seed`, with none."""
    generator = None if global_seed is not None else torch.Generator().manual_seed(seed)
    torch.manual_seed(seed if global_seed is None else global_seed)
    return [adapters.run_sample_next(logits, temperature, top_p, generator) for _ in range(count)]


class _TableModel(torch.nn.Module):
    """A language model whose logits after a token are that token's row of `table`; it notes how it is used."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(table)
        self.calls: list[list[int]] = []
        self.described: list[tuple[list[int], str, str]] = []
        self.modes: list[tuple[bool, bool]] = []

    def forward(self, token_ids: Tensor) -> Tensor:
        self.calls.append(token_ids.reshape(-1).tolist())
        self.described.append(_described(token_ids))
        self.modes.append((self.training, torch.is_grad_enabled()))
        return self.table[token_ids]


def generate_from_table(
    table: Tensor,
    prompt: list[int],
    max_new_tokens: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    eos_token_id: int | None = None,
    context_length: int | None = None,
    seed: int = 0,
    global_seed: int = 0,
    with_generator: bool = True,
    training: bool = True,
    as_function: bool = False,
) -> dict[str, Any]:
    """Generate with a model whose logits are rows of `table` [vocab_size, vocab_size].

    Returns `tokens`, the result; `calls`, the ids of every call of the model, and `described`, their shape,
    dtype and device; `modes`, (training, grad enabled) in every call; `training` and `grad_enabled` after
    it, and `prompt` as it is then. `as_function` gives the model as a function that is no module.
    """
    model = _TableModel(table).train(training)
    torch.manual_seed(global_seed)
    given = list(prompt)
    tokens = adapters.run_generate(
        (lambda token_ids: model(token_ids)) if as_function else model,
        given,
        max_new_tokens,
        temperature,
        top_p,
        eos_token_id,
        context_length,
        torch.Generator().manual_seed(seed) if with_generator else None,
    )
    return {
        "tokens": tokens,
        "calls": model.calls,
        "described": model.described,
        "modes": model.modes,
        "training": model.training,
        "grad_enabled": torch.is_grad_enabled(),
        "prompt": given,
    }


def generate_twice_from_one_generator(
    table: Tensor, prompt: list[int], max_new_tokens: int, seed: int
) -> tuple[list[int], list[int]]:
    """Two continuations, one after the other, with the same generator."""
    generator, model = torch.Generator().manual_seed(seed), _TableModel(table)
    first, second = (
        adapters.run_generate(model, list(prompt), max_new_tokens, 1.0, 1.0, None, None, generator) for _ in range(2)
    )
    return first, second


def training_mode_after_a_failure(table: Tensor, prompt: list[int]) -> tuple[bool, bool]:
    """Generate with a model that raises in its third call: model.training and grad mode after that."""
    model = _TableModel(table).train()

    def fail(*_: Any) -> None:
        if len(model.calls) == 2:
            raise ArithmeticError("the model fails on purpose")

    model.register_forward_pre_hook(fail)
    with contextlib.suppress(ArithmeticError):
        adapters.run_generate(model, list(prompt), 5, 0.0, 1.0, None, None, None)
    return model.training, torch.is_grad_enabled()


# ----------------------------------------------------------------------------------------------------------
# Training runs: the command, its files, and what can happen to them


def training_session(
    config: dict[str, Any], arrays: dict[str, NDArray], actions: list[dict[str, Any]], probe: Tensor | None = None
) -> list[dict[str, Any]]:
    """Do `actions` in a folder that holds `arrays` as token files; return what is there after each.

    {"do": "train", "resume": False, "config": {...}, "text": None, "limit": None, "how": "call"}: train with
        `config` and the changes given here, or with `text` as the file's content (None: there is no file at
        all). `limit` bounds the bytes a file may have, as a full disk would. `how` is "call", "module" for
        `python -m`, or "killed": the process dies at `limit`.
    {"do": "write", "name": ..., "content": bytes} and {"do": "delete", "name": ...}: change a file in --out.

    A token file is named by its array in `config`. After an action: `code`, the exit code (-1: killed);
    `stderr` and `stdout`; `log`, the text of log.jsonl, "" without; `checkpoints`, for each step what
    load_checkpoint makes of it: iteration, parameters and, given `probe`, logits; None where it raises;
    `sizes` of these files.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for key, array in arrays.items():
            numpy.save(folder / f"{key}.npy", array)
        return [_after_action(config, action, folder, probe) for action in actions]


def _after_action(config: dict[str, Any], action: dict[str, Any], folder: Path, probe: Tensor | None) -> dict[str, Any]:
    out, ended = folder / "out", {"code": 0, "stderr": "", "stdout": ""}
    changed = {**config, **action.get("config", {})}
    if action["do"] == "write":
        out.mkdir(exist_ok=True)
        (out / action["name"]).write_bytes(action["content"])
    elif action["do"] == "delete":
        (out / action["name"]).unlink()
    else:
        ended = _train(changed, action, folder, out)
    log = out / "log.jsonl"
    steps = {path: path.stem.removeprefix("ckpt_") for path in sorted(out.glob("ckpt_*.pt"))}
    files = {int(step): path for path, step in steps.items() if step.isdecimal()}
    return {
        **ended,
        "log": log.read_text(encoding="utf-8") if log.is_file() else "",
        "checkpoints": {step: _loaded(changed, path, probe) for step, path in files.items()},
        "names": {step: path.name for step, path in files.items()},
        "sizes": {step: path.stat().st_size for step, path in files.items()},
    }


def _train(config: dict[str, Any], action: dict[str, Any], folder: Path, out: Path) -> dict[str, Any]:
    paths = {key: str(folder / config[key]) for key in ("train_tokens", "val_tokens") if key in config}
    path = folder / "run.json"
    path.unlink(missing_ok=True)
    text = action.get("text", json.dumps({**config, **paths}))
    if text is not None:
        path.write_text(text, encoding="utf-8")
    arguments = ["--config", str(path), "--out", str(out), *(["--resume"] if action.get("resume") else [])]
    how, limit = action.get("how", "call"), action.get("limit")
    if how == "killed":
        return {"code": _killed_at(limit, arguments), "stderr": "", "stdout": ""}
    run = _as_module if how == "module" else adapters.run_training
    errors, output = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(output), _file_limit(limit):
        try:
            code = run(arguments)
        except SystemExit as end:
            code = end.code
    return {
        "code": 0 if code is None else code,
        "stderr": errors.getvalue()[-5000:],
        "stdout": output.getvalue()[-5000:],
    }


def _as_module(arguments: list[str]) -> int:
    """`python -m assignment1_basics.train`, without the seconds that a new interpreter takes to import torch."""
    before = sys.argv
    sys.argv = ["train.py", *arguments]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # that the module has been imported already
            runpy.run_module("assignment1_basics.train", run_name="__main__", alter_sys=True)
    finally:
        sys.argv = before
    raise RuntimeError("python -m assignment1_basics.train ended without an exit code; expected SystemExit")


@contextlib.contextmanager
def _file_limit(size: int | None) -> Iterator[None]:
    """Writing beyond `size` bytes of a file raises OSError meanwhile."""
    if size is None:
        yield
        return
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _killed_at(size: int, arguments: list[str]) -> int:
    """Train in a process that dies when it writes beyond `size` bytes of a file; -1, or its exit code."""
    import resource

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about forking where there are threads
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            torch.set_num_threads(1)  # the threads of the parent are not here
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere), _file_limit(size):
                code = adapters.run_training(arguments)
        finally:
            os._exit(code if isinstance(code, int) else 1)
    return max(-1, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _loaded(config: dict[str, Any], path: Path, probe: Tensor | None) -> dict[str, Any] | None:
    sizes = ("vocab_size", "context_length", "d_model", "num_layers", "num_heads", "d_ff")
    model = adapters.get_transformer_lm_cls()(*(config[size] for size in sizes))
    try:
        iteration = adapters.run_load_checkpoint(str(path), model, adapters.get_adamw_cls()(model.parameters()))
    except NotImplementedError:
        raise
    except Exception:  # load_checkpoint raises what it pleases
        return None
    with torch.no_grad():
        logits = None if probe is None else model(probe)
    parameters = [parameter.detach() for parameter in model.parameters()]
    return {"iteration": iteration, "parameters": parameters, "logits": logits}
