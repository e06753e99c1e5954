"""The whole assignment in one file, as one writes it who has not seen the reference."""

import json
import math
from collections import Counter, defaultdict

import numpy as np
import regex as re
import torch
import torch.nn as nn

PAT = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

# ---- tokenizer -------------------------------------------------------------------------------------------


def special_pattern(special_tokens):
    return "|".join(re.escape(token) for token in sorted(special_tokens, key=len, reverse=True))


def train_bpe(input_path, vocab_size, special_tokens, **kwargs):
    with open(input_path, "rb") as f:
        text = f.read().decode("utf-8", errors="replace")
    docs = re.split(special_pattern(special_tokens), text) if special_tokens else [text]
    counts = Counter(match.group() for doc in docs for match in re.finditer(PAT, doc))

    vocab = {i: bytes([i]) for i in range(256)}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")

    words = [[bytes([b]) for b in word.encode("utf-8")] for word in counts]
    freqs = list(counts.values())
    pair_counts = defaultdict(int)
    where = defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pair_counts[pair] += freqs[i]
            where[pair].add(i)

    merges = []
    while len(vocab) < vocab_size and pair_counts:
        best = max(pair_counts, key=lambda pair: (pair_counts[pair], pair))
        new = best[0] + best[1]
        for i in where.pop(best):
            word = words[i]
            for pair in zip(word, word[1:]):
                pair_counts[pair] -= freqs[i]
                if pair_counts[pair] == 0:
                    del pair_counts[pair]
            merged = []
            j = 0
            while j < len(word):
                if j + 1 < len(word) and (word[j], word[j + 1]) == best:
                    merged.append(new)
                    j += 2
                else:
                    merged.append(word[j])
                    j += 1
            words[i] = merged
            for pair in zip(merged, merged[1:]):
                pair_counts[pair] += freqs[i]
                where[pair].add(i)
        merges.append(best)
        vocab[len(vocab)] = new
    return vocab, merges


def gpt2_characters():
    same = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    characters = {b: chr(b) for b in same}
    extra = 0
    for b in range(256):
        if b not in characters:
            characters[b] = chr(256 + extra)
            extra += 1
    return characters


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=None):
        self.vocab = dict(vocab)
        self.special_tokens = special_tokens or []
        for token in self.special_tokens:
            if token.encode("utf-8") not in self.vocab.values():
                self.vocab[max(self.vocab) + 1] = token.encode("utf-8")
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.cache = {}

    @classmethod
    def from_files(cls, vocab_filepath, merges_filepath, special_tokens=None):
        byte = {character: b for b, character in gpt2_characters().items()}
        with open(vocab_filepath, encoding="utf-8") as f:
            vocab = {i: bytes(byte[c] for c in token) for token, i in json.load(f).items()}
        merges = []
        with open(merges_filepath, encoding="utf-8") as f:
            for number, line in enumerate(f):
                if line.strip() and not (number == 0 and line.startswith("#version")):
                    left, right = line.split()
                    merges.append((bytes(byte[c] for c in left), bytes(byte[c] for c in right)))
        return cls(vocab, merges, special_tokens)

    def encode_word(self, word):
        if word not in self.cache:
            tokens = [bytes([b]) for b in word.encode("utf-8")]
            while len(tokens) > 1:
                pairs = list(zip(tokens, tokens[1:]))
                best = min(pairs, key=lambda pair: self.ranks.get(pair, math.inf))
                if best not in self.ranks:
                    break
                i = pairs.index(best)
                tokens[i : i + 2] = [best[0] + best[1]]
            self.cache[word] = [self.ids[token] for token in tokens]
        return self.cache[word]

    def encode(self, text):
        pieces = [text]
        if self.special_tokens:
            pieces = re.split("(" + special_pattern(self.special_tokens) + ")", text)
        ids = []
        for piece in pieces:
            if piece in self.special_tokens:
                ids.append(self.ids[piece.encode("utf-8")])
            else:
                for match in re.finditer(PAT, piece):
                    ids.extend(self.encode_word(match.group()))
        return ids

    def safe_cut(self, text):
        # A letter before white space ends a pre-token. The cut keeps clear of special tokens, and far enough
        # from the end that no unfinished one begins before it.
        longest = max((len(token) for token in self.special_tokens), default=0)
        inside = set()
        if self.special_tokens:
            for match in re.finditer(special_pattern(self.special_tokens), text):
                inside.update(range(match.start() + 1, match.end()))
        cut = 0
        for match in re.finditer(r"(?<=\p{L})\s", text):
            if match.start() <= len(text) - longest and match.start() not in inside:
                cut = match.start()
        return cut

    def encode_iterable(self, iterable):
        text = ""
        for chunk in iterable:
            text += chunk
            cut = self.safe_cut(text)
            if cut:
                yield from self.encode(text[:cut])
                text = text[cut:]
        yield from self.encode(text)

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")


# ---- model -----------------------------------------------------------------------------------------------


class Linear(nn.Module):
    def __init__(self, in_features, out_features, device=None, dtype=None):
        super().__init__()
        self.weight = nn.Parameter(torch.empty((out_features, in_features), device=device, dtype=dtype))
        std = (2 / (in_features + out_features)) ** 0.5
        torch.nn.init.trunc_normal_(self.weight, 0, std, -3 * std, 3 * std)

    def forward(self, x):
        return torch.einsum("...i,oi->...o", x, self.weight)


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, device=None, dtype=None):
        super().__init__()
        self.weight = nn.Parameter(torch.empty((num_embeddings, embedding_dim), device=device, dtype=dtype))
        torch.nn.init.trunc_normal_(self.weight, 0, 1, -3, 3)

    def forward(self, token_ids):
        return self.weight[token_ids]


class RMSNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5, device=None, dtype=None):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model, device=device, dtype=dtype))

    def forward(self, x):
        in_dtype = x.dtype
        x = x.to(torch.float32)
        rms = torch.sqrt(torch.mean(x**2, dim=-1, keepdim=True) + self.eps)
        return (x / rms * self.weight).to(in_dtype)


def silu(x):
    return x * torch.sigmoid(x)


def swiglu_d_ff(d_model):
    return max(64, 64 * round(8 / 3 * d_model / 64))


class SwiGLU(nn.Module):
    def __init__(self, d_model, d_ff=None, device=None, dtype=None):
        super().__init__()
        if d_ff is None:
            d_ff = swiglu_d_ff(d_model)
        self.w1 = Linear(d_model, d_ff, device=device, dtype=dtype)
        self.w2 = Linear(d_ff, d_model, device=device, dtype=dtype)
        self.w3 = Linear(d_model, d_ff, device=device, dtype=dtype)

    def forward(self, x):
        return self.w2(silu(self.w1(x)) * self.w3(x))


class RotaryPositionalEmbedding(nn.Module):
    def __init__(self, theta, d_k, max_seq_len, device=None):
        super().__init__()
        freqs = 1.0 / theta ** (torch.arange(0, d_k, 2, dtype=torch.float32, device=device) / d_k)
        angles = torch.outer(torch.arange(max_seq_len, dtype=torch.float32, device=device), freqs)
        self.register_buffer("cos", torch.cos(angles), persistent=False)
        self.register_buffer("sin", torch.sin(angles), persistent=False)

    def forward(self, x, token_positions):
        cos, sin = self.cos[token_positions], self.sin[token_positions]
        even, odd = x[..., 0::2], x[..., 1::2]
        out = torch.empty_like(x)
        out[..., 0::2] = even * cos - odd * sin
        out[..., 1::2] = even * sin + odd * cos
        return out


def softmax(x, dim):
    e = torch.exp(x - torch.max(x, dim=dim, keepdim=True).values)
    return e / torch.sum(e, dim=dim, keepdim=True)


def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", Q, K) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == False, float("-inf"))  # noqa: E712
    return torch.einsum("...qk,...kd->...qd", softmax(scores, -1), V)


class MultiHeadSelfAttention(nn.Module):
    def __init__(self, d_model, num_heads, rope=None, device=None, dtype=None):
        super().__init__()
        self.num_heads = num_heads
        self.d_head = d_model // num_heads
        self.rope = rope
        self.q_proj = Linear(d_model, d_model, device=device, dtype=dtype)
        self.k_proj = Linear(d_model, d_model, device=device, dtype=dtype)
        self.v_proj = Linear(d_model, d_model, device=device, dtype=dtype)
        self.output_proj = Linear(d_model, d_model, device=device, dtype=dtype)

    def split(self, x):
        return x.view(*x.shape[:-1], self.num_heads, self.d_head).transpose(-3, -2)

    def forward(self, x, token_positions=None):
        T = x.shape[-2]
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        if self.rope is not None:
            if token_positions is None:
                token_positions = torch.arange(T, device=x.device)
            if token_positions.ndim > 1:
                token_positions = token_positions.unsqueeze(-2)
            q, k = self.rope(q, token_positions), self.rope(k, token_positions)
        mask = ~torch.triu(torch.ones(T, T, dtype=torch.bool, device=x.device), diagonal=1)
        out = scaled_dot_product_attention(q, k, v, mask)
        return self.output_proj(out.transpose(-3, -2).contiguous().view(x.shape))


class TransformerBlock(nn.Module):
    def __init__(self, d_model, num_heads, d_ff, rope=None, device=None, dtype=None):
        super().__init__()
        self.attn = MultiHeadSelfAttention(d_model, num_heads, rope, device=device, dtype=dtype)
        self.ffn = SwiGLU(d_model, d_ff, device=device, dtype=dtype)
        self.ln1 = RMSNorm(d_model, device=device, dtype=dtype)
        self.ln2 = RMSNorm(d_model, device=device, dtype=dtype)

    def forward(self, x, token_positions=None):
        h = x + self.attn(self.ln1(x), token_positions)
        return h + self.ffn(self.ln2(h))


class TransformerLM(nn.Module):
    def __init__(
        self, vocab_size, context_length, d_model, num_layers, num_heads, d_ff,
        rope_theta=10000.0, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        rope = RotaryPositionalEmbedding(rope_theta, d_model // num_heads, context_length, device=device)
        self.token_embeddings = Embedding(vocab_size, d_model, device=device, dtype=dtype)
        self.layers = nn.ModuleList()
        for _ in range(num_layers):
            self.layers.append(TransformerBlock(d_model, num_heads, d_ff, rope, device=device, dtype=dtype))
        self.ln_final = RMSNorm(d_model, device=device, dtype=dtype)
        self.lm_head = Linear(d_model, vocab_size, device=device, dtype=dtype)

    def forward(self, token_ids):
        x = self.token_embeddings(token_ids)
        positions = torch.arange(token_ids.shape[-1], device=token_ids.device)
        for layer in self.layers:
            x = layer(x, positions)
        return self.lm_head(self.ln_final(x))


# ---- training --------------------------------------------------------------------------------------------


def cross_entropy(inputs, targets):
    inputs = inputs - inputs.max(dim=-1, keepdim=True).values
    log_probs = inputs - torch.log(torch.sum(torch.exp(inputs), dim=-1, keepdim=True))
    return -log_probs.gather(-1, targets.unsqueeze(-1).long()).mean()


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, weight_decay=0.01, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay, betas=betas, eps=eps))

    def step(self, closure=None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                t = state.get("t", 0) + 1
                m = b1 * state.get("m", torch.zeros_like(p.data)) + (1 - b1) * p.grad.data
                v = b2 * state.get("v", torch.zeros_like(p.data)) + (1 - b2) * p.grad.data**2
                lr = group["lr"] * math.sqrt(1 - b2**t) / (1 - b1**t)
                p.data -= lr * m / (torch.sqrt(v) + group["eps"])
                p.data -= group["lr"] * group["weight_decay"] * p.data
                state["t"], state["m"], state["v"] = t, m, v
        return loss


def get_lr_cosine_schedule(it, max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters):
    if it < warmup_iters:
        return it / warmup_iters * max_learning_rate
    elif it > cosine_cycle_iters or cosine_cycle_iters == warmup_iters:
        return min_learning_rate
    else:
        cosine = math.cos((it - warmup_iters) / (cosine_cycle_iters - warmup_iters) * math.pi)
        return min_learning_rate + 0.5 * (1 + cosine) * (max_learning_rate - min_learning_rate)


def gradient_clipping(parameters, max_l2_norm):
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = math.sqrt(sum(g.float().pow(2).sum().item() for g in grads))
    if norm > max_l2_norm:
        for g in grads:
            g *= max_l2_norm / (norm + 1e-6)


def get_batch(dataset, batch_size, context_length, device):
    starts = np.random.randint(0, len(dataset) - context_length, size=batch_size)
    x = np.stack([dataset[i : i + context_length] for i in starts]).astype(np.int64)
    y = np.stack([dataset[i + 1 : i + 1 + context_length] for i in starts]).astype(np.int64)
    return torch.from_numpy(x).to(device), torch.from_numpy(y).to(device)


def save_checkpoint(model, optimizer, iteration, out):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "iteration": iteration}, out)


def load_checkpoint(src, model, optimizer):
    data = torch.load(src)
    model.load_state_dict(data["model"])
    optimizer.load_state_dict(data["optimizer"])
    return data["iteration"]
