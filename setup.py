"""The two parts that are not Python: the MaxSim kernels, and what outlives a broken map of a file.

Everything else stands in pyproject.toml. Both are optional: where there is no C compiler the installation
goes on, torch scores the pages, and a file that is cut short under a running service may end it.
"""

from pathlib import Path

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "retriever.scoring.kernels._maxsim",
            sources=["retriever/scoring/kernels/_maxsim.c"],
            depends=sorted(map(str, Path("retriever/scoring/kernels").glob("*.h"))),
            # No contraction: the last sums are the same to the bit on every machine.
            extra_compile_args=["-O3", "-ffp-contract=off", "-pthread"],
            extra_link_args=["-pthread"],
            py_limited_api=True,
            optional=True,
        ),
        Extension(
            "indexer.storage._bus_faults",
            sources=["indexer/storage/_bus_faults.c"],
            py_limited_api=True,
            optional=True,
        ),
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},  # one wheel for every Python from 3.11
)
