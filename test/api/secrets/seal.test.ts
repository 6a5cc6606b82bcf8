import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { Sealer } from '../../../api/secrets/seal.ts';

const good = () => `main:${randomBytes(32).toString('base64')}`;
const short = randomBytes(24).toString('base64');

it.each([
  ['without an id', (key: string) => key],
  ['in place of the id', (key: string) => `${key}:main`],
  ['of the wrong length', (key: string) => `main:${key}`],
  ['after an id that is not one', (key: string) => `my key:${key}`],
])('never quotes a key %s, and names the variable and the entry', async (_, entry) => {
  const error = await Sealer.from(`${good()},${entry(short)}`).then(
    () => new Error('taken'),
    (refused: Error) => refused,
  );
  expect(error.message).toContain('GATEHOUSE_SEALING_KEYS: entry 2 must be ID:KEY');
  for (let at = 0; at + 4 <= short.length; at++) expect(error.message).not.toContain(short.slice(at, at + 4));
});

it('accepts several keys with blanks around them', async () => {
  const sealer = await Sealer.from(`${good()} , old:${randomBytes(32).toString('base64')}`);
  expect(await sealer.openText(await sealer.sealText('text', 'context'), 'context')).toBe('text');
});

it('rejects two keys of one id, and names their positions', async () => {
  await expect(Sealer.from([good(), good().replace('main', 'old'), good()].join())).rejects.toThrow(
    'GATEHOUSE_SEALING_KEYS: the entries 1 and 3 have the same id',
  );
});
