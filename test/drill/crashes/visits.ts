import type { Backend } from '../../e2e/backend.ts';
import { http } from '../../e2e/edge.ts';
import type { World } from './world.ts';

/**
 * Requests a tenant's host repeatedly until `done` is aborted. While Envoy is up, the tenant's own application must
 * respond.
 *
 * @returns the number of visits
 */
export async function visit({ stack, envoy }: World, host: string, app: Backend, faults: string[], done: AbortSignal) {
  let visits = 0;
  while (!done.aborted) {
    const { isUp, since } = envoy;
    const fault = await http({ port: stack.httpPort, host }).then(
      ({ status, body }) => {
        if (status !== 200) return `${status} ${body.slice(0, 100)}`;
        const { name } = JSON.parse(body) as { name: string };
        return name === app.name ? undefined : `the answer of ${name}`;
      },
      (error: Error) => error.message,
    );
    visits++;
    // A response of another tenant is always a fault. A missing response is one only if Envoy was up during the whole
    // visit.
    const excused = !isUp || !envoy.isUp || envoy.since !== since;
    if (fault !== undefined && (!excused || fault.startsWith('the answer of'))) faults.push(`GET ${host}: ${fault}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return visits;
}
