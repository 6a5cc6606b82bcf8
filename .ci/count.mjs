// usage: count.mjs REPORT STATUS
// Prints `N passed, N failed` for a JSON report of vitest and the exit code of the run that wrote it. Exits with 1 unless tests ran and all
// passed: the count is believed over the code, and the code over the count.
import { readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
const { passed, failed } = count(path);
const failures = failed === 0 && (status !== '0' || passed === 0) ? 1 : failed;
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;

/** A suite that failed without a failed test of its own (it could not be loaded, or a hook failed) counts as one. */
function count(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const suites = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests + suites.length };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
