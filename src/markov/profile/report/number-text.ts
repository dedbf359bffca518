/** A number as C's `%.2g` writes it, which tables of HMMER have: `3.8e-21`, `0.35`, `12`, `1.2e+02`. */
export function shortNumber(x: number): string {
  if (x === 0) return '0';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : Number.isNaN(x) ? 'nan' : '-inf';
  const [digits, power] = x.toExponential(1).split('e') as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 2) return String(Number(x.toFixed(Math.max(0, 1 - exponent))));
  const sign = exponent < 0 ? '-' : '+';
  return `${digits.replace(/\.0$/, '')}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A score with one decimal, never `-0.0`. */
export const scoreText = (x: number): string => x.toFixed(1).replace(/^-0\.0$/, '0.0');
