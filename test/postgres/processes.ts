import { Process, until } from '../e2e/process.ts';

const OPERATOR = 'gh_operator_for_the_tests_only';

export interface ApiProcess {
  url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * One of several API processes on a database. It polls once a minute and its heartbeat is slower, so anything it learns
 * sooner came by notification.
 */
export async function startProcess(store: string, more: Record<string, string> = {}): Promise<ApiProcess> {
  const process = new Process('api/main.node.ts', {
    GATEHOUSE_STORE: store,
    GATEHOUSE_LISTEN: '127.0.0.1:0',
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    GATEHOUSE_SEALING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    GATEHOUSE_FEED_POLL: '60000',
    GATEHOUSE_HEARTBEAT: '600000',
    GATEHOUSE_RATE_LIMIT: '0',
    ...more,
  });
  process.start();
  const listening = () => {
    if (process.hasEnded) throw new Error(process.output);
    return /"url":"([^"]+)","msg":"listening"/.exec(process.output);
  };
  const [, url = ''] = await until('the API to listen', listening);
  let stopped = false;
  const stop = async (signal?: NodeJS.Signals) => {
    // One that fell is a failure of the test, whatever it was about.
    if (process.hasEnded && !stopped) throw new Error(`the API ended by itself:\n${process.output.slice(-4_000)}`);
    stopped = true;
    await process.stop(signal);
  };
  return { url, stop };
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is looked at is asserted
  body: any;
}

/** An agent that asks any of these, again and again, and goes on at its cursor. Answers the last revision it was told of each tenant. */
export async function follow(apis: () => readonly ApiProcess[], fleet: string, signal: AbortSignal) {
  const [first] = apis();
  const { token } = (await call(first!, 'POST', `/v1/fleets/${fleet}/tokens`, {})).body;
  const told: Record<string, number> = {};
  const headers = { authorization: `Bearer ${token}` };
  let cursor: number = (await call(first!, 'GET', `/v1/fleets/${fleet}`)).body.seq;
  const done = (async () => {
    while (!signal.aborted) {
      const any = apis()[Math.floor(Math.random() * apis().length)]!;
      const path = `/v1/fleets/${fleet}/feed?after=${cursor}&wait=2`;
      const answer = await call(any, 'GET', path, undefined, headers).catch(() => undefined);
      if (answer?.status !== 200) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      for (const { tenant, base, revision } of answer.body.events.slice(1)) {
        // Without a gap: each change begins where the one before ended, or with the whole.
        if (base > (told[tenant] ?? 0)) throw new Error(`${tenant}: ${base} after ${told[tenant]}`);
        told[tenant] = revision;
      }
      cursor = answer.body.cursor;
    }
  })();
  return { told, done };
}

export async function call(
  { url }: ApiProcess,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}
