"""What bench/formats.js compares with: one format parsed by pysam; prints seconds and a sum over all records."""

import json
import sys
import time

import pysam


def fasta(path):
    with pysam.FastxFile(path) as records:
        return sum(len(record.sequence) for record in records)


def fastq(path):
    with pysam.FastxFile(path) as records:
        return sum(len(record.sequence) + len(record.quality) for record in records)


def vcf(path):
    with pysam.VariantFile(path) as records:
        return sum(record.start + len(record.info["AF"]) for record in records)


def gff(path):
    with open(path, "rb") as file:
        return sum(f.start + len(f.ID) for f in pysam.tabix_iterator(file, pysam.asGFF3()))


started = time.perf_counter()
total = {"fasta": fasta, "fastq": fastq, "vcf": vcf, "gff": gff}[sys.argv[1]](sys.argv[2])
print(json.dumps({"seconds": time.perf_counter() - started, "sum": total}))
