"""Models in GGUF files, by llama.cpp in this process: a small one answers on a laptop without a GPU.

`model` is the answer model, `engine` the one place that knows llama.cpp; `header` reads what a file says of
itself, `memory` what it takes, `options` how it is loaded; `catalogue` lists models that `download` brings,
`files` finds them. Importing this package loads no llama.cpp.
"""
