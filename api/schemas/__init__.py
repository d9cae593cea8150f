"""The JSON of the HTTP interface, by noun; the command line's `--json` prints the same.

A box is [x0, y0, x1, y1] in page fractions 0..1, origin top left. `page_number` counts from 1;
`page_label` is the number printed in the document's own scheme.
"""
