"""Maintenance history that was recorded elsewhere, brought in as closed orders: read, stage, run."""
