/**
 * Sends requests while a configuration changes, one kind of change after the other, and counts those that fail. CI runs
 * it with few requests; `npm run drill -- change` runs it with 20,000 per kind.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { simple, upstream } from './configuration.ts';
import { freePort, Stack } from './stack.ts';

/** Half of the connections are reused, so that open connections and new ones meet each change. */
const WORKERS = 16;
const HOST = 'busy.test';
const TENANT = 'busy';

interface Outcome {
  kind: string;
  requests: number;
  /** How many changes became live meanwhile. */
  changes: number;
  /** What failed, and how often. Empty when every request got a 200. */
  failures: Record<string, number>;
}

/** A kind of change: makes the change number `turn`, and returns when it is live. */
type Change = (turn: number) => Promise<unknown>;

/** @param requests the smallest number of requests per kind of change */
export async function changeUnderLoad(
  requests: number,
  report: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const [stack, authority, one, two] = await Promise.all([
    Stack.start(),
    Authority.create(),
    Backend.start('one'),
    Backend.start('two'),
  ]);
  try {
    const all = { ...simple(HOST, one, { https: 'cert' }), certificates: { cert: await authority.issue(HOST) } };
    await stack.createTenant(TENANT);
    await stack.publish(TENANT, 'configuration', all);
    // A host of the same tenant whose settings change beside it.
    const [http, https] = all.gateways.web.servers;
    const beside = (settings: object) => ({
      ...all.gateways.web,
      servers: [
        http,
        https,
        { port: { number: 443, name: 'beside', protocol: 'HTTPS' }, hosts: ['beside.test'], tls: settings },
      ],
    });
    await stack.publish(TENANT, 'certificates/beside', await authority.issue('beside.test'));
    const versions = ['TLSV1_2', 'TLSV1_3'];
    const more = await Promise.all([freePort(), freePort()]);
    const ports = [
      { number: 80, bind: stack.httpPort, protocol: 'HTTP' },
      { number: 443, bind: stack.httpsPort, protocol: 'HTTPS' },
    ];
    const kinds: Record<string, Change> = {
      route: (turn) =>
        stack.publish(TENANT, 'routes/app', {
          ...all.routes.app,
          http: [{ match: [{ uri: { exact: `/${turn}` } }], directResponse: { status: 418 } }, ...all.routes.app.http],
        }),
      'upstream swap': (turn) => {
        const to = `app-${turn}`;
        const route = { ...all.routes.app, http: [{ route: [{ destination: { upstream: to } }] }] };
        const last = turn === 0 ? 'app' : `app-${turn - 1}`;
        return stack.publish(
          TENANT,
          'revisions',
          {
            puts: [
              { kind: 'upstream', name: to, spec: upstream(turn % 2 === 0 ? two : one) },
              { kind: 'route', name: 'app', spec: route },
            ],
            deletes: [{ kind: 'upstream', name: last }],
          },
          'POST',
        );
      },
      certificate: async () => stack.publish(TENANT, 'certificates/cert', await authority.issue(HOST)),
      'TLS profile': (turn) =>
        stack.publish(
          TENANT,
          'gateways/web',
          beside({ mode: 'SIMPLE', credentialName: 'beside', minProtocolVersion: versions[turn % 2] }),
        ),
      'listener port': async (turn) => {
        const added =
          turn % 2 === 0 ? [{ number: 8080 + (turn % 4), bind: more[turn % 4 === 0 ? 0 : 1], protocol: 'HTTP' }] : [];
        const body = { ports: [...ports, ...added] };
        const reply = await stack.call(`/fleets/${stack.fleet}`, {
          method: 'PATCH',
          body,
          headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*', prefer: 'wait=60' },
        });
        if (reply.status !== 200) throw new Error(`the ports: ${reply.status} ${JSON.stringify(reply.body)}`);
      },
    };
    const outcomes: Outcome[] = [];
    for (const [kind, change] of Object.entries(kinds)) {
      const outcome = await underLoad(kind, change, requests, stack, authority);
      report(outcome);
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    await Promise.all([stack.stop(), one.stop(), two.stop()]);
  }
}

async function underLoad(
  kind: string,
  change: Change,
  requests: number,
  { httpPort, httpsPort }: Stack,
  { pem: ca }: Authority,
): Promise<Outcome> {
  const failures = new Map<string, number>();
  let sent = 0;
  let isDone = false;
  const worker = async (index: number) => {
    const keepAlive = index % 4 < 2;
    const agent =
      index % 2 === 0
        ? new HttpAgent({ keepAlive, maxSockets: 1 })
        : new HttpsAgent({ keepAlive, maxSockets: 1, ca, maxCachedSessions: 0 });
    while (!isDone) {
      sent++;
      const failure = await failureOf(agent, index % 2 === 0 ? httpPort : httpsPort).catch(
        (error: Error) => error.message,
      );
      if (failure !== undefined) failures.set(failure, (failures.get(failure) ?? 0) + 1);
    }
    agent.destroy();
  };
  const workers = Array.from({ length: WORKERS }, (_, index) => worker(index));
  let changes = 0;
  try {
    while (sent < requests) await change(changes++);
  } finally {
    isDone = true;
    await Promise.all(workers);
  }
  return { kind, requests: sent, changes, failures: Object.fromEntries(failures) };
}

/** Sends one request. @returns undefined for a 200, otherwise the status and the text, which names Envoy's reason */
function failureOf(agent: HttpAgent | HttpsAgent, port: number): Promise<string | undefined> {
  const send = agent instanceof HttpsAgent ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      { host: '127.0.0.1', port, agent, servername: HOST, headers: { host: HOST } } as object,
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? undefined : `${response.statusCode} ${text}`));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
}
