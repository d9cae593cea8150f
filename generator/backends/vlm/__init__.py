"""Vision-language models in this process: Qwen2-VL, Qwen2.5-VL and Qwen3-VL through transformers.

`model` is the answer model; `loading` brings weights into memory, `prompting` and `visual_budget` turn a
prompt into tensors, `generation` writes a batch of answers, `answer_row` holds one of them.
Importing this package loads no torch.
"""
