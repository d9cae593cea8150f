"""One module for each kind of file that can be read; `indexer.inputs.registry` lists them."""
