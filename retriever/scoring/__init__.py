"""Exact MaxSim, on a CPU or a GPU."""
