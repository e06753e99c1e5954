"""Attention by tiles with the keys in the outer loop, as in the first FlashAttention."""

import torch

B_R, B_C = 32, 64


def mask(scores, first_row, first_column, causal):
    if not causal:
        return scores
    i = torch.arange(first_row, first_row + scores.shape[-2])[:, None]
    j = torch.arange(first_column, first_column + scores.shape[-1])[None]
    return torch.where(i >= j, scores, -1e6)


class FlashAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, is_causal=False):
        d = q.shape[-1]
        Q, K, V = q.float(), k.float(), v.float()
        O = torch.zeros(q.shape)
        l = torch.zeros(q.shape[:-1])
        m = torch.full(q.shape[:-1], float("-inf"))
        for c in range(0, k.shape[-2], B_C):
            Kc, Vc = K[..., c : c + B_C, :], V[..., c : c + B_C, :]
            for r in range(0, q.shape[-2], B_R):
                rows = (..., slice(r, r + B_R))
                S = mask(Q[..., r : r + B_R, :] @ Kc.transpose(-1, -2) * d**-0.5, r, c, is_causal)
                new = torch.maximum(m[rows], S.max(-1).values)
                P = (S - new[..., None]).exp()
                old = (m[rows] - new).exp()
                l[rows] = old * l[rows] + P.sum(-1)
                O[..., r : r + B_R, :] = old[..., None] * O[..., r : r + B_R, :] + P.to(v.dtype).float() @ Vc
                m[rows] = new
        O = (O / l[..., None]).to(q.dtype)
        L = m + l.log()
        ctx.save_for_backward(L, q, k, v, O)
        ctx.causal = is_causal
        return O

    @staticmethod
    def backward(ctx, dO):
        L, q, k, v, O = ctx.saved_tensors
        d = q.shape[-1]
        Q, K, V, dO = q.float(), k.float(), v.float(), dO.float()
        D = (O.float() * dO).sum(-1, keepdim=True)
        dQ, dK, dV = torch.zeros(q.shape), torch.zeros(k.shape), torch.zeros(v.shape)
        for c in range(0, k.shape[-2], B_C):
            cols = (..., slice(c, c + B_C), slice(None))
            for r in range(0, q.shape[-2], B_R):
                rows = (..., slice(r, r + B_R), slice(None))
                S = mask(Q[rows] @ K[cols].transpose(-1, -2) * d**-0.5, r, c, ctx.causal)
                P = (S - L[..., r : r + B_R, None]).exp()
                dV[cols] += P.transpose(-1, -2) @ dO[rows]
                dS = P * (dO[rows] @ V[cols].transpose(-1, -2) - D[rows]) * d**-0.5
                dQ[rows] += dS @ K[cols]
                dK[cols] += dS.transpose(-1, -2) @ Q[rows]
        return dQ.to(q.dtype), dK.to(k.dtype), dV.to(v.dtype), None
