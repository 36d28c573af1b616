"""What all streaming venues share: one WebSocket session, one tape of trades, one protocol for a venue."""
