"""Find regions, fields and remarks of a page, in the rasterizer's child."""
