"""Our own programs and Superset under the supervisor, each with the settings and secrets that it needs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from ops import flink
from ops.paths import Paths
from ops.programs import Program, sources
from ops.settings import REPOSITORY, OpsSettings
from ops.supervisor import CLEAN_ENVIRONMENT

PYTHON = REPOSITORY / ".venv/bin/python"
SUPERSET_BIN = REPOSITORY / ".venv-superset/bin"
SUPERSET = REPOSITORY / "superset"
CONNECTOR_JAR = REPOSITORY / "stream_job/connector/target/candlewick-connector.jar"
NO_ENV_FILE = {"CANDLEWICK_ENV_FILE": "/dev/null"}


class Variables:
    """The documented settings in force, handed out by name: nobody gets a secret that is not his."""

    def __init__(self, values: Mapping[str, str], secrets: Iterable[str], var: Path) -> None:
        self._secrets = frozenset(secrets)
        self._values = {**values, "VAR_DIR": str(var)}

    def having(self, *prefixes: str, secrets: Iterable[str] = ()) -> dict[str, str]:
        """The plain settings with one of the prefixes, and the secrets named."""
        chosen = set(secrets)
        return {
            name: value
            for name, value in self._values.items()
            if value and (name in chosen or (name not in self._secrets and name.startswith(prefixes)))
        }

    def secret_values(self) -> list[str]:
        """Every secret in force, to look for where none should be."""
        return [self._values[name] for name in sorted(self._secrets) if self._values.get(name)]

    def everything(self) -> dict[str, str]:
        """All of them: for one-off steps, such as making the database roles."""
        return {name: value for name, value in self._values.items() if value}


def step_environment(variables: Variables) -> dict[str, str]:
    """What a one-off step of ours runs with."""
    return {**CLEAN_ENVIRONMENT, **NO_ENV_FILE, **variables.everything(), "HOME": str(Path.home())}


def producer(settings: OpsSettings, variables: Variables) -> Program:
    """The FastAPI service that declares the queues and publishes the feeds."""
    return Program(
        name="producer",
        command=(str(PYTHON), "-m", "producer"),
        environment={
            **CLEAN_ENVIRONMENT,
            **NO_ENV_FILE,
            **variables.having(
                *(
                    "BIND_",
                    "RABBITMQ_",
                    "POSTGRES_",
                    "EVENT",
                    "FLINK_",
                    "PRODUCER_",
                    "FEEDS",
                    "COINBASE_",
                    "KRAKEN_",
                    "BINANCE_",
                    "ALPACA_",
                    "FINNHUB_",
                    "SIMULATOR_",
                    "FMP_",
                    "ALPHA_VANTAGE_",
                    "SCHEDULE_",
                    "SILENCE_",
                    "FORECAST",
                ),
                secrets=("RABBITMQ_PRODUCER_PASSWORD", "MARKET_WRITER_PASSWORD", "PRODUCER_API_KEY"),
            ),
            "HOME": str(Path.home()),
        },
        directory=REPOSITORY,
        depends_on=(sources(*(REPOSITORY / name for name in ("producer", "db", "stream_job/indicators"))),),
        priority=40,
    )


def job_environment(paths: Paths, variables: Variables) -> dict[str, str]:
    """What the job's client runs with, under the supervisor or by hand."""
    return {
        **flink.environment(paths),
        **NO_ENV_FILE,
        **variables.having(
            *("VAR_", "RABBITMQ_", "POSTGRES_", "EVENT", "FLINK_", "SNAPSHOTS_", "JOB_", "ALERT_RULES_"),
            "CONNECTOR_",
            secrets=("RABBITMQ_JOB_PASSWORD", "MARKET_WRITER_PASSWORD"),
        ),
    }


def stream_job(paths: Paths, variables: Variables) -> Program:
    """The watchdog that keeps exactly one job alive in the cluster."""
    jar = str(CONNECTOR_JAR.stat().st_mtime_ns) if CONNECTOR_JAR.exists() else "no jar"
    return Program(
        name="stream-job",
        command=(str(PYTHON), "-m", "stream_job", "watch"),
        environment=job_environment(paths, variables),
        directory=REPOSITORY,
        depends_on=(sources(REPOSITORY / "stream_job", REPOSITORY / "db"), jar),
        priority=50,
    )


def retention(variables: Variables) -> Program:
    """Drops old rows once a day."""
    return Program(
        name="retention",
        command=(str(PYTHON), "-m", "db.daily_retention"),
        environment={
            **CLEAN_ENVIRONMENT,
            **NO_ENV_FILE,
            **variables.having(
                *("POSTGRES_", "SNAPSHOTS_", "FORECASTS_HOURLY_", "FORECASTS_DAILY_", "ALERTS_"),
                secrets=("MARKET_OWNER_PASSWORD",),
            ),
            "HOME": str(Path.home()),
        },
        directory=REPOSITORY,
        depends_on=(sources(REPOSITORY / "db"),),
        priority=55,
    )


def bars(variables: Variables) -> Program:
    """The consumer that writes historical bars into the candles."""
    return Program(
        name="bars",
        command=(str(PYTHON), "-m", "stream_job.bars"),
        environment={
            **CLEAN_ENVIRONMENT,
            **NO_ENV_FILE,
            **variables.having(
                *("RABBITMQ_", "POSTGRES_"), secrets=("RABBITMQ_JOB_PASSWORD", "MARKET_WRITER_PASSWORD")
            ),
            "HOME": str(Path.home()),
        },
        directory=REPOSITORY,
        depends_on=(
            sources(*(REPOSITORY / name for name in ("stream_job/bars", "stream_job/indicators"))),
            sources(REPOSITORY / "stream_job", pattern="stored_indicators.py"),
            sources(REPOSITORY / "producer", REPOSITORY / "db"),
        ),
        priority=50,
    )


def alert_delivery(variables: Variables) -> Program:
    """Sends alerts by webhook and e-mail."""
    return Program(
        name="alert-delivery",
        command=(str(PYTHON), "-m", "stream_job.alert_delivery"),
        environment={
            **CLEAN_ENVIRONMENT,
            **NO_ENV_FILE,
            **variables.having(
                *("RABBITMQ_", "POSTGRES_", "ALERT_"),
                secrets=("RABBITMQ_JOB_PASSWORD", "MARKET_WRITER_PASSWORD", "ALERT_WEBHOOK_SECRET"),
            ),
            "HOME": str(Path.home()),
        },
        directory=REPOSITORY,
        depends_on=(
            sources(*(REPOSITORY / name for name in ("stream_job/alert_delivery", "stream_job/bars"))),
            sources(REPOSITORY / "producer", REPOSITORY / "db"),
        ),
        priority=50,
    )


def api(variables: Variables) -> Program:
    """The FastAPI service that reads what the job has written."""
    return Program(
        name="api",
        command=(str(PYTHON), "-m", "api"),
        environment={
            **CLEAN_ENVIRONMENT,
            **NO_ENV_FILE,
            **variables.having(
                *("API_", "POSTGRES_", "FLINK_", "RABBITMQ_", "EVENT_"),
                secrets=("MARKET_READER_PASSWORD", "RABBITMQ_API_PASSWORD"),
            ),
            "HOME": str(Path.home()),
        },
        directory=REPOSITORY,
        depends_on=(
            sources(*(REPOSITORY / name for name in ("api", "db", "producer", "stream_job/indicators"))),
            *(sources(REPOSITORY / "api/page", pattern=f"*.{kind}") for kind in ("js", "css", "html", "svg")),
            sources(REPOSITORY / "api/page", pattern="package-lock.json"),
        ),
        priority=50,
    )


def superset_environment(paths: Paths, variables: Variables) -> dict[str, str]:
    """What Superset is provisioned with; serving needs no more than a part of it."""
    return {
        **CLEAN_ENVIRONMENT,
        **variables.having(
            *("VAR_", "BIND_", "POSTGRES_", "SUPERSET_", "API_HOST", "API_PORT"),
            secrets=(
                *("SUPERSET_DB_PASSWORD", "SUPERSET_SECRET_KEY"),
                *("SUPERSET_ADMIN_PASSWORD", "MARKET_READER_PASSWORD"),
            ),
        ),
        "HOME": str(paths.superset),
        "SUPERSET_HOME": str(paths.superset),
        "SUPERSET_CONFIG_PATH": str(SUPERSET / "superset_config.py"),
        "SUPERSET_ECHARTS_DIR": str(REPOSITORY / "var/npm/node_modules/echarts/dist"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def superset(settings: OpsSettings, paths: Paths, variables: Variables) -> Program:
    """Superset's web server."""
    paths.superset.mkdir(parents=True, exist_ok=True)
    environment = superset_environment(paths, variables)
    for name in ("SUPERSET_ADMIN_PASSWORD", "MARKET_READER_PASSWORD"):
        environment.pop(name, None)
    return Program(
        name="superset",
        command=(
            *(
                str(SUPERSET_BIN / "gunicorn"),
                "--workers",
                "1",
                "--worker-class",
                "gthread",
                "--threads",
                "8",
            ),
            *("--timeout", "60", "--graceful-timeout", "3", "--worker-tmp-dir", str(paths.superset)),
            *("--bind", f"{settings.bind_address}:{settings.superset_port}", "superset.app:create_app()"),
        ),
        environment=environment,
        directory=paths.superset,
        depends_on=(sources(SUPERSET), sources(SUPERSET / "plugins", pattern="*.js")),
        priority=60,
        shares_fate_with_children=False,
    )
