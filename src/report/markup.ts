/** Text that is HTML or SVG already, as opposed to text that is still to be escaped. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, lists are joined, nothing is left out. */
export type Part = Markup | string | number | false | null | undefined | readonly Part[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text made safe for element content and for quoted attributes. Control characters, which HTML forbids and
 * which could reorder what is read (bidirectional overrides), become U+FFFD.
 * @example escapeHtml('a<b & "c"') // 'a&lt;b &amp; &quot;c&quot;'
 */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (c) => entities[c]!)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return Number.isFinite(part) ? String(part) : '–';
  if ('markup' in part) return part.markup;
  return part.map(render).join('');
}

/**
 * A template of HTML or SVG in which every inserted text is escaped, so that safety does not depend on memory.
 * @example html`<td>${'a<b'}</td>`.markup // '<td>a&lt;b</td>'
 */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Markup => ({
  markup: strings.reduce((all, text, i) => all + render(parts[i - 1]) + text),
});

/** Vouches for a string as finished markup; for what this program made itself, never for what users wrote. */
export const trusted = (markup: string): Markup => ({ markup });
