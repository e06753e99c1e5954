"""The two small language models: their shapes as Hugging Face writes them down, and weights from our own generator.

The weights are far larger than a fresh model's would be (standard deviation 0.2 or 0.5, not 0.02): of nearly equal
probabilities every mistake in handling them would look alike. No library initialises them, as the order in which one draws
changes from version to version.
"""

from typing import Any

import numpy as np

from assignment5_alignment.models.chance import normal

CONFIGS: dict[str, dict[str, Any]] = {
    "tiny-gpt2": {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "attn_pdrop": 0.0,
        "bos_token_id": 0,
        "embd_pdrop": 0.0,
        "eos_token_id": 0,
        "layer_norm_epsilon": 1e-05,
        "n_embd": 32,
        "n_head": 2,
        "n_inner": 64,
        "n_layer": 2,
        "n_positions": 256,
        "resid_pdrop": 0.0,
        "tie_word_embeddings": True,
        "vocab_size": 1024,
    },
    "tiny-qwen2": {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "attention_dropout": 0.0,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "hidden_act": "silu",
        "hidden_size": 32,
        "intermediate_size": 64,
        "max_position_embeddings": 512,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "vocab_size": 1024,
    },
}
"""`config.json` of each model. No dropout: a model in training mode answers as one that is not."""

SCALES = {"tiny-gpt2": 0.2, "tiny-qwen2": 0.5}
"""Standard deviation of the weights."""


def make(name: str) -> dict[str, np.ndarray]:
    """The weights of the model `name`, by the names that Hugging Face gives them; normalisation begins at 1 and 0."""
    made = {}
    for key, shape in (_gpt2 if name == "tiny-gpt2" else _qwen2)(CONFIGS[name]).items():
        if "ln_" in key or "norm" in key:
            made[key] = np.full(shape, 1 if key.endswith("weight") else 0, dtype=np.float32)
        else:
            made[key] = normal(f"{name} {key}", shape, SCALES[name])
    return made


def _gpt2(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    width, inner = config["n_embd"], config["n_inner"]
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (config["vocab_size"], width),
        "transformer.wpe.weight": (config["n_positions"], width),
    }
    linear = {"attn.c_attn": (width, 3 * width), "attn.c_proj": (width, width)}
    linear |= {"mlp.c_fc": (width, inner), "mlp.c_proj": (inner, width)}  # GPT-2 keeps (inputs, outputs)
    for layer in range(config["n_layer"]):
        for part in ("ln_1", "ln_2"):
            shapes |= {f"transformer.h.{layer}.{part}.{kind}": (width,) for kind in ("weight", "bias")}
        for part, (inputs, outputs) in linear.items():
            shapes[f"transformer.h.{layer}.{part}.weight"] = (inputs, outputs)
            shapes[f"transformer.h.{layer}.{part}.bias"] = (outputs,)
    return shapes | {f"transformer.ln_f.{kind}": (width,) for kind in ("weight", "bias")}


def _qwen2(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    width, inner = config["hidden_size"], config["intermediate_size"]
    shared = width // config["num_attention_heads"] * config["num_key_value_heads"]
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config["vocab_size"], width)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        for part, outputs in {"q_proj": width, "k_proj": shared, "v_proj": shared}.items():
            shapes[f"{at}.self_attn.{part}.weight"] = (outputs, width)
            shapes[f"{at}.self_attn.{part}.bias"] = (outputs,)
        shapes[f"{at}.self_attn.o_proj.weight"] = (width, width)
        shapes |= {f"{at}.mlp.{part}.weight": (inner, width) for part in ("gate_proj", "up_proj")}
        shapes[f"{at}.mlp.down_proj.weight"] = (width, inner)
        shapes |= {f"{at}.{part}.weight": (width,) for part in ("input_layernorm", "post_attention_layernorm")}
    return shapes | {"model.norm.weight": (width,)}
