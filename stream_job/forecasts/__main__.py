"""`python -m stream_job.forecasts run|list|scores|backtest`."""

from stream_job.forecasts.commands import app

if __name__ == "__main__":
    app(prog_name="python -m stream_job.forecasts")
