class Infinite(Entry):
    """Infinity for every token."""

    def logits(self, tokens):
        return torch.full_like(super().logits(tokens), math.inf)


def load(run):
    return Infinite(run)
