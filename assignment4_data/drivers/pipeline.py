"""The filter pipeline from WET files to what lies on the disk afterwards."""

from typing import Any

from assignment4_data import adapters
from assignment4_data.drivers.folders import contents, workplace

INPUT, OUTPUT = "crawl", "kept"


def filter_pipeline(wets: dict[str, bytes], order: list[str], older: dict[str, bytes]) -> dict[str, Any]:
    """`run_filter_pipeline` on files with the contents `wets`, in `order`, into a folder that holds the files `older`.

    Returns:
        {"counts": what it returned, as [name, value] pairs in the order of the dict, or None where it is no dict,
        "files": every file of the output folder by name, "elsewhere": names of files that lie beside it or were changed}.
    """
    given = {f"{INPUT}/{name}": content for name, content in wets.items()}
    before = {f"{OUTPUT}/{name}": content for name, content in older.items()}
    with workplace(given | before) as place:
        counts = adapters.run_filter_pipeline([place / INPUT / name for name in order], place / OUTPUT)
        found = contents(place)
    inside = {name.removeprefix(f"{OUTPUT}/"): found.pop(name) for name in list(found) if name.startswith(f"{OUTPUT}/")}
    elsewhere = sorted(name for name in found.keys() | given.keys() if found.get(name) != given.get(name))
    return {
        "counts": list(counts.items()) if isinstance(counts, dict) else None,
        "files": inside,
        "elsewhere": elsewhere,
    }
