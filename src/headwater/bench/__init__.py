"""Floor 7: what is measured and proved on real runs, rather than asserted in a test.

`headwater bench` sets ours beside a named peer in one run, as ratios: `suite` lists them (`walk_digests`, `pdq`, `e01`,
`whole_run`, `memory`), `rows` holds one comparison, `subject` one run of the program; `inputs` and `photographs` make
what they run on, and `peer_hashes` is a peer as a process of its own.

The long proofs are commands, ``python -m headwater.bench.NAME --help``, that exit 1 where the proof fails:

- `corpus_disks FOLDER`: every disk image, against known contents and The Sleuth Kit's `fls`
- `corpus_metadata FOLDER`: every file's metadata, against exiftool, each difference with its cause
- `corpus_pdq FOLDER`: every picture's PDQ, against pdqhash
- `corpus_watermark FOLDER`: what the watermark examiner names, and how near unmarked pictures come to it
- `disk_damage IMAGE.E01`: no flipped byte and no truncation of an E01 is silent
- `long_kill`: a run killed again and again ends as the uninterrupted one
- `offline`: a run attempts no connection and writes no evidence

What several of them share lies in `proving`; `corpus_NAME_*` are parts of `corpus_NAME`.
"""
