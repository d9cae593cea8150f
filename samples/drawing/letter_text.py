"""The words of the scanned letter, as typed."""

from __future__ import annotations

HEAD = (
    "SALTMARSH HARBOUR BOARD",
    "The Old Customs House, Quay Street, Saltmarsh",
    "Telephone 01632 960142",
)
FIRST = """\
Our ref.  HB/SL/7731                              14 March 2024


Messrs. Dray & Calloway, Boatbuilders
4 Slipway Lane
Saltmarsh

For the attention of Mr. Edmund Calloway


Dear Sir,

RENEWAL OF SLIPWAY LICENCE SL-208, NORTH SLIP

I write to tell you that the Board, at its meeting of 7 March,
agreed to renew your licence of the north slip for three years,
from 1 April 2024 to 31 March 2027.

The rent will be 4,850 pounds a year, against 4,320 pounds
until now. It is payable in equal halves on 1 April and on
1 October. The deposit of 1,200 pounds that we hold from 2018
carries over, and nothing need be added to it.

Dredging. Our contractor, Maren Dredging, will work alongside
the north slip from 6 May to 24 May. In those weeks the slip
may not be used below the half-tide mark, and no vessel longer
than 9 metres may be launched from it. The Board will credit
310 pounds against your October payment for the inconvenience.

Winch. The inspection of 22 February found two broken strands
in the winch cable, 14 metres from the hook. Please have the
cable replaced before 30 April, and send the test certificate
to the harbour engineer, Miss R. Pellow. The winch is not to
be used for loads above 6 tonnes until she has it in hand.

                                            (continued over)
"""
SECOND = """\
Messrs. Dray & Calloway          - 2 -            14 March 2024


Hours of noisy work. After complaints from Chapel Row, grinding
and shot-blasting are allowed only from 8 a.m. to 6 p.m. on
weekdays and from 9 a.m. to 1 p.m. on Saturdays. There is to be
none on Sundays or on regatta days.

Hull cleaning. Scrapings of antifouling paint must be caught on
sheets and taken away as hazardous waste. The silt trap at the
foot of the slip is to be emptied every second Friday.

Insurance. Kindly send evidence of public liability cover for
not less than 5 million pounds before the licence begins.

The charges for the first year are as follows:

      Rent of the north slip . . . . . . . .   4,850.00
      Water from the standpipe . . . . . . .     185.00
      Quay crane, 12 hours at 38.00  . . . .     456.00
      Disposal of waste oil  . . . . . . . .      94.00
                                              ---------
      Total, in pounds . . . . . . . . . . .   5,585.00

If you accept these terms, please sign and return the enclosed
copy so that it reaches this office by 12 April; after that day
the offer lapses, and the slip will be advertised.

                              Yours faithfully,




                              Augusta Thornbury-Vane
                              Clerk to the Board

Enclosures: copy of licence SL-208; plan of the north slip
"""
STAMP = ("DRAY & CALLOWAY", "RECEIVED", "18 MAR 2024")
