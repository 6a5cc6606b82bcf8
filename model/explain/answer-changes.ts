/** Finds requests that two configurations answer differently. Each change has such a request as its witness. */
import { getOrAdd } from '../binding/get-or-add.ts';
import { type Scope, type ScopeTable, scopeTable } from '../binding/scope-table.ts';
import { profileText } from '../binding/tls-profile.ts';
import type { Configuration } from '../configuration.ts';
import type { Difference } from '../diff.ts';
import type { Fleet } from '../fleet.ts';
import { rulesInOrder } from '../matching/precedence.ts';
import type { Pausable } from '../pausable.ts';
import type { Cors } from '../route/cors.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import type { HostPattern } from '../values/host.ts';
import { candidatesFor, crossOrigin, requestFor, type WitnessRequest } from './candidates.ts';
import { type Explanation, explaining } from './explain.ts';
import { placeOf } from './serving.ts';

/** A change of the answer to requests for one host. */
interface AnswerChange {
  /** The name of the fleet that answers differently. */
  fleet: string;
  port: number;
  host: HostPattern;
  /** A request that shows the change. */
  witness: WitnessRequest;
  before: Explanation;
  after: Explanation;
}

/** The result of {@link answerChanges}. */
export interface AnswerChanges {
  /** At most {@link Limits.changes}: one per host and pair of rules (before and after). */
  changes: AnswerChange[];
  /** How many requests were compared. */
  compared: number;
  /** False when a limit ended the search. There may be more changes then. */
  complete: boolean;
}

/** The limits that end a search. */
export interface Limits {
  /** The number of changes to find. */
  changes: number;
  /** The number of requests to compare. */
  requests: number;
  /** The number of pauses of `explaining`, as a measure of its work. A malicious configuration may need very many. */
  pauses: number;
  /** The number of conditions per host, of both configurations together, from which requests are made. */
  conditions: number;
}

/** The default limits of a search. */
export const LIMITS: Limits = { changes: 100, requests: 5_000, pauses: 200_000, conditions: 300 };

/** The input of {@link answerChanges}. */
export interface Comparison {
  before: Configuration;
  after: Configuration;
  /** The differences between the two configurations, as `diffing` finds them. They determine which hosts to compare. */
  differences: readonly Pick<Difference, 'resource'>[];
  tenant: string;
  fleets: readonly Fleet[];
}

/**
 * Makes requests from the conditions of both configurations, for every host that the differences may affect, and
 * compares the answers. Answers differ when the destination, the request as the upstream receives it, or the response
 * of Envoy differs. The names of rules are not compared, so the renaming of a route changes no answer. It pauses where
 * `explaining` pauses, and once per host.
 *
 * @returns the changes that were found before a limit ended the search
 */
export function* answerChanges(comparison: Comparison, limits: Limits = LIMITS): Pausable<AnswerChanges> {
  const search = new Search(comparison, limits, yield* affectedRoutes(comparison));
  for (const fleet of comparison.fleets) yield* search.on(fleet);
  return { changes: search.changes, compared: search.compared, complete: search.complete };
}

class Search {
  readonly changes: AnswerChange[] = [];
  compared = 0;
  complete = true;
  readonly #input: Comparison;
  readonly #limits: Limits;
  readonly #affected: ReadonlySet<string>;
  #pauses = 0;

  constructor(input: Comparison, limits: Limits, affected: ReadonlySet<string>) {
    this.#input = input;
    this.#limits = limits;
    this.#affected = affected;
  }

  *on(fleet: Fleet): Pausable<void> {
    const { before, after, tenant } = this.#input;
    const [old, now] = [scopeTable(before, tenant, fleet), scopeTable(after, tenant, fleet)];
    const seen = new Set<string>();
    for (const table of [now, old]) {
      for (const { port, host } of table.envoyScopes()) {
        yield;
        const key = `${port}|${host}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const [was, is] = [old.scope(port, host), now.scope(port, host)];
        if (this.#isAffected(was, is) && !(yield* this.#at(fleet, { old, now }, was, is))) return;
      }
    }
  }

  #isAffected(was: Scope | undefined, is: Scope | undefined): boolean {
    if (!was || !is) return true;
    if (was.protocol !== is.protocol || was.escapedSlashes !== is.escapedSlashes) return true;
    if (was.httpsRedirect !== is.httpsRedirect || profileText(was.profile) !== profileText(is.profile)) return true;
    if (was.routes.length !== is.routes.length || was.routes.some((name, i) => name !== is.routes[i])) return true;
    return is.routes.some((name) => this.#affected.has(name));
  }

  /** @returns false when a limit ended the search */
  *#at(
    fleet: Fleet,
    tables: { old: ScopeTable; now: ScopeTable },
    was: Scope | undefined,
    is: Scope | undefined,
  ): Pausable<boolean> {
    const { before, after } = this.#input;
    const { port, host, protocol } = (is ?? was)!;
    const authority = hostFor(host, port, tables);
    const sent = new Set<string>();
    const found = new Set<string>();
    const cors = corsOf([after, is], [before, was]);
    for (const [condition, spec] of conditionsOf([after, is], [before, was], this.#limits.conditions, this)) {
      for (const candidate of chain(
        candidatesFor(condition, spec && rewrittenPaths(spec)),
        crossOrigin(condition, cors),
      )) {
        const request = requestFor(candidate, { port, protocol, authority });
        const key = JSON.stringify(request);
        if (sent.has(key)) continue;
        sent.add(key);
        if (this.#isOver()) return false;
        this.compared++;
        const change = yield* this.#compare(fleet, request);
        const group = change && `${nameOf(change.before)} ${nameOf(change.after)}`;
        if (!change || found.has(group!)) continue;
        found.add(group!);
        this.changes.push({ fleet: fleet.name, port, host, ...change });
      }
    }
    return true;
  }

  #isOver(): boolean {
    const { changes, requests, pauses } = this.#limits;
    const isOver = this.changes.length >= changes || this.compared >= requests || this.#pauses >= pauses;
    if (isOver) this.complete = false;
    return isOver;
  }

  *#compare(
    fleet: Fleet,
    witness: WitnessRequest,
  ): Pausable<Omit<AnswerChange, 'fleet' | 'port' | 'host'> | undefined> {
    const { before, after, tenant } = this.#input;
    const was = yield* this.#counted(explaining(before, tenant, fleet, witness));
    const is = yield* this.#counted(explaining(after, tenant, fleet, witness));
    return answerOf(was) === answerOf(is) ? undefined : { witness, before: was, after: is };
  }

  *#counted<T>(steps: Pausable<T>): Pausable<T> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      this.#pauses++;
      yield;
    }
  }
}

/** Returns the routes that changed, those that use a changed upstream, and those that delegate to such routes. */
function* affectedRoutes({ before, after, differences }: Comparison): Pausable<ReadonlySet<string>> {
  const changed = new Set(differences.map(({ resource }) => resource));
  const affected = new Set<string>();
  for (const configuration of [before, after]) {
    const delegating = new Map<string, string[]>();
    for (const [name, { http }] of configuration.entries('route')) {
      yield;
      for (const { delegate } of http ?? [])
        if (delegate) getOrAdd(delegating, delegate.route, (): string[] => []).push(name);
      const uses = () =>
        http?.some(({ route = [], mirrors = [] }) =>
          [...route, ...mirrors].some(
            ({ destination }) => destination && changed.has(`upstreams/${destination.upstream}`),
          ),
        );
      if (changed.has(`routes/${name}`) || uses()) affected.add(name);
    }
    for (const name of affected) for (const parent of delegating.get(name) ?? []) affected.add(parent);
  }
  return affected;
}

/** Lists the patterns with which a rule and its destinations rewrite paths. */
const rewrittenPaths = ({ rewrite, route = [] }: Rule): string[] =>
  [rewrite, ...route.map((each) => each.rewrite)].flatMap((each) => each?.regex?.pattern ?? []);

/**
 * Lists the conditions of both configurations in order, each with its rule, and the empty condition for a host without
 * rules.
 */
function* conditionsOf(
  now: readonly [Configuration, Scope | undefined],
  old: readonly [Configuration, Scope | undefined],
  most: number,
  search: { complete: boolean },
): Generator<[condition: Match, spec?: Rule]> {
  yield [{}];
  let count = 0;
  for (const [configuration, scope] of [now, old]) {
    if (!scope) continue;
    for (const { condition, spec } of rulesInOrder(configuration, scope)) {
      if (++count > most) {
        search.complete = false;
        return;
      }
      yield [condition, spec];
    }
  }
}

/** The number of different `cors` of a host, of both configurations together, from which requests are made. */
const MAX_CORS = 3;

/** Returns the first different `cors` of the rules of a host. */
function corsOf(...versions: readonly (readonly [Configuration, Scope | undefined])[]): Cors[] {
  const found = new Map<string, Cors>();
  for (const [configuration, scope] of versions)
    for (const { spec } of scope ? rulesInOrder(configuration, scope) : []) {
      if (spec.cors) found.set(JSON.stringify(spec.cors), spec.cors);
      if (found.size === MAX_CORS) return [...found.values()];
    }
  return [...found.values()];
}

function* chain<T>(...all: Iterable<T>[]): Generator<T> {
  for (const each of all) yield* each;
}

/** Returns a host that the pattern covers and that has no scope of its own in either configuration. */
function hostFor(pattern: HostPattern, port: number, { old, now }: { old: ScopeTable; now: ScopeTable }): string {
  if (!pattern.startsWith('*')) return pattern;
  const below = pattern === '*' ? '.example' : pattern.slice(1);
  for (let count = 0; ; count++) {
    const host = `any${count || ''}${below}`;
    if (!old.scope(port, host) && !now.scope(port, host)) return host;
  }
}

/** Returns a text that contains everything that a client or an upstream can observe of the answer. */
function answerOf(explanation: Explanation): string {
  const { outcome, status } = explanation;
  if (explanation.outcome === 'forwarded') {
    const { tls, destinations } = explanation.connection;
    const reached = destinations.map(({ cluster, percent, endpoints }) => `${cluster} ${percent} ${endpoints > 0}`);
    return JSON.stringify({ outcome, tls, reached: reached.sort() });
  }
  if ('answer' in explanation) return JSON.stringify({ outcome, status, answer: explanation.answer });
  if (explanation.outcome !== 'matched') return JSON.stringify({ outcome });
  const { effect, rule, cors } = explanation;
  const response = rule.spec.headers?.response;
  if (!('destinations' in effect)) return JSON.stringify({ effect, response, cors });
  const destinations = effect.destinations
    .filter(({ percent }) => percent > 0)
    .map(({ cluster, percent, endpoints, request, responseHeaders }) =>
      JSON.stringify([cluster, percent, endpoints > 0, request, responseHeaders]),
    );
  const { request, timeout, idleTimeout, streamTimeout, answers, retries, fault, mirrors = [] } = effect;
  const limits = [timeout, idleTimeout, streamTimeout];
  const { upgrades } = rule.spec;
  const copied = mirrors.map(({ cluster, percent, endpoints }) => `${cluster} ${percent} ${endpoints > 0}`).sort();
  return JSON.stringify({
    destinations: destinations.sort(),
    request,
    limits,
    upgrades,
    response,
    answers,
    copied,
    retries,
    fault,
    cors,
  });
}

/** Identifies the rule that serves the request. Changes between the same two rules count as one change. */
const nameOf = (explanation: Explanation): string =>
  explanation.outcome === 'matched'
    ? Object.values(placeOf(explanation.rule)).join('')
    : explanation.outcome === 'forwarded'
      ? `${explanation.connection.rule?.resource}${explanation.connection.rule?.path}`
      : explanation.outcome;
