"""The words of the services agreement: parties, clauses one to nine."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER = "Oakhollow Freight Systems Limited"
SUPPLIER = "Tamsin Vale Analytics LLP"


@dataclass(frozen=True)
class Clause:
    """A numbered clause; an item of `parts` that starts with "(" is a paragraph below the last."""

    title: str
    parts: tuple[str, ...]


BACKGROUND = (
    "(A) Oakhollow runs eleven freight depots and a fleet of about 640 trailers, and wishes to "
    "plan its night runs from better forecasts of parcel volume.",
    "(B) Tamsin Vale builds and operates forecasting models, and has shown in a pilot at the "
    "Brockmere depot that it can supply such forecasts.",
    "(C) The parties have agreed that Tamsin Vale will provide the Services on the terms of this "
    "Agreement.",
)

FIRST_CLAUSES = (
    Clause(
        "Definitions",
        (
            "In this Agreement the following words have the meanings beside them.",
            "(a) **Business Day** means a day other than a Saturday, a Sunday or a public holiday in "
            "the city of Larch Cross.",
            "(b) **Commencement Date** means 1 February 2024.",
            "(c) **Customer Data** means shipment, route, trailer and depot records that Oakhollow "
            "supplies, in whatever form, and anything derived from them that can be traced to a "
            "shipment or a person.",
            "(d) **Forecast** means the expected parcel volume for each depot and each hour of the "
            "next fourteen days.",
            "(e) **Model** means the software, weights and training procedures with which Tamsin "
            "Vale makes Forecasts.",
            "(f) **Service Credit** means a reduction of the Monthly Fee under clause 4.",
            "(g) **Services** means the services described in clause 2.",
            "(h) **Term** means the period for which this Agreement is in force under clause 12.",
            "Headings are for convenience only. A reference to writing includes e-mail, except in "
            "clauses 12 and 14.",
        ),
    ),
    Clause(
        "The Services",
        (
            "Tamsin Vale shall deliver a Forecast to Oakhollow's transport system each day before "
            "05:30, and a corrected one before 13:00 if volumes of the morning differ from it by more "
            "than 8%.",
            "Tamsin Vale shall retrain the Model at least once in every calendar quarter, and within "
            "ten Business Days after Oakhollow opens, closes or moves a depot.",
            "A named analyst shall attend Oakhollow's planning meeting on the first Tuesday of each "
            "month, in person at least four times a year.",
            "Tamsin Vale shall not subcontract any part of the Services outside the countries listed "
            "in Schedule 1 without Oakhollow's prior consent in writing.",
        ),
    ),
    Clause(
        "Oakhollow's part",
        (
            "Oakhollow shall make Customer Data available through its interface by 02:00 each day. "
            "Where data are late, the times in clause 2.1 move by the same delay.",
            "Oakhollow shall tell Tamsin Vale of promotions, strikes and road closures that it knows "
            "of, as soon as it reasonably can.",
            "Oakhollow remains solely responsible for how many drivers and trailers it rosters.",
        ),
    ),
    Clause(
        "Service levels and credits",
        (
            "The **mean absolute error** of the Forecasts in a month, weighted by volume and measured "
            "48 hours ahead, shall not exceed 6.5%.",
            "Forecasts shall arrive on time on at least 98% of the days of a month.",
            "For each full percentage point by which the error exceeds the limit in clause 4.1, "
            "Oakhollow receives a Service Credit of 4% of the Monthly Fee; for each day beyond those "
            "allowed by clause 4.2, 1.5%.",
            "Service Credits in one month shall not exceed 20% of the Monthly Fee. They are not a "
            "penalty, and do not exclude the right to end this Agreement under clause 12.3.",
        ),
    ),
    Clause(
        "Fees and payment",
        (
            "Oakhollow shall pay the fees set out in Schedule 2. All sums are in euros and exclude "
            "value added tax.",
            "Tamsin Vale shall invoice the Monthly Fee on the last Business Day of each month. "
            "Invoices are payable within **thirty-five days** of receipt.",
            "A sum that is disputed in good faith, and notified within fifteen days of receipt, may "
            "be withheld until the dispute is settled; the rest of the invoice remains payable.",
            "Late sums bear interest at 4 percentage points a year above the base rate of the "
            "central bank, from the due date until payment.",
            "On each anniversary of the Commencement Date the fees rise by the change in the services "
            "price index over the year before, but by no more than 3.5%.",
            "Travel is charged at cost, second class, and only if approved beforehand; the attendance "
            "required by clause 2.3 is included in the Monthly Fee.",
        ),
    ),
    Clause(
        "Intellectual property",
        (
            "Tamsin Vale keeps all rights in the Model. Oakhollow keeps all rights in Customer Data, "
            "and owns each Forecast from the moment of its delivery.",
            "Tamsin Vale grants Oakhollow and its group a perpetual right to use the Forecasts "
            "delivered during the Term, for their own operations.",
            "Tamsin Vale may use Customer Data only to provide the Services. It shall not train a "
            "model for anyone else on them, nor publish figures from which Oakhollow can be "
            "recognised.",
        ),
    ),
    Clause(
        "Confidentiality",
        (
            "Each party shall keep secret what it learns of the other's business, and use it for the "
            "purposes of this Agreement only. This lasts for **five years** after the Term ends; for "
            "the Model's source code, for as long as it remains secret.",
            "The duty does not cover what is public without breach, was known before, or must be "
            "disclosed by law, provided that the other party is warned where the law permits.",
        ),
    ),
    Clause(
        "Data protection and security",
        (
            "Drivers' names and registration numbers shall be replaced by random keys before they "
            "leave Oakhollow's network. The table of keys stays with Oakhollow.",
            "Customer Data shall be encrypted at rest and in transit, and held in two data centres "
            "at least 200 kilometres apart.",
            "Tamsin Vale shall report a breach of security affecting Customer Data to Oakhollow's "
            "duty officer within **twenty-four hours** of discovering it, with what it then knows, "
            "and in full within five Business Days.",
            "Oakhollow may audit the security measures once a year on twenty days' notice. If the "
            "audit finds a serious defect, Tamsin Vale bears its cost.",
        ),
    ),
    Clause(
        "Staff",
        (
            "Neither party shall, during the Term and for nine months after it, offer work to a "
            "person of the other with whom it dealt under this Agreement. A public advertisement is "
            "not an offer. A party in breach shall pay 30% of that person's yearly salary.",
            "If the named analyst leaves or is ill for more than three weeks, Tamsin Vale shall "
            "propose a successor of equal experience, whom Oakhollow may decline once.",
        ),
    ),
)
