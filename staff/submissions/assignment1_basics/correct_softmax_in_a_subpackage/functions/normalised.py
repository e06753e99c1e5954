"""Functions whose results sum to one."""

from ..nn import softmax as softmax
