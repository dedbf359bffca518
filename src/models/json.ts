/**
 * The first key that an object of a JSON text holds twice, at any depth, or undefined. `JSON.parse` keeps the last of
 * them in silence, where other readers keep the first: a file that says two things must not be read as saying one.
 * The text must be valid JSON.
 * @example repeatedKey('{"a": 1, "b": 2, "a": 3}') // 'a'
 */
export function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{') open.push(new Set());
    else if (c === '[') open.push(undefined);
    else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const end = stringEnd(text, i);
      const after = nextLetter(text, end);
      const keys = open.at(-1);
      if (keys && text[after] === ':') {
        const key: string = JSON.parse(text.slice(i, end));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** Where the string that starts at `from` ends, its closing quote included. */
function stringEnd(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

function nextLetter(text: string, from: number): number {
  let i = from;
  while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++;
  return i;
}

/**
 * A value of a file as it may stand in a message: one line, at most 80 letters, and nothing in it that a terminal
 * would obey.
 * @example shown('a\nb') // '"a\\nb"'
 */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'nothing').replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
