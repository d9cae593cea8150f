"""The encoders that a process can work with: its own, which makes new collections, and others."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.lazy import LazyEncoder


class KnownEncoders:
    """Finds the encoder that made a collection. Each is loaded when a collection first needs it.

    own               makes new collections
    further_encoders  for collections that they made, and for those that are encoded anew
    all               its own first
    """

    def __init__(self, own: LazyEncoder, further_encoders: Sequence[LazyEncoder] = ()) -> None:
        self.own = own
        self.all = (own, *further_encoders)

    def of(self, fingerprint: EncoderFingerprint) -> LazyEncoder | None:
        """Return the encoder with this fingerprint; None where this process knows none.

        Raises EncoderUnavailable for one whose checkpoint is not there.
        """
        return next((e for e in self.all if e.fingerprint == fingerprint), None)

    def knows(self, fingerprint: EncoderFingerprint) -> bool:
        """Say whether collections of this fingerprint can be searched and added to here."""
        return self.of(fingerprint) is not None

    def by_name(self, name: str) -> LazyEncoder:
        """Return the encoder of that name. Raises EncoderUnavailable where this process knows none."""
        for encoder in self.all:
            if encoder.fingerprint.name == name:
                return encoder
        names = ", ".join(encoder.fingerprint.name for encoder in self.all)
        raise EncoderUnavailable(
            f"this process knows the encoders {names}, and not {name}: set PAGESIGHT_OTHER_ENCODERS={name} "
            "for every process, and start them anew"
        )
