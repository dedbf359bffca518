import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/unit/**/*.test.ts'], testTimeout: 60_000 },
      },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts', 'src/recipes/*.test.ts'],
          testTimeout: 7_200_000,
          // See src/recipes/slow.fixture.ts.
          env: { SEQWRIGHT_SLOW: '1' },
        },
      },
    ],
    maxWorkers: 2,
  },
});
