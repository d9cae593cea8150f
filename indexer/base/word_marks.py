"""Name the marks that a word of a page may carry: bits of one byte. Standard library only, for the child."""

RAISED = 1  # a footnote mark, an exponent, the cents of a price
LOWERED = 2  # an index, a count of atoms
GLUED = 4  # stands at the word before without a space: `2` of `m2`, `eight` of `twenty-/eight`
BROKEN = 8  # parted at the end of a line: its hyphen is not of the word, which goes on in the next
BOLD = 16  # in heavy type; known while a page is assembled, and not kept
ALL = RAISED | LOWERED | GLUED | BROKEN | BOLD
