"""The words and tables of the pump manual."""

from __future__ import annotations

INTENDED_USE = (
    "The KD-340 moves clean or slightly dirty water with solids up to 12 mm. Any other use is "
    "improper: above all, do not pump fuel, solvents, brine or drinking water. Work on the "
    "pump is reserved for trained fitters; the electrical connection for qualified "
    "electricians."
)
NOTICES = (
    (
        "DANGER",
        "**Lethal voltage.** Lock the main switch in the off position and wait ten "
        "minutes before opening the terminal box. Check that all three phases are dead.",
    ),
    (
        "WARNING",
        "**Scalding water.** If the pump runs against a closed valve for more than "
        "two minutes, the water in the casing boils. Let the casing cool below 40 °C before "
        "you loosen the priming plug.",
    ),
    (
        "WARNING",
        "**Rotating parts.** Never reach through the bracket window while the motor "
        "can start. The float switch restarts the pump without notice.",
    ),
    (
        "WARNING",
        "**Falling load.** The unit weighs 61 kg. Lift it with two slings under the "
        "base plate; the eye on the motor carries the motor only.",
    ),
    (
        "CAUTION",
        "**Dry running.** A dry mechanical seal is destroyed within 30 seconds. Fill "
        "the casing with 4.5 litres of water before the first start.",
    ),
    (
        "CAUTION",
        "**Frost.** Below 2 °C drain the casing through the plug at its foot. Do "
        "not add antifreeze.",
    ),
)
PROTECTION = (
    "Safety shoes and cut-resistant gloves for every task; the impeller edges are sharp.",
    "Hearing protection within one metre: the sound pressure level is 82 dB(A) at full speed.",
    "A face shield when the discharge line is opened or the priming plug is loosened.",
)
DISPOSAL = (
    "Drain oil from the bearing housing (0.3 litres) and hand it in separately. Casing and "
    "bracket are cast iron, the impeller is bronze, the seal faces are silicon carbide."
)
CONSTRUCTION = (
    "The casing holds back enough water after stopping to prime itself again: on starting, "
    "the impeller mixes this water with the air from the suction pipe and throws the air out "
    "through the discharge. A rubber flap inside the suction flange stops the water from "
    "draining."
)
PARTS = (
    ("1", "Casing with suction flap", "340-101", "EN-GJL-250 cast iron"),
    ("2", "Wear ring", "340-118", "Bronze CuSn10; replace at 0.8 mm play"),
    ("3", "Impeller, six vanes, diameter 168 mm", "340-203", "Bronze CuSn10"),
    ("4", "Shaft key 8 × 7 × 30", "340-209", "Steel C45"),
    ("5", "Mechanical seal, 28 mm", "340-310", "Silicon carbide, Viton bellows"),
    ("6", "O-ring 190 × 4", "340-322", "NBR; never use again once removed"),
    ("7", "Back plate", "340-140", "EN-GJL-250 cast iron"),
    ("8", "Bracket with window", "340-150", "EN-GJL-250 cast iron"),
    ("9", "Shaft, stainless", "340-401", "1.4057"),
    ("10", "Motor 2.2 kW, frame 90L", "340-500", "Aluminium housing, IP55"),
)
SEAL_KIT = (
    "Seal kit 340-900 holds items 2, 5 and 6 together with the priming plug gasket, and is "
    "all that a yearly overhaul needs."
)
DATA = (
    ("Flow, best point", "26 m³/h", "Supply", "3 × 400 V, 50 Hz"),
    ("Head, maximum", "34 m", "Rated current", "4.9 A"),
    ("Suction lift, maximum", "7.5 m", "Rated power", "2.2 kW"),
    ("Priming time at 5 m", "95 s", "Protection", "IP55, class F"),
    ("Solids, maximum", "12 mm", "Starts per hour", "20"),
    ("Water temperature", "2 to 60 °C", "Weight", "61 kg"),
    ("Working pressure", "6 bar", "Sound level at 1 m", "82 dB(A)"),
    ("Flanges", "DN 65 / DN 50, PN 16", "Bearing oil", "ISO VG 68, 0.3 litres"),
)
SPEEDS = (
    "For speeds between the curves, flow changes in proportion to speed and head with its "
    "square. Do not run the pump for long at less than 4 m³/h: the water heats up and the "
    "radial load on the bearing doubles. With a frequency converter keep between 30 and 50 Hz, "
    "and fit a sine filter if the motor cable is longer than 25 m."
)
INSTALLATION = (
    "Bolt the base plate to a level concrete footing at least three times the weight of the "
    "unit. The suction pipe must rise towards the pump all the way; a hump traps air, and "
    "priming will fail. Support both pipes: the flanges may not carry them."
)
PIPING = (
    ("A", "foot strainer, mesh 10 mm"),
    ("B", "suction pipe DN 65, rising 2%"),
    ("C", "suction flange with flap"),
    ("D", "check valve DN 50"),
    ("E", "gate valve DN 50"),
)
TORQUES = (
    ("Base plate to footing", "M12", "8.8", "4", "60"),
    ("Casing to back plate", "M10", "8.8", "8", "42"),
    ("Bracket to motor flange", "M10", "8.8", "4", "38"),
    ("Suction and discharge flanges", "M16", "5.6", "4 + 4", "95"),
    ("Impeller nut, left-hand thread", "M14", "A4-70", "1", "72"),
    ("Priming plug and drain plug", "G ½", "brass", "2", "25"),
    ("Terminal box cover", "M5", "A2", "4", "2.5"),
)
ELECTRICAL = (
    "The windings are connected in star for 3 × 400 V. Feed the motor through a residual "
    "current device of 30 mA. Swap any two phases if the shaft does not turn clockwise as "
    "seen from the fan."
)
CABLES = (
    ("up to 30 m", "4 × 1.5 mm²", "M20", "0.9 V"),
    ("30 to 60 m", "4 × 2.5 mm²", "M20", "1.6 V"),
    ("60 to 110 m", "4 × 4 mm²", "M25", "2.2 V"),
)
START_STEPS = (
    "Open the gate valve by a quarter. Fill the casing at the priming plug until it overflows.",
    "Close the plug, switch on, and watch the pressure gauge: it must rise within 95 seconds.",
    "Open the gate valve slowly until the ammeter shows no more than 4.9 A.",
    "After ten minutes feel the bearing housing; above 70 °C stop and check the alignment.",
)
SCHEDULE = (
    ("Daily", "Listen for cavitation; look for drips at the seal", "Operator", "2 min"),
    ("Weekly", "Clean the foot strainer; test the float switch by hand", "Operator", "15 min"),
    ("500 h", "First oil change; retighten the base plate bolts", "Fitter", "40 min"),
    ("2,000 h", "Change bearing oil; measure wear ring play", "Fitter", "1.5 h"),
    ("4,000 h or yearly", "Fit seal kit 340-900; check the suction flap", "Fitter", "3 h"),
    ("8,000 h", "Replace both bearings 6305-2Z", "Fitter", "4 h"),
    ("Every 2 years", "Insulation test at 500 V, at least 5 megohms", "Electrician", "30 min"),
    ("Before winter", "Drain the casing; grease the drain plug", "Operator", "10 min"),
)
SEAL_STEPS = (
    "Drain the casing and remove its eight bolts; pull the motor back with bracket and plate.",
    "Hold the shaft at the fan, and undo the impeller nut clockwise: its thread is left-hand.",
    "Draw off the impeller with puller 340-W2. Do not lever against the back plate.",
    "Push out the old seat from behind. Wet the new one with soapy water, never with grease.",
    "Press the rotating part on by hand until the spring is 24 mm long, then fit the impeller.",
)
SYMPTOMS = (
    (
        "Pump runs but does not prime",
        "Casing empty, or air drawn in at a suction joint",
        "Fill the casing; coat the joints with soap foam and tighten",
    ),
    (
        "Flow drops slowly over weeks",
        "Worn wear ring, or strainer clogged",
        "Measure the play (limit 0.8 mm); clean the strainer",
    ),
    (
        "Rattling like gravel",
        "Cavitation: suction lift too high or water too warm",
        "Lower the pump or throttle the discharge valve",
    ),
    ("Water under the bracket", "Mechanical seal worn", "Fit seal kit 340-900, see 6.3"),
    (
        "Motor hums and trips",
        "A phase is missing, or the impeller is jammed",
        "Check fuses and contactor; turn the shaft at the fan",
    ),
    ("Pump runs backwards after stop", "Check valve stuck open", "Clean the check valve seat"),
)
CODES = (
    ("E01", "Sump empty, float switch S2 open", "Restarts by itself after refilling"),
    ("E02", "Overload relay F1 tripped", "Let cool for 5 minutes, then press reset"),
    ("E03", "Winding above 140 °C", "Wait; check the fan and the ambient temperature"),
    ("E04", "Phase failure or wrong sequence", "Electrician: measure L1, L2 and L3"),
    ("E07", "No pressure 180 s after start", "Prime again; see Table 5, first line"),
    ("E09", "More than 20 starts in an hour", "Set the float switch wider; locks for 15 min"),
    ("E12", "Moisture in the oil chamber", "Change the seal within 100 hours"),
    ("E15", "Memory fault in the control box", "Replace the box; settings are lost"),
)
SERVICE = (
    "**Service.** Quote the serial number from the plate on the bracket. Spare parts leave "
    "Oberlindach within two working days: parts@dunmarrow.example. The warranty runs for 30 "
    "months from delivery and excludes the seal, the wear ring and damage from dry running."
)
