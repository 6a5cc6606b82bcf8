import { expect, it } from 'vitest';
import { createLog } from '../../dataplane/log.ts';

it('the log cannot control the terminal that shows it, and keeps what Envoy said', () => {
  const written: string[] = [];
  const said = 'line one\nline two \u001b[2J \u009b2J \u007f \u202e';
  createLog('info', 'agent', { write: (line) => void written.push(line) }).warn({ node: 'edge\u009b' }, said);
  expect(written.join('')).not.toMatch(/(?!\n$)[\p{Cc}\u202e]/u);
  expect(JSON.parse(written.join(''))).toMatchObject({ node: 'edge\u009b', msg: said });
});
