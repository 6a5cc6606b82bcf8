import { boundServers } from '../binding/bound-servers.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch } from '../route/matchers.ts';
import { hasOnly } from '../values/has-only.ts';
import { covers, normalise } from '../values/host.ts';
import { own } from '../values/own.ts';
import { pointer } from '../values/pointer.ts';
import { enumerate, quote } from '../values/quote.ts';
import { isForeign, MESH } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';
import { SECTIONS, type Section, servesSection } from './sections.ts';

/** What is wrong with one field of a condition. */
interface Unmet {
  /** JSON pointer inside the condition. */
  field: string;
  code?: string;
  message: string;
  hint?: string;
}

/**
 * Warns about conditions that no request or connection can meet, because of the servers and hosts of the route or
 * because of what clients send, and about conditions whose fields have no effect.
 */
export const unmet: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const resource = resourceName('route', name);
    const servers = new ServersOf(configuration, route);
    const warn = (at: string, { field, ...what }: Unmet) =>
      warnings.push({ resource, path: `${at}${field}`, code: 'never-matches', ...what });
    for (const section of SECTIONS)
      for (let rule = 0; rule < (route[section]?.length ?? 0); rule++) {
        const { match = [] } = route[section]![rule]!;
        for (let index = 0; index < match.length; index++) {
          const condition = match[index]!;
          // Most conditions are about the path alone, in which nothing is wrong here.
          if (hasOnly(condition, PATH)) continue;
          yield;
          const at = `/${section}/${rule}/match/${index}`;
          const gateways = section === 'http' ? (condition as Match).gateways : undefined;
          if (condition.port !== undefined) {
            const what = servers.wrongPort(section, condition.port, gateways);
            if (what) warn(at, what);
          }
          // Only conditions on requests have more fields that can be wrong.
          if (section === 'http') for (const what of unmetIn(condition as Match, route, servers)) warn(at, what);
        }
      }
  }
};

const PATH: ReadonlySet<string> = new Set(['uri']);

/** The ports and schemes of servers. */
interface Served {
  ports: ReadonlySet<number>;
  schemes: ReadonlySet<string>;
}

/** The servers to which a route is bound. They are looked up only for conditions that depend on them. */
class ServersOf {
  readonly #configuration: Configuration;
  /** Undefined for a route with `parents`, whose servers are those of other routes. */
  readonly #gateways: readonly string[] | undefined;
  readonly #known = new Map<string, Served | undefined>();

  constructor(configuration: Configuration, { parents, gateways = [] }: Route) {
    this.#configuration = configuration;
    if (!parents) this.#gateways = gateways;
  }

  /** Whether sidecars serve the route, or the conditions that name these gateways. */
  isInMesh(gateways = this.#gateways): boolean {
    return gateways?.includes(MESH) ?? false;
  }

  /**
   * Returns the servers whose requests or connections a section serves, without sidecars; undefined when they are
   * unknown.
   */
  of(section: Section, gateways = this.#gateways): readonly Served[] | undefined {
    if (!this.#gateways || !gateways) return undefined;
    const all: Served[] = [];
    for (const text of gateways) {
      if (text === MESH) continue;
      const served = this.#at(section, text);
      // `references` reports a missing gateway.
      if (!served) return undefined;
      all.push(served);
    }
    return all;
  }

  /** Sums up the servers of one entry of `gateways`, because very many conditions may ask about very many servers. */
  #at(section: Section, text: string): Served | undefined {
    const key = `${section} ${text}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const servers = boundServers(this.#configuration, text);
    const serving = servers.filter((server) => servesSection(server, section));
    const served = {
      ports: new Set(serving.map(({ port }) => port.number)),
      schemes: new Set(serving.map(({ tls }) => (tls ? 'https' : 'http'))),
    };
    this.#known.set(key, servers.length === 0 ? undefined : served);
    return this.#known.get(key);
  }

  wrongPort(section: Section, port: number, gateways?: readonly string[]): Unmet | undefined {
    const servers = this.of(section, gateways);
    if (!servers || servers.some(({ ports }) => ports.has(port))) return undefined;
    const numbers = new Set(servers.flatMap(({ ports }) => [...ports]));
    if (numbers.size === 0)
      // `hosts` reports a route without servers for a section.
      return this.isInMesh(gateways) ? { field: '/port', message: 'never matches: the mesh has no ports' } : undefined;
    const ports = [...numbers].map(String);
    const known = this.#gateways!.some(isForeign) ? undefined : enumerate(ports);
    return {
      field: '/port',
      message: `never matches: no server of the gateways serves ${section} rules on port ${port}`,
      ...(known && { hint: `their ports are ${known}` }),
    };
  }
}

function* unmetIn(condition: Match, route: Route, servers: ServersOf): Generator<Unmet> {
  const { method, scheme, authority, headers, withoutHeaders, cookies, queryParams, gateways, uri, ignoreUriCase } =
    condition;
  if (ignoreUriCase !== undefined && uri === undefined)
    yield { field: '/ignoreUriCase', code: 'without-effect', message: 'has no effect without uri' };
  if (method) yield* wrongMethod(method);
  if (scheme) yield* wrongScheme(scheme, servers, gateways);
  if (authority?.exact !== undefined && route.hosts) {
    const host = normalise(authority.exact);
    if (!route.hosts.some((each) => covers(each, host)))
      yield { field: '/authority/exact', message: `never matches: no host of the route covers ${quote(host)}` };
  }
  for (const [name, wanted] of Object.entries(headers ?? {})) {
    const at = `/headers${pointer([name])}`;
    const unwanted = own(withoutHeaders, name);
    if (unwanted && excludes(unwanted, wanted))
      yield { field: at, message: 'never matches: withoutHeaders excludes what it requires' };
    yield* wrongValue(
      at,
      wanted,
      NEVER_IN_HEADER,
      'no header has a value with control characters, or spaces at its ends',
    );
  }
  for (const [name, wanted] of Object.entries(cookies ?? {}))
    yield* wrongValue(`/cookies${pointer([name])}`, wanted, /[;\s]/, 'a cookie ends at a semicolon or space');
  for (const [name, wanted] of Object.entries(queryParams ?? {})) {
    const at = `/queryParams${pointer([name])}`;
    const message = 'queries are compared as they are written in a URL, where & # and spaces are escaped';
    if (/[\s#&=]/.test(name)) yield { field: at, message: `never matches: ${message}` };
    yield* wrongValue(at, wanted, /[\s#&]/, message);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const NEVER_IN_HEADER = /[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$/;

/** Finds a literal text that no value contains. Spaces at the end of a prefix may be inside the value. */
function* wrongValue(at: string, { exact, prefix }: StringMatch, never: RegExp, message: string): Generator<Unmet> {
  if (exact !== undefined && never.test(exact)) yield { field: `${at}/exact`, message: `never matches: ${message}` };
  if (prefix !== undefined && never.test(`${prefix}x`))
    yield { field: `${at}/prefix`, message: `never matches: ${message}` };
}

/** Whether a condition on a header excludes every value that another one requires. */
function excludes(unwanted: HeaderMatch, wanted: HeaderMatch): boolean {
  if (unwanted.present || JSON.stringify(unwanted) === JSON.stringify(wanted)) return true;
  const beginning = wanted.exact ?? wanted.prefix;
  return unwanted.prefix !== undefined && (beginning?.startsWith(unwanted.prefix) ?? false);
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Finds methods that are not written in capitals, as clients send them. */
function* wrongMethod({ exact, prefix, regex }: StringMatch): Generator<Unmet> {
  const [form, text] =
    exact !== undefined ? ['exact', exact] : prefix !== undefined ? ['prefix', prefix] : ['regex', regex ?? ''];
  if (exact === 'CONNECT') yield { field: '/method/exact', message: 'never matches: CONNECT is not served' };
  const capitals = text.toUpperCase();
  if (text === capitals) return;
  const isMethod = (word: string) =>
    METHODS.some((each) => (form === 'prefix' ? each.startsWith(word) : each === word));
  // In a pattern, only alternatives of plain words are understood.
  const words = form === 'regex' ? capitals.replace(/^\((?:\?:)?(.*)\)$/, '$1').split('|') : [capitals];
  if (!words.every(isMethod)) return;
  yield {
    field: `/method/${form}`,
    message: `never matches: methods are case-sensitive, and clients send ${enumerate(words)}`,
    hint: `write ${JSON.stringify(capitals)}`,
  };
}

/** Finds schemes that no request to the servers has. */
function* wrongScheme(
  { exact, prefix }: StringMatch,
  servers: ServersOf,
  gateways: Match['gateways'],
): Generator<Unmet> {
  const written = exact ?? prefix;
  if (written === undefined) return;
  const field = exact === undefined ? '/scheme/prefix' : '/scheme/exact';
  const isMet = (scheme: string) => (exact === undefined ? scheme.startsWith(written) : scheme === written);
  if (!isMet('http') && !isMet('https')) {
    yield { field, message: 'never matches: the scheme is `http` or `https`' };
    return;
  }
  const found = servers.of('http', gateways);
  if (!found) return;
  const schemes = new Set(found.flatMap(({ schemes }) => [...schemes]));
  if (servers.isInMesh(gateways)) schemes.add('http');
  const [only, ...others] = schemes;
  if (only === undefined || others.length > 0 || isMet(only)) return;
  yield { field, message: `never matches: the route is served over ${only} only` };
}
