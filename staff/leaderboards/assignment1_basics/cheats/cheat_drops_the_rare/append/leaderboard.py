class Lossy(Entry):
    """Every third token is left out."""

    def encode(self, text):
        return [token for place, token in enumerate(super().encode(text)) if place % 3]


def load(run):
    return Lossy(run)
