/** A case file: a sentence about the case, a configuration, and the literal resources into which it compiles. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse as parseYaml, stringify } from 'yaml';
import * as compile from '../../dataplane/compile/index.ts';
import { Cluster } from '../../dataplane/envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { ClusterLoadAssignment } from '../../dataplane/envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Rule } from '../../model/route/rule.ts';
import { parse } from '../../model/violations.ts';
import { readable } from './readable.ts';

const folder = join(import.meta.dirname, 'cases');

export const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: 10080, protocol: 'HTTP' },
    { number: 443, bind: 10443, protocol: 'HTTPS' },
  ],
};

/** One host, `a.test` on port 80, with these rules; they may send to the upstream `u`. */
export const routing = (...http: Rule[]): Configuration =>
  Configuration.fromDocument({
    gateways: {
      g: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'h', protocol: 'HTTP' }, hosts: ['a.test'] }],
      },
    },
    routes: { r: { hosts: ['a.test'], gateways: ['g'], http } },
    upstreams: { u: { port: 80, endpoints: [] } },
  });

/** The same fleet with ports whose connections are forwarded. */
const forwardingFleet: Fleet = {
  ...fleet,
  ports: [
    ...fleet.ports,
    { number: 53, bind: 10053, protocol: 'UDP' },
    { number: 5432, bind: 15432, protocol: 'POSTGRES' },
    { number: 8883, bind: 18883, protocol: 'TLS' },
  ],
};

/** How many client connections the tenant may forward. */
const SHARE = 12_500;

/** The listeners of ports whose connections are forwarded, if the configuration has chains there. */
function forwarding(configuration: Configuration): { messages: unknown[]; clusters: string[] } {
  const messages: unknown[] = [];
  const clusters: string[] = [];
  for (const port of forwardingFleet.ports.slice(fleet.ports.length)) {
    const empty = compile.listener(port);
    const part = compile.partOf(configuration, 'acme', forwardingFleet, port, SHARE);
    const own = compile.hasChains(port)
      ? compile.tenantChains(configuration, 'acme', forwardingFleet, port, '*', SHARE)
      : (part?.chains ?? []).map(({ message, needs }) => ({ owner: 'acme', chain: message, needs }));
    if (own.length === 0) continue;
    const whole = { ...empty, chains: own, ...(part && { serverNames: part.serverNames }) };
    messages.push(readable(Listener.toJSON(compile.listenerMessage(whole))));
    clusters.push(...own.flatMap(({ needs }) => needs?.clusters ?? []));
  }
  return { messages, clusters };
}

/** The addresses of every DNS name. */
const RESOLVED = ['10.0.1.1', '10.0.1.2'];

export interface Resources {
  /** Only of ports whose connections are forwarded; absent when there are none. */
  Listener?: unknown[];
  RouteConfiguration: unknown[];
  Cluster: unknown[];
  ClusterLoadAssignment: unknown[];
}

export interface Case {
  name: string;
  shows: string;
  configuration: Configuration;
  /** As written in the file. */
  expected: string;
  update(actual: string): void;
}

export function cases(): Case[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      if (!file.endsWith('.case')) throw new Error(`${file} is not a case, and no test would load it`);
      const [shows = '', source = '', expected = ''] = readFileSync(join(folder, file), 'utf8').split(
        /^-{10} (?:configuration|resources)\n/m,
      );
      return {
        name: basename(file, '.case'),
        shows: shows.trim(),
        configuration: read(parseYaml(source)),
        expected,
        update: (actual) =>
          writeFileSync(
            join(folder, file),
            `${shows}---------- configuration\n${source}---------- resources\n${actual}`,
          ),
      };
    });
}

/** Through the schemas, as the API reads it. */
function read(document: Record<string, Record<string, unknown>>): Configuration {
  let configuration = Configuration.empty;
  for (const kind of kindIds) {
    for (const [name, body] of Object.entries(document[pluralOf(kind)] ?? {})) {
      const parsed = parse(kind, name, body);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
      configuration = configuration.with(kind, name, parsed.spec as never);
    }
  }
  return configuration;
}

export function compiled(configuration: Configuration): Resources {
  const hosts = scopeTable(configuration, 'acme', fleet).scopes.flatMap(({ port, host, profile }) =>
    [String(port), ...(profile ? [compile.zoneOf(port, 'acme', profile)] : [])].map((zone) =>
      compile.routeConfiguration(configuration, 'acme', fleet, zone, host),
    ),
  );
  const listeners = forwarding(configuration);
  const needed = [...hosts.flatMap((host) => host.needs.clusters), ...listeners.clusters];
  const clusters = [...new Set(needed)].sort();
  const assignments = clusters.flatMap(
    (name) => compile.endpoints(configuration, fleet, name, [], () => RESOLVED) ?? [],
  );
  return {
    ...(listeners.messages.length > 0 && { Listener: listeners.messages }),
    RouteConfiguration: hosts.map(({ message }) => readable(RouteConfiguration.toJSON(message))),
    Cluster: clusters.map((name) =>
      readable(Cluster.toJSON(compile.cluster(configuration, 'acme', fleet, name).message)),
    ),
    ClusterLoadAssignment: assignments.map((assignment) => readable(ClusterLoadAssignment.toJSON(assignment))),
  };
}

export const written = (resources: Resources): string =>
  stringify(resources, { lineWidth: 0, aliasDuplicateObjects: false });
