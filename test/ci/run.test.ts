import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-ci-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number | string | null;
  said: string;
}

const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<Ended>((resolve) => {
    execFile(command, args, { cwd: ROOT, env: { ...process.env, ...env } }, (error, said) =>
      resolve({ code: error?.code ?? 0, said }),
    );
  });

/** Every project of vitest.config.ts with its global setup, and one test in each. */
async function vitest(file: string): Promise<Ended & { report: string }> {
  const report = join(folder, `${file}.json`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/ci/fixture/vitest.config.ts'];
  return { ...(await run(process.execPath, args, { TEST_FILE: file, REPORT_FILE: report })), report };
}

/** Output and exit code of `.ci/run`. */
const count = (report: string, status: number) => run(process.execPath, ['.ci/count.mjs', report, String(status)]);

test('a failing test fails the run, in all projects together', async () => {
  const { code, report } = await vitest('fails.ts');
  expect(code).toBe(1);
  expect(await count(report, 0)).toEqual({ code: 1, said: expect.stringMatching(/^0 passed, [1-9]\d* failed\n$/) });
});

test('a run whose tests pass passes', async () => {
  const { code, report } = await vitest('passes.ts');
  expect(code).toBe(0);
  expect(await count(report, 0)).toEqual({ code: 0, said: expect.stringMatching(/^[1-9]\d* passed, 0 failed\n$/) });
});

describe('the count alone fails a run', () => {
  const passed = { status: 'passed' };
  const suite = (status: string, ...assertionResults: object[]) => ({ status, assertionResults });
  const report = (passed: number, failed: number, ...testResults: object[]) =>
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults });

  test.for([
    [
      'a failure that the exit code hides',
      report(3, 1, suite('failed', passed, { status: 'failed' })),
      0,
      '3 passed, 1 failed',
    ],
    [
      'a suite that could not be loaded',
      report(3, 0, suite('passed', passed), suite('failed')),
      0,
      '3 passed, 1 failed',
    ],
    ['a suite whose hook failed after its tests', report(1, 0, suite('failed', passed)), 0, '1 passed, 1 failed'],
    ['a run that failed without a failed test', report(3, 0, suite('passed', passed)), 1, '3 passed, 1 failed'],
    ['no tests', report(0, 0), 0, '0 passed, 1 failed'],
    ['an empty report', '', 0, '0 passed, 1 failed'],
    ['half a report', '{"numPassedTests": 3', 0, '0 passed, 1 failed'],
  ] as const)('%s', async ([, text, status, said]) => {
    const file = join(folder, 'report.json');
    writeFileSync(file, text);
    expect(await count(file, status)).toEqual({ code: 1, said: `${said}\n` });
  });

  test('a missing report', async () => {
    expect(await count(join(folder, 'none.json'), 0)).toEqual({ code: 1, said: '0 passed, 1 failed\n' });
  });
});
