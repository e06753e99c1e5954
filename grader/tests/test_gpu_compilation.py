"""The reference's kernels compile for a GPU that is not there: Triton needs the compiler alone for that.

What the interpreter cannot tell is seen here: a type or a shape that only the compiler minds, products that miss the
tensor cores, a tile that is too large for a core's shared memory.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("Triton is made for Linux only", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
SHARED_MEMORY = 227 * 1024
"""Bytes that a program may have on Hopper."""

COMPILE = """
import importlib.util, json, sys
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile

spec = importlib.util.spec_from_file_location("flash_triton", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
found = []
for name, dtype, precision in json.loads(sys.argv[2]):
    tuner = getattr(module, name)
    config, function = tuner.configs[0], tuner.fn
    constants = {"D": 64, "CAUSAL": True, "PRECISION": precision, **config.kwargs}
    constants |= {argument: 1 for argument in function.arg_names if argument.endswith("_d")}
    pointers = {"L": "*fp32", "shared": "*fp32", **dict.fromkeys(("Q", "K", "V", "Out", "dO", "dQ", "dK", "dV"), dtype)}
    types = pointers | {"scale": "fp32", "scale2": "fp32"} | dict.fromkeys(constants, "constexpr")
    signature = {argument: types.get(argument, "i32") for argument in function.arg_names}
    whole = {(i,): [["tt.divisibility", 16]] for i, kind in enumerate(signature.values()) if kind[0] in "*i"}
    constants = {argument: constants[argument] for argument in function.arg_names if argument in constants}
    kernel = compile(
        ASTSource(fn=function, signature=signature, constexprs=constants, attrs=whole),
        target=GPUTarget("cuda", 90, 32),
        options={"num_warps": config.num_warps, "num_stages": config.num_stages},
    )
    ptx = kernel.asm["ptx"]
    found.append([kernel.metadata.shared, "wgmma.mma_async" in ptx, "cp.async" in ptx])
print(json.dumps(found))
"""


@pytest.mark.slow
def test_kernels_compile_for_hopper_with_tensor_cores_and_loads_ahead(tmp_path):
    names = ("forward_kernel", "grad_query_kernel", "grad_key_value_kernel")
    cases = [(name, "*bf16", "tf32") for name in names]
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    ended = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-c", COMPILE),
            str(ROOT / "staff" / "solutions" / "assignment2_systems" / "flash_triton.py"),
            json.dumps(cases),
        ],
        env={**environment, "TRITON_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    for (name, *_), (shared, on_tensor_cores, ahead) in zip(cases, json.loads(ended.stdout), strict=True):
        assert shared <= SHARED_MEMORY, f"{name} takes {shared} bytes of shared memory"
        assert on_tensor_cores, f"{name} multiplies without tensor cores"
        assert ahead, f"{name} does not load the next tile ahead"
