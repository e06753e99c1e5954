"""The torch backend on a real Ray cluster of two nodes on this machine, one of which is killed."""

import os
import warnings
from contextlib import closing

import pytest

from assignment3_scaling.service.backend import Preempted
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.training import campaign
from assignment3_scaling.service.training.accounts import LIMITS
from assignment3_scaling.service.training.backend import TorchBackend
from assignment3_scaling.service.training.cluster import RayBackend

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def cluster():
    """A head that trains nothing, and a node of one processor."""
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        made.add_node(num_cpus=1)
        yield made
        made.shutdown()


def config(steps, **changes):
    return parse(TrainingConfig, campaign.config(16, steps * LIMITS.seq_len * campaign.BATCH) | changes, LIMITS)


def test_a_run_on_the_cluster_is_the_run_here_and_a_lost_node_preempts_it(cluster):
    here = TorchBackend(1, device="cpu")
    try:
        expected = here.train(config(64), student=1, report=lambda loss: None)
    finally:
        here.close()
    with closing(RayBackend(cluster.address, device="cpu")) as backend:
        told = []
        assert backend.train(config(64), student=1, report=told.append) == expected
        assert tuple(told) == expected.val_losses

        lost = []

        def lose(loss):
            if not lost:
                lost.extend(cluster.list_all_nodes()[1:])
                cluster.remove_node(lost[0], allow_graceful=False)
                cluster.add_node(num_cpus=1)

        with pytest.raises(Preempted, match="lost"):
            backend.train(config(20_480, n_evals=256), student=1, report=lose)
        assert backend.train(config(64), student=1, report=lambda loss: None) == expected
