"""Forecasts of the next close, with an interval: models, their backtest, the choice, and their scores."""
