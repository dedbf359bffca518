import { type FilterScores, plainScores } from './filters.ts';
import type { SearchProfile } from './search-profile.ts';

/** The filter scores. */
export function fastScores(profile: SearchProfile): FilterScores {
  return plainScores(profile);
}
