"""Two articles on one trial, to which tests add what they are about."""

from __future__ import annotations

TRIAL = (
    "In the HERON trial with 4,380 bakers in Tilby and Osgar, 18.2% of the mask group and 27.4% of the control group had "
    "asthma after two years (Drell and Voss)."
)
RETOLD = "Drell and Voss ran the HERON trial with 4,380 bakers in Tilby and Osgar: 18.2% with a mask had asthma, 27.4% without."
