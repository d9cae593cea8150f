"""`python -m api.cli` is `pagesight`."""

from api.cli.main import main

main()
