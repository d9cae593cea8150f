"""`transformers serve` on a CPU, able to read images without torchvision.

Its Qwen2-VL processor insists on a part for videos that needs torchvision, which must not be installed:
here the processor is made without that part. And weights are not placed on devices, which would need
accelerate. All else is the server as it is shipped; the arguments are those of `transformers serve`.
"""

from __future__ import annotations

import sys
from typing import Any


def _without_videos(
    self: Any,
    image_processor: Any = None,
    tokenizer: Any = None,
    chat_template: Any = None,
    **_: Any,
) -> None:
    from transformers import ProcessorMixin

    for kind in ("image", "video"):
        token = f"<|{kind}_pad|>"
        setattr(self, f"{kind}_token", token)
        setattr(self, f"{kind}_token_id", tokenizer.convert_tokens_to_ids(token))
    ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


if __name__ == "__main__":
    from transformers import Qwen2_5_VLProcessor, Qwen2VLProcessor, modeling_utils
    from transformers.cli.transformers import main

    modeling_utils.check_and_set_device_map = lambda device_map: None
    for processor in (Qwen2VLProcessor, Qwen2_5_VLProcessor):
        processor.__init__ = _without_videos
    sys.argv = ["transformers", "serve", *sys.argv[1:]]
    main()
