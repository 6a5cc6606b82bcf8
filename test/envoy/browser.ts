/** Runs pages in a real browser. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whether Chromium is installed. `test/debian-packages.ts` installs it in a container. */
export function hasBrowser(): boolean {
  try {
    execFileSync('chromium', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Loads a page and waits until the page has loaded and its virtual time is over.
 *
 * @param hosts names that the browser resolves to 127.0.0.1, by name, with the port
 * @returns the text of the element `result`
 */
export async function resultOf(url: string, hosts: Record<string, number>): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  try {
    const { stdout } = await promisify(execFile)(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--ignore-certificate-errors'],
        ...[`--user-data-dir=${profile}`, `--host-resolver-rules=${rules.join(',')}`],
        ...['--virtual-time-budget=10000', '--dump-dom', url],
      ],
      { timeout: 60_000, maxBuffer: 10_000_000 },
    );
    const text = /<pre id="result">([\s\S]*?)<\/pre>/.exec(stdout)?.[1];
    if (text === undefined) throw new Error(`the page has no result: ${stdout}`);
    return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
