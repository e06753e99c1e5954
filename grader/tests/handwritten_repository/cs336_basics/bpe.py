"""Byte-pair encoding as many people write it: text files read as text, streams encoded string by string."""

import ast
from collections import Counter, defaultdict
from itertools import pairwise

import regex as re

PAT = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def train_bpe(input_path, vocab_size, special_tokens, **kwargs):
    with open(input_path, encoding="utf-8") as f:
        text = f.read()
    docs = re.split("|".join(map(re.escape, special_tokens)), text) if special_tokens else [text]
    counts = Counter()
    for doc in docs:
        for m in re.finditer(PAT, doc):
            counts[tuple(bytes([b]) for b in m.group().encode())] += 1
    vocab = {i: bytes([i]) for i in range(256)}
    for s in special_tokens:
        vocab[len(vocab)] = s.encode()
    words = [list(w) for w in counts]
    freqs = list(counts.values())
    pairs, where = Counter(), defaultdict(set)
    for i, w in enumerate(words):
        for p in pairwise(w):
            pairs[p] += freqs[i]
            where[p].add(i)
    merges = []
    while len(vocab) < vocab_size and pairs:
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] <= 0:
            break
        merges.append(best)
        new = best[0] + best[1]
        vocab[len(vocab)] = new
        for i in list(where[best]):
            w, out, j = words[i], [], 0
            for p in pairwise(w):
                pairs[p] -= freqs[i]
                if pairs[p] <= 0:
                    del pairs[p]
            while j < len(w):
                if j + 1 < len(w) and (w[j], w[j + 1]) == best:
                    out.append(new)
                    j += 2
                else:
                    out.append(w[j])
                    j += 1
            words[i] = out
            for p in pairwise(out):
                pairs[p] += freqs[i]
                where[p].add(i)
    return vocab, merges


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=None):
        self.vocab = dict(vocab)
        self.special = sorted(special_tokens or [], key=len, reverse=True)
        self.ids = {v: k for k, v in vocab.items()}
        for s in special_tokens or []:
            if s.encode() not in self.ids:
                i = max(self.vocab) + 1
                self.vocab[i] = s.encode()
                self.ids[s.encode()] = i
        self.ranks = {p: i for i, p in enumerate(merges)}

    @classmethod
    def from_files(cls, vocab_filepath, merges_filepath, special_tokens=None):
        with open(vocab_filepath) as f, open(merges_filepath) as g:
            return cls(ast.literal_eval(f.read()), ast.literal_eval(g.read()), special_tokens)

    def _word(self, word):
        parts = [bytes([b]) for b in word.encode()]
        while len(parts) > 1:
            best = min(pairwise(parts), key=lambda p: self.ranks.get(p, float("inf")))
            if best not in self.ranks:
                break
            out, i = [], 0
            while i < len(parts):
                if i + 1 < len(parts) and (parts[i], parts[i + 1]) == best:
                    out.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    out.append(parts[i])
                    i += 1
            parts = out
        return [self.ids[p] for p in parts]

    def encode(self, text):
        chunks = re.split("(" + "|".join(map(re.escape, self.special)) + ")", text) if self.special else [text]
        out = []
        for c in chunks:
            if c in self.special:
                out.append(self.ids[c.encode()])
            else:
                for m in re.finditer(PAT, c):
                    out.extend(self._word(m.group()))
        return out

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
