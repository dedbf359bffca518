import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarkup } from './markup.fixture.ts';
import { escapeHtml, html, trusted } from './markup.ts';

/** Text out of the letters that matter to HTML. */
const hostile = fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '/', '=', 'a', ' ', ';', '#') });

describe('html', () => {
  it('lets any text come back as it was, in content and in attributes, and nothing else', () => {
    fc.assert(
      fc.property(hostile, hostile, (content, attribute) => {
        const { tags, text } = readMarkup(html`<p title="${attribute}">${content}</p>`.markup);
        expect(tags).toEqual([{ name: 'p', attributes: { title: attribute } }]);
        expect(text).toBe(content);
      }),
    );
  });

  it('joins lists, skips nothings, and writes a dash for a number that is none', () => {
    const items = ['a', 'b'].map((x) => html`<i>${x}</i>`);
    expect(html`${items}${null}${false}${undefined}${Number.NaN} ${0}`.markup).toBe('<i>a</i><i>b</i>– 0');
  });

  it('inserts vouched-for markup as it is', () => {
    expect(html`<b>${trusted('<i></i>')}</b>`.markup).toBe('<b><i></i></b>');
  });

  it('replaces control and direction characters', () => {
    expect(escapeHtml('a\u0000b\u202ec\td')).toBe('a\ufffdb\ufffdc\td');
  });
});
