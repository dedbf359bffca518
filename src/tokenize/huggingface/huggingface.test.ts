import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokenizerFrom } from '../description.ts';
import { huggingface } from './huggingface.ts';
import { linearPattern } from './pattern.ts';

interface Case {
  name: string;
  file: Record<string, never> & { model: Record<string, unknown> };
  encoded: {
    text: string;
    ids: number[];
    framed: number[];
    decoded: string;
    decodedSpecial: string;
  }[];
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../test/golden/tokenize/huggingface.json', import.meta.url), 'utf8'),
) as { cases: Case[] };
const caseOf = (name: string) => structuredClone(cases.find((one) => one.name === name)!.file);

describe.each(cases)('$name, beside the tokenizers library', ({ file, encoded }) => {
  const tokenizer = huggingface(file);

  it('has the same ids, alone and framed', () => {
    for (const { text, ids, framed } of encoded) {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
      expect([...tokenizer.encode(text, { special: true })], JSON.stringify(text)).toEqual(framed);
    }
  });

  it('decodes to the same text, without and with special tokens', () => {
    for (const { framed, decoded, decodedSpecial } of encoded) {
      expect(tokenizer.decode(framed)).toBe(decoded);
      expect(tokenizer.decode(framed, { special: true })).toBe(decodedSpecial);
    }
  });

  it('is the same after being saved and read', () => {
    const saved = JSON.stringify(tokenizer);
    const read = tokenizerFrom(JSON.parse(saved));
    expect(JSON.stringify(read)).toBe(saved);
    for (const { text, ids } of encoded) expect([...read.encode(text)]).toEqual(ids);
  });
});

describe('roles of special tokens', () => {
  it('are told by their usual names', () => {
    expect(huggingface(caseOf('esm')).special).toEqual({ unknown: 3, pad: 1, end: 2, mask: 32, class: 0 });
    expect(huggingface(caseOf('dnabert')).special).toEqual({
      pad: 0,
      unknown: 1,
      class: 2,
      separator: 3,
      mask: 4,
    });
  });
});

describe('files that are not supported, or wrong, are refused by name', () => {
  const changed = (name: string, change: Record<string, unknown>) => ({ ...caseOf(name), ...change });
  const model = (name: string, change: Record<string, unknown>) => {
    const file = caseOf(name);
    return { ...file, model: { ...file.model, ...change } };
  };
  const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated' });
  it.each<[string, unknown, string]>([
    ['no object', null, 'tokenizer.json is null; expected an object'],
    [
      'an unknown model',
      model('esm', { type: 'Neural' }),
      'tokenizer.json.model.type is "Neural"; expected one of WordLevel',
    ],
    [
      'an unknown normalizer',
      changed('esm', { normalizer: { type: 'Precompiled' } }),
      'normalizer.type is "Precompiled"',
    ],
    [
      'one within a sequence',
      changed('esm', { normalizer: { type: 'Sequence', normalizers: [{ type: 'Nmt' }] } }),
      'normalizers[0].type is "Nmt"',
    ],
    [
      'an unknown pre-tokenizer',
      changed('esm', { pre_tokenizer: { type: 'UnicodeScripts' } }),
      '"UnicodeScripts"',
    ],
    ['an unknown decoder', changed('esm', { decoder: { type: 'CTC' } }), 'decoder.type is "CTC"'],
    [
      'a type that objects inherit',
      changed('esm', { decoder: { type: 'constructor' } }),
      'decoder.type is "constructor"',
    ],
    ['merges at random', model('dnabert2', { dropout: 0.1 }), 'dropout is 0.1'],
    ['merges of what is not there', model('dnabert2', { merges: [['A', 'Q']] }), 'merges[0]'],
    ['the same id twice', model('esm', { vocab: { A: 0, B: 0 } }), 'same id to two tokens'],
    ['an id beyond all measure', model('esm', { vocab: { A: 1e9 } }), 'whole number from 0 to'],
    [
      'a template without the text',
      changed('esm', { post_processor: { type: 'TemplateProcessing', single: [], special_tokens: {} } }),
      'a place for the text',
    ],
    [
      'a template of ids that are not there',
      changed('esm', { post_processor: { type: 'BertProcessing', cls: ['a', 99], sep: ['b', 1] } }),
      '99',
    ],
    ['an exponential pattern', changed('esm', { pre_tokenizer: split('(a+)+$') }), 'is not supported ("(")'],
    [
      'a pattern with two open counts',
      changed('esm', { pre_tokenizer: split('a+a+b') }),
      'follows an item of any length',
    ],
    [
      'an added token that contradicts the model',
      changed('esm', { added_tokens: [{ id: 4, content: 'Z' }] }),
      'id 4 is "L" in model.vocab',
    ],
  ])('%s', (_, file, message) => {
    expect(() => huggingface(file)).toThrow(expect.objectContaining({ kind: 'data' }));
    expect(() => huggingface(file)).toThrow(message);
  });

  it('steps that make a text longer and longer, and steps within steps', () => {
    const replace = { type: 'Replace', pattern: { String: 'M' }, content: 'MMMMMMMMMMMMMMMM' };
    const growing = { type: 'Sequence', normalizers: Array(20).fill(replace) };
    const normalizing = huggingface(changed('esm', { normalizer: growing }));
    expect(() => normalizing.encode('MMMM'.repeat(100))).toThrow('its steps cannot be meant so');
    const cutting = {
      type: 'Sequence',
      pretokenizers: Array(20).fill({ type: 'ByteLevel', use_regex: false }),
    };
    const doubling = huggingface(changed('gpt2', { pre_tokenizer: cutting }));
    expect(() => doubling.encode('é'.repeat(100))).toThrow('its steps cannot be meant so');
    const decoding = huggingface(
      changed('esm', { decoder: { type: 'Sequence', decoders: Array(20).fill(replace) } }),
    );
    expect(() => decoding.decode(Array(100).fill(20))).toThrow('its steps cannot be meant so');
    const nested = { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [] }] };
    expect(() => huggingface(changed('esm', { normalizer: nested }))).toThrow(
      'no sequence within a sequence',
    );
  });

  it('vocabularies made to be slow are not', () => {
    const list = Array.from({ length: 900 }, (_, i) => 'a'.repeat(i + 1));
    const vocab = Object.fromEntries(list.map((token, id) => [token, id]));
    const started = performance.now();
    const text = 'a'.repeat(20_000);
    const pieces = {
      type: 'WordPiece',
      vocab,
      unk_token: 'a',
      continuing_subword_prefix: '',
      max_input_chars_per_word: 100_000,
    };
    expect(huggingface({ model: pieces }).encode(text).length).toBe(Math.ceil(20_000 / 900));
    const added = list.map((content, i) => ({ id: 900 + i, content: `<${content}` }));
    expect(huggingface({ model: pieces, added_tokens: added }).encode('<a'.repeat(10_000)).length).toBe(
      10_000,
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('a letter without token, where the model has none for the unknown', () => {
    const file = model('esm', { unk_token: 'nothing' });
    expect(() => huggingface({ ...file, pre_tokenizer: split('.') }).encode('MK!')).toThrow(
      '"!" is none of the tokens',
    );
  });
});

describe('patterns', () => {
  const all = (source: string, text: string) =>
    [...text.matchAll(linearPattern(source, 'here'))].map(([found]) => found);

  it('that cannot take long mean what they mean elsewhere', () => {
    expect(all('[ACGT]{3}|[A-Z]', 'ACGNTTTA')).toEqual(['ACG', 'N', 'TTT', 'A']);
    expect(all('\\s+', 'a  b\u0085')).toEqual(['  ', '\u0085']);
    expect(all('\\w+|[^\\w\\s]+', 'né_1 -- x')).toEqual(['né_1', '--', 'x']);
    expect(all(' ?\\p{L}+', 'a bc')).toEqual(['a', ' bc']);
    expect(all('a\\.b|[\\]x-]{2,}', 'a.b]-x')).toEqual(['a.b', ']-x']);
    expect(all('.', 'a\nb')).toEqual(['a', 'b']);
    expect(all('\\d{1,2}', '12345')).toEqual(['12', '34', '5']);
  });

  it.each([
    '(a)',
    'a|',
    'a*b',
    'a?b?c',
    '^a',
    'a$',
    '\\1',
    '\\bx',
    '[[:alpha:]]',
    '[a',
    'a++',
    'a{999}',
    'a{,3}',
    '[]',
    '\\',
    '\\p{x=y}',
    '[z-a]',
  ])('that may, or are not understood, are refused: %s', (source) => {
    expect(() => linearPattern(source, 'here')).toThrow('here: the regular expression');
  });

  it('take no long time on long text', () => {
    const started = performance.now();
    for (const source of [' ?\\p{L}+', '[ab]{200,}', 'a{256}b', '\\s+'])
      for (const text of ['a'.repeat(20_000), ' '.repeat(20_000), 'ab'.repeat(10_000)]) all(source, text);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
