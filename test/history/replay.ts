import type { Revision } from '../../api/store/revisions.ts';
import type { Store } from '../../api/store/store.ts';
import { resourceName } from '../../model/violations.ts';
import { type Acknowledged, canonical, type Workload } from './workload.ts';

/** `upstreams/web` → its spec, as canonical JSON. */
type Content = ReadonlyMap<string, string>;
type Fault = (problem: string) => void;

/**
 * Replays a tenant's history in memory and compares every revision with it: each is the one before with its own
 * changes, puts only what a writer sent, refers to nothing that it lacks, and holds what was acknowledged as it.
 *
 * @returns what is wrong, a line each
 */
export async function replay(store: Store, tenant: string, workload: Workload): Promise<string[]> {
  const wrong: string[] = [];
  const ofTenant = workload.acknowledged.filter((made) => made.tenant === tenant);
  const acknowledged = Map.groupBy(ofTenant, ({ revision }) => revision);
  const head = (await store.tenants.find(tenant))!.revision;
  const history: Content[] = [new Map()];
  for (let number = 1; number <= head; number++) {
    const fault = (problem: string) => wrong.push(`${tenant}@${number}: ${problem}`);
    const resources = await store.configuration.resources(tenant, number);
    const content = new Map(resources.map(({ kind, name, spec }) => [resourceName(kind, name), canonical(spec)]));
    history.push(content);
    const revision = await store.revisions.find(tenant, number);
    if (!revision) {
      fault('it is not there');
      continue;
    }
    if (revision.parent !== number - 1) fault(`its parent is ${revision.parent}`);
    const expected = expectedOf(revision, history, content, workload, fault);
    if (text(expected) !== text(content)) fault(`it holds ${text(content)}, where its changes make ${text(expected)}`);
    for (const lack of dangling(content)) fault(`it refers to ${lack}, which is not there`);
    for (const made of acknowledged.get(number) ?? []) hold(made, revision, content, fault);
  }
  for (const number of acknowledged.keys())
    if (number > head) wrong.push(`${tenant}@${number}: it was acknowledged, and is not there`);
  return wrong;
}

const text = (content: Content): string => JSON.stringify([...content].toSorted(([a], [b]) => (a < b ? -1 : 1)));

function expectedOf(
  { tenant, number, changes, restores }: Revision,
  history: readonly Content[],
  content: Content,
  workload: Workload,
  fault: Fault,
): Content {
  if (restores !== undefined) return history[restores] ?? new Map();
  const expected = new Map(history[number - 1]);
  for (const { verb, kind, name } of changes) {
    const id = resourceName(kind, name);
    const spec = content.get(id);
    if (verb === 'delete') {
      if (!expected.delete(id)) fault(`it deletes ${id}, which its parent does not have`);
    } else if (spec === undefined) fault(`it puts ${id}, and does not have it`);
    else {
      // The result of a merge patch depends on the version it was applied to.
      if (!workload.patched.has(id) && !workload.sent.get(`${tenant}/${id}`)?.has(spec))
        fault(`it puts ${id} as nobody sent it: ${spec}`);
      expected.set(id, spec);
    }
  }
  return expected;
}

/** Every write acknowledged with this revision is in it. */
function hold({ write }: Acknowledged, { changes }: Revision, content: Content, fault: Fault): void {
  const changed = new Set(changes.map(({ verb, kind, name }) => `${verb} ${resourceName(kind, name)}`));
  for (const [id, spec] of Object.entries(write.puts ?? {}))
    if (content.get(id) !== canonical(spec))
      fault(`${write.what} was acknowledged as it, but ${id} is ${content.get(id)}`);
  for (const id of write.deletes ?? [])
    if (content.has(id) || !changed.has(`delete ${id}`))
      fault(`${write.what} was acknowledged as it, but ${id} is there`);
  for (const [id, patch] of Object.entries(write.patches ?? {}))
    for (const [label, value] of Object.entries(patch.labels))
      if (!content.get(id)?.includes(`"${label}":"${value}"`))
        fault(`${write.what} was acknowledged as it, but is not in it`);
}

/** References of routes to resources the content lacks. */
function dangling(content: Content): string[] {
  const routes = [...content].filter(([id]) => id.startsWith('routes/'));
  return routes.flatMap(([, json]) => {
    const { gateways, http } = JSON.parse(json) as {
      gateways: string[];
      http: { route?: { destination: { upstream: string } }[] }[];
    };
    const named = [
      ...gateways.map((name) => `gateways/${name}`),
      ...http.flatMap(({ route = [] }) => route.map(({ destination }) => `upstreams/${destination.upstream}`)),
    ];
    return named.filter((id) => !content.has(id));
  });
}
