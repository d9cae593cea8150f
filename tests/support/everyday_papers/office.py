"""Papers of an office: an invoice, minutes, a form filled in by typewriter, a contract in two languages."""

from __future__ import annotations

from tests.support.everyday_papers.paper import BOLD, ITALIC, Paper


def invoice() -> Paper:
    """Items in a table without rules; sums at the right, their labels far from them."""
    paper = Paper()
    paper.say(50, 60, "Larsen & Holt Instrument Repair", 15, BOLD)
    paper.say_lines(
        400, 55, "Kanalgata 14\n4008 Stavanger\npost@larsenholt.example\nTel. 51 55 20 18", 9
    )
    paper.say_lines(50, 130, "Bergen Chamber Orchestra\nStrandgaten 3\n5013 Bergen", 10)
    paper.rows(
        130, (360, 470),
        (("Invoice no.", "2026-0417"), ("Invoice date", "9 March 2026"), ("Due date", "8 April 2026"),
         ("Customer no.", "K-1183")),
        head_font="helv", step=14,
    )  # fmt: skip
    paper.say(50, 225, "INVOICE", 14, BOLD)
    items = (
        ("Description", "Hours", "Rate", "Amount"),
        ("Oboe: new pads, upper joint", "3.5", "68.00", "238.00"),
        ("Bassoon: crack in bell mended", "6.0", "68.00", "408.00"),
        ("Cork and felt, materials", "", "", "57.40"),
        ("Courier, both ways", "", "", "34.00"),
    )
    paper.rows(260, (50, -370, -450, -540), items)
    paper.rule(50, 265, 540)
    sums = (("Subtotal", "737.40"), ("VAT 25 %", "184.35"), ("Amount payable", "921.75"))
    paper.rows(370, (360, -540), sums, head_font="helv")
    paper.say(50, 460, "Please pay to account 3201 55 90218 and quote the invoice number.")
    paper.say(50, 476, "After the due date we charge interest of 9.25 % a year.")
    return paper


def minutes() -> Paper:
    """Those present in a block, decisions in prose, tasks in a narrow table whose cells run over lines."""
    paper = Paper()
    paper.say(50, 60, "Housing Cooperative Lindenhof", 14, BOLD)
    paper.say(50, 82, "Minutes of the board meeting of 14 January 2026, 18:30 to 20:15", 10, ITALIC)
    y = paper.say_lines(
        50, 110,
        """
        Present: Ayla Demir (chair), Jonas Pratt, Mei-Lin Zhou, Carlos Ibarra
        Apologies: Ruth Oberholzer
        Minute taker: Jonas Pratt
        """,
    )  # fmt: skip
    paper.say(50, y + 14, "1  Lift in house C", 11, BOLD)
    y = paper.say_lines(
        50, y + 30,
        """
        Two offers have come in. The board accepts the offer of Vertika AG for 84,300 francs, by three
        votes to one. Work is to begin in the week of 4 May and lasts nine weeks. Tenants on the fourth
        and fifth floor are offered help with their shopping during that time.
        """,
    )  # fmt: skip
    paper.say(50, y + 14, "2  Bicycle cellar", 11, BOLD)
    y = paper.say_lines(
        50, y + 30,
        """
        The cellar is full. Bicycles without a tag are taken to the depot on 28 February. The board
        does not approve a second cellar this year.
        """,
    )  # fmt: skip
    paper.say(50, y + 14, "3  Tasks", 11, BOLD)
    paper.rows(
        y + 34, (50, 260, 380), (("Task", "Who", "Until"),), step=0
    )  # fmt: skip
    tasks = (
        ("Sign the contract with Vertika\nand send a copy to the bank", "Ayla Demir", "23 January"),
        ("Order 120 tags and hang up a\nnotice in all four houses", "Carlos Ibarra", "30 January"),
        ("Ask the insurer about water\ndamage in flat B 12", "Mei-Lin Zhou", "6 February"),
    )
    y += 52
    for task, who, until in tasks:
        paper.say_lines(50, y, task, 9.5)
        paper.say(260, y, who, 9.5)
        paper.say(380, y, until, 9.5)
        y += 34
    paper.say(50, y + 20, "Next meeting: Wednesday, 11 March 2026, 18:30, in the common room.")
    return paper


def membership_form() -> Paper:
    """A form without fields: labels under lines, crosses typed into drawn boxes."""
    paper = Paper()
    paper.say(50, 60, "Northshore Sailing Club: application for membership", 14, BOLD)
    entries = (
        (50, 110, "Petra Vanhoutte", "Name of applicant"),
        (320, 110, "3 September 1988", "Date of birth"),
        (50, 165, "27 Quarry Lane, Whitby YO22 4HB", "Address"),
        (320, 165, "07700 900 461", "Telephone"),
        (50, 220, "Wim Vanhoutte (husband)", "Person to call in an emergency"),
        (320, 220, "07700 900 887", "Telephone of that person"),
    )
    for x, y, entry, label in entries:
        paper.say(x, y, entry, 11, "cour")
        paper.rule(x, y + 5, x + 220)
        paper.say(x, y + 16, label, 7.5)
    paper.say(50, 275, "Kind of membership (tick one)", 10, BOLD)
    kinds = (("Full member, £310 a year", False), ("Junior, £95 a year", False),
             ("Country member, £140 a year", True), ("Social member, £60 a year", False))  # fmt: skip
    for n, (kind, is_ticked) in enumerate(kinds):
        y = 298 + 20 * n
        paper.frame(50, y - 9, 61, y + 2)
        if is_ticked:
            paper.say(52, y, "X", 10, "cour")
        paper.say(70, y, kind)
    paper.say(50, 400, "Boat: ", 10, BOLD)
    paper.say(90, 400, "Wayfarer dinghy, sail number W 9214, moored at pontoon 6")
    paper.say(50, 440, "The committee decides within 28 days. The entrance fee is not refunded.")
    return paper


def bilingual_contract() -> Paper:
    """One language in each column, clause beside clause."""
    paper = Paper()
    paper.say(50, 60, "Cleaning Agreement", 13, BOLD)
    paper.say(310, 60, "Contrat de nettoyage", 13, BOLD)
    clauses = (
        ("""1. The Contractor cleans the offices
            every working day between 18:00
            and 21:00.""",
         """1. Le Prestataire nettoie les bureaux
            chaque jour ouvrable entre 18 h 00
            et 21 h 00."""),
        ("""2. The monthly fee is 2,650 euros,
            payable within thirty days of the
            invoice.""",
         """2. La redevance mensuelle est de
            2 650 euros, payable à trente jours
            de la facture."""),
        ("""3. Either party may end this
            agreement with three months'
            notice to the end of a quarter.""",
         """3. Chaque partie peut résilier le
            contrat avec un préavis de trois
            mois pour la fin d'un trimestre."""),
        ("""4. Windows are cleaned twice a year;
            this is not part of the fee and
            costs 780 euros each time.""",
         """4. Les vitres sont nettoyées deux
            fois par an; ce service n'est pas
            compris et coûte 780 euros."""),
    )  # fmt: skip
    y = 100.0
    for english, french in clauses:
        paper.say_lines(50, y, english)
        y = paper.say_lines(310, y, french) + 12
    return paper
