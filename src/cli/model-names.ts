/** The names of the architectures, as `--model` takes them; a test holds them to the registry. */
export const modelNames = [
  ...['cnn', 'lstm', 'gru', 'cnn-bilstm', 'attention-bilstm', 'elman', 'min-gru', 'diagonal'],
  ...['hierarchical', 'dilated-rnn', 'selective', 'circular'],
  ...['dilated-cnn', 'transformer', 'cnn-transformer'],
];

/** The names of the architectures of language models; a test holds them to their registry. */
export const languageModelNames = [
  'lstm',
  'gru',
  'elman',
  'transformer',
  'min-gru',
  'min-lstm',
  'diagonal',
  'selective',
  'feed-forward',
  'topics',
];

/** Language models that are counted rather than fitted, and kept in one file. */
export const markovModelNames = ['ngram'];
