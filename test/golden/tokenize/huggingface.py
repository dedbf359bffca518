"""tokenizer.json files of the constructions that DNABERT, Nucleotide Transformer, ESM, DNABERT-2 and others use, over small
vocabularies, with ids and texts of the tokenizers library: writes huggingface.json. pip install tokenizers transformers
"""

import itertools
import json
import random
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

rng = random.Random(11)
draw = lambda letters, n: "".join(rng.choice(letters) for _ in range(n))
kmers = lambda k: ["".join(p) for p in itertools.product("ACGT", repeat=k)]
dna = [draw("ACGT", rng.randint(30, 90)) for _ in range(40)]
prose = """The quick brown fox jumps over the lazy dog. Can't you see it's over? She'll say: "naïve café", won't she!
In 1953 DNA's double helix (two strands) was found; 10.5 base pairs a turn.  Two  spaces, a\ttab.
東京 is Tokyo. Émile's résumé: x_y = 3*z^2 -- and so on... #hash @at 50% <mask> [MASK] e\u0301te\u0301 ﬁne ½ Straße İstanbul""".split("\n")
prose_corpus = prose * 5


def special(names, first=0):
    return {name: first + i for i, name in enumerate(names)}


def bert(tokenizer, cls="[CLS]", sep="[SEP]"):
    ids = [(cls, tokenizer.token_to_id(cls)), (sep, tokenizer.token_to_id(sep))]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} $B:1 {sep}:1", special_tokens=ids
    )


def add(tokenizer, names, **options):
    tokenizer.add_special_tokens([AddedToken(n, special=True, normalized=False, **options) for n in names])


def dnabert():
    """DNABERT: BERT's tokenizer over k-mers that are given with spaces between them."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = {**special(names), **special(kmers(3), 5)}
    t = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(lowercase=False)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    add(t, names)
    bert(t)
    texts = [" ".join(s[i : i + 3] for i in range(len(s) - 2)) for s in dna[:4]]
    return t, texts + ["ACG [MASK] CGT", "ACG,NNN acg", "", " ACGTACG "]


def bert_text():
    t = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t.train_from_iterator(prose_corpus, trainers.WordPieceTrainer(vocab_size=200, special_tokens=names, show_progress=False))
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return t, prose + ["unbelievable jumpsoverandoverandoverandover 東 dogs", "\u0000a\u200bb\ufffdc \u2028 d"]


def nucleotide_transformer():
    """Nucleotide Transformer: k-mers side by side, letters where they do not fit; words of one vocabulary."""
    names = ["<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>"]
    words = kmers(3) + list("ATCGN")
    t = Tokenizer(models.WordLevel({**special(names), **special(words, len(names))}, unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Split(Regex("[ACGT]{3}|[A-Z]"), "isolated")
    t.post_processor = processors.TemplateProcessing(single="<cls> $A", special_tokens=[("<cls>", 3)])
    add(t, names)
    return t, dna[:5] + ["ACGNTTTACGG<mask>AC", "NNNN", "ACXGT", "acg"]


def esm():
    """ESM: a word for each residue."""
    names = ["<cls>", "<pad>", "<eos>", "<unk>"]
    letters = list("LAGVSERTIDPKQNFYMHWCXBUZO.-")
    vocab = {**special(names), **special(letters, 4), "<null_1>": 31, "<mask>": 32}
    t = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    bert(t, "<cls>", "<eos>")
    add(t, names + ["<mask>"])
    return t, ["MKTAYIAKQR", "MK<mask>AJ", "M.K-<pad>", draw("LAGVSERTIDPKQNFYMHWC", 60), "MK TA"]


def dnabert2():
    """DNABERT-2: byte-pair encoding learned on sequences, words divided by white space."""
    t = Tokenizer(models.BPE(unk_token="[UNK]"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    names = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    t.train_from_iterator(dna, trainers.BpeTrainer(vocab_size=120, special_tokens=names, show_progress=False))
    bert(t)
    return t, dna[:6] + ["ACGTN ACGT", "ACG[MASK]TTT", "NN"]


def gpt2():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], show_progress=False)
    t.train_from_iterator(prose_corpus, trainer)
    return t, prose + ["  leading", "trailing  ", "\n\n new\r\nlines 12345", "emoji 👩‍🚀!", "a<|endoftext|>b"]


def roberta():
    t, texts = gpt2()
    t.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True, special=True)])
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    ends = [(n, t.token_to_id(n)) for n in ("</s>", "<s>")]
    t.post_processor = processors.RobertaProcessing(ends[0], ends[1], add_prefix_space=True)
    return t, texts + ["a  <mask> b"]


def llama():
    """Sentencepiece's BPE as Llama has it: bytes for what is unknown."""
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    names = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=names, show_progress=False)
    t.train_from_iterator([p.split("Émile")[0] for p in prose_corpus], trainer)
    # The bytes are tokens of the model, not spelled in texts.
    saved = json.loads(t.to_str())
    saved["added_tokens"] = saved["added_tokens"][:3]
    t = Tokenizer.from_str(json.dumps(saved))
    t.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return t, prose + ["emoji 👩‍🚀!", "  two"]


def unigram():
    """T5's and XLM-R's kind: unigram pieces with marks for spaces."""
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=150, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    t.train_from_iterator(prose_corpus, trainer)
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return t, prose + ["Qwerty 日本 zebra", "x</s>y"]


def hyena():
    """HyenaDNA's kind: characters."""
    names = ["[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]"]
    t = Tokenizer(models.WordLevel({**special(names), **special("ACGTN", 7)}, unk_token="[UNK]"))
    t.normalizer = normalizers.Lowercase()
    t.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("."), "isolated")])
    add(t, names)
    return t, dna[:3] + ["ACGTN nacg", "[MASK]A\u0301C"]


def words():
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Punctuation("isolated"), pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])
    t.train_from_iterator(prose_corpus, trainers.WordLevelTrainer(vocab_size=60, special_tokens=["<unk>"], show_progress=False))
    t.add_tokens([AddedToken("fox", single_word=True), AddedToken("<x>", rstrip=True)])
    return t, prose + ["foxes fox FOX <X>  a"]


cases = []
for make in (dnabert, bert_text, nucleotide_transformer, esm, dnabert2, gpt2, roberta, llama, unigram, hyena, words):
    t, texts = make()
    encoded = []
    for text in texts:
        plain = t.encode(text, add_special_tokens=False)
        framed = t.encode(text)
        encoded.append(
            {
                "text": text,
                "ids": plain.ids,
                "framed": framed.ids,
                "decoded": t.decode(framed.ids),
                "decodedSpecial": t.decode(framed.ids, skip_special_tokens=False),
            }
        )
    cases.append({"name": make.__name__, "file": json.loads(t.to_str()), "encoded": encoded})
out = {"made_with": f"tokenizers {tokenizers.__version__}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, ensure_ascii=True, separators=(",", ":")) + "\n")
