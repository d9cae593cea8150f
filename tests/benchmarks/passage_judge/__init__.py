"""A judge of passages: a small network over word vectors that says whether a passage answers a question.

It did not pass its gate (docs/experiments.md, "A judge of passages"); nothing of the product uses it.

    python -m tests.benchmarks.passage_judge.encode_rows ROWS.jsonl.gz TRAIN.pt    # an hour on one busy core
    python -m tests.benchmarks.passage_judge.encode_rows DEV.jsonl.gz DEV.pt --minutes 1
    python -m tests.benchmarks.passage_judge.encode_pairs PAIRS.jsonl PAIRS.pt
    python -m tests.benchmarks.passage_judge.train TRAIN.pt PAIRS.pt DEV.pt JUDGE.pt --minutes 10
    python -m tests.benchmarks.passage_judge.ranked QUESTIONS.jsonl DATA_FOLDER COLLECTION RANKED.pt
    python -m tests.benchmarks.passage_judge.figures JUDGE.pt[,JUDGE_2.pt] RANKED.pt ...

ROWS have `source`, `kind`, `doc`, `question`, `context`, `answers` and `answerable`; PAIRS have `question`,
`passage`, `heading` and `answers` (true or false).
"""
