import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { harness } from '../harness.ts';
import { mailbox } from './mailbox.ts';

const page = elsewhere ? '' : readFileSync('docs/tasks/sign-in.md', 'utf8');
const requests = [...page.matchAll(/```http\nPOST (\S+)\n(?:(\{.*\})\n)?```/g)];

test.skipIf(elsewhere !== undefined)('the requests on the page about signing in work one after the other', async () => {
  expect(requests).toHaveLength(11);
  const api = await harness();
  try {
    const box = mailbox(api);
    let token: string | null = null;
    let email = 'ada@example.com';
    for (const [, path, text] of requests) {
      const body = text && JSON.parse(text);
      if (body?.code === 'CODE') body.code = await box.codeFor(email);
      if (path === '/v1/auth/email') {
        const answer = await api.post('/v1/auth/sign-in', { ...body, email, credential: 'bearer' }, { token: null });
        token = answer.body.token;
      }
      const answer = await api.post(path!, body, { token });
      expect([path, answer.status < 300 || answer.body]).toEqual([path, true]);
      token = answer.body.token ?? token;
      email = body?.email ?? email;
    }
  } finally {
    await api.close();
  }
});
