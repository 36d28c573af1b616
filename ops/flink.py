"""Flink: the configuration of a cluster on this machine, and its two processes under the supervisor."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pyflink

from ops.errors import OpsError
from ops.paths import Paths, write_if_changed
from ops.programs import Program, sources
from ops.settings import REPOSITORY, OpsSettings
from ops.supervisor import CLEAN_ENVIRONMENT

HOME = Path(pyflink.__file__).parent
# The states of a job that will not run again.
ENDED = frozenset({"FINISHED", "CANCELED", "FAILED"})
PYTHON = REPOSITORY / ".venv/bin/python"
# One for the job, one free, so that a savepoint's successor or a second job finds a place.
FEWEST_SLOTS = 2
FIRST_JAVA = 17


def java_home() -> str:
    """A JDK that Flink 2 runs on: JAVA_HOME where it is set, else the oldest of Debian's that will do.

    Raises OpsError where there is none.
    """
    if os.environ.get("JAVA_HOME"):
        return os.environ["JAVA_HOME"]
    versions = {
        int(found.group(1)): path
        for path in Path("/usr/lib/jvm").glob("java-*-openjdk-*")
        if (found := re.match(r"java-(\d+)-openjdk", path.name)) and (path / "bin/java").exists()
    }
    usable = [version for version in versions if version >= FIRST_JAVA]
    if not usable:
        raise OpsError("there is no Java 17 or newer: run 'make install', or set JAVA_HOME to one")
    return str(versions[min(usable)])


def _java_options() -> str:
    defaults = (HOME / "conf/config.yaml").read_text()
    found = re.search(r"^\s+all: (--add-.*)$", defaults, re.MULTILINE)
    return found.group(1) if found else ""


def _configuration(settings: OpsSettings, paths: Paths) -> str:
    options = {
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": settings.flink_rpc_port,
        "jobmanager.bind-host": "127.0.0.1",
        "jobmanager.memory.process.size": settings.flink_jobmanager_memory,
        "jobmanager.execution.failover-strategy": "region",
        # How soon a process that was killed is missed. By default a JobManager misses its TaskManager after
        # two heartbeats of 10 s, and a TaskManager its JobManager after 50 s; then it asks every 10 s.
        "heartbeat.interval": "2 s",
        "heartbeat.timeout": "20 s",
        "cluster.registration.error-delay": "1 s",
        "taskmanager.host": "127.0.0.1",
        "taskmanager.bind-host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": max(FEWEST_SLOTS, settings.flink_parallelism),
        "taskmanager.memory.process.size": settings.flink_taskmanager_memory,
        # State lives on the heap: managed memory would lie idle.
        "taskmanager.memory.managed.fraction": 0.1,
        "rest.address": settings.flink_host,
        "rest.bind-address": settings.bind_address,
        "rest.port": settings.flink_rest_port,
        "rest.bind-port": settings.flink_rest_port,
        # The console asks for no password. By default it also takes a program to run from a form on any page
        # of the web, and lets every page read its answers.
        "web.submit.enable": "false",
        "web.access-control-allow-origin": f"http://{settings.flink_host}:{settings.flink_rest_port}",
        "parallelism.default": settings.flink_parallelism,
        "execution.checkpointing.dir": f"file://{paths.flink / 'checkpoints'}",
        "execution.checkpointing.savepoint-dir": f"file://{paths.flink / 'savepoints'}",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "io.tmp.dirs": paths.flink / "tmp",
        "python.executable": PYTHON,
        "python.client.executable": PYTHON,
        "env.java.opts.all": _java_options(),
    }
    return "".join(f"{name}: {value}\n" for name, value in options.items())


def _logging() -> str:
    # To the supervisor's log, and to a file of its own, which the web console shows.
    return """rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
rootLogger.appenderRef.file.ref = File

appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1.} - %m%n

appender.file.name = File
appender.file.type = RollingFile
appender.file.append = true
appender.file.fileName = ${sys:log.file}
appender.file.filePattern = ${sys:log.file}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c %x - %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3

# What it says of each class that is no plain bean, hundreds of lines a start, is expected here.
logger.types.name = org.apache.flink.api.java.typeutils.TypeExtractor
logger.types.level = WARN

logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF

logger.types.name = org.apache.flink.api.java.typeutils.TypeExtractor
logger.types.level = WARN
"""


def environment(paths: Paths) -> dict[str, str]:
    """What Flink's scripts and the job's client need to find this cluster."""
    return {
        **CLEAN_ENVIRONMENT,
        "HOME": str(Path.home()),
        "HOSTNAME": "localhost",
        "JAVA_HOME": java_home(),
        "FLINK_HOME": str(HOME),
        "FLINK_CONF_DIR": str(paths.flink / "conf"),
        "FLINK_LOG_DIR": str(paths.log / "flink"),
        "FLINK_PID_DIR": str(paths.run / "flink"),
        "FLINK_IDENT_STRING": "candlewick",
        # Python inside the TaskManager takes the first python3 for its own, and with it the standard library.
        "PATH": f"{PYTHON.parent}{os.pathsep}{CLEAN_ENVIRONMENT['PATH']}",
        # It finds its native library, and the job's own code, only there.
        "PYTHONPATH": f"{HOME.parent}{os.pathsep}{REPOSITORY}",
    }


def _offer_python_operators() -> None:
    """Put the Java half of Python operators on the cluster's class path, which Flink itself leaves out.

    Sent along with a job it would not do: the native library stays with the first job's class loader.
    """
    (jar,) = (HOME / "opt").glob("flink-python-*.jar")
    with suppress(FileExistsError):
        (HOME / "lib" / jar.name).symlink_to(Path("../opt") / jar.name)


def prepare(settings: OpsSettings, paths: Paths) -> list[Program]:
    """Writes the configuration; returns the two processes, in the foreground under the supervisor."""
    configuration, logging = _configuration(settings, paths), _logging()
    conf = paths.flink / "conf"
    write_if_changed(conf / "config.yaml", configuration)
    for name in ("log4j-console.properties", "log4j-cli.properties"):
        write_if_changed(conf / name, logging)
    for folder in (
        paths.flink / "checkpoints",
        paths.flink / "savepoints",
        paths.flink / "tmp",
        paths.log / "flink",
    ):
        folder.mkdir(parents=True, exist_ok=True)
    _offer_python_operators()
    variables = environment(paths)

    # Python inside a TaskManager has the job's modules in memory until it ends.
    job = sources(REPOSITORY / "stream_job", REPOSITORY / "db")

    def program(role: str, priority: int, *others: str) -> Program:
        return Program(
            name=f"flink-{role}",
            command=("/bin/bash", str(HOME / f"bin/{role}.sh"), "start-foreground"),
            environment=variables,
            directory=paths.flink,
            depends_on=(configuration, logging, *others),
            priority=priority,
        )

    return [program("jobmanager", 30), program("taskmanager", 31, job)]


def _get(settings: OpsSettings, path: str) -> dict[str, Any]:
    answer = httpx.get(f"http://{settings.flink_host}:{settings.flink_rest_port}/{path}", timeout=10)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def has_slots(settings: OpsSettings) -> bool:
    """Whether the cluster answers and a TaskManager has brought its slots."""
    try:
        return int(_get(settings, "overview")["slots-total"]) >= settings.flink_parallelism
    except httpx.HTTPError:
        return False


def has_job(settings: OpsSettings, name: str) -> bool:
    """Whether the cluster answers and has a job of this name that has not ended."""
    try:
        jobs = _get(settings, "jobs/overview")["jobs"]
    except httpx.HTTPError:
        return False
    return any(job["name"] == name and job["state"] not in ENDED for job in jobs)


def running_jobs(settings: OpsSettings, name: str) -> int:
    """How many jobs of this name have every task running; 0 when Flink does not answer."""
    try:
        jobs = _get(settings, "jobs/overview")["jobs"]
    except httpx.HTTPError:
        return 0
    return sum(
        job["name"] == name and job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"]
        for job in jobs
    )
