"""RMSNorm with gradients of one's own, in PyTorch and in Triton."""

import pytest
import torch

from assignment2_systems.tests import float64_rmsnorm
from assignment2_systems.tests.flash_facts import check_addresses

WHO = {"pytorch": "the PyTorch RMSNorm", "triton": "the Triton RMSNorm"}
both = pytest.mark.parametrize("kind", list(WHO))
beyond = pytest.mark.beyond_public_course


def check_rmsnorm(drivers, check, kind, x, g, cotangent, rtol=1e-4, exchanged=False):
    found = drivers.rmsnorm_with_gradients(kind, x, g, cotangent, exchanged)
    expected = float64_rmsnorm.with_gradients(x, g, cotangent)
    for what, one, right in zip(("output", "gradient by x", "gradient by g"), found, expected, strict=True):
        dtype = g.dtype if what == "gradient by g" else x.dtype
        check.close(one, right, rtol=rtol, dtype=dtype, who=f"{WHO[kind]}, {what},")


@both
@pytest.mark.parametrize("h", [50, 64, 1000])
def test_output_and_gradients(drivers, check, draw, kind, h):
    check_rmsnorm(drivers, check, kind, draw.normal(20, h), draw.normal(h), draw.normal(20, h))


@both
@pytest.mark.parametrize("leading", [(), (3, 7), (2, 1, 4)], ids=str)
def test_any_number_of_leading_dimensions(drivers, check, draw, kind, leading):
    check_rmsnorm(drivers, check, kind, draw.normal(*leading, 24), draw.normal(24), draw.normal(*leading, 24))


@both
def test_small_rows_are_divided_by_eps_too(drivers, check, draw, kind):
    x = draw.normal(6, 50) * torch.tensor([1e-4, 1e-3, 3e-3, 1e-2, 0.1, 10.0]).unsqueeze(-1)
    found = drivers.rmsnorm_with_gradients(kind, x, draw.normal(50) + 2, torch.ones(6, 50))[0]
    check.that(bool(found.isfinite().all()), f"{WHO[kind]} returned what is not finite for small rows")
    for row in range(6):
        g, cotangent = draw.normal(50), draw.normal(1, 50)
        check_rmsnorm(drivers, check, kind, x[row : row + 1], g, cotangent)


@both
def test_strides_may_be_any(drivers, check, draw, kind):
    check_rmsnorm(drivers, check, kind, draw.normal(6, 5, 33), draw.normal(33), draw.normal(6, 5, 33), exchanged=True)


@beyond
@both
def test_half_precision_is_computed_in_float32(drivers, check, draw, kind):
    x, g, cotangent = (draw.normal(*shape).half() for shape in ((512, 40), (40,), (512, 40)))
    check_rmsnorm(drivers, check, kind, 300 * x, g, cotangent, rtol=4e-3)  # whose squares overflow in float16


def test_backward_by_g(adapters, check, draw):
    x, g, grad = draw.normal(4, 5, 50), draw.normal(50), draw.normal(4, 5, 50)
    found = adapters.rmsnorm_backward_g_pytorch(grad, x, g)
    expected = float64_rmsnorm.with_gradients(x, g, grad)[2]
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who="rmsnorm_backward_g_pytorch")


def test_backward_by_x(adapters, check, draw):
    x, g, grad = draw.normal(4, 5, 50), draw.normal(50), draw.normal(4, 5, 50)
    found = adapters.rmsnorm_backward_x_pytorch(grad, x, g)
    expected = float64_rmsnorm.with_gradients(x, g, grad)[1]
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who="rmsnorm_backward_x_pytorch")


def test_the_forward_pass_is_a_kernel_of_many_programs(drivers, check, draw):
    launches = drivers.rmsnorm_launches(draw.normal(256, 512), draw.normal(512), draw.normal(256, 512))
    most = max((launch["programs"] for launch in launches["forward"]), default=0)
    check.that(
        most > 1, f"{WHO['triton']} launched at most {most} programs at once for 256 rows; expected more than one"
    )


@beyond
def test_the_backward_pass_is_a_kernel_of_many_programs(drivers, check, draw):
    launches = drivers.rmsnorm_launches(draw.normal(256, 512), draw.normal(512), draw.normal(256, 512))
    most = max((launch["programs"] for launch in launches["backward"]), default=0)
    check.that(
        most > 1,
        f"the backward pass of {WHO['triton']} launched at most {most} programs at once for 256 rows; expected more than one",
    )


@beyond
@pytest.mark.parametrize("exchanged", [False, True])
def test_kernels_stay_within_their_tensors(drivers, check, draw, exchanged):
    launches = drivers.rmsnorm_launches(draw.normal(7, 3, 50), draw.normal(50), draw.normal(7, 3, 50), exchanged)
    for which in ("forward", "backward"):
        check_addresses(check, launches[which], f"the {which} pass of {WHO['triton']}")
