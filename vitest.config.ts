import { defineConfig } from 'vitest/config';

/** Tests that replace modules. */
const mocking = ['src/decode/ahead.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/unit/**/*.test.ts'],
          exclude: mocking,
          testTimeout: 60_000,
          // Files share what they import, which takes a third of the time off; those that replace modules are apart.
          isolate: false,
        },
      },
      { test: { name: 'unit-apart', include: mocking, testTimeout: 60_000 } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'slow',
          include: [
            ...['test/slow/**/*.test.ts', 'src/recipes/*.test.ts'],
            ...['memory', 'motif-hmm', 'recipes', 'scan', 'subgroups'].map(
              (name) => `test/e2e/${name}.test.ts`,
            ),
          ],
          testTimeout: 7_200_000,
          // See src/recipes/slow.fixture.ts.
          env: { SEQWRIGHT_SLOW: '1' },
        },
      },
    ],
    maxWorkers: 2,
  },
});
