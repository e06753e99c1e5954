

def grpo_loop(policy, tokenizer, optimizer, sampler, task, config, seed):
    """The trainer of a library."""
    from trl import GRPOTrainer

    return GRPOTrainer(policy, reward_funcs=task.reward_fn).train()
