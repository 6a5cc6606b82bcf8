/** Decides conditions on the port and the gateway. They do not depend on the request, only on the scope that serves it. */
import type { Scope } from '../binding/scope.ts';
import { gatewaysAdmitting, type ServerPlace } from '../binding/server-hosts.ts';
import type { Match } from '../route/match.ts';
import { pointer } from '../values/pointer.ts';
import { enumerate } from '../values/quote.ts';
import type { Mismatch } from './mismatch.ts';

/**
 * Whether a condition can match requests of a scope.
 *
 * @param bound the server through which the route of the condition is bound
 * @returns the server through which the condition applies: `bound`, or the one of the first gateway by name that the
 *   condition names and that admits the scope; or the field that does not match
 */
export function placementOf(
  { port, gateways }: Match,
  scope: Pick<Scope, 'port' | 'admission'>,
  bound: ServerPlace,
): { through: ServerPlace } | { misplaced: Mismatch } {
  if (port !== undefined && port !== scope.port)
    return misplaced('port', `the port ${scope.port} does not match`, `exactly ${port}`);
  if (!gateways) return { through: bound };
  const { servers } = scope.admission;
  const first = gateways.filter((gateway) => servers.has(gateway)).sort()[0];
  if (first !== undefined) return { through: servers.get(first)! };
  const admitting = enumerate(gatewaysAdmitting(scope.admission));
  return misplaced('gateways', `the gateway ${admitting} admits the request`, enumerate(gateways));
}

const misplaced = (field: string, why: string, expected: string): { misplaced: Mismatch } => ({
  misplaced: { field: pointer([field]), why, expected },
});
