import { expect, it, vi } from 'vitest';
import { consoleLog } from '../../api/workers/log.ts';

it('the log cannot control the terminal that shows it, and keeps what was said', () => {
  const written = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const said = 'line one\nline two \u001b[2J \u009b2J \u007f \u202e';
  consoleLog('info').warn({ server: 'mail\u009b', err: new Error(said) }, said);
  const [[line]] = written.mock.calls as [[string]];
  written.mockRestore();
  expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(JSON.parse(line)).toMatchObject({ server: 'mail\u009b', msg: said, err: { message: said } });
});
