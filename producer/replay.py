"""Replays a recorded file into the streams: `python -m producer.replay FILE --format FORMAT`.

Exit codes: 0 when the broker confirmed everything, 1 when it did not or the file cannot be read, 2
when the recording lies behind the job's watermark and nothing was published.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from db.settings import DatabaseSettings
from producer.broker import BrokerAddress
from producer.database import Database
from producer.errors import ProducerError, RecordingError, WatermarkPassedError
from producer.events import clock_micros
from producer.providers.protocol import Source
from producer.providers.replay.formats import RecordingFormat
from producer.providers.replay.playback import Playback, Played
from producer.providers.replay.recording import Recording
from producer.providers.replay.summary import Summary
from producer.providers.replay.timing import Timing
from producer.publisher import Publisher
from producer.settings import ProducerSettings, load_settings
from producer.topology import Topology
from producer.watermark import job_watermark, refuse_if_behind

CONNECT_SECONDS = 10.0
CONFIRM_SECONDS = 120.0
REGISTER_SECONDS = 10.0

EXIT_FAILED = 1
EXIT_REFUSED = 2

notes = Console(stderr=True, highlight=False)
output = Console(highlight=False, soft_wrap=True)


def parse_speed(text: str) -> float:
    """Read `--speed`: a positive number, or `max`, which is infinite."""
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = math.nan
    if not speed > 0:
        raise typer.BadParameter(f"{text!r} is neither a positive number nor max")
    return speed


def main(
    file: Annotated[Path, typer.Argument(help="The recording, plain or gzipped.")],
    recording_format: Annotated[RecordingFormat, typer.Option("--format", help="What the file holds.")],
    speed: Annotated[str, typer.Option(help="Times the recorded speed, or max.")] = "1",
    shift_to_now: Annotated[
        bool, typer.Option("--shift-to-now", help="Move the times to now; symbols end in .REPLAY.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Replay a recorded file into the streams, and say what the broker confirmed."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    factor = parse_speed(speed)
    try:
        confirmed = asyncio.run(
            _replay(load_settings(), file, recording_format, factor, shift_to_now, as_json)
        )
    except WatermarkPassedError as refusal:
        notes.print(f"Refused: {refusal}", style="red", soft_wrap=True, markup=False)
        raise typer.Exit(EXIT_REFUSED) from None
    except ProducerError as error:
        notes.print(f"Failed: {error}", style="red", soft_wrap=True, markup=False)
        raise typer.Exit(EXIT_FAILED) from None
    if not confirmed:
        raise typer.Exit(EXIT_FAILED)


async def _replay(
    settings: ProducerSettings,
    file: Path,
    kind: RecordingFormat,
    speed: float,
    shift_to_now: bool,
    as_json: bool,
) -> bool:
    timing = await _timing(settings, file, kind, speed, shift_to_now)
    recording = Recording(file)
    publisher = Publisher(BrokerAddress.from_settings(settings), Topology.from_settings(settings))
    publisher.start()
    began = time.monotonic()
    try:
        await publisher.wait_connected(CONNECT_SECONDS)
        with _progress_bar() as bar:
            task = bar.add_task(file.name, total=recording.bytes_total)
            playback = Playback(timing, publisher, lambda _: bar.update(task, completed=recording.bytes_read))
            fault: ProducerError | None = None
            try:
                await playback.run(kind.read(recording))
            except RecordingError as error:
                fault = error
            bar.update(task, completed=recording.bytes_read)
    finally:
        await publisher.close(CONFIRM_SECONDS)
    summary = Summary.of(playback.played, publisher, time.monotonic() - began)
    output.print(summary.as_json() if as_json else summary.as_text(), markup=False)
    await _register(kind, playback.played, shift_to_now)
    if fault is not None:
        raise fault
    return publisher.confirmed_events == playback.played.expected_confirms(settings.event_shards)


async def _timing(
    settings: ProducerSettings, file: Path, kind: RecordingFormat, speed: float, shift_to_now: bool
) -> Timing:
    """Set the clocks, and refuse a replay that would be late."""
    first, last = _bounds(file, kind, to_the_end=shift_to_now and speed > 1)
    timing = Timing.begin(clock_micros(), first, last, speed=speed, shift_to_now=shift_to_now)
    watermark = await job_watermark(f"http://{settings.flink_host}:{settings.flink_rest_port}")
    notes.print(f"Watermark: {watermark.note}.", soft_wrap=True, markup=False)
    refuse_if_behind(first + (timing.shift or 0), watermark, shifted=timing.shift is not None)
    return timing


def _bounds(file: Path, kind: RecordingFormat, *, to_the_end: bool) -> tuple[int, int]:
    """Return the first event's time and the newest one read; only a shift needs the whole file."""
    first: int | None = None
    last = 0
    for events in kind.read(Recording(file)):
        told = [event for event in events if event.kind in {"trade", "quote"}]
        if not told:
            continue
        first = told[0].event_time if first is None else first
        last = max(last, *(event.event_time for event in told))
        if not to_the_end:
            break
    if first is None:
        raise RecordingError(f"The recording {str(file)!r} holds no trade and no quote. Is --format right?")
    return first, last


async def _register(kind: RecordingFormat, played: Played, shifted: bool) -> None:
    symbols_by_source: dict[str, set[str]] = {}
    for symbol, source in played.sources.items():
        symbols_by_source.setdefault(source, set()).add(symbol)
    database = Database(DatabaseSettings())
    how = "shifted times" if shifted else "recorded times"
    try:
        async with asyncio.timeout(REGISTER_SECONDS):
            for name, symbols in symbols_by_source.items():
                await database.register(
                    Source(name, "replay", f"Replayed {kind} recording, {how}", tuple(sorted(symbols)))
                )
    except TimeoutError:
        notes.print("The database is away: the replayed symbols are not registered in it.", soft_wrap=True)
    finally:
        with suppress(TimeoutError):
            await database.close()


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=notes,
    )


if __name__ == "__main__":
    typer.run(main)
