"""Small files in binary formats, written by the libraries that define them, and what is in them (formats.json).

    python3 -m venv ../formats-venv && ../formats-venv/bin/pip install pysam pyBigWig pyarrow numpy
    mkdir /golden && ../formats-venv/bin/python test/golden/formats/formats.py /golden && cp /golden/* test/golden/formats/

reads.bam and reads.cram hold the same reads on reference.fa: mapped on both strands, with mismatches, an insertion, a deletion and
soft clips, unmapped, secondary, without qualities. signal.bw has gaps and single bases. table-*.parquet are one table in several
compressions and row groups.
"""

import hashlib
import json
import os
import random
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pyBigWig
import pysam

# CRAM keeps the full path of its reference: write where the path may be known, and copy the files here.
os.chdir(sys.argv[1])
here = Path(".")
draw = random.Random(11)
bases = lambda n: "".join(draw.choice("ACGT") for _ in range(n))

reference = {"chr1": bases(900), "chr2": bases(300)}
with open(here / "reference.fa", "w") as out:
    for name, letters in reference.items():
        out.write(f">{name}\n" + "".join(f"{letters[i:i + 60]}\n" for i in range(0, len(letters), 60)))
pysam.faidx(str(here / "reference.fa"))

sequences = [
    {"SN": name, "LN": len(letters), "M5": hashlib.md5(letters.encode()).hexdigest(), "UR": "reference.fa"}
    for name, letters in reference.items()
]
header = {"HD": {"VN": "1.6", "SO": "unsorted"}, "SQ": sequences}


def mutated(letters):
    return "".join(draw.choice("ACGT") if draw.random() < 0.05 else b for b in letters)


def read(number):
    one = pysam.AlignedSegment()
    one.query_name = f"read{number}"
    length = draw.randint(20, 60)
    if number % 7 == 6:
        one.query_sequence, one.flag = bases(length), 4
        one.reference_id, one.reference_start = -1, -1
    else:
        chrom = draw.randrange(2)
        letters = reference[["chr1", "chr2"][chrom]]
        start = draw.randrange(len(letters) - length - 5)
        kind = number % 4
        if kind == 0:
            text, cigar = mutated(letters[start:start + length]), [(0, length)]
        elif kind == 1:
            text = letters[start:start + 8] + "TT" + letters[start + 8:start + length - 2]
            cigar = [(0, 8), (1, 2), (0, length - 10)]
        elif kind == 2:
            text = letters[start:start + 9] + letters[start + 12:start + length + 3]
            cigar = [(0, 9), (2, 3), (0, length - 9)]
        else:
            text, cigar = bases(5) + letters[start:start + length - 5], [(4, 5), (0, length - 5)]
        one.query_sequence, one.cigar = text, cigar
        one.flag = (16 if number % 2 else 0) | (256 if number % 9 == 8 else 0)
        one.reference_id, one.reference_start, one.mapping_quality = chrom, start, draw.randrange(60)
    if number % 10 != 9:
        one.query_qualities = pysam.qualitystring_to_array("".join(chr(33 + draw.randrange(42)) for _ in one.query_sequence))
    return one


reads = [read(i) for i in range(60)]
with pysam.AlignmentFile(here / "reads.bam", "wb", header=header) as out:
    for one in reads:
        out.write(one)
with pysam.AlignmentFile(here / "reads.cram", "wc", header=header, reference_filename=str(here / "reference.fa")) as out:
    for one in reads:
        out.write(one)


def described(one):
    return {
        "id": one.query_name,
        "sequence": one.query_sequence,
        "quality": None if one.query_qualities is None else pysam.qualities_to_qualitystring(one.query_qualities),
        "flag": one.flag,
        "reference": one.reference_name,
        "start": None if one.reference_id < 0 else one.reference_start,
        "mappingQuality": one.mapping_quality,
        "cigar": one.cigarstring or "*",
    }


with pysam.AlignmentFile(here / "reads.bam", "rb") as bam:
    expected_reads = [described(one) for one in bam]

signal = pyBigWig.open(str(here / "signal.bw"), "w")
signal.addHeader([("chr1", 900), ("chr2", 300)])
intervals = []
for chrom, length in (("chr1", 900), ("chr2", 300)):
    at = 0
    while at < length - 20:
        at += draw.choice([0, 0, 1, 7])
        size = draw.choice([1, 1, 3, 10])
        intervals.append((chrom, at, at + size, round(draw.uniform(-3, 9), 3)))
        at += size
signal.addEntries(*[list(column) for column in ([i[0] for i in intervals], [i[1] for i in intervals])],
                  ends=[i[2] for i in intervals], values=[i[3] for i in intervals])
signal.close()

table = pyarrow.table({
    "id": [f"r{i}" for i in range(25)],
    "sequence": [bases(8) for _ in range(25)],
    "label": ["yes" if i % 3 else None for i in range(25)],
    "score": [i / 8 for i in range(25)],
    "count": pyarrow.array([i * 10**10 for i in range(25)], pyarrow.int64()),
})
for compression in ("none", "snappy", "gzip", "zstd"):
    pyarrow.parquet.write_table(table, here / f"table-{compression}.parquet", compression=compression, row_group_size=10)

(here / "formats.json").write_text(json.dumps({
    "reads": expected_reads,
    "signal": intervals,
    "table": table.to_pylist(),
}, indent=1) + "\n")
