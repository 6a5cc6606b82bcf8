import type { Schemas } from '../../openapi/client.ts';
import type { Definition } from '../command.ts';
import type { ExitCode } from '../exit.ts';
import { whole } from '../options.ts';
import type { Remote } from '../remote/client.ts';

interface Options {
  revision?: number;
  /** Seconds. */
  wait?: number;
}

type Status = Schemas['RevisionStatus'];

const POLL_MS = 250;

export const status: Definition<Options> = {
  path: 'status',
  description: 'Show whether a revision of a tenant is live, for each fleet and node',
  define: (command) => {
    command
      .argument('<tenant>', 'name of the tenant')
      .option('--revision <number>', 'revision to show; default the latest', whole)
      .option('--wait <seconds>', 'wait until the revision is live, rejected or unserved', whole)
      .addHelpText(
        'after',
        [
          '\nWith --wait, exits with 1 when the revision is rejected or no fleet serves it, and with 3 when it is not live in',
          'time. It also exits with 1 when it could not ask. With --json, a rejected revision has the field `state`, and a',
          'failure to ask has the field `error` with `message` and `details`.',
        ].join('\n'),
      );
  },
  call: async (remote, { args: [tenant = ''], options }) => {
    const { accepted } = await import('../remote/client.ts');
    const path = { tenant };
    const revision = options.revision ?? (await latest(remote, tenant));
    const read = async (): Promise<Status> => {
      const params = { path: { ...path, revision } };
      return accepted(
        `Reading the status of revision ${revision} of ${tenant}`,
        await remote.GET('/v1/tenants/{tenant}/revisions/{revision}/status', { params }),
      );
    };
    const found = await settled(read, options.wait ?? 0);
    const answer = { text: await textOf(tenant, found), json: found };
    const exit = options.wait ? exitOf(found) : 0;
    if (exit === 0) return answer;
    return {
      ...answer,
      exit,
      why: `Revision ${revision} of ${tenant} ${whyNotLive(found)}.`,
    };
  },
};

async function latest(remote: Remote, tenant: string): Promise<number> {
  const { accepted } = await import('../remote/client.ts');
  const { Failure } = await import('../process/failure.ts');
  const reply = await remote.GET('/v1/tenants/{tenant}', { params: { path: { tenant } } });
  const { revision } = accepted(`Reading the tenant ${tenant}`, reply);
  if (revision === 0) throw new Failure(`The tenant ${tenant} has no revision yet: nothing was published.`);
  return revision;
}

const isOpen = ({ state }: Status): boolean => state === 'pending' || state === 'acked';

async function settled(read: () => Promise<Status>, seconds: number): Promise<Status> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await read();
    if (!isOpen(found) || Date.now() >= deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A later revision has replaced the changes of a `superseded` one, so nothing is wrong with it. */
function exitOf(found: Status): ExitCode {
  if (isOpen(found)) return 3;
  return found.state === 'rejected' || found.state === 'unserved' ? 1 : 0;
}

/** Completes the sentence `Revision 3 of acme …` for a revision that is not live. */
function whyNotLive({ state }: Status): string {
  if (state === 'rejected') return 'is rejected';
  return state === 'unserved' ? 'is not live: no fleet serves a resource that it changed' : 'is not live in time';
}

async function textOf(
  tenant: string,
  { revision, state, suspension, fleets, stillRejected, ...reasons }: Status,
): Promise<string> {
  const { table } = await import('../terminal/table.ts');
  const nodes = fleets.flatMap(({ fleet, nodes }) => nodes.map((node) => ({ fleet, ...node })));
  const rejections = [
    ...nodes.flatMap(({ fleet, node, rejections }) => rejections.map((one) => ({ ...one, fleet, node, revision }))),
    ...stillRejected,
  ];
  const rows = nodes.map((node) => [node.fleet, node.node, node.state, node.connected ? 'yes' : 'no', node.agent]);
  return [
    `${tenant}: revision ${revision} is ${state}`,
    ...(suspension === undefined ? [] : [`Its hosts answer 503: ${indented(suspension)}`]),
    ...(rows.length > 0 ? ['', table(['fleet', 'node', 'state', 'connected', 'agent'], rows)] : []),
    ...fleets.flatMap(({ fleet, reason }) => (reason === undefined ? [] : [`\nfleet ${fleet}: ${reason}`])),
    ...rejections.map(
      (one) => `\n${indented(`${one.resource}${one.path}: rejected by ${one.node} of ${one.fleet}: ${one.message}`)}`,
    ),
    ...unserved(reasons).map((line) => `\n${indented(line)}`),
  ].join('\n');
}

/** Indents all lines but the first one, so that no line of Envoy's words looks like one of the command. */
const indented = (text: string): string => text.replaceAll('\n', '\n  ');

/** One line per resource, or part of one, that is not served although nothing rejected it. */
function unserved({ gateways, routes, upstreams }: Pick<Status, 'gateways' | 'routes' | 'upstreams'>): string[] {
  const line = (where: string, reason?: string) => (reason === undefined ? [] : [`${where}: ${reason}`]);
  return [
    ...gateways.flatMap(({ name, reason, unserved = [] }) => [
      ...line(`gateway ${name}`, reason),
      ...unserved.flatMap(({ path, reason }) => line(`gateway ${name}${path}`, reason)),
    ]),
    ...routes.flatMap(({ name, mesh }) => line(`route ${name}, mesh`, mesh?.reason)),
    ...routes.flatMap(({ name, hosts }) =>
      hosts.flatMap(({ host, reason, unbound = [] }) => [
        ...line(`route ${name}, host ${host}`, reason),
        ...unbound.flatMap((each) => line(`route ${name}, host ${host}, gateway ${each.gateway}`, each.reason)),
      ]),
    ),
    ...upstreams.flatMap(({ name, unserved }) =>
      unserved.flatMap(({ path, fleet, reason }) => line(`upstream ${name}${path}, fleet ${fleet}`, reason)),
    ),
  ];
}
