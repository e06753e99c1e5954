"""Documents that hold pieces of a benchmark."""


def contaminated_documents(documents: list[str], benchmark: list[str], n: int = 13) -> list[int]:
    """Indices of the `documents` that share `n` words in a row with a text of `benchmark`, in order."""
    raise NotImplementedError("contamination: write contaminated_documents in assignment4_data/contamination.py")
