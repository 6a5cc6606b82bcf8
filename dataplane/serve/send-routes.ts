import { isObserved, passed } from '../../wire/milestones.ts';
import type { TypeUrl } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { LaneOptions } from './lane-options.ts';
import type { Owners } from './owners.ts';

/** Sends routes, and tells who observes when they are encoded, and when the operating system has them. */
export function sendRoutes(stream: Stream, owners: Owners): LaneOptions['send'] {
  return (type: TypeUrl, resources, removed) => {
    const nonce = stream.send(type, resources, removed);
    if (isObserved()) {
      const tenants = resources.map(({ name }) => owners.owner(type, name));
      for (const tenant of tenants) passed('encoded', tenant);
      stream.onDrain(() => {
        for (const tenant of tenants) passed('pushed', tenant);
      });
    }
    return nonce;
  };
}
