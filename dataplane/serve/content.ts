import { certificateFor, serve } from '../../model/binding/bind.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import type { FleetDescription } from '../../wire/feed.ts';
import * as compile from '../compile/index.ts';
import { TYPES, type TypeUrl, type XdsResource } from '../xds/resource.ts';
import * as resources from './resources.ts';

/** One tenant's configuration on one fleet: what the content of each of the tenant's resources follows from. */
export interface Source {
  configuration: Configuration;
  owner: string;
  fleet: FleetDescription;
}

/** @param name a scope's key, its second name, or the name that proxyless clients ask for */
export function compileRoutes({ configuration, owner, fleet }: Source, name: string) {
  const { key, form } = compile.parseRoutesName(name);
  const { zone, host } = compile.parseScopeKey(key);
  const port = compile.portOfZone(zone);
  return form === 'grpc'
    ? compile.grpcRouteConfiguration(configuration, owner, fleet, port, host, name)
    : compile.routeConfiguration(configuration, owner, fleet, port, host);
}

/** @returns undefined when the configuration lacks the upstream or the subset */
export function cluster({ configuration, owner, fleet }: Source, name: string): XdsResource | undefined {
  if (!hasUpstream(configuration, name)) return undefined;
  return resources.cluster(compile.cluster(configuration, owner, fleet, name));
}

/** @returns undefined when the configuration lacks the upstream or the subset, or the cluster resolves names */
export function endpoints({ configuration, fleet }: Source, name: string): XdsResource | undefined {
  const assignment = hasUpstream(configuration, name) ? compile.endpoints(configuration, fleet, name) : undefined;
  return assignment && resources.endpoints(assignment);
}

/**
 * Identifies the content that a resource has in a configuration: equal contents have equal versions. Only for routes,
 * clusters and endpoints is it the version on the stream.
 *
 * @returns undefined when the configuration has no such resource
 */
export function versionIn(source: Source, type: TypeUrl, name: string): string | undefined {
  switch (type) {
    case TYPES.routes:
      return resources.routes(compileRoutes(source, name).message).version;
    case TYPES.cluster:
      return cluster(source, name)?.version;
    case TYPES.endpoints:
      return endpoints(source, name)?.version;
    case TYPES.secret:
      return secretVersion(source, name.toLowerCase());
    case TYPES.scope: {
      const { zone, host } = compile.parseScopeKey(name);
      return serve(source.configuration, source.owner, source.fleet).scope(compile.portOfZone(zone), host) && name;
    }
    default:
      return undefined;
  }
}

/** Resources of one kind, by name. */
export interface Parts {
  kind: Kind;
  names: readonly string[];
}

/**
 * Finds what of a configuration stands in a resource and may be at fault in it.
 *
 * @returns undefined when that may be anything
 */
export function partsIn({ configuration, owner, fleet }: Source, type: TypeUrl, name: string): Parts | undefined {
  switch (type) {
    case TYPES.routes: {
      const { zone, host } = compile.parseScopeKey(compile.parseRoutesName(name).key);
      const port = compile.portOfZone(zone);
      return { kind: 'route', names: serve(configuration, owner, fleet).scope(port, host)?.routes ?? [] };
    }
    case TYPES.cluster:
    case TYPES.endpoints:
      return { kind: 'upstream', names: [compile.parseClusterName(name).upstream] };
    case TYPES.secret: {
      const credential = certificateFor(serve(configuration, owner, fleet), name.toLowerCase());
      return { kind: 'certificate', names: credential === undefined ? [] : [credential] };
    }
    default:
      return undefined;
  }
}

/** Opens no private key: a certificate names its key. */
function secretVersion({ configuration, owner, fleet }: Source, host: string): string | undefined {
  const credential = certificateFor(serve(configuration, owner, fleet), host);
  if (credential === undefined) return undefined;
  return JSON.stringify([credential, configuration.get('certificate', credential)?.certificateChain]);
}

function hasUpstream(configuration: Configuration, name: string): boolean {
  const { upstream, subset } = compile.parseClusterName(name);
  const spec = configuration.get('upstream', upstream);
  return spec !== undefined && (subset === undefined || (spec.subsets ?? []).some((known) => known.name === subset));
}
