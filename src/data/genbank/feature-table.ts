import { dataError } from '../../core/errors.ts';
import type { AnnotatedFeature } from './genbank.ts';
import { parseLocation } from './location.ts';

interface OpenFeature {
  type: string;
  location: string;
  qualifiers: Record<string, string[]>;
  line: number;
}

/** Gathers the lines of a feature table, without their first five columns: key, location, qualifiers. */
export function featureTable() {
  const features: OpenFeature[] = [];
  let open: OpenFeature | undefined;
  let quoted: { key: string; parts: string[] } | undefined;

  const close = () => {
    if (!quoted || !open) return;
    const { key, parts } = quoted;
    // Residues and locations are broken anywhere, text between words.
    const text = parts.join(/^(translation|anticodon|transl_except)$/.test(key) ? '' : ' ');
    (open.qualifiers[key] ??= []).push(text.replaceAll('""', '"'));
    quoted = undefined;
  };
  const qualifier = (text: string) => {
    const [, key, , value = ''] = /^\/([^=\s]+)(=(.*))?$/s.exec(text) ?? [];
    if (key === undefined) return;
    quoted = { key, parts: [] };
    if (value.startsWith('"')) quotedPart(value.slice(1));
    else {
      quoted.parts.push(value);
      close();
    }
  };
  const quotedPart = (text: string) => {
    const ends = /(?:^|[^"])(?:"")*"$/.test(text);
    quoted!.parts.push(ends ? text.slice(0, -1) : text);
    if (ends) close();
  };

  return {
    line(text: string, line: number) {
      const key = text.slice(0, 15).trim();
      const rest = text.slice(16).trim();
      if (quoted && key === '') quotedPart(rest);
      else if (key !== '' && !text.startsWith(' ')) {
        close();
        open = { type: key, location: rest.replace(/\s+/g, ''), qualifiers: Object.create(null), line };
        features.push(open);
      } else if (!open || rest === '') return;
      else if (rest.startsWith('/')) qualifier(rest);
      else if (Object.keys(open.qualifiers).length === 0) open.location += rest.replace(/\s+/g, '');
    },
    /** The features, their locations read. */
    end({
      file,
      ...record
    }: {
      chrom: string;
      file: string;
      circular: boolean;
      length?: number;
    }): AnnotatedFeature[] {
      if (quoted && open)
        throw dataError(
          `${file}:${open.line}: qualifier "${quoted.key}" of ${open.type} of record "${record.chrom}" opens with a quote that is never closed.`,
        );
      return features.map(({ type, location, qualifiers, line }) => {
        const place = `${file}:${line}: ${type} of record "${record.chrom}"`;
        return { type, ...parseLocation(location, { ...record, place }), qualifiers, line };
      });
    },
  };
}
