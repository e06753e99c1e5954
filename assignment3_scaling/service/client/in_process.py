"""A client without a socket: it calls a `Service` in the same process, and `wait` runs what is queued."""

import time
from collections.abc import Callable

from assignment3_scaling.service.client.interface import Client, Json, bet, is_over
from assignment3_scaling.service.service import Service


class InProcessClient(Client):
    """One student of a service. A campaign of dozens of simulated runs takes as long as computing them."""

    def __init__(
        self,
        service: Service,
        student: int,
        *,
        poll_seconds: float = 0.05,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`student` is the number that `Service.add_student` gave. Pauses are made only for runs that others have taken."""
        self._service, self._student = service, student
        self._poll_seconds, self._sleep = poll_seconds, sleep

    def submit(self, training_config: Json) -> Json:
        return self._service.submit(self._student, training_config)

    def budget(self) -> Json:
        return self._service.budget(self._student)

    def experiments(self) -> list[Json]:
        return self._service.experiments(self._student)

    def experiment(self, experiment_id: int) -> Json:
        return self._service.experiment(self._student, experiment_id)

    def wait(self, experiment_id: int) -> Json:
        while not is_over(found := self.experiment(experiment_id)):
            if not self._service.run_queued():
                self._sleep(self._poll_seconds)
        return found

    def submit_final(
        self, training_config: Json, predicted_final_loss: float, prediction_interval: tuple[float, float] | None = None
    ) -> Json:
        return self._service.submit_final(
            self._student, bet(training_config, predicted_final_loss, prediction_interval)
        )

    def final_submission(self) -> Json | None:
        return self._service.final_submission(self._student)
