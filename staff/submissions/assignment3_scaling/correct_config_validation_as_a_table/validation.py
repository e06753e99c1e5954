"""The rules as a table: each a text, and a condition that a configuration breaks."""

TOP = {"n_evals": 16, "model_seed": 0}
ADAMW = dict(lr_scheduler={}, grad_clip_norm=1.0, weight_decay=0.01, beta1=0.9, beta2=0.95, eps=1e-8, eps_root=1e-8)
SCHEDULE = dict(peak_value=3e-4, final_lr_frac=0.1, warmup_frac=0.05, init_value=0.0)
SIZES = "head_dim hidden_size intermediate_size num_attention_heads num_hidden_layers num_key_value_heads vocab_size"


def bounds(part, key, most):
    return [
        (f"{key} must be positive", part[key] < 1),
        (f"{key} must be at most {most}", part[key] > most),
    ]


def rules(c, a, o, s):
    tokens, batch, evals, val = c["total_train_tokens"], c["train_batch_size"], c["n_evals"], c["val_batch_size"]
    whole = batch <= 0 or tokens % (batch * 512) == 0
    uneven = batch > 0 and whole and evals > 0 and tokens // (batch * 512) % evals != 0
    table = [
        ("total_train_tokens must be divisible by seq_len * train_batch_size", not whole),
        ("total optimizer steps must be divisible by n_evals", uneven),
        ("n_val_tokens must be divisible by seq_len * val_batch_size", val > 0 and 2**18 % (val * 512) != 0),
    ]
    for key in SIZES.split():
        table += bounds(a, key, 2**20)
    heads, kv = a["num_attention_heads"], a["num_key_value_heads"]
    table += [
        ("hidden_size must equal num_attention_heads * head_dim", a["hidden_size"] != heads * a["head_dim"]),
        ("num_attention_heads must be divisible by num_key_value_heads", kv > 0 and heads % kv != 0),
        ("GQA is not supported: num_key_value_heads must equal num_attention_heads", kv != heads),
        ("head_dim must be even", a["head_dim"] % 2 == 1),
        ("intermediate_size must be at least hidden_size", a["hidden_size"] > a["intermediate_size"]),
        ("rms_norm_eps must be positive", not a["rms_norm_eps"] > 0),
        *bounds(a, "rope_theta", 10**12),
        ("warmup_frac must be in [0, 1)", not 0 <= s["warmup_frac"] < 1),
        ("final_lr_frac must be in [0, 1]", not 0 <= s["final_lr_frac"] <= 1),
        ("init_value must not be negative", s["init_value"] < 0),
        ("peak_value must be positive", not s["peak_value"] > 0),
        ("grad_clip_norm must be positive or null", o["grad_clip_norm"] is not None and not o["grad_clip_norm"] > 0),
    ]
    if o["type"] == "adamw":
        table += [
            ("weight_decay must not be negative", o["weight_decay"] < 0),
            ("beta1 must be in [0, 1)", not 0 <= o["beta1"] < 1),
            ("beta2 must be in [0, 1)", not 0 <= o["beta2"] < 1),
            ("eps must be positive", not o["eps"] > 0),
            ("eps_root must not be negative", o["eps_root"] < 0),
        ]
    for key, most in [("train_batch_size", 2**20), ("val_batch_size", 2**20), ("n_evals", 4096)]:
        table += bounds(c, key, most)
    table += bounds(c, "total_train_tokens", 5 * 10**11)
    table += [
        ("max_runtime_seconds must be in [1, 43200]", not 1 <= c["max_runtime_seconds"] <= 43200),
        ("model_seed must not be negative", c["model_seed"] < 0),
        (f"model_seed must be at most {2**63 - 1}", c["model_seed"] > 2**63 - 1),
    ]
    return table


def validate_config(config):
    optimizer = ADAMW | config["optimizer_config"]
    table = rules(TOP | config, config["architecture_config"], optimizer, SCHEDULE | optimizer["lr_scheduler"])
    return [text for text, broken in table if broken]
