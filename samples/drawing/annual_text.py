"""The words and tables of the Northmere annual report."""

from __future__ import annotations

GLANCE_LEAD = (
    "We supply 1.94 million people between the Ravensholm hills and the Cald estuary. In "
    "2024 we lost less water than in any year since metering began, and paid for it without "
    "adding to debt."
)
GLANCE_TILES = (
    ("£412.6m", "Revenue", "up 7.4% on 2023"),
    ("£71.8m", "Operating profit", "17.4% of revenue"),
    ("118 Ml/d", "Leakage", "down from 134 Ml/d"),
    ("84.2", "Customer score", "out of 100, up 3.1 points"),
    ("2,318", "Employees", "of whom 94 apprentices"),
    ("21.4p", "Dividend per share", "20.6p in 2023"),
)
GLANCE_CONTENTS = (
    ("Letter from the chair", "Why we froze bills for low-income homes", "3"),
    ("Chief executive's review", "Five years of revenue and the Clear Run plan", "4"),
    ("Where our revenue comes from", "Five segments and how each one fared", "5"),
    ("The network", "Leakage quarter by quarter in both regions", "6"),
    ("Energy and environment", "Power from our own sites, peat and river health", "7"),
    ("Risk and shareholder information", "What could go wrong, and the calendar", "8"),
)
GLANCE_NOTE = (
    "Ml/d: megalitres a day. The customer score is the regulator's composite of telephone, "
    "written and on-site surveys; the sector median for 2024 was 78.6."
)
CHAIR_LEFT = (
    "Dear shareholder,",
    "When I took the chair in May 2022, the board had spent eleven meetings out of twelve on "
    "emergencies. In 2024 we spent two. That is not luck. It is what happens when a utility "
    "mends things before they break, and it is the purpose of the Clear Run plan that you "
    "approved at the last general meeting.",
    "The summer tested us all the same. Rainfall at Corrie Fell between May and August was 61% "
    "of the long-term mean, the driest since 1976. We imposed no hosepipe ban. The new "
    "transfer main from Lake Isenby carried 22 megalitres a day at the peak, and households "
    "answered our request to water at dusk with a saving of nearly a tenth.",
    "Families are still finding it hard to pay. The board therefore froze the tariff for the "
    "43,000 homes on our Helping Hand scheme, and will hold it frozen until April 2026. "
    "The cost, £3.1 million a year, is met from profit and not from other customers.",
)
CHAIR_QUOTE = "“A utility earns trust on the days when nobody has to think about it.”"
CHAIR_RIGHT = (
    "**Board changes.** Dr Amara Lindqvist joined as senior independent director in February; "
    "she ran the Halden river authority for nine years. Peter Osei-Marsh retires at the "
    "annual meeting after three terms, and Joanna Trebilcock will succeed him as chair of the "
    "audit committee.",
    "**Dividend.** The directors recommend a final dividend of 14.2 pence, which with the "
    "interim of 7.2 pence makes 21.4 pence for the year. It is covered 1.7 times by earnings. "
    "Our policy remains to raise the dividend with inflation and no faster while gearing is "
    "above 60%.",
    "**Culture.** Every director spent two days with a field crew. Mine were in a trench in "
    "Sallow Street at four in the morning, where I learned more about clamps than any board "
    "paper had taught me. Thank you to the crew for their patience, and to all 2,318 "
    "colleagues for the year.",
    "**Looking ahead.** The price review opens in the autumn of 2025. We will ask to invest "
    "£640 million over the five years that follow, two thirds of it underground. I believe "
    "it is the right request, and that this year's results show we can be trusted with it.",
)
REVIEW = (
    "Revenue grew for the fourth year running. Most of the rise came from business retail, "
    "where we won the supply contract for the Cald Dock freight terminal, and from metering "
    "services sold to three neighbouring companies. Household tariffs rose by less than "
    "inflation."
)
REVIEW_COLUMNS = (
    (
        "What Clear Run is",
        "Clear Run is a seven-year plan to renew 1,150 kilometres of main, to put an acoustic "
        "logger on every valve chamber, and to move 38 pumping stations to variable-speed "
        "drives. In its first year we relaid 171 kilometres and fitted 26,400 loggers, a "
        "little ahead of programme on both.",
    ),
    (
        "What it costs",
        "Capital spending was £128.7 million, of which Clear Run took £83.5 million. Net debt "
        "closed at £905 million, £6 million lower than a year ago, because the sale of the "
        "Tarn Lane depot brought in £19 million. Gearing fell from 63.8% to 62.1%.",
    ),
    (
        "What went wrong",
        "On 9 October a valve failed at the Gorsedale works and 8,700 homes lost supply for up "
        "to 31 hours. We paid £1.2 million in compensation without waiting to be asked, and "
        "have replaced the eleven valves of the same make.",
    ),
    (
        "What comes next",
        "In 2025 we will open the Isenby treatment hall, finish logger installation in the "
        "Northern region, and begin trials of a leak-finding model trained on our own "
        "recordings. We expect revenue to grow by between 5% and 6%.",
    ),
)
SEGMENTS = (
    "Household supply is still our largest segment but its share has slipped two points in "
    "two years as the others have grown faster. Wastewater services, bought from Pelham "
    "Borough in 2019, passed £78 million for the first time. Engineering and metering is the "
    "smallest regulated segment and the most profitable one."
)
SEGMENT_ROWS = (
    ("Segment", "Margin", "Sites", "What moved in 2024"),
    ("Household supply", "17.8%", "61", "Usage fell 2.3% per home; 38,000 new meters"),
    ("Business retail", "11.8%", "–", "Cald Dock terminal; two breweries signed"),
    ("Wastewater services", "19.6%", "27", "Storm tank at Hythe Lock commissioned"),
    ("Engineering and metering", "31.5%", "4", "Contracts with three other utilities"),
    ("Other", "6.1%", "9", "Land rents, fishing permits, visitor centres"),
)
SEGMENT_SPOTLIGHT = (
    "Our meter workshop at Fennick now overhauls 900 ultrasonic meters a week, half of them "
    "for others. The workshop recovers the brass, the battery and the circuit board; only the "
    "potting resin is thrown away. A second line opens in Dunmere in June 2025 and will "
    "employ 36 people."
)
NETWORK = (
    "Leakage is what we put into the network less what comes out of taps and meters. It is "
    "highest in the first quarter, when frozen ground moves and cracks old iron. The Northern "
    "region, where most mains predate 1935, has improved fastest since acoustic loggers "
    "arrived there in the spring of 2023."
)
NETWORK_BOXES = (
    (
        "26,400",
        "acoustic loggers fitted",
        "Each listens for two hours before dawn and reports by radio. Nine in ten alerts led "
        "a crew to within four metres of the leak.",
    ),
    (
        "171 km",
        "of main relaid",
        "Polyethylene pulled through the old pipe wherever the street allowed, which halves "
        "the digging and the days of road closure.",
    ),
    (
        "5.3 days",
        "mean time to repair",
        "Measured from the first alert to the reinstated surface. It was 8.9 days in 2022. "
        "Permit delays account for nearly half of it.",
    ),
)
NETWORK_CASE = (
    "A logger heard a leak of 0.4 litres a second under a bakery. The street had been dug up "
    "twice that year, so the crew went in from the cellar with the baker's leave, and lined "
    "11 metres of pipe overnight. The ovens were lit at five as usual."
)
ENERGY = (
    "Moving water is heavy work: we used 262 gigawatt-hours of electricity in 2024. A growing "
    "part is made on our own land, from solar panels on reservoir roofs, turbines in the "
    "Isenby pipeline and gas from sludge digestion at Hythe Lock. What we still buy from the "
    "grid has fallen by more than a third since 2020."
)
PEAT = (
    "With the Corrie Fell Commoners we blocked 64 kilometres of drainage ditch and re-wetted "
    "1,320 hectares of blanket bog. Water leaving the fell now carries 40% less colour, which "
    "saves us coagulant at Gorsedale, and golden plover bred there for the first time since "
    "2009."
)
RIVERS = (
    "There were 17 pollution incidents, none of them serious, against 24 in 2023. Storm "
    "overflows spilled 412 times, a fall of 29%. All 133 overflows now have event monitors "
    "whose readings anyone may follow on our website within the hour."
)
TARGETS = (
    "Half of all electricity from our own sites by 2028 (42% in 2024).",
    "Operational carbon of 48 kilotonnes by 2027, from 61 kilotonnes this year.",
    "No serious pollution incident in any year; fewer than 12 of any kind by 2026.",
)
RISK = (
    "The board reviews these risks each quarter. Likelihood and impact are scored from 1 to 5 "
    "after the controls described."
)
RISK_ROWS = (
    ("Risk", "What we do about it", "Likelihood", "Impact", "Change in 2024"),
    ("Drought", "Isenby transfer main; 90-day storage rule", "3", "4", "Lower"),
    (
        "Cyber attack on plant controls",
        "Controls kept off the office network; yearly red-team exercise",
        "3",
        "5",
        "Higher",
    ),
    ("Price review", "Early evidence to the regulator; customer panels", "3", "3", "New"),
    ("Skills shortage", "Apprenticeships; retention pay for electricians", "4", "3", "Unchanged"),
    ("Interest rates", "78% of debt fixed or inflation-linked to 2031", "2", "3", "Lower"),
    ("Contractor failure", "No partner above 30% of the capital programme", "2", "4", "Unchanged"),
)
CALENDAR = (
    ("24 April", "Shares go ex-dividend"),
    ("21 May", "Annual general meeting, Guildhall, Ravensholm"),
    ("6 June", "Final dividend paid"),
    ("18 September", "Half-year results"),
    ("14 November", "Interim dividend paid"),
)
REGISTRAR = (
    "**Registrar.** Larkfield Share Services, 3 Mint Court, Ravensholm. Write to them about "
    "lost certificates, a change of address, or dividends paid into a bank account."
)
HOLDINGS = (
    "**Holdings.** At the year end 84.1 million ordinary shares were held by 21,940 "
    "shareholders; employees own 3.7% through the Wellspring plan."
)
