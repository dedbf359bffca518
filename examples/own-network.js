// A network of your own: written as a tree of parameters and a function, trained and exported like the named ones.
//
//   node examples/own-network.js          3,186 built-in windows, into own.model and own.onnx
import { fileURLToPath } from 'node:url';
import { assess, exportModel, loadModel, nn, readDataset, saveModel, split, train } from 'seqwright';
import { concat, relu, transpose } from 'seqwright/graph';

// Filters of two widths scan the letters; the best match of each filter, wherever it lies, decides.
// The data decide the alphabet and how many outputs there are; all else is yours.
const motifs = ({ alphabet, outputs }) => {
  const scan = (kernel) => nn.conv1d({ in: alphabet.size, out: 24, kernel });
  return nn.module({
    params: {
      narrow: scan(6),
      wide: scan(15),
      dropout: nn.dropout({ rate: 0.3 }),
      head: nn.linear({ in: 48, out: outputs }),
    },
    // tokens[batch, time] and lengths[batch] come in, one raw number for each class goes out: [batch, outputs].
    apply: ({ narrow, wide, dropout, head }, { tokens, lengths }) => {
      const letters = transpose(nn.oneHotInput(tokens, alphabet), [0, 2, 1]); // [batch, letters, time]
      const best = (scanned) => nn.maxOverTime(relu(scanned), lengths, 2); // [batch, 24]
      return head(dropout(concat([best(narrow(letters)), best(wide(letters))], 1)));
    },
  });
};

const sequences = fileURLToPath(new URL('data/primate_splice.tsv', import.meta.url));
const { fit, test } = split(await readDataset({ sequences }), { test: 0.2, seed: 1 });
const { model } = await train({ network: motifs }, fit, { epochs: 12, seed: 1 });
const numbers = [...model.weights.values()].reduce((sum, weights) => sum + weights.length, 0);
const { evaluation } = await assess(model, test);
console.log(`${numbers} parameters, accuracy ${evaluation.metrics.accuracy.value.toFixed(2)}`);

// A model folder holds weights and no code: whoever loads it hands the same function in.
await saveModel('own.model', model);
const loaded = await loadModel('own.model', { network: motifs });
// The ONNX file needs neither this program nor Seqwright.
await exportModel(loaded, 'own.onnx');
console.log('saved own.model and own.onnx');
