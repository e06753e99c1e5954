"""The sampler over vLLM, tried against vLLM's documented signatures: what it asks for, what it returns, and how it refuses."""

import re
import shutil
import sys
from dataclasses import replace

import pytest
import torch

from assignment5_alignment import models, tasks
from assignment5_alignment.sampling import Sampler, SamplingParams
from assignment5_alignment.sampling.chance import request_seed
from assignment5_alignment.sampling.vllm_sampler import VLLMSampler, VLLMUnusableError
from grader.tests.documented_vllm import PARAMS, module

PROMPTS = ["What is 12 + 6?", "A", "The correct answer is", "A", "A short sentence about the river and the mountain."]
GREEDY = SamplingParams(max_tokens=16, temperature=0.0)


@pytest.fixture(params=PARAMS)
def vllm(request, monkeypatch):
    """The library, of an early and of a late version."""
    library = module(request.param)
    monkeypatch.setitem(sys.modules, "vllm", library)
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "")  # so that it is put back whatever the sampler sets it to
    monkeypatch.delenv("VLLM_ENABLE_V1_MULTIPROCESSING")
    return library


@pytest.fixture(params=models.MODELS)
def folder(request, tmp_path):
    """A folder with model and tokenizer, as one from the hub has them."""
    for name in (request.param, "tiny-qwen-like"):
        shutil.copytree(models.path(name), tmp_path / "model", dirs_exist_ok=True)
    return tmp_path / "model"


def both(folder):
    """The sampler over the library, and our own, of the same model."""
    model, tokenizer = models.load(folder)
    return VLLMSampler(folder, dtype="float32"), Sampler(model, tokenizer), model


@pytest.mark.parametrize("stop", [(), ("e", "a")])
@pytest.mark.parametrize("kept", [False, True])
def test_without_chance_it_writes_what_our_own_sampler_writes(vllm, folder, stop, kept):
    theirs, ours, _ = both(folder)
    params = replace(GREEDY, stop=stop, include_stop_str_in_output=kept)
    found = theirs.generate_completions(PROMPTS, params)
    assert found == ours.generate_completions(PROMPTS, params)
    assert len({completion.text for completion in found}) == 4  # two prompts are the same
    assert {type(completion.token_ids) for completion in found} == {list}


def test_several_completions_stand_prompt_by_prompt(vllm, folder):
    theirs, ours, _ = both(folder)
    params = replace(GREEDY, n=3)
    found = theirs.generate_completions(PROMPTS[:3], params)
    assert found == ours.generate_completions(PROMPTS[:3], params)
    assert len(found) == 9
    assert found[0] == found[1] != found[3]


def test_each_parameter_arrives_under_its_name(vllm, folder):
    theirs, _, _ = both(folder)
    params = SamplingParams(
        max_tokens=7, temperature=0.7, top_p=0.9, n=2, min_tokens=3, stop=("x", "y"), include_stop_str_in_output=True
    )
    theirs.generate_completions(["A", "B"], params)
    defaults = {name: value for name, value in PARAMS[vllm.__version__].items() if name not in vars(params)}
    for asked in vllm.LLM.made[-1].requests:
        assert {name: getattr(asked, name) for name in defaults} == defaults
        assert (asked.n, asked.temperature, asked.top_p, asked.max_tokens, asked.min_tokens) == (1, 0.7, 0.9, 7, 3)
        assert (asked.stop, asked.include_stop_str_in_output) == (["x", "y"], True)


def test_the_engine_is_told_where_the_model_is_and_what_it_may_take(vllm, folder):
    VLLMSampler(folder, gpu_memory_utilization=0.3, dtype="bfloat16", max_model_len=64)
    assert vllm.LLM.made[-1].keywords == {
        "dtype": "bfloat16",
        "gpu_memory_utilization": 0.3,
        "max_model_len": 64,
        "enable_prefix_caching": True,
        "generation_config": "vllm",
    }
    assert vllm.LLM.made[-1].dtype == torch.bfloat16


def test_every_completion_has_a_seed_of_its_own_that_comes_again(vllm, folder):
    theirs, _, _ = both(folder)
    params = SamplingParams(max_tokens=12, n=4, seed=5)
    first, again = (theirs.generate_completions(PROMPTS, params) for _ in range(2))
    other = theirs.generate_completions(PROMPTS, replace(params, seed=6))
    assert first == again
    assert first != other
    assert first[4:8] != first[12:16]  # the same prompt, at two places
    seeds = [asked.seed for asked in vllm.LLM.made[-1].requests]
    assert len(set(seeds[:20])) == 20
    assert seeds[:20] == seeds[20:40]
    assert not set(seeds[:20]) & set(seeds[40:])


def test_a_seed_fits_into_63_bits_and_differs_in_all_three_places():
    seeds = {request_seed(seed, prompt, sample) for seed in range(8) for prompt in range(8) for sample in range(8)}
    assert len(seeds) == 512
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**62


def test_after_an_update_it_samples_from_the_new_weights(vllm, folder):
    """The prompts were seen before: what a prefix cache keeps of them is of the old weights."""
    theirs, ours, policy = both(folder)
    before = theirs.generate_completions(PROMPTS, GREEDY)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.mul_(-1.3)
    assert theirs.generate_completions(PROMPTS, GREEDY) == before
    theirs.sync_policy_weights(policy)
    ours.sync_policy_weights(policy)
    after = theirs.generate_completions(PROMPTS, GREEDY)
    assert after == ours.generate_completions(PROMPTS, GREEDY)
    assert all(one != other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("answer", [True, None])
def test_a_cache_that_was_reset_says_true_or_nothing(vllm, folder, answer):
    theirs, _, policy = both(folder)
    vllm.LLM.made[-1].resets = answer
    theirs.sync_policy_weights(policy)
    assert vllm.LLM.made[-1].cache == {}


def test_a_cache_that_was_not_reset_is_an_error(vllm, folder):
    theirs, _, policy = both(folder)
    vllm.LLM.made[-1].resets = False
    with pytest.raises(RuntimeError, match="did not reset its prefix cache"):
        theirs.sync_policy_weights(policy)


def test_a_policy_of_the_toy_tasks_is_saved_and_sampled_from(vllm, tmp_path):
    policy, tokenizer = tasks.start("addition"), tasks.tokenizer()
    policy.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    theirs = VLLMSampler(tmp_path, dtype="float32")
    params = replace(GREEDY, max_tokens=12, stop=(tasks.STOP,), include_stop_str_in_output=True)
    prompts = list(tasks.task("addition").prompts[:8])
    assert theirs.generate_completions(prompts, params) == Sampler(policy, tokenizer).generate_completions(
        prompts, params
    )


def test_what_there_are_no_positions_for_is_refused_as_our_own_sampler_does(vllm, folder):
    theirs, ours, model = both(folder)
    for sampler in (theirs, ours):
        with pytest.raises(ValueError, match=r"^prompt 1 has no tokens; expected at least one to begin with$"):
            sampler.generate_completions(["A", ""], GREEDY)
        with pytest.raises(ValueError, match=rf"expected at most {model.config.max_position_embeddings} together$"):
            sampler.generate_completions(["A"], replace(GREEDY, max_tokens=model.config.max_position_embeddings))
    short = VLLMSampler(folder, dtype="float32", max_model_len=8)
    with pytest.raises(ValueError, match=r"^prompt 0 has \d tokens and max_tokens is 8; expected at most 8 together$"):
        short.generate_completions(["A"], replace(GREEDY, max_tokens=8))


def test_a_completion_that_was_broken_off_is_an_error(vllm, folder, monkeypatch):
    theirs, _, _ = both(folder)
    whole = vllm.LLM._complete

    def broken_off(self, prompt, params):
        return replace(whole(self, prompt, params), finish_reason="abort")

    monkeypatch.setattr(vllm.LLM, "_complete", broken_off)
    with pytest.raises(RuntimeError, match="ended a completion with 'abort'; expected 'stop' or 'length'"):
        theirs.generate_completions(["A"], GREEDY)


def test_without_the_library_it_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(VLLMUnusableError) as refused:
        VLLMSampler(tmp_path)
    said = str(refused.value)
    assert said.startswith("vLLM cannot be imported (")
    assert said.endswith("): pip install 'vllm>=0.8,<1', on Linux with a GPU")
    assert "\n" not in said


@pytest.mark.parametrize("version", ["0.7.3", "1.0.0", "0.1.dev1+g1234567", "dev", None])
def test_a_version_that_nothing_is_known_of_is_refused(vllm, folder, version):
    vllm.__version__ = version
    with pytest.raises(
        VLLMUnusableError, match=rf"^vLLM is of version {re.escape(str(version))}; expected at least 0\.8"
    ):
        VLLMSampler(folder)
    assert vllm.LLM.made == []


@pytest.mark.parametrize("version", ["0.8.0", "0.10.1.1", "0.19.1rc2.dev3+gabcdef0", "0.27.1"])
def test_versions_from_08_on_will_do(vllm, folder, version):
    vllm.__version__ = version
    VLLMSampler(folder)
    assert len(vllm.LLM.made) == 1


def test_an_engine_in_another_process_is_refused(vllm, folder, monkeypatch):
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "1")
    with pytest.raises(
        VLLMUnusableError, match=r"^VLLM_ENABLE_V1_MULTIPROCESSING is '1' in the environment; expected '0'"
    ):
        VLLMSampler(folder)


def test_a_folder_without_a_tokenizer_is_named(vllm):
    with pytest.raises(models.ModelMissingError, match="expected the folder of a tokenizer"):
        VLLMSampler(models.path("tiny-gpt2"))


@pytest.mark.parametrize("keyword", ["best_of_n", "stops", "maximum"])
def test_the_stand_in_takes_no_keyword_that_is_not_documented(vllm, folder, keyword):
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        vllm.SamplingParams(**{keyword: 1})
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        vllm.LLM(str(folder), **{keyword: 1})
