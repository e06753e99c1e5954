"""The contract: signatures read without importing anything, of drivers that are a file and of those that are a package."""

import pytest

from grader import consistency, contract, grading
from grader.errors import ConfigError
from grader.outcome import Verdict
from grader.task import Task


def test_drivers_may_be_one_file(tiny):
    assert contract.driver_files(tiny.folder) == [tiny.folder / "drivers.py"]
    assert contract.load_drivers(tiny.folder)["count_to"].result.name == "a list of int"


def test_drivers_may_be_a_package_that_offers_what_it_imports(tiny, driver_package):
    with (driver_package / "counting.py").open("a") as file:
        file.write("\n\ndef shared(n: int) -> int:\n    return n\n")
    found = contract.load_drivers(tiny.folder)
    assert list(found) == ["count_to"]
    assert found["count_to"].parameters == ("n",)
    assert [path.name for path in contract.driver_files(tiny.folder)] == ["__init__.py", "counting.py"]
    assert consistency.disagreements(tiny.root, tiny.name) == []


def test_a_driver_that_its_module_lacks_is_named(tiny, driver_package):
    with (driver_package / "__init__.py").open("a") as file:
        file.write("from assignment0_tiny.drivers.counting import count_down\n")
    with pytest.raises(ConfigError, match=r"__init__\.py:2: counting\.py defines no function count_down"):
        contract.load_drivers(tiny.folder)


def test_a_file_beside_the_package_is_a_disagreement(tiny, driver_package):
    (tiny.folder / "drivers.py").touch()
    (found,) = consistency.disagreements(tiny.root, tiny.name)
    assert "drivers.py lies beside the package drivers/, which Python imports instead" in found


def test_the_reference_scores_in_full_with_a_package_of_drivers(tiny, driver_package, handin, engine):
    outcome = grading.grade(Task(tiny.root, tiny.name, handin(), "quill", 336, engine))
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}
    assert {test.problem for test in outcome.tests} == {"double", "count"}
