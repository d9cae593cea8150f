"""ColQwen2 and ColQwen2.5 by ONNX Runtime: pages of any grid, without torch and transformers."""
