const nothingInside = new Set(['meta', 'br', 'hr', 'link', 'img', 'input']);

/** A start tag as found in a page. */
export interface Tag {
  name: string;
  attributes: Record<string, string>;
}

/**
 * Reads markup strictly: every tag closed by its own kind in order, attributes quoted, no stray `<` or `&`.
 * Returns the start tags and the text between tags. Throws where the markup is not well-formed.
 */
export function readMarkup(markup: string): { tags: Tag[]; text: string } {
  const open: string[] = [];
  const tags: Tag[] = [];
  let text = '';
  const body = markup.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '<style></style>');
  const token = /<(\/?)([a-z0-9]+)((?:\s+[a-zA-Z][\w:-]*(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)/gy;
  while (token.lastIndex < body.length) {
    const from = token.lastIndex;
    const found = token.exec(body);
    if (!found) throw new Error(`not well-formed at ${from}: ${body.slice(from, from + 80)}`);
    const [, closing, name, attributes = '', selfClosing, between] = found;
    if (between !== undefined) text += entitiesOnly(between);
    else if (closing) {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}> before ${from}`);
    } else {
      tags.push({ name: name!, attributes: readAttributes(attributes) });
      if (!selfClosing && !nothingInside.has(name!)) open.push(name!);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  return { tags, text };
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z][\w:-]*)(?:="([^"]*)")?/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, entitiesOnly(value ?? '')]));
}

function entitiesOnly(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`stray & in ${text.slice(0, 80)}`);
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
