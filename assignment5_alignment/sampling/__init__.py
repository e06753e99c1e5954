"""A sampler for language models: prompts in, completions out, as an inference server does it, on one core if need be.

`Sampler(model, tokenizer).generate_completions(prompts, params)` works with any causal model. Its random numbers depend on
the seed, the prompt's place and the sample's place alone, so neither the size of a batch nor what else is in it changes a
completion. `VLLMSampler(folder)` of `sampling.vllm_sampler` has the same interface, where vLLM is installed. Not covered: serving
more than one caller, prefix caches across calls, models larger than one device.
"""

from assignment5_alignment.sampling.completions import Completion, SamplingParams
from assignment5_alignment.sampling.sampler import Sampler

__all__ = ["Completion", "Sampler", "SamplingParams"]
