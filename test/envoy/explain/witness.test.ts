/**
 * Compares `explain` with real Envoys on witness requests. One Envoy serves the configuration before a change, and
 * another one the configuration after it.
 */
import { expect, test } from 'vitest';
import { diff } from '../../../model/diff.ts';
import { answerChanges } from '../../../model/explain/answer-changes.ts';
import { withoutPauses } from '../../../model/pausable.ts';
import { TENANT } from '../compiled-edge.ts';
import { observe, predict } from './compare.ts';
import { startEchoes } from './echo.ts';
import { type Sample, samples } from './generate/samples.ts';
import { CLIENT, UPSTREAMS } from './generate/values.ts';
import { serveSamples } from './run.ts';

const WITNESSES = 60;

/** Moves the configuration of one sample to the hosts and names of another one. */
function movedTo({ gateways, routes }: Sample, from: number, to: number): Pick<Sample, 'gateways' | 'routes'> {
  const text = JSON.stringify({ gateways, routes });
  return JSON.parse(
    text
      .replaceAll(`-${from}"`, `-${to}"`)
      .replaceAll(`-${from}/`, `-${to}/`)
      .replaceAll(`.s${from}.test`, `.s${to}.test`),
  );
}

test('Envoy’s responses to a witness request under both revisions are as explain says', async () => {
  const all = samples(20, 1, 40);
  const [before, after] = [0, 10].map((first) =>
    all.slice(0, 10).map((sample, n) => ({ ...sample, ...movedTo(all[first + n]!, first + n, n) })),
  );
  const echoes = await startEchoes(UPSTREAMS.length);
  const upstreams = Object.fromEntries(UPSTREAMS.map((name, i) => [name, echoes.ports[i]!]));
  const old = await serveSamples(before!, upstreams);
  const now = await serveSamples(after!, upstreams);
  try {
    const differences = diff(old.configuration, now.configuration);
    const compared = {
      before: old.configuration,
      after: now.configuration,
      differences,
      tenant: TENANT,
      fleets: [now.fleet],
    };
    const { changes } = withoutPauses(answerChanges(compared));
    let checked = 0;
    for (const { witness: found } of changes.slice(0, WITNESSES)) {
      // The requests of this test come from one address.
      const witness = { ...found, clientAddress: CLIENT };
      // HEAD has no body to compare.
      if (witness.method === 'HEAD') continue;
      for (const served of [old, now]) {
        const actual = await observe(served, witness, upstreams);
        const { expected } = predict(served, witness, actual);
        expect(JSON.parse(JSON.stringify(actual)), JSON.stringify(witness)).toEqual(
          JSON.parse(JSON.stringify(expected)),
        );
      }
      checked++;
    }
    expect(checked).toBeGreaterThan(WITNESSES / 2);
  } finally {
    await Promise.all([old.edge.close(), now.edge.close()]);
    echoes.close();
  }
});
