"""Papers of shops and stations: a price list with dots, a receipt off a scanner, a turned timetable."""

from __future__ import annotations

import pymupdf

from tests.support.everyday_papers.paper import BOLD, ITALIC, LANDSCAPE, REGULAR, Paper


def price_list() -> Paper:
    """Two columns of names and prices, joined by dots; some names come in two sizes."""
    paper = Paper()
    paper.say(200, 60, "Nursery Greenmantle", 18, BOLD)
    paper.say(225, 80, "Price list, spring 2026", 11, ITALIC)
    left = (
        ("Fruit trees", ""), ("Apple, Cox's Orange", "34.50"), ("Apple, Gravenstein", "36.00"),
        ("Pear, Conference", "38.50"), ("Quince, Vranja", "42.00"), ("Damson, Merryweather", "33.00"),
        ("Hedging, per metre", ""), ("Hornbeam", "9.20"), ("Copper beech", "12.80"), ("Yew", "21.50"),
    )  # fmt: skip
    right = (
        ("Roses, bare root", ""), ("Gertrude Jekyll", "19.00"), ("Rambling Rector", "17.50"),
        ("Madame Hardy", "18.25"), ("Roses, in pots", ""), ("Gertrude Jekyll", "26.50"),
        ("Madame Hardy", "25.75"), ("Delivery", ""), ("Within 20 miles", "12.00"), ("Further", "29.00"),
    )  # fmt: skip
    for x, entries in ((60, left), (320, right)):
        _entries(paper, x, entries)
    paper.say(
        60, 330, "All prices in pounds, with VAT. Trees are lifted from November to March only."
    )
    paper.say(60, 346, "Orders over £250 are delivered free. Open every day but Tuesday, 9 to 17.")
    return paper


def _entries(paper: Paper, x: float, entries: tuple[tuple[str, str], ...]) -> None:
    for n, (name, price) in enumerate(entries):
        y = 120 + 19 * n
        if not price:
            paper.say(x, y, name, 11, BOLD)
            continue
        start = x + pymupdf.get_text_length(name + " ", REGULAR, 10)
        end = x + 195 - pymupdf.get_text_length(" " + price, REGULAR, 10)
        dots = "." * int((end - start) / pymupdf.get_text_length(".", REGULAR, 10))
        paper.say(x, y, f"{name} {dots}")
        paper.say_right(x + 195, y, price)


def receipt() -> Paper:
    """A narrow strip of thermal paper, scanned."""
    paper = Paper((227, 420))
    paper.say(52, 30, "KIOSK AM HAFEN", 13, "cobo")
    paper.say(48, 46, "Uferweg 2, 8590 Romanshorn", 7.5, "cour")
    paper.say(20, 68, "Date 22.07.2025  Time 14:37", 8.5, "cour")
    paper.say(20, 80, "Receipt 004512   Till 2", 8.5, "cour")
    items = (
        ("2 x Mineral water 0.5 l", "6.40"),
        ("1 x Sandwich cheese", "7.90"),
        ("1 x Sun cream factor 50", "18.50"),
        ("3 x Ice lolly", "8.70"),
        ("1 x Map of the lake", "12.00"),
    )
    y = 106.0
    for name, price in items:
        paper.say(20, y, name, 8.5, "cour")
        paper.say_right(207, y, price, 8.5, "cour")
        y += 15
    paper.rule(20, y - 6, 207)
    for name, price in (("TOTAL CHF", "53.50"), ("Cash", "60.00"), ("Change", "6.50")):
        paper.say(20, y + 10, name, 10, "cobo")
        paper.say_right(207, y + 10, price, 10, "cobo")
        y += 17
    paper.say(20, y + 24, "VAT 2.6 % of 23.00    0.58", 8, "cour")
    paper.say(20, y + 36, "VAT 8.1 % of 30.50    2.29", 8, "cour")
    paper.say(20, y + 62, "Exchange within 14 days", 8.5, "cour")
    paper.say(20, y + 74, "with this receipt.", 8.5, "cour")
    return paper.scanned(200)


def timetable() -> Paper:
    """A wide table on a page that is displayed turned: places down, journeys across."""
    paper = Paper(LANDSCAPE)
    paper.say(60, 60, "Line 43: Oberdorf - Kloster - Talstation", 15, BOLD)
    paper.say(60, 78, "Valid from 14 December 2025. Sundays and public holidays", 10)
    rows = (
        ("Stop", "Bus 1", "Bus 2", "Bus 3", "Bus 4", "Bus 5", "Bus 6"),
        ("Oberdorf, church", "7:12", "8:42", "10:12", "13:12", "15:42", "18:12"),
        ("Schürmatt", "7:16", "8:46", "10:16", "13:16", "15:46", "18:16"),
        ("Kloster, gate", "7:23", "8:53", "10:23", "13:23", "15:53", "18:23"),
        ("Waldegg", "-", "9:01", "10:31", "-", "16:01", "-"),
        ("Talstation", "7:35", "9:10", "10:40", "13:35", "16:10", "18:35"),
    )
    paper.rows(120, (60, 220, 300, 380, 460, 540, 620), rows, step=24, size=11)
    for y in (126, 150, 174, 198, 222, 246):
        paper.rule(60, y, 680)
    paper.say(60, 280, "Bicycles are carried on buses 2 and 5 only. A bicycle costs 3.50 francs.")
    paper.say(60, 296, "Groups of ten and more must book two days before: 041 555 90 32.")
    return paper.sideways()
