"""Runs Candlewick natively: installs nothing, but starts, checks, stops and describes everything else."""
