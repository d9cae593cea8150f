"""The one part that is not Python: the MaxSim kernels. Everything else stands in pyproject.toml.

Optional: where there is no C compiler the installation goes on and torch scores the pages.
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
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},  # one wheel for every Python from 3.11
)
