"""What can go wrong with the job from outside: one hierarchy, each a sentence with a way out."""


class JobError(Exception):
    """The job could not be submitted, watched or stopped."""


class ClusterUnavailableError(JobError):
    """Flink's REST API does not answer."""


class ConnectorMissingError(JobError):
    """The connector jar has not been built."""


class SavepointFailedError(JobError):
    """The job did not stop with a savepoint."""


class RebuildImpossibleError(JobError):
    """There is nothing to rebuild from, or nothing that may be rebuilt."""


class AlertSettingsError(JobError):
    """A setting of the delivery of alerts has a value that it cannot have."""


class AlertUndeliveredError(JobError):
    """An alert did not arrive this time; the sentence says why.

    `is_final` where asking again would be of no use: the receiver wants no more.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class ForecastImpossibleError(JobError):
    """A series cannot be forecast: it is too short, unknown, or its calendar has no next candle."""
