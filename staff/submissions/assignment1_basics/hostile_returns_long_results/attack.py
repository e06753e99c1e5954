"""Results that are long."""

from assignment1_basics import loss, nn, optimizer

nn.softmax = lambda x, dim: "almost " * 10**6
loss.cross_entropy = lambda inputs, targets: [0.0] * 10**6
nn.silu = lambda x: {number: "x" * 9 for number in range(10**5)}
optimizer.get_lr_cosine_schedule = lambda *args, **kwargs: "1" * 10**7
