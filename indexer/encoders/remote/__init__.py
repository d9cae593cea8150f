"""An encoder in another process: `pagesight encoder` computes, others send it pages and queries."""
