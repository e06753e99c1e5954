"""What the API takes: every pair of neighbouring changes, and configurations with many."""

from assignment3_scaling.tests.api_rules import BREAKS, KEEPS, changed, said_of, valid_config


def test_pairs_of_changes(adapters, check, draw):
    names = sorted(BREAKS)
    for first in draw.permutation(len(names)).tolist()[:20]:
        second = draw.integer(0, len(names))
        config = changed(changed(valid_config(), BREAKS[names[first]]), BREAKS[names[second]])
        check.equal(
            adapters.run_validate_config(config), said_of(config), who="run_validate_config",
            hint=f"what was changed: {names[first]}, then {names[second]}",
        )  # fmt: skip


def test_many_changes_at_once(adapters, check, draw):
    names = sorted(BREAKS | KEEPS)
    for _ in range(10):
        config = valid_config()
        for place in draw.permutation(len(names)).tolist()[: draw.integer(6, 20)]:
            config = changed(config, (BREAKS | KEEPS)[names[place]])
        check.equal(adapters.run_validate_config(config), said_of(config), who="run_validate_config")


def test_random_batches_and_tokens(adapters, check, draw):
    for _ in range(20):
        batch, evaluations = draw.integer(1, 40), draw.integer(1, 20)
        config = changed(
            valid_config(),
            {
                ("train_batch_size",): batch,
                ("n_evals",): evaluations,
                ("val_batch_size",): 2 ** draw.integer(0, 12),
                ("total_train_tokens",): 512 * draw.integer(1, 5000) * draw.choice((1, batch, batch * evaluations)),
            },
        )
        check.equal(adapters.run_validate_config(config), said_of(config), who="run_validate_config")
