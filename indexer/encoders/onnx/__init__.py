"""Models as ONNX graphs, run by ONNX Runtime: neither writing nor running one needs torch."""
