"""How the pages are come by that an answer is written from."""
