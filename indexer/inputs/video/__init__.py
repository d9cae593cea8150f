"""Videos in the child: which pictures of one are its pages, and what is spoken over them."""
