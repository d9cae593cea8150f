"""Papers of workshops and laboratories: data sheets, a paper in two columns, statistics, a slide."""

from __future__ import annotations

from tests.support.everyday_papers.paper import BOLD, ITALIC, LANDSCAPE, Paper


def data_sheet() -> Paper:
    """Groups of rows, columns for least, usual and most, notes that qualify figures."""
    paper = Paper()
    paper.say(50, 60, "TQ-710 pressure transmitter", 16, BOLD)
    paper.say(50, 80, "Electrical characteristics at 25 °C unless stated otherwise", 10, ITALIC)
    rows = (
        ("Parameter", "Symbol", "Min", "Typ", "Max", "Unit"),
        ("Supply", "", "", "", "", ""),
        ("Supply voltage", "Vs", "10.5", "24", "32", "V"),
        ("Current, measuring", "Im", "3.6", "12", "22", "mA"),
        ("Current, asleep", "Iq", "-", "45", "80", "µA"),
        ("Signal", "", "", "", "", ""),
        ("Settling time", "ts", "-", "8", "15", "ms"),
        ("Output noise", "en", "-", "0.02", "0.05", "%"),
        ("Temperature", "", "", "", "", ""),
        ("Operating", "Ta", "-40", "-", "85", "°C"),
        ("Storage", "Tst", "-55", "-", "125", "°C"),
    )
    y = paper.rows(115, (50, 200, -300, -360, -420, 450), rows, step=17)
    paper.raise_mark(420, 115 + 17 * 2, "1")
    paper.say(50, y + 4, "1  30 V in explosive atmospheres.", 8)
    y = paper.say_lines(
        50, y + 36,
        """
        The housing is of stainless steel 1.4404 and is sealed to IP68. It weighs 410 grams without cable.
        The thread is G 1/4 and is tightened to 18 Nm. Calibrate every two years.
        """,
    )  # fmt: skip
    paper.say(50, y + 10, "Order code: TQ-710-B2 with cable, TQ-710-B4 with plug M12.")
    return paper


def safety_sheet() -> Paper:
    """Numbered sections over two pages, properties as labels and values."""
    paper = Paper()
    paper.say(50, 60, "Safety data sheet: Lumosol 40 degreaser", 14, BOLD)
    parts = (
        ("1. Identification", "Product code 7715. Supplier: Brightwater Chemicals Ltd, Hull.\n"
         "Emergency telephone: +44 1482 555 019, day and night."),
        ("2. Hazards", "Flammable liquid and vapour. Causes serious eye irritation."),
        ("4. First aid", "Eyes: rinse with running water for at least fifteen minutes, lids held open.\n"
         "Skin: take off soiled clothes, wash with soap. Swallowed: do not induce vomiting."),
        ("5. Fire-fighting", "Use foam, dry powder or carbon dioxide. Do not use a jet of water."),
        ("7. Storage", "Store between 5 and 30 °C, in the original drum, for 24 months at most."),
    )  # fmt: skip
    y = 95.0
    for title, text in parts:
        paper.say(50, y, title, 11, BOLD)
        y = paper.say_lines(50, y + 17, text) + 10
    paper.add_page()
    paper.say(50, 50, "Lumosol 40 degreaser", 8)
    paper.say_right(545, 50, "Page 2 of 2", 8)
    paper.say(50, 90, "9. Physical and chemical properties", 11, BOLD)
    rows = (
        ("Appearance", "clear, pale yellow liquid"), ("Odour", "of citrus"), ("Flash point", "43 °C"),
        ("Boiling range", "157 to 196 °C"), ("Density at 20 °C", "0.79 g/ml"),
        ("Vapour pressure", "2.1 hPa"), ("Soluble in water", "no"),
    )  # fmt: skip
    y = paper.rows(112, (50, 230), rows, head_font="helv")
    paper.say(50, y + 14, "14. Transport", 11, BOLD)
    paper.say(50, y + 31, "UN number 1268, packing group III. Tunnel code D/E.")
    return paper


def two_column_paper() -> Paper:
    """Prose in two columns, a table over both, a caption under a figure of bars."""
    paper = Paper()
    paper.say(95, 55, "Night Lighting and the Singing of Urban Robins", 16, BOLD)
    paper.say(190, 75, "H. Aaltonen, P. Okafor and D. Reyes", 10, ITALIC)
    left = """
        We recorded robins at 64 places in four towns
        between March and May 2024. At each place two
        recorders ran from midnight to sunrise. Birds
        near lamps began to sing 78 minutes earlier than
        birds in dark gardens. The effect was weaker
        where lamps were dimmed after 23:00. Traffic
        noise had no measurable influence once light
        was taken into account. We left out eleven
        recordings that rain had spoilt.
        """
    right = """
        Lamps of 2,200 kelvin disturbed the birds less
        than those of 4,000 kelvin. We therefore advise
        towns to dim lamps by seventy per cent at night.
        The work was paid for by the Kivela Foundation
        under grant 2023-118. Recordings and code are
        kept by the University of Turku. We thank the
        gardeners who let us in, and two reviewers for
        their advice. None of the authors has any
        interest to declare.
        """
    paper.say_lines(50, 105, left, 10)
    paper.say_lines(310, 105, right, 10)
    paper.say(
        50, 250, "Table 1. Mean start of song in minutes before sunrise, by kind of lamp", 9, BOLD
    )
    rows = (
        ("Town", "No lamp", "2,200 K", "4,000 K", "Places"),
        ("Turku", "41", "83", "126", "18"),
        ("Leeds", "37", "79", "118", "16"),
        ("Ghent", "44", "90", "131", "14"),
        ("Porto", "39", "72", "109", "16"),
    )
    paper.rows(270, (50, -240, -330, -420, -520), rows)
    for y in (258, 275, 340):
        paper.rule(50, y, 520)
    for n, height in enumerate((41, 83, 126)):
        paper.bar(120 + 90 * n, 520 - height, 160 + 90 * n, 520)
        paper.say(130 + 90 * n, 514 - height, str(height), 9)
    paper.rule(100, 520, 380)
    for n, name in enumerate(("No lamp", "2,200 K", "4,000 K")):
        paper.say(120 + 90 * n, 533, name, 9)
    paper.say(50, 556, "Figure 1. Start of song in Turku, minutes before sunrise.", 9)
    return paper


def statistics() -> Paper:
    """Heads of groups over years, figures with marks of notes, losses in brackets."""
    paper = Paper()
    paper.say(50, 60, "Port of Fjordhavn: traffic and accounts", 14, BOLD)
    paper.say(50, 80, "Amounts in thousands of kroner", 9, ITALIC)
    paper.say(275, 108, "Cargo", 10, BOLD)
    paper.say(435, 108, "Passengers", 10, BOLD)
    paper.rule(230, 112, 355)
    paper.rule(390, 112, 525)
    rows = (
        ("", "2023", "2024", "2023", "2024"),
        ("Ships calling", "1,212", "1,304", "388", "402"),
        ("Revenue", "48,910", "53,275", "21,460", "19,882"),
        ("Staff costs", "12,040", "12,655", "7,310", "7,498"),
        ("Result", "6,118", "7,902", "(1,204)", "(2,377)"),
    )
    paper.rows(126, (50, -285, -350, -450, -520), rows, step=17)
    paper.raise_mark(350, 126 + 17, "a")
    paper.raise_mark(520, 126 + 34, "b")
    y = paper.say_lines(
        50, 235,
        """
        a  Without 61 calls of naval vessels.
        b  The ferry to Skagen did not run from January to April.
        """, 8,
    )  # fmt: skip
    y = paper.say_lines(
        50, y + 20,
        """
        The port dredged the northern basin to a depth of 11.4 metres. The board proposes no dividend.
        Harbour master Sunniva Eide retires in June 2025; her successor is Tor Magnus Bakke.
        """,
    )  # fmt: skip
    return paper


def slide() -> Paper:
    """Points with points below them, and columns whose figures stand on top of them."""
    paper = Paper(LANDSCAPE)
    paper.say(60, 70, "Heat pumps 2025: where we stand", 26, BOLD)
    paper.say(60, 130, "-  Programme led by Ingrid Solheim", 16)
    paper.say(60, 160, "-  Three regions are late:", 16)
    for n, text in enumerate(("North: two fitters left", "Coast: permits", "Valley: drilling rig")):
        paper.say(100, 188 + 24 * n, f"o  {text}", 14)
    paper.say(60, 275, "-  Budget left: 1.9 million euros", 16)
    paper.say(470, 110, "Units fitted per quarter", 14, BOLD)
    for n, count in enumerate((310, 455, 520, 275)):
        x = 470 + 80 * n
        paper.bar(x, 420 - count / 2, x + 50, 420)
        paper.say(x + 12, 414 - count / 2, str(count), 13)
        paper.say(x + 15, 438, f"Q{n + 1}", 13)
    paper.say(60, 550, "Steering committee, 16 January 2026", 10)
    paper.say(770, 550, "12", 10)
    return paper
