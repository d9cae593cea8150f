"""Read the words of a text layer, in the rasterizer's child."""
