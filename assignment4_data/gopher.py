"""The rules of Gopher's data (Rae et al. 2021, appendix A.1.1), those four of them that the handout names."""


def gopher_quality_filter(text: str) -> bool:
    """Whether `text` passes all four rules."""
    raise NotImplementedError("gopher_quality_filters: write gopher_quality_filter in assignment4_data/gopher.py")
