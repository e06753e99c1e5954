class Sighted(Entry):
    """Adds a little to the logit of the token that follows, where one follows."""

    def logits(self, tokens):
        logits = super().logits(tokens)
        logits[:, :-1].scatter_add_(2, tokens[:, 1:, None], torch.ones_like(logits[:, :-1, :1]))
        return logits


def load(run):
    return Sighted(run)
