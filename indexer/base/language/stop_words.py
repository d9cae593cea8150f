"""Words that carry no meaning of their own, by language.

STOP_WORDS are the English ones: the lite encoder and the support of answers leave them out. A change of them
makes other page vectors: raise `STOP_WORDS_VERSION` of `encoders/lite/content.py` with it. Those of
all languages are `STOP_WORDS_OF_ALL`, which other encoders leave out; the same rule holds for them.

Chinese, Japanese and Korean have none here: their particles stand within words that no space parts.
"""

from __future__ import annotations

import re
from collections import Counter

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further had
has have having he her here hers herself him himself his how i if in into is it its itself just
me more most my myself no nor not now of off on once only or other our ours ourselves out over
own same she should so some such than that the their theirs them themselves then there these
they this those through to too under until up very was we were what when where which while who
whom why will with would you your yours yourself yourselves s t d ll m o re ve
"""
_GERMAN = """
aber als am an auch auf aus bei beim bin bis da damit dann das dass dein dem den der des die dies
diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es euer für
gegen hab habe haben hat hatte hatten ich ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder
jedes kann können mein mich mir mit muss müssen nach nicht noch nun nur ob oder ohne sehr sein seine
seinem seinen seiner sich sie sind so soll sollen über um und uns unser unter vom von vor wann war waren warum
was weil welche welchem welchen welcher welches wenn wer werden wie wir wird wo wurde wurden zu zum zur
zwischen
"""
_FRENCH = """
à au aux avec c ce ces cet cette comme combien comment d dans de des du elle elles en entre est et été être
eu il ils j je l la le les leur leurs lui m ma mais me même mes moi mon n ne nos notre nous on ont ou où par
pas pour pourquoi quand que quel quelle quelles quels qu qui quoi s sa sans se sera ses si son sont sous sur t
ta te tes toi ton tu un une vos votre vous y était étaient
"""
_ARABIC = """
في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين ما ماذا متى أين اين كيف كم لماذا هل هو هي هم كان كانت
يكون تكون قد لقد لا لم لن أو او أن ان إن ثم و أي اي كل بعد قبل عند بين حتى إذا اذا
"""

STOP_WORDS = frozenset(_ENGLISH.split())
_BY_LANGUAGE = {
    "en": STOP_WORDS,
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "ar": frozenset(_ARABIC.split()),
}
STOP_WORDS_OF_ALL = frozenset().union(*_BY_LANGUAGE.values())

_WORD = re.compile(r"[^\W\d_]+")


def has_capital_nouns(text: str) -> bool:
    """Say whether a text is in German, which writes each noun with a capital, not only names."""
    return stop_words_of(text) is _BY_LANGUAGE["de"]


def stop_words_of(text: str) -> frozenset[str]:
    """Return the stop words of the language that has most of them in a text; of English in doubt."""
    words = _WORD.findall(text.casefold())
    counts = Counter(
        {
            code: sum(map(stop_words.__contains__, words))
            for code, stop_words in _BY_LANGUAGE.items()
        }
    )
    code, n_known = counts.most_common(1)[0]
    return _BY_LANGUAGE[code if n_known > counts["en"] else "en"]
