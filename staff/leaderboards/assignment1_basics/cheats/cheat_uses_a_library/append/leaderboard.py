class Borrowed(Entry):
    """A layer of the library on top, which passes on what it gets."""

    def logits(self, tokens):
        logits = super().logits(tokens)
        layer = torch.nn.Linear(logits.shape[-1], logits.shape[-1], bias=False)
        layer.weight.data = torch.eye(logits.shape[-1])
        return layer(logits).detach()


def load(run):
    return Borrowed(run)
