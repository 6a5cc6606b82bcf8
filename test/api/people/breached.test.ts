import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from './mailbox.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
/** Each line in a form that the lists have. The last one has a ligature, whose normal form is `fi`. */
const LISTED = {
  'a plain leaked text': 'a plain leaked text',
  'a hashed leaked text': sha1('a hashed leaked text').toUpperCase(),
  'a counted leaked text': `${sha1('a counted leaked text')}:1234`,
  'a very final leaked text': 'a very \uFB01nal leaked text',
  ' with spaces around ': ' with spaces around ',
};

describe.skipIf(elsewhere !== undefined)('a list of breached passwords', () => {
  const folder = mkdtempSync(join(tmpdir(), 'breached-'));
  const file = join(folder, 'list.txt');
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    writeFileSync(file, `${Object.values(LISTED).join('\r\n')}\n\n`);
    api = await harness({ GATEHOUSE_BREACHED_PASSWORDS: file });
    // The mailbox replaces the passwords by ones without the list.
    const { people } = api.app!.services;
    const { passwords } = people;
    box = mailbox(api);
    people.passwords.requireUncommon = (...given) => passwords.requireUncommon(...given);
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true });
  });

  const signUp = (password: string) =>
    api.post('/v1/auth/sign-up', { email: 'ada@example.com', password }, { token: null });
  const refused = {
    status: 422,
    body: { violations: [{ pointer: '/password', code: 'common-password' }] },
  };

  test.each(Object.keys(LISTED))('nobody signs up with %j', async (password) => {
    expect(await signUp(password)).toMatchObject(refused);
    // The list has these passwords, and none like them.
    expect((await signUp(password.toUpperCase())).status).toBe(202);
  });

  test('nobody changes or resets a password to one in the list', async () => {
    const email = 'grace@example.com';
    const token = await person(api, box, email);
    const change = (password: string) => api.post('/v1/auth/password', { current: PASSWORD, password }, { token });
    expect(await change('a hashed leaked text')).toMatchObject(refused);
    await api.post('/v1/auth/password/forgotten', { email }, { token: null });
    const code = await box.codeFor(email);
    const reset = (password: string) => api.post('/v1/auth/password/reset', { code, password }, { token: null });
    expect(await reset('a hashed leaked text')).toMatchObject(refused);
    expect((await change('a text that never leaked')).status).toBe(204);
  });

  test('that cannot be read stops the start', async () => {
    const missing = join(folder, 'missing.txt');
    await expect(harness({ GATEHOUSE_BREACHED_PASSWORDS: missing })).rejects.toThrow(
      `GATEHOUSE_BREACHED_PASSWORDS: cannot read ${missing}`,
    );
  });

  test('is never logged', () => {
    for (const text of Object.keys(LISTED)) expect(api.said().join('\n')).not.toContain(text);
  });
});
