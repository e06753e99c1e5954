"""The small models and tokenizers of assignment 5: what is shipped is what the code makes, and Hugging Face can load it."""

import json

import pytest
import torch
from safetensors.torch import load_file

from assignment5_alignment import models
from assignment5_alignment.models import __main__ as command
from assignment5_alignment.models.chance import normal

TEXT = "What is 1234 + 45?\n Then write <answer>  déjà 日本 </answer>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Everything made anew."""
    folder = tmp_path_factory.mktemp("models")
    command.main(["--out", str(folder)])
    return folder


@pytest.mark.parametrize("name", models.MODELS)
def test_a_model_is_made_again_byte_for_byte(made, name):
    for file in ("config.json", "model.safetensors"):
        assert (made / name / file).read_bytes() == (models.path(name) / file).read_bytes()


@pytest.mark.parametrize("name", models.TOKENIZERS)
def test_a_tokenizer_is_made_again(made, name, tmp_path):
    """The file's layout is the library's, and may change with its version; what it says may not."""
    command.write_tokenizer(name, tmp_path)
    again, anew, shipped = (folder / "tokenizer.json" for folder in (tmp_path, made / name, models.path(name)))
    assert again.read_bytes() == anew.read_bytes()
    assert (
        json.loads(anew.read_text("utf-8"))["model"]["merges"]
        == json.loads(shipped.read_text("utf-8"))["model"]["merges"]
    )


def test_the_command_says_what_it_made(tmp_path, capsys):
    command.main(["--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert sum(line.endswith("as shipped") for line in lines) >= 6  # two files may differ in layout


def test_what_is_shipped_is_small():
    folders = [models.path(name) for name in (*models.MODELS, *models.TOKENIZERS)]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) <= 1_000_000


@pytest.mark.parametrize("name", models.TOKENIZERS)
def test_tokenizers_have_1024_ids_and_lose_nothing(name):
    tokenizer = models.tokenizer(name)
    assert len(tokenizer) == 1024
    assert max(tokenizer.get_vocab().values()) == 1023
    assert tokenizer.decode(tokenizer.encode(TEXT), skip_special_tokens=True) == TEXT


def test_the_tokenizers_differ_where_the_real_ones_do():
    llama, qwen = (models.tokenizer(name) for name in ("tiny-llama3-like", "tiny-qwen-like"))
    assert llama.encode("a")[0] == llama.bos_token_id
    assert llama.convert_ids_to_tokens(llama.bos_token_id) == "<|begin_of_text|>"
    assert llama.eos_token == "<|end_of_text|>"
    assert llama.pad_token_id is None
    assert llama.encode("a", add_special_tokens=False) == llama.encode("a")[1:]
    assert qwen.bos_token_id is None
    assert qwen.eos_token == qwen.pad_token == "<|endoftext|>"
    assert qwen.encode("a") == qwen.encode("a", add_special_tokens=False)
    assert len(qwen.encode("123")) == 3
    assert len(llama.encode("123", add_special_tokens=False)) < 3


@pytest.mark.parametrize("name", models.MODELS)
def test_probabilities_are_far_from_equal(name):
    """Where they are nearly equal, a label at the wrong place costs nothing."""
    model = models.causal_lm(name)
    ids = torch.arange(60).reshape(2, 30) * 17 % 1024
    log_probs = model(ids).logits.detach().log_softmax(-1)
    assert not model.training
    assert log_probs.dtype is torch.float32
    assert float(log_probs.std()) > 1
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    assert 1 < float(entropy.mean()) < 6.6


@pytest.mark.parametrize("name", models.MODELS)
def test_training_mode_answers_alike(name):
    model = models.causal_lm(name)
    ids = torch.arange(30)[None]
    assert torch.equal(model(ids).logits, model.train()(ids).logits)


@pytest.mark.parametrize("name", models.MODELS)
def test_other_weights_take_the_place_of_the_shipped_ones(name):
    shipped = models.weights(name)
    other = models.causal_lm(name, {key: 2 * value for key, value in shipped.items()})
    for key, value in other.state_dict().items():
        if key in shipped:
            assert torch.equal(value, 2 * shipped[key])
    ids = torch.arange(5)[None]
    assert not torch.allclose(other(ids).logits, models.causal_lm(name)(ids).logits)


def test_weights_of_another_model_are_refused():
    with pytest.raises(ValueError, match="tiny-gpt2: the weights lack 'transformer"):
        models.causal_lm("tiny-gpt2", models.weights("tiny-qwen2"))
    with pytest.raises(ValueError, match="tiny-gpt2: the weights have, and should not, 'one_more'"):
        models.causal_lm("tiny-gpt2", models.weights("tiny-gpt2") | {"one_more": torch.zeros(1)})


def test_any_folder_of_hugging_face_is_loaded(tmp_path):
    """One that the library wrote, in bfloat16, as real ones are."""
    models.causal_lm("tiny-qwen2").bfloat16().save_pretrained(tmp_path)
    models.tokenizer("tiny-llama3-like").save_pretrained(tmp_path)
    model, tokenizer = models.load(tmp_path)
    assert tokenizer.encode(TEXT) == models.tokenizer("tiny-llama3-like").encode(TEXT)
    saved = load_file(tmp_path / "model.safetensors")
    for key, value in model.state_dict().items():
        if key in saved:
            assert torch.equal(value, saved[key].float())
    assert not model.training


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(
        models.ModelMissingError, match="nothing called 'huge'; there are tiny-gpt2, tiny-qwen2, tiny-l"
    ):
        models.causal_lm("huge")
    with pytest.raises(models.ModelMissingError, match=r"expected the folder of a model, with a file config\.json"):
        models.load(tmp_path)
    with pytest.raises(models.ModelMissingError, match="expected the folder of a tokenizer"):
        models.tokenizer("tiny-gpt2")


def test_our_numbers_are_nearly_normal():
    numbers = torch.from_numpy(normal("a", (40_000,), 0.5))
    assert abs(float(numbers.mean())) < 0.5 * 5 / 200
    assert abs(float(numbers.std()) - 0.5) < 0.01
    assert abs(float((numbers.abs() < 0.5).float().mean()) - 0.683) < 0.02
    assert not torch.equal(numbers, torch.from_numpy(normal("b", (40_000,), 0.5)))
