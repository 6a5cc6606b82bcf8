import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../../e2e/process.ts';
import { damage, newDatabase } from '../../keeping/database.ts';
import { type ApiProcess, call, startProcess } from '../../postgres/processes.ts';
import { elsewhere } from '../engine.ts';
import { mailServer } from './receivers.ts';

let api: ApiProcess;
afterEach(() => api?.stop());

const messageId = (data: string) => /^Message-ID: (.+)\r$/m.exec(data)?.[1];

describe.skipIf(elsewhere !== undefined)('after kill -9 in the middle of sending', () => {
  test('every message that a change queued arrives, and a second copy has the id of the first', async () => {
    let isHeld = true;
    const begun = new Map<string, string>();
    const server = await mailServer({
      onData(stream, { envelope }, done) {
        let data = '';
        stream.on('data', (chunk) => (data += chunk));
        stream.on('end', () => {
          const to = envelope.rcptTo[0]!.address;
          // The message is here, but the sender does not learn it.
          if (isHeld) begun.set(to, messageId(data)!);
          else server.received.push({ from: '', to: [to], data });
          if (!isHeld) done();
        });
      },
    });
    onTestFinished(() => server.close());
    const mail = { GATEHOUSE_MAIL: `smtp://127.0.0.1:${server.port}`, GATEHOUSE_MAIL_INTERVAL: '50' };
    const store = await newDatabase();
    api = await startProcess(store, mail);
    const people = Array.from({ length: 5 }, (_, n) => `p${n}@example.com`);
    const signUp = (email: string) =>
      call(api, 'POST', '/v1/auth/sign-up', { email, password: 'correct horse battery' }).catch(() => undefined);
    const answers = Promise.all(people.map(signUp));
    await until('a message to be under way', () => begun.size > 0);
    await api.stop('SIGKILL');
    const statuses = (await answers).map((answer) => answer?.status);

    isHeld = false;
    // As if the two minutes had passed after which another process may send the messages.
    await damage(store, 'update mail set due_at = 0', "delete from job where name = 'send-mail'");
    api = await startProcess(store, mail);
    const expected = people.filter((_, n) => statuses[n] === 202);
    expect(expected.length).toBeGreaterThan(0);
    const arrived = () => server.received.map(({ to }) => to[0]!);
    await until('all messages', () => expected.every((email) => arrived().includes(email)));
    for (const [to, id] of begun)
      expect(messageId(server.received.find((each) => each.to[0] === to)!.data), to).toBe(id);
  });
});
