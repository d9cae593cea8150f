"""The `pagesight` command line. Every command has `--json`; exit code 0 ok, 1 failed, 2 usage."""
