"""Predicts with an exported Seqwright model in Python: nothing of Seqwright is needed.

    seqwright export promoters.model --onnx promoters.onnx
    pip install onnxruntime numpy
    python onnx_in_python.py promoters.onnx sequences.fa > predictions.tsv

How letters become tokens and what the outputs mean stands in the model file itself.
"""

import json
import sys

import numpy as np
import onnxruntime


def read_fasta(path):
    """Yields (id, sequence) for every record."""
    name, parts = None, []
    with open(path) as lines:
        for line in lines:
            line = line.strip()
            if line.startswith(">"):
                if name is not None:
                    yield name, "".join(parts)
                name, parts = line[1:].split()[0], []
            elif line:
                parts.append(line)
    if name is not None:
        yield name, "".join(parts)


def encode(sequences, token_ids, padding):
    """Sequences of any lengths as tokens [batch, time], filled up with padding, and their lengths [batch]."""
    lengths = np.array([len(s) for s in sequences], dtype=np.int32)
    tokens = np.full((len(sequences), lengths.max()), padding, dtype=np.int32)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence)] = [token_ids[letter] for letter in sequence]
    return tokens, lengths


def batches(records, size):
    batch = []
    for record in records:
        batch.append(record)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main(model_path, fasta_path):
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    token_ids = json.loads(about["seqwright.token_ids"])
    padding = int(about["seqwright.padding"])
    output = json.loads(about["seqwright.output"])
    if json.loads(about["seqwright.tracks"]):
        sys.exit("This model reads numeric tracks beside the letters; feed them as `tracks` [batch, time, tracks].")

    print("id", *(output["names"] if output["kind"] == "values" else output["classes"]), sep="\t")
    for batch in batches(read_fasta(fasta_path), size=32):
        tokens, lengths = encode([sequence for _, sequence in batch], token_ids, padding)
        (predictions,) = session.run(["predictions"], {"tokens": tokens, "lengths": lengths})
        for (name, _), row in zip(batch, predictions):
            print(name, *(f"{value:.9g}" for value in row), sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python onnx_in_python.py model.onnx sequences.fa")
    main(sys.argv[1], sys.argv[2])
