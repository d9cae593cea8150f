"""The words of the services agreement: clauses ten to fifteen, schedules and signatures."""

from __future__ import annotations

from drawing.agreement_text import Clause

LAST_CLAUSES = (
    Clause(
        "Warranties",
        (
            "Each party warrants that it has the power to enter into this Agreement, and that the "
            "person who signs for it has authority.",
            "Tamsin Vale warrants that it will perform the Services with the skill and care to be "
            "expected of a specialist, and that the Model infringes no right of a third party.",
            "Forecasts are estimates. Except as stated in this Agreement, Tamsin Vale gives no "
            "warranty that a Forecast will prove true on a particular night.",
        ),
    ),
    Clause(
        "Liability",
        (
            "Nothing in this Agreement limits liability for death or injury caused by negligence, for "
            "fraud, or for anything that the law does not allow to be limited.",
            "Subject to clause 11.1, neither party is liable for loss of profit, of goodwill or of "
            "anticipated savings, nor for any indirect loss.",
            "Subject to clause 11.1, the total liability of each party in a contract year shall not "
            "exceed **125% of the fees paid and payable in that year**.",
            "For breach of clause 7 or clause 8 the limit is instead €2,000,000 in a contract year.",
            "Tamsin Vale shall carry professional indemnity insurance of at least €3,000,000 for "
            "each claim during the Term and for two years after it.",
        ),
    ),
    Clause(
        "Term and termination",
        (
            "This Agreement begins on the Commencement Date and runs for **three years**. It then "
            "renews for one year at a time unless a party gives notice at least six months before "
            "the end of the period then running.",
            "Oakhollow may end it for convenience after the first eighteen months, on ninety days' "
            "written notice and payment of the Exit Fee in Schedule 2.",
            "Either party may end it at once by written notice if the other:",
            "(a) commits a material breach and does not remedy it within thirty days of being asked "
            "in writing to do so;",
            "(b) is unable to pay its debts as they fall due; or",
            "(c) in the case of Tamsin Vale, misses the level in clause 4.1 in any four months out of "
            "six running.",
            "When it ends, Tamsin Vale shall return Customer Data in a usual format within fourteen "
            "days, destroy its copies within sixty, and confirm this in writing. For three months it "
            "shall help another supplier to take over, at the day rate in Schedule 2.",
        ),
    ),
    Clause(
        "Events beyond control",
        (
            "A party is not in breach while flood, storm, war, epidemic, failure of the public power "
            "grid or an act of government prevents it from performing, provided that it gives notice "
            "within three Business Days and does what it can to limit the effect.",
            "If this lasts for more than eight weeks, the other party may end this Agreement on seven "
            "days' notice.",
        ),
    ),
    Clause(
        "Notices",
        (
            "Notices under clause 12 shall be delivered by hand or by registered post to the address "
            "at the head of this Agreement. One sent by post is deemed received on the third Business "
            "Day after posting.",
            "All other notices may be sent by e-mail to contracts@oakhollow.example and to "
            "office@tamsinvale.example.",
        ),
    ),
    Clause(
        "General",
        (
            "This Agreement is the whole agreement of the parties on its subject, and replaces the "
            "pilot letter of 3 August 2023. It may be changed only in writing signed by both.",
            "Neither party may assign it without consent, save to a company of its own group.",
            "Before going to court the parties shall try mediation before the Larch Cross Chamber of "
            "Commerce for thirty days. This Agreement is governed by the law of Northmark, whose "
            "courts have exclusive jurisdiction.",
        ),
    ),
)

COUNTRIES = (
    ("Northmark", "Both data centres; model training; support"),
    ("Vestria", "Overnight monitoring, 22:00 to 06:00"),
    ("Republic of Orlen", "Labelling of road closures; no Customer Data"),
)
FEES = (
    ("Set-up, once, due on signature", "€38,000"),
    ("Monthly Fee, for up to eleven depots", "€14,750"),
    ("Each further depot, a month", "€1,120"),
    ("Retraining beyond clause 2.2, each", "€3,900"),
    ("Analyst, a day of eight hours", "€940"),
    ("Data engineer, a day of eight hours", "€1,080"),
    ("Exit Fee under clause 12.2, months 19 to 24", "€88,500"),
    ("Exit Fee under clause 12.2, months 25 to 36", "€44,250"),
)
DISCOUNTS = (
    ("Twelve months paid in advance", "5% of the Monthly Fee"),
    ("More than 15 depots", "8% of the fee for each further depot"),
    ("Published case study", "€6,000, once, credited to the next invoice"),
)
SIGNATURES = (
    (
        "Oakhollow Freight Systems Limited",
        "Rosalind Achterberg",
        "Chief operating officer",
        "19 January 2024",
    ),
    ("Tamsin Vale Analytics LLP", "Dr Kofi Lindgren-Shaw", "Managing partner", "22 January 2024"),
)
