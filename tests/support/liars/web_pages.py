"""Web pages that lie or ask. A page is what its words are."""

from __future__ import annotations

from tests.support.liars import Liars, swelling_entities


def liars(url: str) -> Liars:
    """Return web pages, each with the word `word`."""
    entities = swelling_entities()
    bodies = {
        "a picture": f"<img src='{url}'>",
        "a picture by its set": f"<img srcset='{url} 2x'>",
        "a style": f"<link rel=stylesheet href='{url}'>",
        "an imported style": f"<style>@import url({url});</style>",
        "a background": f"<div style='background:url({url})'>x</div>",
        "a script": f"<script src='{url}'></script><script>fetch('{url}')</script>",
        "a frame": f"<iframe src='{url}'></iframe>",
        "an object": f"<object data='{url}'></object><embed src='{url}'>",
        "another address": f"<meta http-equiv=refresh content='0;url={url}'><base href='{url}'>",
        "a drawing": f"<svg><image href='{url}'/></svg>",
        "a film": f"<video src='{url}' poster='{url}'></video>",
        "a file of the machine": "<img src='file:///etc/passwd'><iframe src='/etc/passwd'></iframe>",
        "elements within elements": "<div>" * 20_000,
        "a table of 10^9 columns": "<table><tr><td colspan=1000000000>x</td></tr></table>",
        "a picture that swells": "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAw1AAAMNQ'>",
        "a word of 10,000 letters": "x" * 10_000,
        "an element without end": "<p title='" + "x" * 100_000,
        "20 lists in each other": "<ul><li>x" * 20,
    }  # fmt: skip
    files = {
        name: (
            f"<html><body><p>word</p>{body}</body></html>".encode(),
            "timeout" if name == "elements within elements" else "indexed",
        )
        for name, body in bodies.items()
    }
    files |= {
        "entities that swell": (
            f"<?xml version='1.0'?><!DOCTYPE html [<!ENTITY a0 'x'>{entities}]>"
            "<html><body>word &a11;</body></html>".encode(), "indexed",
        ),
        "another coding than it says": (
            "<html><head><meta charset=utf-16></head><body>word Größe</body></html>".encode(), "indexed",
        ),
        "an error page named PDF": (b"<html><body>404</body></html>", "unsupported"),
    }  # fmt: skip
    return {
        name: ("a.pdf" if name.endswith("PDF") else "a.html", data, verdict)
        for name, (data, verdict) in files.items()
    }
