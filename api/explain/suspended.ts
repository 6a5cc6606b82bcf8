import { Configuration, type Resource } from '../../model/configuration.ts';
import type { Explanation } from '../../model/explain/explain.ts';
import { kindIds } from '../../model/kinds/index.ts';
import { suspended } from '../../model/suspended.ts';
import { parseReference } from '../../model/values/reference.ts';
import type { Heads } from '../publishing/heads/heads.ts';

/** Makes the configuration that fleets serve while the tenant is suspended or deleted. */
export function suspendedConfiguration(configuration: Configuration): Configuration {
  const resources = kindIds.flatMap((kind) =>
    [...configuration.entries(kind)].map(([name, spec]): Resource => {
      const info = configuration.info(kind, name);
      // The kind, the spec and the info are those of one resource.
      return { kind, name, spec, ...(info && { info }) } as Resource;
    }),
  );
  return Configuration.of(suspended(resources));
}

/**
 * Makes the explanation of a request to a tenant that is suspended or deleted.
 *
 * @param explanation what happens to the request under the `suspendedConfiguration`
 * @param reason why the tenant is not served
 */
export function whileSuspended(explanation: Explanation, reason: string): Explanation {
  if (explanation.outcome === 'matched') return unavailable(explanation, `${reason}, so the edge answers 503`);
  return { ...explanation, why: `${reason}; ${explanation.why}` };
}

/**
 * Corrects the explanation of a request that a rule serves which another tenant has, or delegates: that tenant may be
 * suspended or deleted.
 */
export async function withOthersSuspended(
  heads: Heads,
  tenant: string,
  explanation: Explanation,
): Promise<Explanation> {
  if (explanation.outcome !== 'matched') return explanation;
  const { route, via = [] } = explanation.rule;
  const names = new Set([route, ...via.map((each) => each.route)].map((name) => parseReference(name).tenant));
  for (const name of names) {
    if (name === undefined || name === tenant || !(await heads.look(name)).head.isClosed) continue;
    return unavailable(explanation, `the tenant ${name} is not served at the moment, so the edge answers 503`);
  }
  return explanation;
}

/** Replaces the rule of an explanation by the answer 503. */
function unavailable(explanation: Extract<Explanation, { outcome: 'matched' }>, why: string): Explanation {
  const { rule: _, effect, cors: __, ...rest } = explanation;
  const answer = 'destinations' in effect ? { status: 503 } : effect;
  return { ...rest, outcome: 'rejected', status: 503, answer, why };
}
