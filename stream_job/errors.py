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
