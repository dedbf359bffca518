"""BLEU and chrF of sacreBLEU (pip install sacrebleu) on sentences with punctuation, numbers, empty lines and several references."""
import json, pathlib
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

pairs = {
    "plain": (["the cat sat on the mat", "there is a dog here", "a quick brown fox"],
              [["the cat sat on the mat", "there is a dog in the garden", "the quick brown fox jumps"]]),
    "punctuation": (["Costs $3.50, (net).", "He said: \"well-known, isn't it?\"", "1,000.5 and 2-3, e.g. A&B;", "x<y>z [a]{b}~`^_"],
                    [["It costs $3.50 (net).", "He said, \"well known, is it not?\"", "1,000.5 and 2 - 3, e.g. A & B;", "x < y > z [a] {b} ~ `^_"]]),
    "entities": (["&quot;yes&quot; &amp; no &lt;b&gt;", "&amp;lt; once"], [["\"yes\" & no <b>", "< once more"]]),
    "unicode": (["Füße müssen ruhen .", "naïve café — déjà vu", "日本語 の 文", "smile 😀 now"],
                [["Die Füße müssen ruhen.", "naïve cafe – déjà vu", "日本語 の 文章", "smile 😀 then"]]),
    "several": (["the cat sat on the mat today", "it is cold outside"],
                [["a cat sat on the mat", "it is cold"], ["the cat was on the mat today", "outside it is very cold today indeed"]]),
    "shorter": (["the cat", "sat on"], [["the cat sat on the mat", "he sat on the mat"]]),
    "short": (["a b", "c"], [["a b", "d"]]),
    "nothing": (["x y z w", "q"], [["a b c d", "e"]]),
    "empty": (["", "the cat sat on a mat"], [["a line", "the cat sat on the mat"]]),
    "emptyReference": (["some words here", "the cat sat on a mat"], [["", "the cat sat on the mat"]]),
    "noFourth": (["the cat sat there", "he ran off now"], [["the cat sat here", "he ran home now"]]),
    "scan": (["I_TURN_LEFT I_WALK I_TURN_LEFT I_WALK", "I_JUMP I_JUMP"], [["I_TURN_LEFT I_WALK I_WALK I_TURN_LEFT", "I_JUMP I_JUMP"]]),
}
cases = []
for name, (hypotheses, streams) in pairs.items():
    case = {"name": name, "hypotheses": hypotheses, "references": [list(r) for r in zip(*streams)], "bleu": [], "chrf": []}
    for tokenize in ("13a", "none"):
        for smooth in ("exp", "none"):
            for effective in (False, True):
                metric = BLEU(tokenize=tokenize, smooth_method=smooth, effective_order=effective)
                case["bleu"].append({"tokenize": tokenize, "smooth": smooth, "effectiveOrder": effective,
                                     "corpus": metric.corpus_score(hypotheses, streams).score,
                                     "sentences": [metric.sentence_score(h, list(r)).score for h, r in zip(hypotheses, zip(*streams))]})
    for order, beta in ((6, 2), (6, 1), (3, 3)):
        metric = CHRF(char_order=order, word_order=0, beta=beta)
        case["chrf"].append({"order": order, "beta": beta, "corpus": metric.corpus_score(hypotheses, streams).score,
                             "sentences": [metric.sentence_score(h, list(r)).score for h, r in zip(hypotheses, zip(*streams))]})
    cases.append(case)
tokenizer = Tokenizer13a()
texts = sorted({t for h, streams in pairs.values() for t in [*h, *[x for s in streams for x in s]]})
tokenized = [{"text": t, "tokens": tokenizer(t)} for t in [*texts, "a-\nb\nc <skipped> 5.", "1.2.3, 4,5 .6 7."]]
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps({"made_with": f"sacrebleu {sacrebleu.__version__}", "cases": cases, "tokenized": tokenized}, ensure_ascii=False, indent=1) + "\n")
